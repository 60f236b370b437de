import * as assert from 'node:assert/strict';
import { call, isAlive, modernCall, rawServer, RelayRig } from './relayRig';

describe('relay of a server over stdio', () => {
  let rig: RelayRig;

  beforeEach(async () => {
    rig = await RelayRig.start(rawServer('--modern'));
  });
  afterEach(() => rig.close());

  function textOf(message: string | undefined): string {
    const { result } = JSON.parse(message ?? '{}') as { result?: { content: { text: string }[] } };
    return result?.content[0]?.text ?? '';
  }

  it('hands on every byte of a request, and of its answer', async () => {
    const session = await rig.begin();
    const odd = `{ "z":1e400,\t"jsonrpc" : "2.0","id":12345678901234567890, "method":"tools/call","params":{"name":"line","arguments":{"é":"\\u00e9\\/","n":0.10,"n":1}},"future":[1.0] }`;
    const { messages } = await rig.post(odd, session);
    assert.equal(Buffer.from(textOf(messages[0]), 'base64').toString('utf8'), odd);
    assert.match(messages[0] ?? '', /"id":12345678901234567890,/);

    const { messages: answers } = await rig.post(call('"q"', 'odd'), session);
    assert.equal(
      answers[0],
      `{ "future" : 123456789012345678901234567890.10, "jsonrpc":"2.0","result" : {"content":[],"a":1.0,"b":"\\u0041\\/é" }, "id":"q"  }`,
    );
  });

  it('puts a message of several lines on one, with as many bytes', async () => {
    const session = await rig.begin();
    const { messages } = await rig.post(call('1', 'line').replaceAll(',', ',\r\n'), session);
    assert.equal(Buffer.from(textOf(messages[0]), 'base64').toString('utf8'), call('1', 'line').replaceAll(',', ',  '));
  });

  it('gives each session of the legacy era a process of its own', async () => {
    const [first, second] = [await rig.begin(), await rig.begin()];
    const a = textOf((await rig.post(call('1', 'count'), first)).messages[0]);
    const b = textOf((await rig.post(call('1', 'count'), second)).messages[0]);
    assert.notEqual(a.split(' ')[0], b.split(' ')[0]);
    assert.deepEqual([a.split(' ')[1], b.split(' ')[1]], ['1', '1']);
  });

  it('serves all clients of the modern era with one process, under their own ids', async () => {
    const calls = ['1', '"1"', '1.0', '12345678901234567890123', '"q\\u0041"'].map((id) => ({
      id,
      ...modernCall(id, 'count'),
    }));
    const answers = await Promise.all(calls.map(({ body, headers }) => rig.post(body, headers)));
    const pids = new Set(answers.map(({ messages }) => textOf(messages[0]).split(' ')[0]));
    assert.equal(pids.size, 1);
    for (const [index, { messages, status }] of answers.entries()) {
      assert.equal(status, 200);
      assert.ok(messages[0]?.includes(`"id":${calls[index]?.id},`), messages[0]);
    }
  });

  it('changes only the id and the progress token of a modern request', async () => {
    const { body, headers } = modernCall(
      '"mine"',
      'line',
      '{"big":12345678901234567890,"id":7}',
      '"progressToken":"p"',
    );
    const { messages } = await rig.post(body, headers);
    const seen = Buffer.from(textOf(messages[0]), 'base64').toString('utf8');
    const wireId = /"id":("w\d+"),"method"/.exec(seen)?.[1];
    assert.ok(wireId);
    assert.equal(
      seen,
      body.replace('"id":"mine"', `"id":${wireId}`).replace('"progressToken":"p"', `"progressToken":${wireId}`),
    );
  });

  it('brings progress to the request that asked for it, in both eras, and unknown notifications along', async () => {
    const session = await rig.begin();
    const legacy = await rig.post(call('5', 'progress', '{}', '{"progressToken":"t"}'), session);
    assert.deepEqual(
      legacy.messages.map((message) => (JSON.parse(message) as { method?: string }).method),
      ['notifications/progress', 'notifications/future', undefined],
    );
    const { body, headers } = modernCall('5', 'progress', '{}', '"progressToken":1.50');
    const modern = await rig.post(body, headers);
    assert.equal(
      modern.messages[0],
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1.50,"progress":1}}',
    );
    assert.match(modern.messages[2] ?? '', /"id":5,/);
  });

  it('lets the server ask the client in the middle of a call', async () => {
    const session = await rig.begin();
    const asking = rig.open('POST', call('9', 'ask'), session);
    const question = JSON.parse(await asking.message(0)) as { id: string; method: string };
    assert.equal(question.method, 'elicitation/create');
    const reply = `{"jsonrpc":"2.0","id":"ask-1","result":{"action":"accept","content":{}}}`;
    assert.equal((await rig.post(reply, session)).status, 202);
    assert.equal(textOf(await asking.message(1)), reply);
    await asking.answer;
  });

  it('answers unknown methods with what the server answers', async () => {
    const session = await rig.begin();
    const { messages } = await rig.post('{"jsonrpc":"2.0","id":3,"method":"future/method"}', session);
    assert.equal(messages[0], '{"jsonrpc":"2.0","id":3,"error":{"code":-32601,"message":"Method not found"}}');
  });

  it('tells every waiting request why the server is gone, in both eras, and starts anew', async () => {
    const session = await rig.begin();
    const hanging = rig.open('POST', call('"h"', 'hang'), session);
    const { messages } = await rig.post(call('11', 'crash'), session);
    const { error, id } = JSON.parse(messages[0] ?? '') as { error: { message: string }; id: number };
    assert.equal(id, 11);
    assert.match(error.message, /exit code 3.*out of cheese/);
    assert.match((await hanging.answer).text, /"id":"h".*exit code 3/);
    assert.equal((await rig.post(call('12', 'count'), session)).status, 404);
    assert.equal(rig.supervisor.state.kind, 'failed');

    const { body, headers } = modernCall('13', 'crash');
    assert.match((await rig.post(body, headers)).text, /"id":13.*exit code 3/);
    const again = modernCall('14', 'count');
    assert.match((await rig.post(again.body, again.headers)).text, /"id":14,"result"/);
    assert.equal(rig.supervisor.state.kind, 'ready');
    assert.equal(rig.supervisor.stats.pendingCount, 0);
    assert.equal(rig.supervisor.stats.errorCount, 3);
  });

  it('stops starting a server that only crashes, until a person starts it', async () => {
    for (let crash = 0; crash < 5; crash++) {
      const { body, headers } = modernCall(String(crash), 'crash');
      await rig.post(body, headers);
    }
    const { state } = rig.supervisor;
    assert.ok(state.kind === 'failed' && state.isCrashLoop);
    const { body, headers } = modernCall('9', 'count');
    assert.match((await rig.post(body, headers)).text, /crashed several times/);
    rig.supervisor.start();
    assert.match((await rig.post(body, headers)).text, /"result"/);
  }).timeout(20_000);

  it('goes on through garbage on standard output and a flood on standard error', async () => {
    const session = await rig.begin();
    assert.equal(textOf((await rig.post(call('1', 'garbage'), session)).messages[0]), 'after garbage');
    assert.match(rig.supervisor.log, /\[not a message\] this is no message/);
    assert.equal(textOf((await rig.post(call('2', 'flood'), session)).messages[0]), 'flooded');
    assert.ok(rig.supervisor.log.length <= 256 * 1024);
  });

  it('takes a server that closes its output for gone', async () => {
    const session = await rig.begin();
    const { text } = await rig.post(call('1', 'close'), session);
    assert.match(text, /closed its output/);
    assert.equal((await rig.post(call('2', 'count'), session)).status, 404);
  });

  it('cancels at the server when a modern client goes away', async () => {
    const first = modernCall('1', 'hang');
    const asking = rig.open('POST', first.body, first.headers);
    await until(() => rig.records.some(({ method }) => method === 'tools/call'));
    const { body, headers } = modernCall('2', 'count');
    await rig.post(body, headers);
    asking.abort();
    await until(() => rig.supervisor.log.includes('notifications/cancelled'));
    assert.equal(rig.supervisor.stats.pendingCount, 0);
  });

  it('shows that a server hangs, and forgets a request that its client cancelled', async () => {
    const session = await rig.begin();
    const hanging = rig.open('POST', call('1', 'hang'), session);
    await until(() => rig.supervisor.stats.silentMs > 100);
    await rig.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}', session);
    const { messages } = await hanging.answer;
    assert.deepEqual(messages, []);
    assert.equal(rig.supervisor.stats.silentMs, 0);
    assert.equal(rig.records.find(({ method }) => method === 'tools/call')?.status, 'cancelled');
  });

  it('ends sessions whose server is replaced, and serves the new one under the same path', async () => {
    const session = await rig.begin();
    const hanging = rig.open('POST', call('1', 'hang'), session);
    await until(() => rig.supervisor.stats.pendingCount > 0);
    await rig.supervisor.replace({ ...rig.supervisor.server, title: 'New' });
    assert.match((await hanging.answer).text, /"error"/);
    assert.equal((await rig.post(call('2', 'count'), session)).status, 404);
    const anew = await rig.begin();
    assert.equal((await rig.post(call('2', 'count'), anew)).status, 200);
    assert.equal(rig.records.at(-1)?.server, 'New');
  });

  it('refuses while a person has stopped the server', async () => {
    await rig.supervisor.stop();
    const { text } = await rig.post(
      '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"rig","version":"1"}}}',
    );
    assert.match(text, /is stopped/);
    assert.deepEqual(rig.supervisor.state, { kind: 'stopped', isByUser: true });
  });

  it('leaves nothing running, not even what the server started or a server that will not end', async () => {
    const session = await rig.begin();
    const child = Number(textOf((await rig.post(call('1', 'child'), session)).messages[0]));
    await rig.post(call('2', 'stubborn'), session);
    const pids = [...rig.supervisor.pids, child];
    assert.deepEqual(pids.map(isAlive), [true, true]);
    await rig.close();
    await until(() => !pids.some(isAlive));
  }).timeout(15_000);

  it('ends the process of a session that its client ends', async () => {
    const session = await rig.begin();
    const [pid = 0] = rig.supervisor.pids;
    assert.equal((await rig.open('DELETE', '', session).answer).status, 200);
    await until(() => !isAlive(pid));
    assert.deepEqual(rig.supervisor.state, { kind: 'stopped', isByUser: false });
    assert.deepEqual(rig.host.connections, []);
  });

  it('records what both sides said, with the name of the server', async () => {
    const session = await rig.begin();
    await rig.post(call('"r"', 'count'), session);
    const { body, headers } = modernCall('"m"', 'count');
    await rig.post(body, headers);
    const calls = rig.records.filter(({ method }) => method === 'tools/call');
    assert.deepEqual(
      calls.map(({ server, client, era, id, status, kind }) => [server, client, era, id, status, kind]),
      [
        ['raw', 'rig', 'legacy', 'r', 'ok', 'request'],
        ['raw', 'rig', 'legacy', 'r', 'ok', 'response'],
        ['raw', 'rig', 'modern', 'm', 'ok', 'request'],
        ['raw', 'rig', 'modern', 'm', 'ok', 'response'],
      ],
    );
  });

  it('refuses a modern request whose headers say something else than its body', async () => {
    const { body, headers } = modernCall('1', 'count');
    const { status, text } = await rig.post(body, { ...headers, 'mcp-name': 'line' });
    assert.equal(status, 400);
    assert.match(text, /"id":1,"error":\{"code":-32020/);
  });

  it('carries answers of many megabytes', async () => {
    const session = await rig.begin();
    const { messages } = await rig.post(call('1', 'big', '{"length":20000000}'), session);
    assert.equal(textOf(messages[0]).length, 20_000_000);
  }).timeout(20_000);
});

describe('relay of a server over stdio that cannot start', () => {
  it('gives up on a server that says nothing after its start, and ends it', async () => {
    const silent = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`;
    const rig = await RelayRig.start(
      { name: 'raw', transport: 'stdio', command: process.execPath, args: ['-e', silent] },
      { startTimeoutMs: 300 },
    );
    try {
      const opening = rig.post(
        '{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"rig","version":"1"}}}',
      );
      await until(() => rig.supervisor.pids.length > 0);
      const [pid = 0] = rig.supervisor.pids;
      assert.match((await opening).text, /"id":7.*said nothing for 1 seconds/);
      assert.equal(rig.supervisor.state.kind, 'failed');
      assert.equal(isAlive(pid), false);
    } finally {
      await rig.close();
    }
  });

  it('says which command was not found', async () => {
    const rig = await RelayRig.start({ name: 'raw', transport: 'stdio', command: 'no-such-command-here' });
    try {
      const { text, headers } = await rig.post(
        '{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"rig","version":"1"}}}',
      );
      assert.match(text, /"id":7.*no-such-command-here was not found/);
      assert.equal(headers['mcp-session-id'], undefined);
      assert.equal(rig.supervisor.state.kind, 'failed');
    } finally {
      await rig.close();
    }
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
