import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseQuery } from '../../../src/traffic/query';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import type { TrafficChange } from '../../../src/traffic/trafficSource';
import { sortColumns, type TrafficSort } from '../../../src/traffic/trafficSort';
import { TrafficView, type ViewChange, type ViewMode } from '../../../src/traffic/trafficView';
import { ManualClock, recordMany, recordSample } from '../../support/sampleTraffic';

/** The numbers of the rows, in order. */
function rows(view: TrafficView): (number | undefined)[] {
  return Array.from({ length: view.end - view.first }, (_, index) => view.at(view.first + index)?.record.seq);
}

describe('TrafficView', () => {
  let clock: ManualClock;
  let recorder: TrafficRecorder;

  beforeEach(() => {
    clock = new ManualClock();
    recorder = new TrafficRecorder({ clock });
  });

  afterEach(() => recorder.dispose());

  it('folds a response into its request', () => {
    recordMany(recorder, clock, 3);
    const view = new TrafficView(recorder, parseQuery(''));
    assert.deepEqual(rows(view), [1, 3, 5]);
    assert.equal(view.at(view.first)?.response?.seq, 2);
    assert.equal(view.positionOf(4), view.first + 1);
    assert.equal(view.positionOf(99), undefined);
    assert.equal(view.at(view.end), undefined);
  });

  it('shows only what the filter lets through', () => {
    recordSample(recorder, clock);
    const view = new TrafficView(recorder, parseQuery('status:error'));
    assert.deepEqual(
      rows(view).map((seq) => recorder.summary(seq ?? 0)?.target),
      ['s3_get_object', 'lambda_invoke_function'],
    );
  });

  it('tells which rows changed, and from where on rows moved', async () => {
    const changes: TrafficChange[] = [];
    const view = new TrafficView(recorder, parseQuery('status:pending'));
    recorder.onDidChange((change) => changes.push(change));
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    for (const id of [1, 2, 3]) channel.message('clientToServer', { jsonrpc: '2.0', id, method: 'ping' });
    await nextTurn();
    assert.deepEqual(view.apply(changes[0]!), { changed: [0, 1, 2], movedFrom: undefined });
    channel.awsRequest(3, { service: 'S3', operation: 'X', region: 'r', attempts: 1, startedAt: 0, durationMs: 0 });
    await nextTurn();
    assert.deepEqual(view.apply(changes[1]!), { changed: [2], movedFrom: undefined });
    channel.message('serverToClient', { jsonrpc: '2.0', id: 2, result: {} });
    await nextTurn();
    assert.deepEqual(view.apply(changes[2]!), { changed: [], movedFrom: 1 });
    assert.deepEqual(rows(view), [1, 3]);
  });

  it('puts a row that comes to match later where its time is', async () => {
    const view = new TrafficView(recorder, parseQuery('dur:>100'));
    const seen: ViewChange[] = [];
    recorder.onDidChange((change) => seen.push(view.apply(change)));
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    for (const id of [1, 2]) channel.message('clientToServer', { jsonrpc: '2.0', id, method: 'ping' });
    clock.advance(200);
    for (const id of [2, 1]) {
      channel.message('serverToClient', { jsonrpc: '2.0', id, result: {} });
      await nextTurn();
    }
    assert.deepEqual(seen, [
      { changed: [0], movedFrom: undefined },
      { changed: [], movedFrom: 0 },
    ]);
    assert.deepEqual(rows(view), [1, 2]);
  });

  it('folds progress, logs and nested requests under their request, and shows them when asked', () => {
    recordSample(recorder, clock);
    const view = new TrafficView(recorder, parseQuery(''));
    const all = rows(view).map((seq) => recorder.summary(seq ?? 0)!);
    const synth = all.find(({ target }) => target === 'cdk_synth_stack')!;
    const position = view.positionOf(synth.seq)!;
    assert.deepEqual([view.at(position)?.parts, view.at(position)?.isExpanded], [3, false]);
    assert.deepEqual(view.expand(synth.seq, true), { changed: [position], movedFrom: position + 1 });
    assert.deepEqual(
      [1, 2, 3].map((step) => [view.at(position + step)?.record.note, view.at(position + step)?.isPart]),
      [
        ['1/3 Reading cdk.json', true],
        ['2/3 Running the app', true],
        ['3/3 Synthesising orders', true],
      ],
    );
    assert.equal(view.positionOf(synth.seq + 2), position + 2);
    view.expand(synth.seq, false);
    assert.equal(view.positionOf(synth.seq + 2), position);
    assert.equal(view.end, all.length);
  });

  it('lists every message where that is asked for', () => {
    recordMany(recorder, clock, 3);
    const view = new TrafficView(recorder, parseQuery(''), { mode: 'messages' });
    assert.deepEqual(rows(view), [1, 2, 3, 4, 5, 6]);
    assert.equal(view.at(0)?.response, undefined);
    assert.equal(view.positionOf(4), 3);
  });

  it('finds an exchange by what is said on the way', () => {
    recordSample(recorder, clock);
    const view = new TrafficView(recorder, parseQuery('tool:cdk_* Synthesising'));
    assert.equal(recorder.summary(rows(view)[0] ?? 0)?.target, 'cdk_synth_stack');
    assert.equal(rows(view).length, 1);
    assert.equal(rows(new TrafficView(recorder, parseQuery('tool:lambda_* Synthesising'))).length, 0);
  });

  it('sorts by any column, both ways, what has no value last', () => {
    recordSample(recorder, clock);
    for (const column of sortColumns) {
      const up = rows(new TrafficView(recorder, parseQuery(''), { sort: { column, isDescending: false } }));
      const down = rows(new TrafficView(recorder, parseQuery(''), { sort: { column, isDescending: true } }));
      assert.deepEqual(new Set(up), new Set(down));
      assert.equal(new Set(up).size, rows(new TrafficView(recorder, parseQuery(''))).length);
    }
    const slowest = new TrafficView(recorder, parseQuery(''), { sort: { column: 'duration', isDescending: true } });
    assert.equal(slowest.at(0)?.record.target, 'cdk_synth_stack');
    assert.equal(slowest.at(slowest.end - 1)?.record.durationMs, undefined);
  });

  it('always is what a view made anew would be, and tells exactly what moved, whatever happens', async () => {
    const kinds = [
      'request',
      'response',
      'progress',
      'log',
      'ask',
      'answer',
      'cancel',
      'wait',
      'turn',
      'fold',
    ] as const;
    const step = fc.record({ kind: fc.constantFrom(...kinds, 'request', 'response', 'turn'), id: fc.nat(5) });
    const filters = fc.constantFrom('', 'status:pending', 'dur:>100', '-status:ok', 'kind:notification', 'working');
    const sorts = fc.constantFrom<TrafficSort | undefined>(
      undefined,
      undefined,
      { column: 'duration', isDescending: true },
      { column: 'status', isDescending: false },
      { column: 'time', isDescending: true },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60, size: 'max' }),
        filters,
        fc.constantFrom(5000, 1e6),
        fc.constantFrom<ViewMode>('exchanges', 'exchanges', 'messages'),
        sorts,
        async (steps, filter, maxBytes, mode, sort) => {
          const time = new ManualClock();
          const busy = new TrafficRecorder({ clock: time, maxBytes });
          const options = { mode, ...(sort ? { sort } : {}) };
          const view = new TrafficView(busy, parseQuery(filter), options);
          /** What a page would know by what it was told. */
          let known: (number | undefined)[] = [];
          const tell = ({ changed, movedFrom }: ViewChange): void => {
            if (movedFrom !== undefined) known = known.slice(0, movedFrom);
            for (const position of changed) known[position] = view.at(position)?.record.seq;
            for (let position = view.first; position < view.end; position += 1) {
              const told = position < known.length ? known[position] : undefined;
              const { seq } = view.at(position)!.record;
              if (told !== undefined) assert.equal(told, seq);
              else known[position] = seq;
            }
            known.length = view.end;
          };
          busy.onDidChange((change) => tell(view.apply(change)));
          const channel = busy.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
          const toServer = (message: object): void => channel.message('clientToServer', { jsonrpc: '2.0', ...message });
          const toClient = (message: object): void => channel.message('serverToClient', { jsonrpc: '2.0', ...message });
          for (const { kind, id } of steps) {
            if (kind === 'request') toServer({ id, method: 'ping', params: { _meta: { progressToken: id } } });
            else if (kind === 'response') toClient({ id, result: {} });
            else if (kind === 'ask') toClient({ id, method: 'roots/list' });
            else if (kind === 'answer') toServer({ id, result: {} });
            else if (kind === 'log') toClient({ method: 'notifications/message', params: { data: 'working' } });
            else if (kind === 'progress') {
              const params = { progressToken: id, progress: 1, message: 'working' };
              toClient({ method: 'notifications/progress', params });
            } else if (kind === 'wait') time.advance(id * 60);
            else if (kind === 'turn') await nextTurn();
            else if (kind === 'cancel') toServer({ method: 'notifications/cancelled', params: { requestId: id } });
            else {
              await nextTurn();
              const row = view.at(view.first + id);
              if (row && !row.isPart) tell(view.expand(row.record.seq, !row.isExpanded));
            }
          }
          await nextTurn();
          const anew = new TrafficView(busy, parseQuery(filter), { ...options, expanded: view.expanded });
          assert.deepEqual(rows(view), rows(anew));
          for (let position = view.first; position < view.end; position += 1) {
            assert.equal(view.positionOf(view.at(position)!.record.seq), position);
          }
          busy.dispose();
        },
      ),
      { numRuns: 400 },
    );
  });
});
