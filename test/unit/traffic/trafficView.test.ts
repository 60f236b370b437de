import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseQuery } from '../../../src/traffic/query';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import type { TrafficChange } from '../../../src/traffic/trafficSource';
import { TrafficView, type ViewChange } from '../../../src/traffic/trafficView';
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

  it('always is what a view made anew would be, whatever happens', async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('request' as const), id: fc.nat(5) }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('response' as const), id: fc.nat(5) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), id: fc.nat(5) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), id: fc.nat(300) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('turn' as const), id: fc.nat(1) }) },
    );
    const filters = fc.constantFrom('', 'status:pending', 'dur:>100', '-status:ok', 'kind:notification');
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        filters,
        fc.constantFrom(4000, 1e6),
        async (steps, filter, maxBytes) => {
          const time = new ManualClock();
          const busy = new TrafficRecorder({ clock: time, maxBytes });
          const view = new TrafficView(busy, parseQuery(filter));
          busy.onDidChange((change) => view.apply(change));
          const channel = busy.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
          for (const { kind, id } of steps) {
            if (kind === 'request') channel.message('clientToServer', { jsonrpc: '2.0', id, method: 'ping' });
            else if (kind === 'response') channel.message('serverToClient', { jsonrpc: '2.0', id, result: {} });
            else if (kind === 'wait') time.advance(id);
            else if (kind === 'turn') await nextTurn();
            else
              channel.message('clientToServer', {
                jsonrpc: '2.0',
                method: 'notifications/cancelled',
                params: { requestId: id },
              });
          }
          await nextTurn();
          assert.deepEqual(rows(view), rows(new TrafficView(busy, parseQuery(filter))));
          busy.dispose();
        },
      ),
      { numRuns: 150 },
    );
  });
});
