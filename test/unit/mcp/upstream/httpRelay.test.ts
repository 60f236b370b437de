import * as assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MemorySecretStore } from '../../../../src/mcp/upstream/secretSource';
import { call, modernCall, RelayRig } from './relayRig';

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A server over HTTP that answers as each test says, byte by byte. */
class RawHttpServer {
  readonly seen: Seen[] = [];
  answer: (request: Seen, response: ServerResponse) => void = (_request, response) => void response.end();
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const seen = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
      this.seen.push(seen);
      this.answer(seen, response);
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get connections(): Promise<number> {
    return new Promise((resolve) => this.#server.getConnections((_error, count) => resolve(count)));
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

const oddRequest = `{ "jsonrpc":"2.0","id":12345678901234567890,\n"method":"tools/call","params":{"name":"é\\u00e9","arguments":{"n":1.0}},"future":[1e400]}`;
const oddAnswer = `{"id":12345678901234567890,\n "jsonrpc":"2.0" ,"result":{"content":[],"a":1.00,"b":"\\/"},"later":{}}`;

describe('relay of a server over HTTP', () => {
  let server: RawHttpServer;
  let rig: RelayRig;

  beforeEach(async () => {
    server = new RawHttpServer();
    await server.start();
    rig = await RelayRig.start(
      { name: 'web', transport: 'http', url: `${server.origin}/mcp?key=1`, headers: { 'X-Key': { secret: 'key' } } },
      { secrets: new MemorySecretStore({ key: 'from the store' }) },
    );
  });
  afterEach(async () => {
    await rig.close();
    await server.stop();
  });

  it('passes bodies and heads on as they are, but for who asks', async () => {
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-future': 'yes', 'set-cookie': 'a=b' });
      response.end(oddAnswer);
    };
    const { text, headers, status } = await rig.post(oddRequest, {
      'mcp-protocol-version': '2025-11-25',
      'mcp-param-x': '=?base64?w6k=?=',
      'x-client': 'c',
      cookie: 'c=d',
    });
    assert.deepEqual([status, text, headers['x-future']], [200, oddAnswer, 'yes']);
    assert.equal(headers['set-cookie'], undefined);
    const [seen] = server.seen;
    assert.equal(seen?.body, oddRequest);
    assert.equal(seen.url, '/mcp?key=1');
    assert.equal(seen.headers['x-key'], 'from the store');
    assert.equal(seen.headers['mcp-param-x'], '=?base64?w6k=?=');
    assert.equal(seen.headers['x-client'], 'c');
    assert.deepEqual([seen.headers.authorization, seen.headers.cookie], [undefined, undefined]);
  });

  it('passes event streams on as they come, and records the messages in them', async () => {
    let finish: (() => void) | undefined;
    const progress = '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}';
    const pieces = [`: hi\n\nid: 1\nevent: message\ndata: ${progress.slice(0, 9)}`, `${progress.slice(9)}\n\n`];
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const piece of pieces) response.write(piece);
      finish = () => response.end(`data: {"jsonrpc":"2.0","id":4,"result":{"content":[]}}\n\n`);
    };
    const open = rig.open('POST', call('4', 'slow', '{}', '{"progressToken":1}'), {});
    assert.equal(await open.message(0), progress);
    finish?.();
    const { text } = await open.answer;
    assert.equal(text, `${pieces.join('')}data: {"jsonrpc":"2.0","id":4,"result":{"content":[]}}\n\n`);
    assert.deepEqual(
      rig.records.map(({ kind, method, status }) => [kind, method, status]),
      [
        ['request', 'tools/call', 'ok'],
        ['notification', 'notifications/progress', undefined],
        ['response', 'tools/call', 'ok'],
      ],
    );
  });

  it('leaves sessions to the server, but keeps those of one listener from the other, and ends them with it', async () => {
    server.answer = ({ method, body }, response) => {
      if (method === 'DELETE') {
        response.writeHead(204).end();
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'theirs' });
      const id = (JSON.parse(body) as { id?: number }).id ?? 0;
      response.end(`{"jsonrpc":"2.0","id":${id},"result":{"protocolVersion":"2025-06-18"}}`);
    };
    const session = await rig.begin();
    assert.deepEqual(session, { 'mcp-session-id': 'theirs' });
    assert.deepEqual(
      rig.host.connections.map(({ name, protocolVersion, era }) => [name, protocolVersion, era]),
      [['rig', '2025-06-18', 'legacy']],
    );
    await rig.host.rotateLoopbackToken('another-token-'.repeat(4));
    await until(() => server.seen.some(({ method }) => method === 'DELETE'));
    assert.equal(server.seen.at(-1)?.headers['mcp-session-id'], 'theirs');
    assert.deepEqual(rig.host.connections, []);
  });

  it('passes errors of the server on, and says itself what it cannot reach', async () => {
    server.answer = (_request, response) => {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}');
    };
    const { body, headers } = modernCall('1', 'x');
    assert.deepEqual(await rig.post(body, headers).then(({ status, text }) => [status, text]), [
      404,
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}',
    ]);
    await server.stop();
    const gone = await rig.post(body, headers);
    assert.match(gone.text, /"id":1,"error".*cannot be reached/);
    assert.equal(rig.supervisor.state.kind, 'failed');
    await server.start();
  });

  it('does not hand the server’s own sign-in to the client', async () => {
    server.answer = (_request, response) => void response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
    const { status, headers, text } = await rig.post(call('"a"', 'x'), {});
    assert.equal(status, 200);
    assert.equal(headers['www-authenticate'], undefined);
    assert.match(text, /"id":"a","error"/);
    assert.equal(rig.supervisor.state.kind, 'needsSignIn');
  });

  it('ends the request to the server when the client goes away', async () => {
    let isClosed = false;
    server.answer = (_request, response) => void response.once('close', () => (isClosed = true));
    const open = rig.open('POST', call('1', 'x'), {});
    await until(() => server.seen.length > 0);
    open.abort();
    await until(() => isClosed);
    await until(() => rig.supervisor.stats.pendingCount === 0);
  });

  it('breaks its own answer where the server breaks off in the middle', async () => {
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"jsonrpc"');
      setTimeout(() => response.destroy(), 20);
    };
    await assert.rejects(rig.post(call('1', 'x'), {}), /aborted|ECONNRESET|socket hang up/);
  });

  it('follows a redirect within the origin and no other', async () => {
    server.answer = ({ url, body }, response) => {
      if (url.startsWith('/mcp?')) {
        response.writeHead(307, { location: '/mcp/' }).end();
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { body } }));
    };
    assert.ok((await rig.post(call('1', 'x'), {})).text.includes('tools/call'));
    await rig.post(call('1', 'x'), {});
    assert.deepEqual(
      server.seen.map(({ url }) => url),
      ['/mcp?key=1', '/mcp/', '/mcp/'],
    );
    server.answer = (_request, response) => void response.writeHead(307, { location: 'http://localhost:1/' }).end();
    assert.equal((await rig.post(call('1', 'x'), {})).status, 307);
  });

  it('leaves no connection behind', async () => {
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"jsonrpc":"2.0","id":1,"result":{}}');
    };
    await rig.post(call('1', 'x'), {});
    assert.equal(await server.connections, 1);
    await rig.close();
    while ((await server.connections) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

describe('relay of a server over HTTP with SSE (2024-11-05)', () => {
  it('puts its stream behind Streamable HTTP, session by session', async () => {
    const server = new RawHttpServer();
    await server.start();
    const streams: ServerResponse[] = [];
    server.answer = ({ method, url, body }, response) => {
      if (method === 'GET') {
        streams.push(response);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`event: endpoint\ndata: /messages?s=${streams.length - 1}\n\n`);
        return;
      }
      response.writeHead(202).end('Accepted');
      const { id } = JSON.parse(body) as { id?: unknown };
      if (id === undefined) return;
      const result = { protocolVersion: '2024-11-05', echoed: Buffer.from(body).toString('base64') };
      streams[Number(url.split('=')[1])]?.write(
        `event: message\ndata: {"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(result)}}\n\n`,
      );
    };
    const rig = await RelayRig.start({ name: 'old', transport: 'sse', url: `${server.origin}/sse` });
    try {
      const session = await rig.begin('2024-11-05');
      const body = call('"x"', 'é');
      const { text } = await rig.post(body, session);
      const { result } = JSON.parse(text) as { result: { echoed: string } };
      assert.equal(Buffer.from(result.echoed, 'base64').toString('utf8'), body);
      const waiting = rig.open('POST', call('2', 'y'), session);
      server.answer = (_request, response) => {
        response.writeHead(202).end();
        streams[0]?.end();
      };
      assert.match((await waiting.answer).text, /"id":2.*closed the stream/);
      assert.equal((await rig.post(call('3', 'z'), session)).status, 404);
    } finally {
      await rig.close();
      await server.stop();
    }
  });
});

describe('filter of a managed server', () => {
  const tools = [
    {
      name: 'look',
      inputSchema: { type: 'object', properties: { n: { type: 'integer' } } },
      annotations: { readOnlyHint: true },
    },
    { name: 'wipe', inputSchema: { type: 'object' } },
  ];

  it('shows and lets through only what it is to, with its prefix, and keeps the original in the record', async () => {
    const server = new RawHttpServer();
    await server.start();
    server.answer = ({ body }, response) => {
      const { id, method } = JSON.parse(body) as { id: number; method: string };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ jsonrpc: '2.0', id, result: method === 'tools/list' ? { tools } : { content: [] } }),
      );
    };
    const rig = await RelayRig.start({
      name: 'web',
      transport: 'http',
      url: server.origin,
      filter: { readOnly: true, namePrefix: 'web_', validateArguments: true },
    });
    try {
      const list = await rig.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
      const { result } = JSON.parse(list.text) as { result: { tools: { name: string }[] } };
      assert.deepEqual(
        result.tools.map(({ name }) => name),
        ['web_look'],
      );

      const good = call('2', 'web_look', '{ "n":1.0e2 }');
      assert.match((await rig.post(good)).text, /"content":\[\]/);
      assert.equal(server.seen.at(-1)?.body, good.replace('web_look', 'look'));

      assert.match((await rig.post(call('3', 'web_wipe'))).text, /"id":3,"error":.*Unknown tool: web_wipe/);
      assert.match(
        (await rig.post(call('4', 'web_look', '{"n":"x"}'))).text,
        /"id":4,"result":.*do not fit.*"isError":true/,
      );
      assert.equal(server.seen.length, 2);

      const [, listed, called] = rig.records;
      assert.equal(listed?.isChanged, true);
      assert.ok(listed.original?.includes('wipe') && !listed.body.includes('wipe'));
      assert.ok(called?.original?.includes('web_look') && called.body.includes('"look"'));
    } finally {
      await rig.close();
      await server.stop();
    }
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
