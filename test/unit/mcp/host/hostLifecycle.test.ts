import * as assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { WorkbenchError } from '../../../../src/core/errors';
import type { AdmittedRequest } from '../../../../src/mcp/host/hostRoute';
import {
  beginSession,
  loopbackTarget,
  modern,
  rpc,
  send,
  socketTarget,
  startTestHost,
  type TestHost,
} from '../testWorkbench';

describe('life of the host', () => {
  let test: TestHost;

  beforeEach(async () => {
    test = await startTestHost();
  });

  afterEach(() => test.dispose());

  it('gives the same socket however often it is asked', async () => {
    const [first, second] = await Promise.all([test.host.listenOnSocket(), test.host.listenOnSocket()]);
    assert.deepEqual(first, test.socket);
    assert.deepEqual(second, test.socket);
  });

  it('keeps its socket to this user, under a path that fits everywhere', function () {
    if (process.platform === 'win32') {
      assert.match(test.socket.socketPath, /^\\\\\.\\pipe\\mcp-workbench-[0-9a-f]{32}$/);
      return;
    }
    assert.ok(Buffer.byteLength(test.socket.socketPath) <= 100);
    assert.equal(fs.statSync(path.dirname(test.socket.socketPath)).mode & 0o777, 0o700);
    assert.equal(fs.statSync(test.socket.socketPath).mode & 0o777, 0o600);
  });

  it('gives each host secrets of its own', async () => {
    const other = await startTestHost();
    try {
      assert.notEqual(other.socket.secret, test.socket.secret);
      assert.notEqual(other.socket.socketPath, test.socket.socketPath);
      assert.ok(Buffer.from(test.socket.secret, 'base64url').length >= 32);
    } finally {
      await other.dispose();
    }
  });

  it('listens on 127.0.0.1 only', async () => {
    const port = Number(new URL(test.url).port);
    const socket = net.connect({ host: '::1', port });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.ok(['ECONNREFUSED', 'EADDRNOTAVAIL', 'ENETUNREACH'].includes(error.code ?? ''), error.code);
  });

  for (const token of ['', 'short', 'x'.repeat(31), `${'x'.repeat(40)} y`, `${'x'.repeat(40)}\n`, 'ü'.repeat(40)]) {
    it(`refuses the token ${JSON.stringify(token).slice(0, 20)}`, async () => {
      await assert.rejects(test.host.listenOnLoopback({ token }), (error) => WorkbenchError.is(error, 'InvalidInput'));
      await assert.rejects(test.host.rotateLoopbackToken(token), (error) => WorkbenchError.is(error, 'InvalidInput'));
      assert.equal((await send(loopbackTarget(test), modern('tools/list'))).status, 200);
    });
  }

  it('says so when a port is taken', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as net.AddressInfo;
    await assert.rejects(
      test.host.listenOnLoopback({ port, token: test.token }),
      (error) => WorkbenchError.is(error, 'InvalidInput') && error.message.includes(String(port)),
    );
    assert.equal(test.host.loopbackUrl, undefined);
    taken.close();
    const { url } = await test.host.listenOnLoopback({ token: test.token });
    assert.equal(test.host.loopbackUrl, url);
  });

  it('moves to another port, and clients of the old one are cut off', async () => {
    const old = loopbackTarget(test);
    await beginSession(old);
    const { url } = await test.host.listenOnLoopback({ token: test.token });
    assert.notEqual(url, test.url);
    assert.equal(test.host.connections.length, 0);
    await assert.rejects(send(old, modern('tools/list')));
    const { host } = new URL(url);
    const moved = { ...old, host, address: { host: '127.0.0.1', port: new URL(url).port } };
    assert.equal((await send(moved, modern('tools/list'))).status, 200);
  });

  it('takes a new token, and ends what used the old one', async () => {
    const target = loopbackTarget(test);
    const session = await beginSession(target);
    const socketSession = await beginSession(socketTarget(test));
    const begun = test.journal.nextWait();
    const waiting = send(target, { headers: session, body: rpc('tools/call', { name: 'test_wait_forever' }) });
    const cut = waiting.then(
      ({ text }) => assert.ok(!text.includes('"id"')),
      () => undefined,
    );
    await begun;
    const token = 'a-new-token-'.repeat(4);
    await test.host.rotateLoopbackToken(token);
    await cut;
    assert.equal(test.journal.aborted, 1);
    assert.equal((await send(target, { headers: session, body: rpc('ping') })).status, 401);
    const renewed = { ...target, secret: token };
    assert.equal((await send(renewed, { headers: session, body: rpc('ping') })).status, 404);
    assert.equal((await send(renewed, modern('tools/list'))).status, 200);
    const onSocket = await send(socketTarget(test), { headers: socketSession, body: rpc('ping') });
    assert.equal(onSocket.status, 200);
  });

  it('stops listening on loopback and goes on on the socket', async () => {
    await beginSession(loopbackTarget(test));
    const session = await beginSession(socketTarget(test));
    await test.host.stopLoopback();
    assert.equal(test.host.loopbackUrl, undefined);
    assert.deepEqual(
      test.host.connections.map(({ transport }) => transport),
      ['socket'],
    );
    await assert.rejects(send(loopbackTarget(test), modern('tools/list')));
    assert.equal((await send(socketTarget(test), { headers: session, body: rpc('ping') })).status, 200);
    await test.host.stopLoopback();
  });

  it('serves other routes behind the same guards, until they are taken away', async () => {
    const seen: Pick<AdmittedRequest, 'method' | 'path' | 'transport' | 'body'>[] = [];
    let isClosed = false;
    const registration = test.host.addRoute('/servers/x/mcp', {
      handle({ method, path, transport, body, response }) {
        seen.push({ method, path, transport, body });
        response.writeHead(204).end();
        return Promise.resolve();
      },
      close() {
        isClosed = true;
        return Promise.resolve();
      },
    });
    const target = loopbackTarget(test);
    const request = { path: '/servers/x/mcp', body: '{"any":"thing"}' };
    assert.equal((await send(target, request)).status, 204);
    assert.equal((await send(target, { ...request, headers: { authorization: undefined } })).status, 401);
    assert.equal((await send(target, { ...request, headers: { origin: 'http://x' } })).status, 403);
    assert.deepEqual(seen, [{ method: 'POST', path: '/servers/x/mcp', transport: 'loopback', body: { any: 'thing' } }]);
    assert.throws(() =>
      test.host.addRoute('/mcp', { handle: () => Promise.resolve(), close: () => Promise.resolve() }),
    );
    registration.dispose();
    assert.equal(isClosed, true);
    assert.equal((await send(target, request)).status, 404);
  });

  it('answers 500 for a route that fails, and goes on', async () => {
    const registration = test.host.addRoute('/bad', {
      handle: () => Promise.reject(new Error('secret detail')),
      close: () => Promise.resolve(),
    });
    const answer = await send(loopbackTarget(test), { path: '/bad', body: '{}' });
    assert.equal(answer.status, 500);
    assert.ok(!answer.text.includes('secret detail'));
    registration.dispose();
    assert.equal((await send(loopbackTarget(test), modern('tools/list'))).status, 200);
  });

  it('writes no secret into its log', async () => {
    const lines: string[] = [];
    const write = (line: string | Error): void => void lines.push(String(line));
    const logged = await startTestHost({ logger: { debug: write, info: write, warn: write, error: write } });
    const target = loopbackTarget(logged);
    await beginSession(target);
    const secrets = [target.secret, logged.socket.secret, 'a-wrong-token-that-is-not-ours'];
    await send(target, { headers: { authorization: `Bearer ${secrets[2]}` } });
    await send(target, { path: `/mcp?token=${target.secret}`, headers: { authorization: undefined } });
    await send(target, { path: `/${target.secret}` });
    await send(target, { body: `{"token": "${target.secret}` });
    await logged.dispose();
    assert.ok(lines.length >= 4);
    for (const secret of secrets) assert.ok(!lines.some((line) => line.includes(secret)));
  });

  it('leaves nothing behind', async () => {
    await test.dispose();
    const before = countResources();
    const later = await startTestHost();
    const target = loopbackTarget(later);
    const session = await beginSession(target);
    await beginSession(socketTarget(later));
    const begun = later.journal.nextWait();
    const cut = Promise.allSettled([
      send(target, { headers: session, body: rpc('tools/call', { name: 'test_wait_forever' }) }),
      send(target, { method: 'GET', headers: session }),
      send(target, modern('subscriptions/listen', { notifications: { toolsListChanged: true } })),
      send(target, modern('tools/call', { name: 'test_wait_forever', arguments: {} })),
    ]);
    await begun;
    while (later.journal.waiting < 2) await later.journal.nextWait();
    const open = net.connect({ host: '127.0.0.1', port: Number(target.address.port) });
    await once(open, 'connect');
    const gone = once(open.resume(), 'close');

    await Promise.all([later.host.dispose(), later.host.dispose()]);

    await Promise.all([cut, gone]);
    assert.equal(later.journal.waiting, 0);
    assert.deepEqual(later.host.connections, []);
    assert.equal(fs.existsSync(path.dirname(later.socket.socketPath)), process.platform === 'win32');
    await assert.rejects(later.host.listenOnSocket(), WorkbenchError);
    await assert.rejects(later.host.listenOnLoopback({ token: later.token }), WorkbenchError);
    await later.dispose();
    await untilResourcesAre(before);
  });

  it('closes streams of changes with a last message', async () => {
    const listening = send(
      loopbackTarget(test),
      modern('subscriptions/listen', { notifications: { toolsListChanged: true } }),
    );
    while (test.host.connections.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await test.dispose();
    const { text } = await listening;
    assert.match(text, /notifications\/subscriptions\/acknowledged/);
    assert.match(text, /"resultType":"complete"/);
  });

  it('takes its socket away when the process just ends', async function () {
    this.timeout(30_000);
    if (process.platform === 'win32') return;
    const script = path.join(import.meta.dirname, 'abandonedHost.ts');
    const child = spawn(process.execPath, ['--require', 'tsx/cjs', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    await exited;
    assert.ok(line.endsWith('/s'));
    assert.equal(fs.existsSync(path.dirname(line)), false);
  });
});

function countResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Waits until nothing is open that was not open before; only Mocha's own timer of the running test may differ. */
async function untilResourcesAre(expected: Record<string, number>): Promise<void> {
  const relevant = ({ TCPSocketWrap = 0, TCPServerWrap = 0, PipeWrap = 0, PipeServerWrap = 0, Timeout = 0 }) => ({
    TCPSocketWrap,
    TCPServerWrap,
    PipeWrap,
    PipeServerWrap,
    Timeout,
  });
  for (let attempt = 0; attempt < 100; attempt++) {
    const now = relevant(countResources());
    const isBack = Object.entries(relevant(expected)).every(
      ([name, count]) => (now[name as keyof typeof now] ?? 0) <= count,
    );
    if (isBack) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(relevant(countResources()), relevant(expected));
}
