import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { InspectorSession, type InspectorSessionHost } from '../../../src/editor/inspector/inspectorSession';
import { silentLogger } from '../../../src/core/logger';
import { BodySearch } from '../../../src/traffic/bodySearch';
import { parseQuery } from '../../../src/traffic/query';
import { curlText } from '../../../src/traffic/replay/curlText';
import { mochaText } from '../../../src/traffic/replay/mochaText';
import { statisticsCsv, trafficStatistics } from '../../../src/traffic/statistics';
import { compareTraces } from '../../../src/traffic/trace/compareTraces';
import { comparisonText } from '../../../src/traffic/trace/comparisonText';
import { harText } from '../../../src/traffic/trace/har';
import { readTrace } from '../../../src/traffic/trace/readTrace';
import { SegmentStore } from '../../../src/traffic/trace/segmentStore';
import { TraceSource } from '../../../src/traffic/trace/traceSource';
import { traceText } from '../../../src/traffic/trace/writeTrace';
import { TrafficHistory } from '../../../src/traffic/trafficHistory';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import type { TrafficSource } from '../../../src/traffic/trafficSource';
import { trafficVocabulary } from '../../../src/traffic/vocabulary';
import { oneOfEachSecret, secretHeaders, secretTexts, type PlantedSecret } from '../../support/plantedSecrets';

const creator = 'Test 1';
const endpoint = { transport: 'http', url: 'http://127.0.0.1:1/mcp' } as const;

/** Where in a message a value stands: below members and lists of any names. */
const wrapping = fc.array(fc.oneof(fc.constant('list' as const), fc.string({ maxLength: 12 })), { maxLength: 4 });

function wrap(value: unknown, around: readonly string[]): unknown {
  let wrapped = value;
  for (const one of around)
    wrapped = one === 'list' ? [1, wrapped, 'after'] : { before: true, [one]: wrapped, after: null };
  return wrapped;
}

interface Planted {
  /** Values with the secrets, in the places that were chosen. */
  values: unknown[];
  /** Secrets that are known by their look, as one text. */
  text: string;
  headers: Record<string, string>;
}

const notUtf8 = Buffer.from([0xff, 0xc3, 0x28, 0x80]);

/** Records every kind of message with the secrets in every place that a message has. */
function record(recorder: TrafficRecorder, { values, text, headers }: Planted): void {
  for (const era of ['legacy', 'modern'] as const) {
    const channel = recorder.openChannel({ server: text, client: text, session: text, era });
    const initialize = {
      protocolVersion: text,
      capabilities: { experimental: { values } },
      clientInfo: { name: text },
    };
    channel.message(
      'clientToServer',
      { jsonrpc: '2.0', id: 0, method: 'initialize', params: initialize },
      1,
      undefined,
      headers,
    );
    const agreed = { protocolVersion: text, capabilities: { experimental: { values } }, serverInfo: { values } };
    channel.message('serverToClient', { jsonrpc: '2.0', id: 0, result: agreed }, undefined, undefined, () => headers);
    const params = {
      name: text,
      uri: text,
      arguments: { values, text },
      [text]: values,
      _meta: { progressToken: text, values },
    };
    const call = { jsonrpc: '2.0', id: text, method: 'tools/call', params, [text]: values };
    channel.message('clientToServer', call, undefined, { ...call, before: values }, headers);
    channel.awsRequest(text, {
      service: text,
      operation: text,
      region: text,
      account: text,
      requestId: text,
      attempts: 1,
      startedAt: 1,
      durationMs: 1,
      errorName: text,
    });
    for (const [method, more] of [
      ['notifications/progress', { progressToken: text, progress: 1, message: text, values }],
      ['notifications/message', { level: text, logger: text, data: { text, values } }],
      ['notifications/message', { level: 'info', data: text }],
      ['notifications/cancelled', { requestId: 'none', reason: text, values }],
      [text, { values }],
    ] as const) {
      channel.message('serverToClient', { jsonrpc: '2.0', method, params: more });
    }
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      id: 'ask',
      method: 'elicitation/create',
      params: { message: text, values },
    });
    const content = [
      { type: 'text', text },
      { type: 'text', text: JSON.stringify({ text, values }) },
      { type: 'resource', resource: { uri: text, text: JSON.stringify(JSON.stringify(values)) } },
    ];
    const result = { isError: true, content, structuredContent: { code: text, message: text, values }, [text]: text };
    channel.message('serverToClient', { jsonrpc: '2.0', id: text, result }, undefined, undefined, headers);
    const tool = {
      name: text,
      description: text,
      inputSchema: { type: 'object', properties: { [text]: { default: values } } },
    };
    channel.message('clientToServer', { jsonrpc: '2.0', id: 'list', method: 'tools/list' });
    channel.message('serverToClient', { jsonrpc: '2.0', id: 'list', result: { tools: [tool] } });
    channel.message('clientToServer', { jsonrpc: '2.0', id: 'fails', method: text, params: { values } });
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      id: 'fails',
      error: { code: text, message: text, data: values },
    });
    const odd = Buffer.from(JSON.stringify({ jsonrpc: '2.0', method: 'x', params: { text, values, odd: '\u0000' } }));
    const raw = Buffer.concat([odd.subarray(0, -3), notUtf8, odd.subarray(-3)]);
    channel.message(
      'serverToClient',
      { jsonrpc: '2.0', method: 'x', params: { values } },
      raw.length,
      undefined,
      headers,
      raw,
    );
    channel.unreadable('clientToServer', Buffer.concat([Buffer.from(`${text}\n`), notUtf8]), headers);
  }
}

/** What a page is told that opens everything: the list in both forms, each row's detail, findings, statistics, timeline. */
async function toldToPage(source: TrafficSource): Promise<string> {
  const told: string[] = [];
  const session = new InspectorSession(source, {
    post: (message: Parameters<InspectorSessionHost['post']>[0]) => told.push(JSON.stringify(message)),
    copyText: (text) => told.push(text),
    openDocument: (text) => told.push(text),
    saveText: (name, text) => told.push(name, text),
    saveTraffic() {},
  });
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 45));
  session.receive({ type: 'ready', filter: '', follow: true });
  await pause();
  session.receive({ type: 'list', filter: '', mode: 'messages' });
  session.receive({ type: 'vocabulary' });
  session.receive({ type: 'watchStatistics', by: 'tool', filter: '', sort: { column: 'calls', isDescending: true } });
  session.receive({
    type: 'exportStatistics',
    by: 'client',
    filter: '',
    sort: { column: 'calls', isDescending: true },
  });
  session.receive({ type: 'watchTimeline', filter: '', columns: 800 });
  session.receive({ type: 'stepTimeline', filter: '', to: 'first' });
  session.receive({ type: 'watchSchemas' });
  await pause();
  const { firstSeq, nextSeq } = source.extent;
  for (let seq = firstSeq; seq < nextSeq; seq += 1) {
    session.receive({ type: 'open', seq });
    session.receive({ type: 'openBody', seq });
    session.receive({ type: 'openBody', seq, isBytes: true });
    session.receive({ type: 'copyBody', seq });
    if (seq % 4 === 0) await pause();
  }
  await pause();
  await pause();
  session.dispose();
  // Bytes are shown decoded.
  const bytes = [...told.join('').matchAll(/"raw":"([A-Za-z0-9+/=]+)"/g)].map(([, raw = '']) => decoded(raw));
  return [...told, ...bytes].join('\n');
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}

function everything(source: TrafficSource): string[] {
  const found: string[] = [JSON.stringify(trafficVocabulary(source))];
  source.forEach(({ seq }) => {
    const record = source.get(seq);
    found.push(JSON.stringify(record), JSON.stringify(source.factsOf?.(seq) ?? {}), decoded(record?.raw ?? ''));
  });
  for (const by of ['tool', 'server', 'client'] as const) {
    const { rows, total } = trafficStatistics(source, parseQuery(''), by);
    found.push(JSON.stringify([rows, total]), statisticsCsv(rows));
  }
  return found;
}

function exported(source: TrafficSource): string[] {
  const found: string[] = [];
  for (const options of [{ creator }, { creator, withoutBodies: true }, { creator, withoutAccounts: true }]) {
    found.push(...traceText(source, options), ...harText(source, options));
  }
  const empty = new TrafficRecorder();
  found.push(comparisonText(compareTraces(source, empty), { before: 'a', after: 'b' }));
  empty.dispose();
  source.forEach((summary) => {
    if (summary.kind !== 'request') return;
    const { params = {} } = JSON.parse(source.get(summary.seq)?.body ?? '{}') as { params?: Record<string, unknown> };
    const answer = summary.pair === undefined ? undefined : source.get(summary.pair);
    const reply = answer && (JSON.parse(answer.body) as object);
    const call = { method: summary.method, target: summary.target, params, reply };
    for (const era of ['legacy', 'modern'] as const) {
      for (const generate of [curlText, mochaText]) {
        found.push(JSON.stringify(generate([call], endpoint, { server: summary.server, era })));
      }
    }
  });
  return found;
}

describe('secrets of every kind, in messages of every kind', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'mcpw-secrets-'));
  });

  afterEach(() => fs.rm(folder, { recursive: true, force: true }));

  it('are in no view, no file and no export', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        oneOfEachSecret,
        secretTexts,
        secretHeaders,
        fc.array(wrapping, { minLength: 1, maxLength: 8 }),
        async (kinds, texts, headers, wrappings) => {
          const text = texts.map(({ value }) => value).join(' ');
          const values = kinds.map(({ value }, index) => wrap(value, wrappings[index % wrappings.length]!));
          const recorder = new TrafficRecorder({ firstSeq: 1_000_001 });
          const onDisk = path.join(folder, String(++run));
          const storeOptions = { folder: onDisk, maxBytes: 64 * 1024 * 1024, creator, logger: silentLogger };
          const store = new SegmentStore(storeOptions);
          store.start(recorder);
          record(recorder, {
            values,
            text,
            headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
          });
          const found = [...everything(recorder), ...exported(recorder)];
          await store.stop();
          for (const { path: file } of await store.list()) found.push(await fs.readFile(file, 'utf8'));

          // The next window shows it again, and a trace of it is shown by others.
          const next = new TrafficRecorder({ firstSeq: 1_000_001 });
          const history = new TrafficHistory(next, {
            maxBytes: 64 * 1024 * 1024,
            windowStart: 1_000_001,
            onError: (error) => assert.fail(String(error)),
          });
          const isRead = new Promise<void>((resolve) =>
            history.onDidChange(({ wasCleared }) => wasCleared && resolve()),
          );
          history.follow(new SegmentStore(storeOptions), true);
          await isRead;
          assert.ok(history.extent.firstSeq < 1_000_001);
          found.push(...everything(history));
          const trace = new TraceSource();
          trace.show((await readTrace([Buffer.from([...traceText(recorder, { creator })].join(''))])).records);
          found.push(...everything(trace));
          if (run % 10 === 1) found.push(await toldToPage(recorder), await toldToPage(history));

          const all = found.join('\n');
          const planted: Pick<PlantedSecret, 'kind' | 'secret'>[] = [
            ...kinds,
            ...texts.map(({ secret }) => ({ kind: 'text', secret })),
            ...headers.map(({ name, secret }) => ({ kind: name, secret })),
          ];
          for (const { kind, secret } of planted) {
            const at = all.indexOf(secret);
            assert.ok(at < 0, `${kind}: ${all.slice(Math.max(0, at - 200), at + secret.length)}`);
          }
          // Whoever searches for one learns nothing, either.
          const search = new BodySearch(
            recorder,
            planted.slice(0, 10).map(({ secret }) => secret),
          );
          while (!search.isDone) assert.deepEqual(search.step(50), []);
          history.dispose();
          next.dispose();
          recorder.dispose();
          trace.dispose();
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
  });
});
