import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseQuery } from '../../../src/traffic/query';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import { timeRangeOf, withTimeRange } from '../../../webview/timeline/timeRange';
import { ticksOf, TimeScale } from '../../../webview/timeline/timeScale';
import { ManualClock } from '../../support/sampleTraffic';

// Far from the changes of daylight saving time, where a local time stands for two moments.
const time = fc.integer({ min: Date.UTC(2026, 6, 1), max: Date.UTC(2026, 7, 1) });
const range = fc.tuple(time, fc.integer({ min: 1, max: 1e8 })).map(([from, length]) => ({ from, to: from + length }));

describe('a range of time in the filter', () => {
  it('comes back as it was put in, beside other terms', () => {
    fc.assert(
      fc.property(range, fc.constantFrom('', 'tool:x', 'time:>10:42 "a b"', '-status:ok'), (given, rest) => {
        const filter = withTimeRange(rest, given);
        assert.deepEqual(timeRangeOf(filter), given);
        assert.equal(withTimeRange(filter, undefined), rest);
        assert.deepEqual(timeRangeOf(withTimeRange(filter, { from: 0, to: 10 })), { from: 0, to: 10 });
      }),
    );
  });

  it('is understood by the filter language: the calls that began within it', () => {
    fc.assert(
      fc.property(range, fc.integer({ min: -5, max: 5 }), fc.boolean(), (given, offset, isEnd) => {
        const at = (isEnd ? given.to : given.from) + offset;
        const clock = new ManualClock(at);
        const recorder = new TrafficRecorder({ clock });
        recorder
          .openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' })
          .message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'x' });
        const query = parseQuery(withTimeRange('', given), -new Date(at).getTimezoneOffset());
        assert.deepEqual(query.problems, []);
        assert.equal(query.matches(recorder.summary(1)!), at >= given.from && at < given.to);
        recorder.dispose();
      }),
    );
  });

  it('is none where it makes no sense', () => {
    for (const filter of ['', 'time:10:42..10:43', 'time:2026-13-45T10:00:00.000..2026-13-45T11:00:00.000', 'x']) {
      assert.equal(timeRangeOf(filter), undefined, filter);
      assert.equal(withTimeRange(filter, undefined), filter);
    }
  });
});

describe('the ruler', () => {
  it('has round times, far enough apart, whatever is in sight', () => {
    fc.assert(
      fc.property(
        time,
        fc.double({ min: 0.5, max: 1e11, noNaN: true }),
        fc.integer({ min: 50, max: 4000 }),
        (from, length, width) => {
          const scale = new TimeScale({ from, to: from + length }, width);
          const ticks = ticksOf(scale, 90);
          assert.ok(ticks.length <= width / 90 + 1);
          for (const [index, tick] of ticks.entries()) {
            assert.ok(tick.time >= from && tick.time <= from + length);
            assert.match(tick.label, /^\d\d:\d\d(:\d\d(\.\d{1,3})?)?$|^\d{4}-\d\d-\d\d$/);
            const next = ticks[index + 1];
            if (next) assert.ok(scale.x(next.time) - scale.x(tick.time) >= 89.9);
          }
        },
      ),
    );
  });

  it('turns pixels into times and back', () => {
    const scale = new TimeScale({ from: 1000, to: 2000 }, 500);
    assert.equal(scale.x(1500), 250);
    assert.equal(scale.time(250), 1500);
  });
});
