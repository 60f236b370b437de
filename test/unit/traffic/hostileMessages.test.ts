import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as vm from 'node:vm';
import { InspectorSession, type InspectorSessionHost } from '../../../src/editor/inspector/inspectorSession';
import { silentLogger } from '../../../src/core/logger';
import { BodySearch } from '../../../src/traffic/bodySearch';
import { checkExchange } from '../../../src/traffic/protocolChecks';
import { parseQuery } from '../../../src/traffic/query';
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

const script = '<script>alert(1)</script><img src=x onerror=alert(2)>"\'`${alert(3)}';
const unseen = '\u202ea\u202c\u200b\u2066b\u2069\ufeff\u00ad\u2028\u2029\u0000\u001b[31m\ud800\u{e0041}';

function nested(depth: number): object {
  let value: object = { end: true };
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return { value };
}

/** Messages that somebody made to harm whoever looks at them. */
const messages: Record<string, () => object> = {
  'script in every place': () => ({ [script]: script, nested: { [script]: [script] }, text: script }),
  'characters that nobody sees': () => ({ [unseen]: unseen, text: unseen }),
  'a text of 50 MB': () => ({ text: 'x'.repeat(50 * 1024 * 1024) }),
  'a text of 50 MB that looks like secrets': () => ({ text: 'Bearer AKIA token=" '.repeat((50 * 1024 * 1024) / 20) }),
  'a million members': () => Object.fromEntries(Array.from({ length: 1_000_000 }, (_, index) => [`m${index}`, index])),
  '10,000 levels': () => nested(10_000),
  '100,000 levels': () => nested(100_000),
  'a member called __proto__': () =>
    JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":1}}}') as object,
  'names as long as texts': () => ({ ['n'.repeat(5 * 1024 * 1024)]: { ['m'.repeat(1024)]: 1 } }),
};

describe('hostile messages', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'mcpw-hostile-'));
  });

  afterEach(async () => {
    await fs.rm(folder, { recursive: true, force: true });
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  /** What a page is told about a record. */
  async function detailOf(source: TrafficSource, seq: number): Promise<string[]> {
    const told: string[] = [];
    const session = new InspectorSession(source, {
      post: (message: Parameters<InspectorSessionHost['post']>[0]) => told.push(JSON.stringify(message)),
      copyText() {},
      openDocument() {},
      saveText() {},
      saveTraffic() {},
    });
    session.receive({ type: 'ready', filter: 'alert', follow: true });
    session.receive({ type: 'open', seq });
    const has = (type: string): boolean => told.some((message) => message.startsWith(`{"type":"${type}"`));
    while (!has('detail') || !has('findings')) await new Promise((resolve) => setTimeout(resolve, 5));
    session.dispose();
    return told;
  }

  async function isSound(source: TrafficSource): Promise<void> {
    const { firstSeq, nextSeq } = source.extent;
    assert.equal(nextSeq - firstSeq, 2);
    for (let seq = firstSeq; seq < nextSeq; seq += 1) {
      const record = source.get(seq);
      assert.ok(record && record.body.length < 4 * 1024 * 1024, String(record?.body.length));
      JSON.parse(record.body);
      checkExchange({ request: record, response: source.get(record.pair ?? 0), facts: source.factsOf?.(seq) });
    }
    const told = await detailOf(source, firstSeq);
    for (const message of told) assert.ok(message.length < 8 * 1024 * 1024, String(message.length));
    const { rows } = trafficStatistics(source, parseQuery(''), 'tool');
    statisticsCsv(rows);
    const search = new BodySearch(source, ['alert(1)']);
    while (!search.isDone) search.step(1000);
    const har = [...harText(source, { creator: 'Test' })].join('');
    assert.equal((JSON.parse(har) as { log: { entries: unknown[] } }).log.entries.length, 1);
    comparisonText(compareTraces(source, source), { before: 'a', after: 'b' });
  }

  for (const [what, make] of Object.entries(messages)) {
    it(`with ${what} are kept, shown, saved and read again`, async () => {
      const recorder = new TrafficRecorder({ firstSeq: 1001 });
      const options = { folder, maxBytes: 64 * 1024 * 1024, creator: 'Test', logger: silentLogger };
      const store = new SegmentStore(options);
      store.start(recorder);
      const channel = recorder.openChannel({ server: script, client: unseen, session: 's1', era: 'legacy' });
      const value = make();
      channel.message('clientToServer', {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: script, arguments: value },
      });
      channel.message('serverToClient', { jsonrpc: '2.0', id: 1, result: value });
      await isSound(recorder);
      await store.stop();

      const { records, skipped } = await readTrace([
        Buffer.from([...traceText(recorder, { creator: 'Test' })].join('')),
      ]);
      assert.deepEqual(skipped, {});
      const trace = new TraceSource();
      trace.show(records);
      await isSound(trace);

      const next = new TrafficRecorder({ firstSeq: 1001 });
      const history = new TrafficHistory(next, {
        maxBytes: 64 * 1024 * 1024,
        windowStart: 1001,
        onError: (error) => assert.fail(String(error)),
      });
      const isRead = new Promise<void>((resolve) => history.onDidChange(({ wasCleared }) => wasCleared && resolve()));
      history.follow(new SegmentStore(options), true);
      await isRead;
      await isSound(history);
      for (const one of [history, next, trace, recorder]) one.dispose();
    });
  }

  it('whose members throw, change or never end are left out, and the others are kept', () => {
    const recorder = new TrafficRecorder();
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    const throwing = {
      jsonrpc: '2.0',
      id: 1,
      method: 'x',
      get params(): never {
        throw new Error('no');
      },
    };
    const round: Record<string, unknown> = { jsonrpc: '2.0', id: 2, method: 'x' };
    round['params'] = round;
    const foreign = vm.runInNewContext('({ jsonrpc: "2.0", id: 3, method: "x", params: { a: [1] } })') as object;
    for (const message of [throwing, round, foreign]) channel.message('clientToServer', message);
    channel.message('clientToServer', { jsonrpc: '2.0', id: 4, method: 'last' });
    const methods: string[] = [];
    recorder.forEach(({ method, seq }) => {
      methods.push(method);
      const body = recorder.get(seq)?.body ?? '';
      assert.ok(body.length < 4 * 1024 * 1024, String(body.length));
      JSON.parse(body);
    });
    assert.equal(methods.at(-1), 'last');
    recorder.dispose();
  });
});
