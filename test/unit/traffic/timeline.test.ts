import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseQuery } from '../../../src/traffic/query';
import { awsFields, spanFields, spanTones, TimelineLayout, type TimelineRow } from '../../../src/traffic/timeline';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import { ManualClock, recordMany, recordSample } from '../../support/sampleTraffic';

interface Span {
  start: number;
  end: number;
  tone: string | undefined;
  seq: number;
  count: number;
  errors: number;
  name: string | undefined;
}

function spansOf({ spans }: TimelineRow, names: readonly string[]): Span[] {
  return Array.from({ length: spans.length / spanFields }, (_, index) => {
    const [start = 0, end = 0, tone = 0, seq = 0, count = 0, errors = 0, name = 0] = spans.slice(
      index * spanFields,
      (index + 1) * spanFields,
    );
    return { start, end, tone: spanTones[tone], seq, count, errors, name: names[name] };
  });
}

describe('TimelineLayout', () => {
  let clock: ManualClock;
  let recorder: TrafficRecorder;

  beforeEach(() => {
    clock = new ManualClock();
    recorder = new TrafficRecorder({ clock });
  });

  afterEach(() => recorder.dispose());

  function layOut(filter = ''): TimelineLayout {
    return new TimelineLayout(recorder, parseQuery(filter), { now: recorder.clock.now() });
  }

  function draw(layout: TimelineLayout, columns = 1000): ReturnType<TimelineLayout['window']> {
    const { from, to } = layout.extent ?? { from: 0, to: 1 };
    return layout.window(from, to, columns, 100);
  }

  it('is empty where nothing was recorded', () => {
    const layout = layOut();
    assert.equal(layout.extent, undefined);
    assert.equal(layout.laneCount, 0);
    assert.equal(layout.step(undefined, 1), undefined);
    assert.equal(layout.stepLane(undefined, 1), undefined);
    assert.deepEqual(layout.window(0, 1, 100, 10).lanes, []);
  });

  it('gives each client and server a lane, with what became of the calls', () => {
    recordSample(recorder, clock);
    const { lanes } = draw(layOut());
    assert.deepEqual(
      lanes.map(({ client, server, calls, errors, pending }) => [client, server, calls, errors, pending]),
      [
        ['Visual Studio Code', 'AWS tools', 6, 0, 1],
        ['claude-code', 'AWS tools', 4, 2, 1],
      ],
    );
  });

  it('shows AWS requests within the calls that made them', () => {
    recordSample(recorder, clock);
    const drawn = draw(layOut('tool:lambda_invoke_function'));
    const [row] = drawn.lanes[0]?.rows ?? [];
    assert.ok(row);
    const [span] = spansOf(row, drawn.names);
    assert.equal(span?.name, 'lambda_invoke_function');
    assert.equal(row.aws.length, 2 * awsFields);
    const [start = 0, end = 0, failed, name = 0] = row.aws;
    assert.ok(start >= span.start && end <= span.end);
    assert.equal(failed, 0);
    assert.equal(drawn.names[name], 'Lambda.GetFunction');
  });

  it('lets calls that hang reach to the end, each in sight however dense it is', () => {
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    channel.message('clientToServer', { jsonrpc: '2.0', id: 'hung', method: 'tools/call', params: { name: 'hung' } });
    recordMany(recorder, clock, 2000);
    clock.advance(5000);
    const layout = layOut();
    const drawn = draw(layout, 200);
    const all = drawn.lanes.flatMap(({ rows }) => rows.flatMap((row) => spansOf(row, drawn.names)));
    const hung = all.find(({ name }) => name === 'hung');
    assert.equal(hung?.tone, 'pending');
    assert.equal(hung.end + drawn.origin, layout.extent?.to);
    assert.ok((layout.extent?.to ?? 0) >= clock.now());
    assert.ok(layout.hasPending);
  });

  it('merges what no column could show apart, and counts it', () => {
    recordMany(recorder, clock, 5000);
    const drawn = draw(layOut(), 300);
    const spans = drawn.lanes.flatMap(({ rows }) => rows.flatMap((row) => spansOf(row, drawn.names)));
    assert.ok(spans.length <= 300, String(spans.length));
    assert.equal(
      spans.reduce((sum, { count }) => sum + count, 0),
      5000,
    );
    assert.equal(
      spans.reduce((sum, { errors }) => sum + errors, 0),
      500,
    );
  });

  it('gives only what is in the window', () => {
    recordMany(recorder, clock, 1000);
    const layout = layOut();
    const { from } = layout.extent!;
    const { lanes, origin, names } = layout.window(from + 10_000, from + 12_000, 2000, 10);
    const spans = lanes.flatMap(({ rows }) => rows.flatMap((row) => spansOf(row, names)));
    assert.ok(spans.length > 3);
    for (const { start, end } of spans) {
      assert.ok(end + origin >= from + 10_000 && start + origin <= from + 12_000);
    }
    assert.ok(spans.every(({ count }) => count === 1));
  });

  it('counts a range by when calls began, and all of it in the overview', () => {
    recordMany(recorder, clock, 100);
    const layout = layOut();
    const { from, to } = layout.extent!;
    assert.deepEqual(layout.count(from, to), { calls: 100, errors: 10 });
    const middle = layout.placeOf(101)?.start ?? 0;
    assert.equal(layout.count(from, middle).calls + layout.count(middle, to).calls, 100);
    const overview = layout.overview(24);
    assert.equal(
      overview.calls.reduce((sum, calls) => sum + calls),
      100,
    );
    assert.equal(
      overview.errors.reduce((sum, errors) => sum + errors),
      10,
    );
  });

  it('walks from call to call within a lane, and to the nearest of the next lane', () => {
    recordSample(recorder, clock);
    const layout = layOut();
    const names: number[] = [];
    for (let place = layout.step(undefined, 1); place;) {
      names.push(place.seq);
      const next = layout.step(place.seq, 1);
      place = next?.seq === place.seq ? undefined : next;
    }
    assert.deepEqual(names, [1, 4, 8, 12, 19, 21]);
    assert.equal(layout.step(1, -1)?.seq, 1);
    assert.equal(layout.edge(12, -1)?.seq, 1);
    assert.equal(layout.edge(12, 1)?.seq, 21);
    assert.equal(layout.stepLane(12, 1)?.seq, 10);
    assert.equal(layout.stepLane(17, -1)?.seq, 19);
    assert.equal(layout.stepLane(12, -1)?.seq, 12);
    assert.equal(layout.placeOf(999), undefined);
  });

  it('never lets calls of a row overlap but in the last, and loses none', () => {
    const call = fc.record({ gap: fc.nat(50), length: fc.oneof(fc.nat(400), fc.constant(-1)) });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
        const many = new TrafficRecorder({ clock });
        const channel = many.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
        const ends: [at: number, id: number][] = [];
        let now = 0;
        const goTo = (time: number): void => {
          ends.sort((one, other) => one[0] - other[0]);
          for (let next = ends[0]; next && next[0] <= time; next = ends[0]) {
            clock.advance(next[0] - now);
            [now] = next;
            channel.message('serverToClient', { jsonrpc: '2.0', id: next[1], result: {} });
            ends.shift();
          }
          clock.advance(time - now);
          now = time;
        };
        for (const [id, { gap, length }] of calls.entries()) {
          goTo(now + gap);
          channel.message('clientToServer', { jsonrpc: '2.0', id, method: 'tools/call', params: { name: 't' } });
          if (length >= 0) ends.push([now + length, id]);
        }
        goTo(now + 1000);
        const layout = new TimelineLayout(many, parseQuery(''), { now: clock.now() });
        const rows = draw(layout, 10_000).lanes[0]?.rows ?? [];
        assert.ok(rows.length <= 8);
        const names: string[] = [];
        let count = 0;
        for (const [index, row] of rows.entries()) {
          const spans = spansOf(row, names);
          for (const [at, span] of spans.entries()) {
            count += span.count;
            const next = spans[at + 1];
            if (index < 7 && next) assert.ok(next.start >= span.end, `${span.end} ${next.start}`);
          }
        }
        assert.equal(count, calls.length);
        many.dispose();
      }),
      { numRuns: 100 },
    );
  });
});
