import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { canonicalJson } from '../../../../src/core/json';
import { compareTraces } from '../../../../src/traffic/trace/compareTraces';
import { comparisonText } from '../../../../src/traffic/trace/comparisonText';
import { countRemovals } from '../../../../src/traffic/trace/removals';
import { harText } from '../../../../src/traffic/trace/har';
import { readTrace } from '../../../../src/traffic/trace/readTrace';
import { TraceSource } from '../../../../src/traffic/trace/traceSource';
import { traceText } from '../../../../src/traffic/trace/writeTrace';
import { parseQuery } from '../../../../src/traffic/query';
import { statisticsCsv, trafficStatistics } from '../../../../src/traffic/statistics';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import type { TrafficSource } from '../../../../src/traffic/trafficSource';
import { TrafficView } from '../../../../src/traffic/trafficView';
import { oneOfEachSecret, secretTexts } from '../../../support/plantedSecrets';
import { ManualClock } from '../../../support/sampleTraffic';

const creator = 'MCP Workbench 0.1.0';

async function traceOf(source: TrafficSource): Promise<TraceSource> {
  const { records, skipped } = await readTrace([Buffer.from([...traceText(source, { creator })].join(''))]);
  assert.deepEqual(skipped, {});
  const trace = new TraceSource();
  trace.show(records);
  return trace;
}

function rowsOf(source: TrafficSource): string[] {
  const view = new TrafficView(source, parseQuery(''));
  const rows: string[] = [];
  for (let position = view.first; position < view.end; position += 1) rows.push(canonicalJson(view.at(position)));
  return rows;
}

/** What a channel may be given: also what no real peer sends. */
const step = fc.record({
  channel: fc.nat(2),
  fromServer: fc.boolean(),
  kind: fc.constantFrom('request', 'response', 'error', 'notification', 'progress', 'cancelled', 'aws', 'close'),
  id: fc.oneof(fc.nat(4), fc.constantFrom('a', '1', 'é\u202e', '\ud800')),
  text: fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom('x', '[redacted]', '"', '\n\r\u2028')),
  value: fc.jsonValue({ maxDepth: 3 }),
  ms: fc.nat(3000),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function recordSteps(recorder: TrafficRecorder, clock: ManualClock, steps: readonly Step[]): void {
  const channels = [0, 1, 2].map((n) =>
    recorder.openChannel({ server: `s${n % 2}`, client: 'c', session: `s${n}`, era: n === 1 ? 'modern' : 'legacy' }),
  );
  for (const { channel: at, fromServer, kind, id, text, value, ms } of steps) {
    const channel = channels[at]!;
    const direction = fromServer ? 'serverToClient' : 'clientToServer';
    clock.advance(ms);
    if (kind === 'request') {
      channel.message(direction, {
        jsonrpc: '2.0',
        id,
        method: text,
        params: { name: text, uri: text, value, _meta: { progressToken: id } },
      });
    } else if (kind === 'response') {
      channel.message(direction, { jsonrpc: '2.0', id, result: { value, isError: text.length % 2 === 0 } });
    } else if (kind === 'error') {
      channel.message(direction, { jsonrpc: '2.0', id, error: { code: ms, message: text, data: value } });
    } else if (kind === 'notification') {
      channel.message(direction, {
        method: 'notifications/message',
        params: { level: text, data: text, logger: text },
      });
    } else if (kind === 'progress') {
      channel.message(direction, { method: 'notifications/progress', params: { progressToken: id, message: text } });
    } else if (kind === 'cancelled') {
      channel.message(direction, { method: 'notifications/cancelled', params: { requestId: id, reason: text } });
    } else if (kind === 'aws') {
      const startedAt = clock.now() - ms;
      const aws = { service: 'S3', operation: 'GetObject', region: 'r', attempts: 1, startedAt, durationMs: ms };
      channel.awsRequest(id, aws);
    } else {
      channel.close();
    }
  }
}

describe('traces, for whatever was recorded', () => {
  it('give back the same rows, and messages with the same meaning', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const clock = new ManualClock();
        const recorder = new TrafficRecorder({ clock });
        recordSteps(recorder, clock, steps);
        const trace = await traceOf(recorder);
        assert.deepEqual(rowsOf(trace), rowsOf(recorder));
        recorder.forEach(({ seq }) => assert.equal(trace.get(seq)?.body, recorder.get(seq)?.body));
        recorder.dispose();
      }),
      { numRuns: 150 },
    );
  });

  it('and everything else that is saved hold no secret of any kind', async () => {
    await fc.assert(
      fc.asyncProperty(oneOfEachSecret, secretTexts, async (secrets, texts) => {
        const recorder = new TrafficRecorder();
        const asText = texts.map(({ value }) => value).join(' ');
        const channel = recorder.openChannel({ server: asText, client: asText, session: 's1', era: 'legacy' });
        const values = secrets.map(({ value }) => value);
        const call = { name: asText, arguments: { values } };
        channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: call }, undefined, {
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { ...call, before: values },
        });
        channel.message('serverToClient', {
          jsonrpc: '2.0',
          id: 1,
          result: { isError: true, content: [{ type: 'text', text: asText }], structuredContent: { values } },
        });
        channel.message('clientToServer', { jsonrpc: '2.0', id: asText, method: asText, params: { values } });
        channel.message('serverToClient', {
          jsonrpc: '2.0',
          method: 'notifications/message',
          params: { data: asText },
        });
        const other = new TrafficRecorder();
        const statistics = trafficStatistics(recorder, parseQuery(''), 'tool');
        const saved = [
          ...traceText(recorder, { creator }),
          ...traceText(recorder, { creator, withoutBodies: true, withoutAccounts: true }),
          ...harText(recorder, { creator }),
          statisticsCsv(statistics.rows),
          comparisonText(compareTraces(recorder, other), { before: 'a', after: 'b' }),
          JSON.stringify(await traceOf(recorder).then((trace) => [1, 2, 3, 4].map((seq) => trace.get(seq)))),
        ].join('\n');
        for (const { kind, secret } of secrets) assert.ok(!saved.includes(secret), kind);
        for (const { secret } of texts) assert.ok(!saved.includes(secret), secret);
        assert.ok(countRemovals(recorder).total >= secrets.length);
        recorder.dispose();
        other.dispose();
      }),
      { numRuns: 60 },
    );
  });

  it('export HAR that is JSON, with an entry for each request, in order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.boolean(), (steps, withoutBodies) => {
        const clock = new ManualClock();
        const recorder = new TrafficRecorder({ clock });
        recordSteps(recorder, clock, steps);
        const text = [...harText(recorder, { creator, withoutBodies })].join('');
        const { log } = JSON.parse(text) as { log: { version: string; entries: { request: { url: string } }[] } };
        let requests = 0;
        recorder.forEach(({ kind }) => (requests += kind === 'request' ? 1 : 0));
        assert.equal(log.version, '1.2');
        assert.equal(log.entries.length, requests);
        for (const { request } of log.entries) assert.equal(new URL(request.url).protocol, 'mcp:');
        recorder.dispose();
      }),
      { numRuns: 100 },
    );
  });
});
