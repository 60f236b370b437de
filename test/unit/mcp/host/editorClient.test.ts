import * as assert from 'node:assert/strict';
import * as http from 'node:http';
import {
  beginSession,
  goodHeaders,
  messageIn,
  rpc,
  send,
  socketTarget,
  startTestHost,
  type Target,
  type TestHost,
} from '../testWorkbench';

/** What VS Code 1.139 declares; measured. */
const initialize = {
  protocolVersion: '2025-11-25',
  capabilities: {
    roots: { listChanged: true },
    sampling: {},
    elicitation: { form: {}, url: {} },
    tasks: { list: {}, cancel: {}, requests: { sampling: { createMessage: {} }, elicitation: { create: {} } } },
    extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } },
  },
  clientInfo: { name: 'Visual Studio Code', version: '1.139.1' },
};

describe("the editor's own client", () => {
  let test: TestHost;
  let target: Target;
  let headers: Record<string, string>;

  beforeEach(async () => {
    test = await startTestHost();
    target = socketTarget(test);
    headers = { accept: 'text/event-stream, application/json', 'user-agent': 'Visual Studio Code/1.139.1' };
    Object.assign(headers, await beginSession(target, initialize));
  });

  afterEach(() => test.dispose());

  it('is served without a version header, and before it says that it is initialized', async () => {
    const { tools } = messageIn(await send(target, { headers, body: rpc('tools/list') }))['result'] as {
      tools: { name: string }[];
    };
    assert.ok(tools.some(({ name }) => name === 'test_echo_text'));
    const initialized = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
    assert.equal((await send(target, { headers, body: initialized })).status, 202);
    const call = rpc('tools/call', { name: 'test_echo_text', arguments: { text: 'hello' } });
    const { structuredContent } = messageIn(await send(target, { headers, body: call }))['result'] as {
      structuredContent: object;
    };
    assert.deepEqual(structuredContent, { text: 'hello' });
    assert.equal(test.host.connections[0]?.name, 'Visual Studio Code');
  });

  it('gets a stream for what the server says by itself', async () => {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      http
        .get(
          { ...target.address, path: '/mcp', headers: { ...goodHeaders(target), ...headers }, setHost: false },
          resolve,
        )
        .on('error', reject);
    });
    assert.equal(response.statusCode, 200);
    assert.match(String(response.headers['content-type']), /^text\/event-stream/);
    const told = new Promise<string>((resolve) => response.once('data', (chunk) => resolve(String(chunk))));
    test.setPolicy({ access: 'readOnly' });
    assert.match(await told, /notifications\/tools\/list_changed/);
    response.on('error', () => undefined);
    response.destroy();
  });

  it('learns from 404 that its session is gone, and begins another', async () => {
    assert.equal((await send(target, { method: 'DELETE', headers })).status, 200);
    assert.equal(test.host.connections.length, 0);
    assert.equal((await send(target, { headers, body: rpc('tools/list') })).status, 404);
    Object.assign(headers, await beginSession(target, initialize));
    assert.equal((await send(target, { headers, body: rpc('tools/list') })).status, 200);
  });

  it('gets the rest of a stream that broke', async () => {
    // The stream is cut before the answer, as when a laptop sleeps.
    const call = rpc('tools/call', { name: 'test_report_progress', arguments: {}, _meta: { progressToken: 'p' } }, 9);
    const lastId = await new Promise<string>((resolve, reject) => {
      const request = http.request(
        {
          ...target.address,
          method: 'POST',
          path: '/mcp',
          headers: { ...goodHeaders(target), ...headers, 'mcp-protocol-version': '2025-11-25' },
          setHost: false,
        },
        (response) => {
          response.on('error', () => undefined);
          response.once('data', (chunk) => {
            resolve(/^id: (.+)$/m.exec(String(chunk))?.[1] ?? '');
            response.destroy();
          });
        },
      );
      request.on('error', reject);
      request.end(call);
    });
    assert.notEqual(lastId, '');
    const { text } = await send(target, { method: 'GET', headers: { ...headers, 'last-event-id': lastId } });
    const messages = [...text.matchAll(/^data: (\{.+)$/gm)].map(
      ([, json]) => JSON.parse(json ?? '') as { id?: number },
    );
    assert.equal(messages.at(-1)?.id, 9);
    assert.equal(messages.length, 4);
  });
});
