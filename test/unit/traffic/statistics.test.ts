import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseQuery } from '../../../src/traffic/query';
import {
  sortStatistics,
  statisticsCsv,
  trafficStatistics,
  type StatisticsGrouping,
  type StatisticsRow,
} from '../../../src/traffic/statistics';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import { ManualClock, recordMany, recordSample } from '../../support/sampleTraffic';

describe('trafficStatistics', () => {
  let clock: ManualClock;
  let recorder: TrafficRecorder;

  beforeEach(() => {
    clock = new ManualClock();
    recorder = new TrafficRecorder({ clock });
  });

  afterEach(() => recorder.dispose());

  function statistics(by: StatisticsGrouping, filter = ''): ReturnType<typeof trafficStatistics> {
    return trafficStatistics(recorder, parseQuery(filter), by);
  }

  function row(by: StatisticsGrouping, name: string): StatisticsRow {
    const found = statistics(by).rows.find((one) => one.name === name);
    assert.ok(found, name);
    return found;
  }

  it('has nothing to say about nothing', () => {
    const { rows, total, span } = statistics('tool');
    assert.deepEqual(rows, []);
    assert.equal(total.calls, 0);
    assert.equal(total.p50, undefined);
    assert.equal(span, undefined);
  });

  it('counts calls of a tool, and what became of them', () => {
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    for (let id = 1; id <= 100; id += 1) {
      channel.message('clientToServer', { jsonrpc: '2.0', id, method: 'tools/call', params: { name: 't' } }, 10);
      clock.advance(id);
      channel.message('serverToClient', { jsonrpc: '2.0', id, result: { isError: id > 90 } }, 30);
    }
    channel.message('clientToServer', { jsonrpc: '2.0', id: 101, method: 'tools/call', params: { name: 't' } }, 10);
    channel.message('clientToServer', { jsonrpc: '2.0', id: 102, method: 'tools/call', params: { name: 't' } }, 10);
    clock.advance(1e6);
    channel.message('clientToServer', {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 101 },
    });
    const tool = row('tool', 't');
    assert.equal(tool.calls, 102);
    assert.equal(tool.errors, 10);
    assert.equal(tool.pending, 1);
    assert.equal(tool.cancelled, 1);
    assert.equal(tool.errorRate, 0.1);
    assert.deepEqual([tool.p50, tool.p95, tool.p99], [50, 95, 99]);
    assert.deepEqual(tool.slowest, { seq: 199, durationMs: 100 });
    assert.equal(tool.bytes, 100 * 40 + 20);
    assert.equal(tool.isTool, true);
    assert.equal(
      tool.spark.calls.reduce((sum, calls) => sum + calls),
      102,
    );
  });

  it('tells tools of the same name on two servers apart, and a tool from a method', () => {
    for (const server of ['one', 'two']) {
      const channel = recorder.openChannel({ server, client: 'c', session: 's1', era: 'legacy' });
      channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'ping' } });
      channel.message('clientToServer', { jsonrpc: '2.0', id: 2, method: 'ping' });
    }
    const rows = statistics('tool').rows.map(({ name, server, isTool }) => [name, server, isTool]);
    assert.deepEqual(rows, [
      ['ping', 'one', true],
      ['ping', 'one', undefined],
      ['ping', 'two', true],
      ['ping', 'two', undefined],
    ]);
    assert.equal(statistics('server').rows.length, 2);
    assert.equal(statistics('client').rows.length, 1);
  });

  it('counts AWS requests and honours the filter, also where it is about the response', () => {
    recordSample(recorder, clock);
    assert.equal(row('tool', 'lambda_invoke_function').awsRequests, 2);
    assert.deepEqual(
      statistics('tool', 'client:claude-code status:error')
        .rows.map(({ name }) => name)
        .sort(),
      ['lambda_invoke_function', 's3_get_object'],
    );
    const whole = row('tool', 'tools/list').bytes;
    assert.equal(statistics('tool', `method:tools/list size:${whole}`).total.calls, 1);
  });

  it('adds up to the same, however calls are grouped', () => {
    const call = fc.record({
      server: fc.constantFrom('a', 'b', 'a\u0000b'),
      client: fc.constantFrom('x', 'y', ''),
      tool: fc.constantFrom('t', 'u', '__proto__', 'constructor'),
      ms: fc.nat(5000),
      end: fc.constantFrom('ok', 'error', 'none'),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
        const many = new TrafficRecorder({ clock });
        for (const [id, { server, client, tool, ms, end }] of calls.entries()) {
          const channel = many.openChannel({ server, client, session: String(id), era: 'legacy' });
          channel.message('clientToServer', { jsonrpc: '2.0', id, method: 'tools/call', params: { name: tool } });
          clock.advance(ms);
          if (end !== 'none')
            channel.message('serverToClient', { jsonrpc: '2.0', id, result: { isError: end === 'error' } });
        }
        for (const by of ['tool', 'server', 'client'] as const) {
          const { rows, total } = trafficStatistics(many, parseQuery(''), by);
          for (const number of ['calls', 'errors', 'pending', 'bytes', 'tokens'] as const) {
            assert.equal(
              rows.reduce((sum, one) => sum + one[number], 0),
              total[number],
            );
          }
          assert.equal(total.calls, calls.length);
          assert.equal(total.errors, calls.filter(({ end }) => end === 'error').length);
          const sorted = calls
            .filter(({ end }) => end !== 'none')
            .map(({ ms }) => ms)
            .sort((one, other) => one - other);
          assert.equal(total.p50, sorted[Math.ceil(sorted.length / 2) - 1]);
          assert.equal(total.slowest?.durationMs, sorted.at(-1));
        }
        many.dispose();
      }),
      { numRuns: 60 },
    );
  });
});

describe('sortStatistics', () => {
  it('puts what has no value last either way, and equal ones by name', () => {
    const clock = new ManualClock();
    const recorder = new TrafficRecorder({ clock });
    recordMany(recorder, clock, 8);
    recordSample(recorder, clock);
    const { rows } = trafficStatistics(recorder, parseQuery(''), 'tool');
    for (const isDescending of [true, false]) {
      const last = sortStatistics(rows, 'p50', isDescending).slice(-2);
      assert.deepEqual(
        last.map(({ name }) => name),
        ['cloudformation_list_stack_events', 'elicitation/create'],
      );
    }
    assert.deepEqual(
      sortStatistics(rows, 'name', true).map(({ name }) => name),
      rows.map(({ name }) => name).sort((one, other) => (one < other ? 1 : -1)),
    );
    assert.equal(sortStatistics(rows, 'slowest', true)[0]?.name, 'cdk_synth_stack');
    recorder.dispose();
  });
});

describe('statisticsCsv', () => {
  function csvOf(name: string): string {
    const recorder = new TrafficRecorder();
    recorder
      .openChannel({ server: 's', client: name, session: 's1', era: 'legacy' })
      .message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'ping' });
    const csv = statisticsCsv(trafficStatistics(recorder, parseQuery(''), 'client').rows);
    recorder.dispose();
    return csv.split('\r\n').slice(1).join('\r\n');
  }

  it('quotes what would break a line or a cell', () => {
    assert.match(csvOf('a,b'), /^"a,b",/);
    assert.match(csvOf('a "b"'), /^"a ""b""",/);
    assert.match(csvOf('two\nlines'), /^"two\nlines",/);
    assert.match(csvOf('plain'), /^plain,,1,0,1,0,,,,,,\d+,\d+,0\r\n$/);
  });

  it('lets no spreadsheet take a name for a formula', () => {
    for (const name of [
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r=1',
      ' =1',
      '\u200b=1',
      '＝1',
      '=cmd|"/c calc"!A0',
    ]) {
      assert.match(csvOf(name), /^"?'/, JSON.stringify(name));
    }
  });
});
