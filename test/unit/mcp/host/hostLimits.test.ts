import * as assert from 'node:assert/strict';
import { once } from 'node:events';
import * as http from 'node:http';
import * as net from 'node:net';
import type { HostLimits } from '../../../../src/mcp/host/hostLimits';
import {
  beginSession,
  goodHeaders,
  loopbackTarget,
  messageIn,
  modern,
  rpc,
  send,
  startTestHost,
  type Target,
  type TestHost,
} from '../testWorkbench';

describe('limits of the host', () => {
  let test: TestHost | undefined;

  async function start(limits: Partial<HostLimits>): Promise<{ test: TestHost; target: Target }> {
    test = await startTestHost({ limits });
    return { test, target: loopbackTarget(test) };
  }

  afterEach(async () => {
    await test?.dispose();
    test = undefined;
  });

  describe('slow clients', () => {
    for (const [title, bytes] of [
      ['sends nothing', ''],
      ['stops in the middle of its headers', 'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n'],
    ] as const) {
      it(`cuts off a client that ${title}`, async () => {
        const { target } = await start({ headersTimeoutMs: 150, requestTimeoutMs: 300 });
        const socket = net.connect({ host: '127.0.0.1', port: Number(target.address.port) });
        await once(socket, 'connect');
        socket.write(bytes);
        socket.resume();
        await once(socket, 'close');
        assert.equal((await send(target, modern('tools/list'))).status, 200);
      });
    }

    it('cuts off a client that stops in the middle of its body', async () => {
      const { target } = await start({ headersTimeoutMs: 150, requestTimeoutMs: 300 });
      const socket = net.connect({ host: '127.0.0.1', port: Number(target.address.port) });
      await once(socket, 'connect');
      const headers = Object.entries({ ...goodHeaders(target), 'content-length': '100' });
      socket.write(
        `POST /mcp HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n{"a`,
      );
      socket.resume();
      await once(socket, 'close');
      assert.equal((await send(target, modern('tools/list'))).status, 200);
    });
  });

  it('goes on when a client leaves in the middle of its body', async () => {
    const { target } = await start({});
    const request = http.request({
      ...target.address,
      method: 'POST',
      path: '/mcp',
      headers: { ...goodHeaders(target), 'content-length': '100' },
      setHost: false,
    });
    request.on('error', () => undefined);
    request.write('{"half":');
    await once(request, 'socket');
    await new Promise((resolve) => setTimeout(resolve, 20));
    request.destroy();
    assert.equal((await send(target, modern('tools/list'))).status, 200);
  });

  it('drops connections over the limit', async () => {
    const { target } = await start({ maxConnections: 2 });
    const connect = (): net.Socket => net.connect({ host: '127.0.0.1', port: Number(target.address.port) }).resume();
    const sockets = [connect(), connect()];
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const extra = connect();
    extra.on('error', () => undefined);
    await once(extra, 'close');
    for (const socket of sockets) socket.destroy();
  });

  it('answers 503 to calls over the limit, and still takes what ends calls', async () => {
    const { test, target } = await start({ maxConcurrentRequests: 2 });
    const session = await beginSession(target);
    const waiting = [];
    for (const id of [11, 12]) {
      const begun = test.journal.nextWait();
      waiting.push(send(target, { headers: session, body: rpc('tools/call', { name: 'test_wait_forever' }, id) }));
      await begun;
    }
    for (const request of [{ headers: session, body: rpc('tools/list') }, modern('tools/list')]) {
      const refused = await send(target, request);
      assert.equal(refused.status, 503);
      assert.equal(refused.headers['retry-after'], '1');
    }
    const cancel = JSON.stringify({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 11 },
    });
    assert.equal((await send(target, { headers: session, body: cancel })).status, 202);
    // A cancelled call gets no answer, only the end of its stream.
    assert.equal((await waiting[0])?.text.includes('"id"'), false);
    assert.equal(test.journal.aborted, 1);
    assert.equal((await send(target, { headers: session, body: rpc('tools/list') })).status, 200);
    await send(target, { method: 'DELETE', headers: session });
    await Promise.all(waiting);
    assert.equal(test.journal.aborted, 2);
    assert.equal((await send(target, modern('tools/list'))).status, 200);
  });

  it('answers 503 to streams over the limit', async () => {
    const { target } = await start({ maxStreams: 1 });
    const first = await openStream(target, await beginSession(target));
    assert.equal(first.statusCode, 200);
    const second = await openStream(target, await beginSession(target));
    assert.equal(second.statusCode, 503);
    first.destroy();
  });

  describe('sessions', () => {
    it('gives the place of the idlest session to a new one', async () => {
      const { test, target } = await start({ maxSessions: 2 });
      const first = await beginSession(target);
      const second = await beginSession(target);
      await send(target, { headers: first, body: rpc('ping') });
      await beginSession(target);
      assert.equal(test.host.connections.length, 2);
      assert.equal((await send(target, { headers: second, body: rpc('ping') })).status, 404);
      assert.equal((await send(target, { headers: first, body: rpc('ping') })).status, 200);
    });

    it('answers 503 where every session is busy', async () => {
      const { target } = await start({ maxSessions: 1 });
      const stream = await openStream(target, await beginSession(target));
      const refused = await send(target, {
        body: rpc('initialize', {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: 'x', version: '1' },
        }),
      });
      assert.equal(refused.status, 503);
      stream.destroy();
    });

    it('ends a session that nobody uses, but not one with a stream open', async () => {
      const { test, target } = await start({ sessionIdleMs: 60 });
      const idle = await beginSession(target);
      const used = await beginSession(target);
      const stream = await openStream(target, used);
      await connectionsBecome(test, 1);
      assert.equal((await send(target, { headers: idle, body: rpc('ping') })).status, 404);
      assert.equal((await send(target, { headers: used, body: rpc('ping') })).status, 200);
      stream.destroy();
      await connectionsBecome(test, 0);
    });

    it('takes modern clients off the list after a while', async () => {
      const { test, target } = await start({ modernLingerMs: 60 });
      await send(target, modern('tools/list'));
      assert.deepEqual(
        test.host.connections.map(({ name, era, protocolVersion }) => ({ name, era, protocolVersion })),
        [{ name: 'raw-modern', era: 'modern', protocolVersion: '2026-07-28' }],
      );
      await connectionsBecome(test, 0);
    });

    it('lists no more modern clients than the limit, whatever names they give', async () => {
      const { test, target } = await start({ maxSessions: 3 });
      for (let index = 0; index < 10; index++) {
        const request = modern('tools/list');
        const body = String(request.body).replace('raw-modern', `raw-${index}`);
        await send(target, { ...request, body });
      }
      assert.equal(test.host.connections.length, 3);
    });
  });

  it('ends a modern call when its client goes away', async () => {
    const { test, target } = await start({});
    const { headers, body } = modern('tools/call', { name: 'test_wait_forever', arguments: {} });
    const request = http.request({
      ...target.address,
      method: 'POST',
      path: '/mcp',
      headers: { ...goodHeaders(target), ...headers },
      setHost: false,
    });
    request.on('error', () => undefined);
    const begun = test.journal.nextWait();
    request.end(body);
    await begun;
    request.destroy();
    while (test.journal.aborted === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(test.journal.waiting, 0);
  });

  it('answers requests that come in one after the other on one connection', async () => {
    const { target } = await start({});
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const session = await beginSession(target);
    for (let id = 0; id < 20; id++) {
      const answer = await send(target, { headers: session, body: rpc('ping', {}, id) });
      assert.deepEqual(messageIn(answer), { result: {}, jsonrpc: '2.0', id });
    }
    agent.destroy();
  });
});

/** Opens the stream on which the server of a legacy session may speak by itself. */
function openStream(target: Target, session: { 'mcp-session-id': string }): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        ...target.address,
        method: 'GET',
        path: '/mcp',
        headers: { ...goodHeaders(target), ...session },
        setHost: false,
        agent: false,
      },
      (response) => {
        response.on('error', () => undefined);
        response.resume();
        resolve(response);
      },
    );
    request.on('error', reject);
    request.end();
  });
}

/** Waits until so many clients are listed. */
async function connectionsBecome(test: TestHost, count: number): Promise<void> {
  if (test.host.connections.length === count) return;
  await new Promise<void>((resolve) => {
    const subscription = test.host.onDidChangeConnections(() => {
      if (test.host.connections.length !== count) return;
      subscription.dispose();
      resolve();
    });
  });
}
