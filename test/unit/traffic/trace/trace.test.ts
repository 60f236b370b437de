import assert from 'node:assert/strict';
import { canonicalJson } from '../../../../src/core/json';
import { WorkbenchError } from '../../../../src/core/errors';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import type { TrafficSource } from '../../../../src/traffic/trafficSource';
import { TrafficView } from '../../../../src/traffic/trafficView';
import { parseQuery } from '../../../../src/traffic/query';
import { readTrace, type ReadTraceOptions, type Trace } from '../../../../src/traffic/trace/readTrace';
import { TraceSource } from '../../../../src/traffic/trace/traceSource';
import { traceText } from '../../../../src/traffic/trace/writeTrace';
import { ManualClock, recordSample } from '../../../support/sampleTraffic';

const creator = 'MCP Workbench 0.1.0';

function read(text: string | Uint8Array, options: ReadTraceOptions & { chunk?: number } = {}): Promise<Trace> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const size = options.chunk ?? 65_536;
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return readTrace(chunks, options);
}

/** Everything a list shows, as text that can be compared. */
function rowsOf(source: TrafficSource): string[] {
  const view = new TrafficView(source, parseQuery(''));
  const rows: string[] = [];
  for (let position = view.first; position < view.end; position += 1) rows.push(canonicalJson(view.at(position)));
  return rows;
}

function sourceOf({ records }: Trace): TraceSource {
  const source = new TraceSource();
  source.show(records);
  return source;
}

const header = '{"mcptrace":1,"creator":"test"}\n';

function message(seq: number, more: object = {}): string {
  return `${JSON.stringify({
    seq,
    time: 1_700_000_000_000 + seq,
    direction: 'clientToServer',
    kind: 'request',
    server: 's',
    client: 'c',
    session: 's1',
    era: 'legacy',
    method: 'ping',
    id: String(seq),
    bytes: 10,
    tokens: 3,
    status: 'pending',
    message: { jsonrpc: '2.0', id: seq, method: 'ping' },
    ...more,
  })}\n`;
}

describe('trace files', () => {
  let clock: ManualClock;
  let recorder: TrafficRecorder;

  beforeEach(() => {
    clock = new ManualClock();
    recorder = new TrafficRecorder({ clock });
  });

  afterEach(() => recorder.dispose());

  it('come back as the same rows and messages, wherever the bytes are cut', async () => {
    recordSample(recorder, clock);
    const text = [...traceText(recorder, { creator })].join('');
    for (const chunk of [7, 1000, 1e6]) {
      const trace = await read(text, { chunk });
      assert.deepEqual(trace.skipped, {});
      const source = sourceOf(trace);
      assert.deepEqual(rowsOf(source), rowsOf(recorder));
      recorder.forEach(({ seq }) => assert.equal(canonicalJson(source.get(seq)), canonicalJson(recorder.get(seq))));
    }
  });

  it('come back renumbered where the oldest records were dropped', async () => {
    recordSample(recorder, clock);
    recorder.clear();
    recordSample(recorder, clock);
    const { records } = await read([...traceText(recorder, { creator })].join(''));
    assert.equal(records[0]?.summary.seq, 1);
    assert.equal(records.filter(({ summary }) => summary.pair !== undefined).length, 14);
    for (const { summary } of records) {
      if (summary.pair !== undefined) assert.equal(records[summary.pair - 1]?.summary.pair, summary.seq);
    }
  });

  it('hold only what was picked, without what was chosen', async () => {
    recordSample(recorder, clock);
    const choices = { withoutBodies: true, withoutAccounts: true, picks: (seq: number) => seq <= 8 };
    const text = [...traceText(recorder, { creator, ...choices })].join('');
    assert.ok(!text.includes('111122223333'));
    assert.ok(text.includes('100000000001'));
    assert.ok(!text.includes('catalog-index'));
    const trace = await read(text);
    assert.equal(trace.records.length, 8);
    assert.deepEqual(trace.header.without, ['bodies', 'accounts']);
    assert.equal(trace.records[5]?.body, '');
    assert.equal(trace.records[5]?.summary.target, 'lambda_list_functions');
    assert.equal(trace.records[5]?.summary.awsRequests?.[0]?.account, '100000000001');
  });

  it('take what became known later, also when the window closed before it was written', async () => {
    const response = { kind: 'response', direction: 'serverToClient', status: 'ok', durationMs: 5 };
    const trace = await read(
      header +
        message(1) +
        message(2) +
        '{"update":3,"note":"early"}\n' +
        message(3, { ...response, pair: 1, id: '1' }) +
        '{"update":1,"pair":3,"status":"ok","durationMs":5}\n' +
        message(4, { ...response, pair: 2, id: '2', durationMs: 7 }) +
        message(5, { ...response, pair: 2, id: '2' }),
    );
    const summaries = trace.records.map(({ summary }) => summary);
    assert.deepEqual(
      summaries.map(({ pair, status, durationMs }) => [pair, status, durationMs]),
      [
        [3, 'ok', 5],
        [4, 'ok', 7],
        [1, 'ok', 5],
        [2, 'ok', 7],
        [undefined, 'ok', 5],
      ],
    );
    assert.equal(summaries[2]?.note, 'early');
  });

  it('are sorted where the messages stand in the wrong order', async () => {
    const response = { kind: 'response', direction: 'serverToClient', status: 'ok' };
    const trace = await read(header + message(30, { ...response, pair: 10 }) + message(10, { pair: 30 }) + message(20));
    assert.equal(trace.wasSorted, true);
    assert.deepEqual(
      trace.records.map(({ summary: { seq, time, pair } }) => [seq, time - 1_700_000_000_000, pair]),
      [
        [1, 10, 3],
        [2, 20, undefined],
        [3, 30, 1],
      ],
    );
  });

  it('know of sessions and tools what the recorder knows', async () => {
    recordSample(recorder, clock);
    const channel = recorder.openChannel({ server: 'AWS tools', client: 'x', session: 's7', era: 'legacy' });
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const inputSchema = { type: 'object', properties: { a: { type: 'string' } } };
    const tools = [{ name: 'lambda_invoke_function', inputSchema }];
    channel.message('serverToClient', { jsonrpc: '2.0', id: 1, result: { tools } });
    const source = sourceOf(await read([...traceText(recorder, { creator })].join('')));
    recorder.forEach(({ seq }) => {
      // The recorder's facts are those of when it came; by the end the handshake is done.
      if (seq > 3) assert.equal(canonicalJson(source.factsOf(seq)), canonicalJson(recorder.factsOf(seq)), String(seq));
    });
    assert.deepEqual(source.factsOf(17)?.schemas?.inputSchema, inputSchema);
  });

  it('tell how far they are read, and show it', async () => {
    const source = new TraceSource();
    let seen = 0;
    source.onDidChange(({ changed }) => (seen += changed.length));
    const body = 'x'.repeat(20_000);
    const lines = Array.from({ length: 3000 }, (_, at) => message(at + 1, { message: { jsonrpc: '2.0', text: body } }));
    let reports = 0;
    const trace = await read(header + lines.join(''), {
      onProgress: ({ records, updated }) => {
        reports += 1;
        source.show(records, updated);
      },
    });
    source.show(trace.records);
    assert.ok(reports > 1);
    assert.equal(seen, 3000);
    assert.equal(source.extent.nextSeq, 3001);
  });

  it('stop being read when that is cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    await assert.rejects(read(header + message(1), { signal: controller.signal }), (error) =>
      WorkbenchError.is(error, 'Cancelled'),
    );
  });
});

describe('readTrace, with hostile files', () => {
  it('refuses what is no trace', async () => {
    for (const text of [
      '',
      '\n\n',
      'hello',
      '{}',
      '[]',
      '{"mcptrace":"1"}',
      '{"log":{}}',
      message(1),
      '\u0000\u0001',
    ]) {
      await assert.rejects(read(text), (error) => WorkbenchError.is(error, 'InvalidInput'), text);
    }
    await assert.rejects(read(Uint8Array.of(0xff, 0xfe, 0x0a)), (error) => WorkbenchError.is(error, 'InvalidInput'));
    await assert.rejects(read('{"mcptrace":2}\n'), /version 2/);
  });

  it('leaves out lines that it cannot read, and counts them', async () => {
    const trace = await readTrace([
      Buffer.from(header + message(1)),
      Uint8Array.of(0xff, 0xfe, 0x0a),
      Buffer.from('{"seq":\n'),
      Buffer.from('null\n[]\n"text"\n{"seq":-1}\n{"update":"x"}\n'),
      Buffer.from(message(2, { kind: 'other' }) + message(2, { time: 1e300 }) + message(2, { status: 'x' })),
      Buffer.from(message(1) + message(3, { future: true }) + '\r\n  \n'),
      Buffer.from(message(4).trimEnd()),
    ]);
    assert.deepEqual(trace.skipped, { notUtf8: 1, notJson: 1, notMessage: 8, duplicate: 1 });
    assert.equal(trace.firstSkipped, 3);
    assert.equal(trace.records.length, 3);
    assert.ok(!('future' in (trace.records[1]?.summary ?? {})));
  });

  it('holds no more of a line than it may be long', async () => {
    let given = 0;
    function* chunks(): Generator<Uint8Array> {
      yield Buffer.from(header + message(1));
      for (; given < 50; given += 1) yield Buffer.alloc(1024 * 1024, 'x');
      yield Buffer.from(`\n${message(2)}`);
    }
    const trace = await readTrace(chunks(), { maxLineBytes: 1024 * 1024 });
    assert.equal(given, 50);
    assert.deepEqual(trace.skipped, { tooLong: 1 });
    assert.equal(trace.records.length, 2);
  });

  it('reads a body of 50 MB, cut as the recorder would cut it', async () => {
    const body = 'word '.repeat(10 * 1024 * 1024);
    const trace = await read(header + message(1, { message: { jsonrpc: '2.0', text: body } }) + message(2));
    assert.equal(trace.records.length, 2);
    assert.equal(trace.records[0]?.summary.isCut, true);
    assert.ok((trace.records[0]?.body.length ?? 0) < 9e6);
  });

  it('reads and writes what nests 10,000 deep', async () => {
    const deep = '['.repeat(10_000) + ']'.repeat(10_000);
    const line = message(1).replace('"message":{', `"message":{"deep":${deep},`);
    const trace = await read(header + line + message(2));
    assert.equal(trace.records.length, 2);
    assert.ok(trace.records[0]?.body.includes(deep));
    const again = await read([...traceText(sourceOf(trace), { creator })].join(''));
    assert.equal(again.records[0]?.body, trace.records[0]?.body);
  });

  it('stops at as much as it may keep', async () => {
    const lines = Array.from({ length: 20 }, (_, at) => message(at + 1)).join('');
    assert.deepEqual((await read(header + lines, { maxRecords: 5 })).skipped, { tooMany: 15 });
    assert.equal((await read(header + lines, { maxChars: 100 })).records.length, 3);
  });

  it('removes secrets that another program left in', async () => {
    const secret = 'AKIAABCDEFGHIJKLMNOP';
    const { records } = await read(
      header +
        message(1, {
          method: `x ${secret}`,
          target: secret,
          server: secret,
          note: `password: ${secret}abc`,
          message: { jsonrpc: '2.0', params: { authorization: 'open sesame', text: secret } },
          original: { text: secret },
          awsRequests: [
            { service: 'S3', operation: 'X', region: 'r', attempts: 1, startedAt: 1, durationMs: 1, requestId: secret },
          ],
        }),
    );
    const text = JSON.stringify(records);
    assert.ok(!text.includes(secret));
    assert.ok(!text.includes('sesame'));
  });

  it('believes no reference that cannot be', async () => {
    const response = { kind: 'response', direction: 'serverToClient' };
    const { records } = await read(
      header +
        message(1, { pair: 1, parent: 1 }) +
        message(2, { pair: 1 }) +
        message(3, { pair: 99, parent: 98 }) +
        message(4, { ...response, pair: 5 }) +
        message(5, { ...response, pair: 4 }) +
        message(6, { kind: 'notification', parent: 4 }),
    );
    assert.deepEqual(
      records.map(({ summary }) => summary.pair),
      [undefined, undefined, undefined, undefined, undefined, undefined],
    );
    assert.equal(records[5]?.summary.parent, undefined);
  });
});
