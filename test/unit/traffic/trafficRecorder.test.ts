import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AwsRequest } from '../../../src/core/awsRequest';
import { redactedMark } from '../../../src/core/redact';
import type { TrafficChannel } from '../../../src/traffic/trafficChannel';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import type { TrafficChange } from '../../../src/traffic/trafficSource';
import type { WireSummary } from '../../../src/traffic/wireRecord';
import { ManualClock, recordMany } from '../../support/sampleTraffic';

const info = { server: 'AWS tools', client: 'claude-code', session: 's1', era: 'legacy' } as const;

function all(recorder: TrafficRecorder): WireSummary[] {
  const summaries: WireSummary[] = [];
  recorder.forEach((summary) => summaries.push({ ...summary }));
  return summaries;
}

function request(channel: TrafficChannel, id: string | number, method = 'tools/call', params: object = {}): void {
  channel.message('clientToServer', { jsonrpc: '2.0', id, method, params });
}

function respond(channel: TrafficChannel, id: string | number, result: object = {}): void {
  channel.message('serverToClient', { jsonrpc: '2.0', id, result });
}

const awsRequest: AwsRequest = {
  service: 'S3',
  operation: 'GetObject',
  region: 'us-east-1',
  attempts: 1,
  startedAt: 1,
  durationMs: 2,
};

describe('TrafficRecorder', () => {
  let clock: ManualClock;
  let recorder: TrafficRecorder;

  beforeEach(() => {
    clock = new ManualClock();
    recorder = new TrafficRecorder({ clock });
  });

  afterEach(() => recorder.dispose());

  it('pairs a response with its request and says what the call was about and how long it took', () => {
    const channel = recorder.openChannel(info);
    request(channel, 7, 'tools/call', { name: 's3_get_object', arguments: { bucket: 'b' } });
    assert.equal(recorder.summary(1)?.status, 'pending');
    clock.advance(31.256);
    respond(channel, 7, { content: [] });
    const [first, second] = all(recorder);
    assert.deepEqual(
      { ...first, bytes: 0, tokens: 0, time: 0 },
      {
        seq: 1,
        time: 0,
        direction: 'clientToServer',
        kind: 'request',
        ...info,
        method: 'tools/call',
        target: 's3_get_object',
        id: '7',
        bytes: 0,
        tokens: 0,
        pair: 2,
        status: 'ok',
        durationMs: 31.26,
      },
    );
    assert.equal(second?.pair, 1);
    assert.equal(second?.method, 'tools/call');
    assert.equal(second?.target, 's3_get_object');
    assert.equal(second?.durationMs, 31.26);
    assert.equal(
      recorder.get(1)?.body,
      '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"s3_get_object","arguments":{"bucket":"b"}}}',
    );
  });

  it('keeps the two directions and the ids 1 and "1" apart', () => {
    const channel = recorder.openChannel(info);
    request(channel, 1, 'tools/call', { name: 'number' });
    request(channel, '1', 'tools/call', { name: 'text' });
    channel.message('serverToClient', { jsonrpc: '2.0', id: 1, method: 'elicitation/create', params: {} });
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, result: { action: 'accept' } });
    respond(channel, '1');
    respond(channel, 1);
    assert.deepEqual(
      all(recorder).map(({ pair }) => pair),
      [6, 5, 4, 3, 2, 1],
    );
  });

  it('answers requests with the same id in their order', () => {
    const channel = recorder.openChannel(info);
    for (let time = 0; time < 3; time += 1) request(channel, 1);
    for (let time = 0; time < 4; time += 1) respond(channel, 1);
    assert.deepEqual(
      all(recorder).map(({ pair }) => pair),
      [4, 5, 6, 1, 2, 3, undefined],
    );
  });

  it('keeps channels apart, whose ids may be the same', () => {
    const [left, right] = [recorder.openChannel(info), recorder.openChannel({ ...info, session: 's2' })];
    request(left, 1);
    request(right, 1);
    respond(right, 1);
    assert.deepEqual(
      all(recorder).map(({ session, pair }) => [session, pair]),
      [
        ['s1', undefined],
        ['s2', 3],
        ['s2', 2],
      ],
    );
  });

  it('knows the two ways to fail, and says what the failure says', () => {
    const channel = recorder.openChannel(info);
    request(channel, 1, 'tools/nothing');
    channel.message('serverToClient', { jsonrpc: '2.0', id: 1, error: { code: -32601, message: 'Method not found' } });
    request(channel, 2);
    respond(channel, 2, { isError: true, structuredContent: { code: 'AccessDenied', message: 'No\nway.' } });
    request(channel, 3);
    respond(channel, 3, { isError: true, content: [{ type: 'text', text: 'Plain words' }] });
    request(channel, 4);
    respond(channel, 4, {
      isError: true,
      content: [{ type: 'text', text: '{"code":"NotFound","message":"No stack."}' }],
    });
    request(channel, 5);
    respond(channel, 5, { isError: true, content: [{ type: 'text', text: '{"code":' }] });
    const requests = all(recorder).filter(({ kind }) => kind === 'request');
    assert.deepEqual(
      requests.map(({ status, note }) => [status, note]),
      [
        ['error', '-32601 Method not found'],
        ['error', 'AccessDenied: No way.'],
        ['error', 'Plain words'],
        ['error', 'NotFound: No stack.'],
        ['error', '{"code":'],
      ],
    );
  });

  it('marks a cancelled request, also when a late response comes', () => {
    const channel = recorder.openChannel(info);
    request(channel, 1);
    clock.advance(5);
    channel.message('clientToServer', {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 1, reason: 'Changed my mind' },
    });
    assert.equal(recorder.summary(1)?.status, 'cancelled');
    assert.equal(recorder.summary(1)?.durationMs, 5);
    assert.equal(recorder.summary(2)?.parent, 1);
    assert.equal(recorder.summary(2)?.note, 'Changed my mind');
    respond(channel, 1);
    assert.equal(recorder.summary(1)?.status, 'cancelled');
    assert.equal(recorder.summary(3)?.pair, 1);
  });

  it('does not let the other side cancel', () => {
    const channel = recorder.openChannel(info);
    request(channel, 1);
    channel.message('serverToClient', { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    assert.equal(recorder.summary(1)?.status, 'pending');
  });

  it('puts progress under the request that asked for it, by its token', () => {
    const channel = recorder.openChannel(info);
    request(channel, 1, 'tools/call', { _meta: { progressToken: 'p' } });
    request(channel, 2, 'tools/call', { _meta: { progressToken: 2 } });
    const progress = { progress: 1, total: 3, message: 'Reading' };
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: 2, ...progress },
    });
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: 'p', progress: 7 },
    });
    respond(channel, 1);
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: 'p', progress: 8 },
    });
    assert.deepEqual(
      all(recorder)
        .filter(({ kind }) => kind === 'notification')
        .map(({ parent, note }) => [parent, note]),
      [
        [2, '1/3 Reading'],
        [1, '7'],
        [undefined, '8'],
      ],
    );
  });

  it('puts what the server says during a modern request under that request', () => {
    const channel = recorder.openChannel({ ...info, era: 'modern' });
    request(channel, 1);
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: { level: 'info', logger: 'aws', data: 'Hello' },
    });
    assert.equal(recorder.summary(2)?.parent, 1);
    assert.equal(recorder.summary(2)?.note, 'info: Hello');
    assert.equal(recorder.summary(2)?.target, 'aws');
  });

  it('marks what is pending as cancelled when a channel closes', () => {
    const channel = recorder.openChannel(info);
    request(channel, 1);
    request(channel, 1);
    request(channel, 2);
    respond(channel, 2);
    channel.close();
    assert.deepEqual(
      all(recorder).map(({ status }) => status),
      ['cancelled', 'cancelled', 'ok', 'ok'],
    );
  });

  it('attaches AWS requests to the request that made them', () => {
    const channel = recorder.openChannel(info);
    request(channel, 1);
    request(channel, 2);
    channel.awsRequest(2, awsRequest);
    channel.awsRequest(2, { ...awsRequest, operation: 'HeadObject' });
    channel.awsRequest(3, awsRequest);
    respond(channel, 2);
    assert.equal(recorder.summary(1)?.awsRequests, undefined);
    assert.deepEqual(
      recorder.summary(2)?.awsRequests?.map(({ operation }) => operation),
      ['GetObject', 'HeadObject'],
    );
  });

  it('uses what a channel knows of its ends at the time of each message', () => {
    const channel = recorder.openChannel({ ...info, client: 'unknown' });
    request(channel, 1, 'initialize');
    channel.describe({ client: 'claude-code' });
    request(channel, 2);
    assert.deepEqual(
      all(recorder).map(({ client }) => client),
      ['unknown', 'claude-code'],
    );
  });

  it('stores nothing that it has not redacted', () => {
    const channel = recorder.openChannel({ ...info, client: 'client AKIAIOSFODNN7EXAMPLE' });
    request(channel, 'Bearer abcdefghijklmnop', 'resources/read', {
      uri: 'https://bucket.s3.amazonaws.com/key?X-Amz-Signature=0123456789abcdef0123456789abcdef',
      headers: { Authorization: 'Bearer abcdefghijklmnop', 'Set-Cookie': ['sid=very-secret'] },
      AKIAIOSFODNN7EXAMPLE: 1,
    });
    const record = JSON.stringify(recorder.get(1));
    for (const secret of ['abcdefghijklmnop', 'AKIAIOSFODNN7EXAMPLE', '0123456789abcdef', 'very-secret']) {
      assert.ok(!record.includes(secret), secret);
    }
    assert.equal(record.split(redactedMark).length - 1 >= 6, true);
  });

  it('counts the bytes as sent, with and without help from the transport', () => {
    const channel = recorder.openChannel(info);
    const message = { jsonrpc: '2.0', method: 'x', params: { text: 'Grüße' } };
    channel.message('clientToServer', message);
    channel.message('clientToServer', message, 999);
    assert.equal(recorder.summary(1)?.bytes, Buffer.byteLength(JSON.stringify(message)));
    assert.equal(recorder.summary(2)?.bytes, 999);
  });

  it('drops the oldest when the memory is full, and counts them', () => {
    recorder.setMaxBytes(100_000);
    recordMany(recorder, clock, 500);
    const { firstSeq, nextSeq, dropped, bytes } = recorder.extent;
    assert.ok(bytes <= 100_000);
    assert.equal(nextSeq, 1001);
    assert.equal(dropped, firstSeq - 1);
    assert.equal(recorder.get(firstSeq - 1), undefined);
    assert.equal(recorder.get(firstSeq)?.seq, firstSeq);
    assert.equal(all(recorder).length, nextSeq - firstSeq);
  });

  it('pairs a response whose request was dropped with nothing, but still says what it answers', () => {
    const channel = recorder.openChannel(info);
    request(channel, 1, 'tools/call', { name: 'slow' });
    recorder.setMaxBytes(1);
    recorder.setMaxBytes(1_000_000);
    respond(channel, 1);
    assert.equal(recorder.summary(1), undefined);
    assert.equal(recorder.summary(2)?.method, 'tools/call');
    assert.equal(recorder.summary(2)?.target, 'slow');
    assert.equal(recorder.summary(2)?.pair, undefined);
  });

  it('records nothing while paused but the ends of what had begun', () => {
    const channel = recorder.openChannel(info);
    request(channel, 1);
    recorder.pause(true);
    request(channel, 2);
    channel.message('serverToClient', { jsonrpc: '2.0', method: 'notifications/message', params: {} });
    respond(channel, 1);
    recorder.pause(false);
    respond(channel, 2);
    request(channel, 3);
    assert.deepEqual(
      all(recorder).map(({ kind, id, status }) => [kind, id, status]),
      [
        ['request', '1', 'ok'],
        ['response', '1', 'ok'],
        ['request', '3', 'pending'],
      ],
    );
  });

  it('forgets all when cleared and goes on counting', () => {
    recordMany(recorder, clock, 3);
    recorder.clear();
    assert.deepEqual(all(recorder), []);
    recordMany(recorder, clock, 1);
    assert.equal(all(recorder)[0]?.seq, 7);
    assert.equal(recorder.extent.dropped, 0);
  });

  it('tells of changes in batches, never from inside a report', async () => {
    const changes: TrafficChange[] = [];
    recorder.onDidChange((change) => changes.push({ ...change, changed: [...change.changed] }));
    const channel = recorder.openChannel(info);
    request(channel, 1);
    respond(channel, 1);
    request(channel, 2);
    assert.equal(recorder.extent.nextSeq, 4);
    assert.equal(changes.length, 0);
    await nextTurn();
    assert.deepEqual(
      changes.map(({ changed }) => changed.map(({ seq }) => seq)),
      [[1, 2, 3]],
    );
    respond(channel, 2);
    await nextTurn();
    assert.deepEqual(changes[1]?.changed.map(({ seq }) => seq).sort(), [3, 4]);
    recorder.clear();
    assert.equal(changes[2]?.wasCleared, true);
  });

  it('gathers messages for as long as it was told to, unless somebody asks for them', async () => {
    const gathering = new TrafficRecorder({ clock, gatherMs: 250 });
    try {
      const changes: number[] = [];
      const told = new Promise<void>((resolve) => {
        gathering.onDidChange(({ changed }) => {
          changes.push(changed.length);
          resolve();
        });
      });
      const channel = gathering.openChannel(info);
      request(channel, 1);
      await nextTurn();
      respond(channel, 1);
      await told;
      assert.deepEqual(changes, [2]);
      request(channel, 2);
      assert.equal(gathering.extent.nextSeq, 4);
    } finally {
      gathering.dispose();
    }
  });

  it('lets few messages wait unread, and none once they were read', async () => {
    const channel = recorder.openChannel(info);
    let reads = 0;
    const watched = (id: number): object =>
      Object.defineProperty({ jsonrpc: '2.0', id }, 'method', {
        enumerable: true,
        get: () => {
          reads += 1;
          return 'ping';
        },
      });
    for (let id = 0; id < 5000; id += 1) channel.message('clientToServer', watched(id));
    const readAtOnce = reads;
    assert.ok(readAtOnce > 0);
    for (let id = 0; id < 3; id += 1) channel.message('clientToServer', watched(id), 8 * 1024 * 1024);
    assert.ok(reads > readAtOnce);
    await nextTurn();
    assert.equal(recorder.extent.nextSeq, 5004);
    const readInAll = reads;
    assert.equal(recorder.extent.nextSeq, 5004);
    assert.equal(reads, readInAll);
  });

  for (const [name, message] of [
    [
      'nested 10,000 deep',
      JSON.parse('{"jsonrpc":"2.0","id":1,"method":"x","params":' + '['.repeat(10_000) + ']'.repeat(10_000) + '}'),
    ],
    [
      'a giant text',
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', text: 'word '.repeat(4_000_000) } },
    ],
    ['giant names', { jsonrpc: '2.0', id: 'i'.repeat(1e6), method: 'm'.repeat(1e6), params: { ['k'.repeat(1e6)]: 1 } }],
    ['half characters', { jsonrpc: '2.0', id: '\ud800', method: '\udfff', params: { name: '\ud83d' } }],
    ['no message at all', { hello: 'world' }],
    ['odd fields', { jsonrpc: 2, id: { a: 1 }, method: ['x'], params: 'text', error: null, result: [] }],
    [
      'what is no JSON',
      {
        jsonrpc: '2.0',
        id: 1,
        method: 'x',
        params: { a: 1n, b: () => 1, c: Symbol('c'), d: NaN, e: new Date(0), f: undefined },
      },
    ],
    [
      'a prototype in disguise',
      JSON.parse('{"jsonrpc":"2.0","id":1,"method":"x","params":{"__proto__":{"polluted":true},"constructor":1}}'),
    ],
    ['an array', [1, 2, 3]],
  ] as [string, object][]) {
    it(`takes a message that is hostile: ${name}`, () => {
      const channel = recorder.openChannel(info);
      channel.message('clientToServer', message);
      channel.message('serverToClient', message);
      request(channel, 'after');
      const summaries = all(recorder);
      assert.equal(summaries.at(-1)?.id, 'after');
      for (const { seq, method, id } of summaries) {
        assert.ok(method.length <= 256);
        assert.ok((id ?? '').length <= 256);
        assert.doesNotThrow(() => JSON.parse(recorder.get(seq)?.body ?? '') as unknown);
      }
    });
  }

  it('goes on after a message that cannot be read', () => {
    const channel = recorder.openChannel(info);
    channel.message('clientToServer', {
      get method(): string {
        throw new Error('no');
      },
    });
    const loop: Record<string, unknown> = { jsonrpc: '2.0', method: 'x' };
    loop['params'] = loop;
    channel.message('clientToServer', loop);
    request(channel, 1);
    assert.equal(all(recorder).at(-1)?.id, '1');
  });

  it('cuts what is longer than is kept, between words, and says so', () => {
    const small = new TrafficRecorder({ maxBodyChars: 20_000 });
    const channel = small.openChannel(info);
    const text = 'word '.repeat(10_000);
    const message = {
      jsonrpc: '2.0',
      id: 1,
      method: 'x',
      params: { text, list: Array.from({ length: 50 }, () => text) },
    };
    channel.message('clientToServer', message);
    const record = small.get(1);
    assert.equal(record?.isCut, true);
    assert.ok((record?.body.length ?? 0) < 25_000);
    const { params } = JSON.parse(record?.body ?? '') as { params: { text: string } };
    assert.match(params.text, /word… \[30\d\d\d more characters\]$/);
    small.dispose();
  });

  it('forgets requests that are never answered, so that a peer cannot fill the memory', () => {
    recorder.setMaxBytes(1_000_000);
    const channel = recorder.openChannel(info);
    for (let id = 0; id < 30_000; id += 1) request(channel, id % 3 === 0 ? 'same' : id);
    respond(channel, 29_999);
    assert.ok(recorder.extent.bytes <= 1_000_000);
    const last = all(recorder).at(-1);
    assert.equal(last?.kind, 'response');
    assert.equal(last?.status, 'ok');
  });

  it('ignores what comes after it was disposed', async () => {
    const channel = recorder.openChannel(info);
    recorder.dispose();
    request(channel, 1);
    channel.close();
    await nextTurn();
    assert.equal(recorder.extent.nextSeq, 1);
  });
});
