import assert from 'node:assert/strict';
import { parseQuery } from '../../../../src/traffic/query';
import { AccountMask } from '../../../../src/traffic/trace/accountMask';
import { compareTraces } from '../../../../src/traffic/trace/compareTraces';
import { comparisonText } from '../../../../src/traffic/trace/comparisonText';
import { harText, type HarEntry } from '../../../../src/traffic/trace/har';
import { pickExchanges } from '../../../../src/traffic/trace/pickExchanges';
import { countRemovals } from '../../../../src/traffic/trace/removals';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import { ManualClock, recordSample } from '../../../support/sampleTraffic';

const creator = 'MCP Workbench 0.1.0';

interface Har {
  log: { version: string; creator: { name: string; version: string }; entries: HarEntry[] };
}

describe('exports of traffic', () => {
  let clock: ManualClock;
  let recorder: TrafficRecorder;

  beforeEach(() => {
    clock = new ManualClock();
    recorder = new TrafficRecorder({ clock });
  });

  afterEach(() => recorder.dispose());

  function har(options: object = {}): Har {
    return JSON.parse([...harText(recorder, { creator, ...options })].join('')) as Har;
  }

  describe('HAR', () => {
    it('tells exchanges as HAR 1.2 asks', () => {
      recordSample(recorder, clock);
      const { log } = har();
      assert.equal(log.version, '1.2');
      assert.deepEqual(log.creator, { name: 'MCP Workbench', version: '0.1.0' });
      assert.equal(log.entries.length, 10);
      const times = log.entries.map(({ startedDateTime }) => Date.parse(startedDateTime));
      assert.deepEqual(
        times,
        times.toSorted((one, other) => one - other),
      );
      for (const { time, timings, request, response } of log.entries) {
        const parts = [timings.blocked, timings.dns, timings.connect, timings.send, timings.wait, timings.receive];
        assert.equal(
          parts.filter((part) => part > 0).reduce((sum, part) => sum + part, 0),
          time,
        );
        assert.equal(request.method, 'POST');
        assert.ok(Array.isArray(request.headers) && Array.isArray(response.headers));
        assert.equal(typeof response.content.size, 'number');
      }
      const failed = log.entries.find(({ _mcp: mcp }) => mcp.target === 's3_get_object');
      assert.equal(failed?.request.url, 'mcp://AWS%20tools/tools/call/s3_get_object');
      assert.equal(failed.response.status, 200);
      assert.equal(failed.response.statusText, 'MCP error');
      assert.match(failed.comment ?? '', /^AccessDenied/);
      assert.equal(failed._mcp.awsRequests?.[0]?.operation, 'GetObject');
      assert.equal((JSON.parse(failed.request.postData.text) as { id: number }).id, 2);
      const pending = log.entries.find(({ _mcp: mcp }) => mcp.status === 'pending');
      assert.equal(pending?.response.status, 0);
      assert.equal(pending.response.content.text, undefined);
    });

    it('leaves out what was not picked, and what messages say', () => {
      recordSample(recorder, clock);
      const picked = pickExchanges(recorder, parseQuery('tool:lambda_*'));
      const { log } = har({ picks: (seq: number) => picked.has(seq), withoutBodies: true });
      assert.deepEqual(
        log.entries.map(({ _mcp: mcp, request }) => [mcp.target, request.postData.text]),
        [
          ['lambda_list_functions', ''],
          ['lambda_invoke_function', ''],
        ],
      );
    });
  });

  it('picks whole exchanges', () => {
    recordSample(recorder, clock);
    assert.deepEqual(
      [...pickExchanges(recorder, parseQuery('tool:cdk_synth_stack'))].sort((a, b) => a - b),
      [12, 13, 14, 15, 16],
    );
    assert.deepEqual(
      [...pickExchanges(recorder, parseQuery('"1/3 Reading"'))].sort((a, b) => a - b),
      [12, 13, 14, 15, 16],
    );
    assert.equal(pickExchanges(recorder, parseQuery('')).size, 22);
  });

  it('replaces accounts alike everywhere, and nothing that only looks like one', () => {
    const mask = new AccountMask();
    assert.equal(
      mask.apply('arn:aws:s3:::cdk-assets-111122223333-us-east-1 {"account":"444455556666","n":111122223333}'),
      'arn:aws:s3:::cdk-assets-100000000001-us-east-1 {"account":"100000000002","n":100000000001}',
    );
    for (const text of ['1795171327113', '0.123456789012', '12345678901', '{"time":1795171327113}']) {
      assert.equal(mask.apply(text), text);
    }
    assert.equal(mask.count, 2);
  });

  it('counts what was removed, by kind', () => {
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    channel.message('clientToServer', {
      jsonrpc: '2.0',
      id: 1,
      method: 'x',
      params: {
        DatabasePassword: 'hunter2',
        nested: { password: 'x', secretAccessKey: 'y', cookie: ['z'] },
        text: 'Authorization: Bearer abcdefghijklmnop and AKIAABCDEFGHIJKLMNOP',
        json: '{"refresh_token":"abcdef"}',
        url: 'https://b/k?X-Amz-Signature=0123456789abcdef',
      },
    });
    channel.message('clientToServer', { jsonrpc: '2.0', method: 'notifications/initialized' });
    const { counts, total, messages } = countRemovals(recorder);
    assert.deepEqual(counts, { passwords: 2, awsKeys: 1, headers: 2, tokens: 1, signatures: 1, other: 1 });
    assert.equal(total, 8);
    assert.equal(messages, 1);
    assert.equal(countRemovals(recorder, (seq) => seq > 1).total, 0);
  });
});

describe('compareTraces', () => {
  function record(calls: readonly [tool: string, argument: unknown, ms: number, isError: boolean][]): TrafficRecorder {
    const clock = new ManualClock();
    const recorder = new TrafficRecorder({ clock });
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    for (const [id, [name, argument, ms, isError]] of calls.entries()) {
      const params = { name, arguments: argument, _meta: { progressToken: Math.random() } };
      channel.message('clientToServer', { jsonrpc: '2.0', id, method: 'tools/call', params });
      clock.advance(ms);
      channel.message('serverToClient', { jsonrpc: '2.0', id, result: { isError } });
    }
    return recorder;
  }

  it('tells what changed for each tool, and which exchanges only one has', () => {
    const before = record([
      ['a', { x: 1, y: 2 }, 10, false],
      ['a', { x: 2 }, 20, true],
      ['gone', {}, 5, false],
    ]);
    const after = record([
      ['a', { y: 2, x: 1 }, 30, false],
      ['a', { x: 3 }, 40, false],
      ['a', { x: 3 }, 50, false],
      ['new', {}, 5, false],
    ]);
    const comparison = compareTraces(before, after);
    assert.deepEqual(
      comparison.tools.map(({ name, before: one, after: other }) => [
        name,
        one?.calls,
        other?.calls,
        one?.errors,
        other?.errors,
        one?.p50,
        other?.p50,
      ]),
      [
        ['a', 2, 3, 1, 0, 10, 40],
        ['gone', 1, undefined, 0, undefined, 5, undefined],
        ['new', undefined, 1, undefined, 0, undefined, 5],
      ],
    );
    assert.deepEqual(
      comparison.onlyBefore.map(({ name, asked, status }) => [name, asked, status]),
      [
        ['a', '{"arguments":{"x":2},"name":"a"}', 'error'],
        ['gone', '{"arguments":{},"name":"gone"}', 'ok'],
      ],
    );
    assert.deepEqual(
      comparison.onlyAfter.map(({ name, times }) => [name, times]),
      [
        ['a', 2],
        ['new', 1],
      ],
    );
    const text = comparisonText(comparison, { before: 'one.mcptrace', after: 'two.mcptrace' });
    assert.match(text, /\| `a` \| `s` \| 2 → 3 \(\+1\) \| 1 → 0 \(−1\) \| 10 → 40 \(\+30\) \|/);
    assert.match(text, /\| `gone` \| `s` \| 1 → – \|/);
    assert.match(text, /## Only after \(2\)/);
    assert.match(text, /- `a`, ok, 2 times: `\{"arguments":\{"x":3\},"name":"a"\}`/);
    before.dispose();
    after.dispose();
  });

  it('says that nothing differs', () => {
    const one = record([['a', {}, 10, false]]);
    const text = comparisonText(compareTraces(one, one), { before: 'x', after: 'x' });
    assert.match(text, /Only before \(0\)\n\nNothing\./);
    assert.ok(!text.includes('→'));
    one.dispose();
  });

  it('renders nothing that a trace says', () => {
    const hostile = '` <img src=x onerror=alert(1)> | [a](command:x) ``\n# b \u202e';
    const one = record([[hostile, { hostile }, 10, false]]);
    const empty = record([]);
    const text = comparisonText(compareTraces(one, empty), { before: hostile, after: 'x' });
    for (const line of text.split('\n')) {
      const outside = line.replaceAll(/(`+)(?:(?!\1)[^]|(?<=`)`)*?[^`]\1(?!`)/g, '');
      assert.doesNotMatch(outside, /[<>]|\]\(/, line);
    }
    assert.ok(!text.includes('\u202e'));
    assert.ok(!text.includes('\n# b'));
    one.dispose();
    empty.dispose();
  });
});
