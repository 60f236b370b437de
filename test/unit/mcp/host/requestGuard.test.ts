import * as assert from 'node:assert/strict';
import {
  beginSession,
  loopbackTarget,
  messageIn,
  modern,
  rpc,
  send,
  socketTarget,
  startTestHost,
  type RawRequest,
  type Target,
  type TestHost,
} from '../testWorkbench';

const allowedOrigin = 'vscode-webview://allowed';
const maxBodyBytes = 64 * 1024;

/** A request that is refused, with how. */
interface Row extends RawRequest {
  title: string;
  status: number;
  /** JSON-RPC error code. */
  code?: number;
}

const list = rpc('tools/list');

const credentialRows: Row[] = [
  { title: 'no credential', headers: { authorization: undefined }, status: 401 },
  { title: 'a wrong token', headers: { authorization: `Bearer ${'w'.repeat(64)}` }, status: 401 },
  { title: 'the credential under another scheme', headers: { authorization: 'Basic SECRET' }, status: 401 },
  { title: 'the credential without a scheme', headers: { authorization: 'SECRET' }, status: 401 },
  { title: 'the beginning of the credential', headers: { authorization: 'Bearer SECRET-1' }, status: 401 },
  { title: 'the credential and more', headers: { authorization: 'Bearer SECRETx' }, status: 401 },
  { title: 'two credentials', headers: { authorization: ['Bearer SECRET', 'Bearer SECRET'] }, status: 401 },
  {
    title: 'the credential in the address',
    path: '/mcp?access_token=SECRET',
    headers: { authorization: undefined },
    status: 401,
  },
  { title: 'no credential for an unknown path', path: '/x', headers: { authorization: undefined }, status: 401 },
];

const originRows: Row[] = [
  'https://evil.example',
  'null',
  'vscode-webview://abc',
  'http://localhost:3000',
  'http://127.0.0.1',
  'http://localhost.evil.example',
  `${allowedOrigin}.evil`,
  '',
].map((origin) => ({ title: `Origin ${JSON.stringify(origin)}`, headers: { origin }, status: 403 }));

const hostRows: Row[] = [
  'evil.example',
  '127.0.0.1.nip.io',
  'localhost.evil.example',
  'localhost:9',
  '127.0.0.1:9',
  '127.0.0.1',
  '0.0.0.0',
  '[::1]',
].map((host) => ({ title: `Host ${host}`, headers: { host }, status: 403 }));

const pathRows: Row[] = [
  ...[
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-protected-resource/mcp',
    '/.well-known/oauth-authorization-server',
    '/.well-known/openid-configuration',
  ].map((path) => ({ title: `GET ${path}`, method: 'GET', path, headers: { authorization: undefined }, status: 404 })),
  ...['/', '/mcp/', '/MCP', '/servers/x/mcp', '//mcp', '/%6dcp', '/../mcp', 'http://evil.example/mcp'].map((path) => ({
    title: `POST ${path}`,
    path,
    status: 404,
  })),
  ...['PUT', 'PATCH', 'OPTIONS', 'HEAD'].map((method) => ({ title: method, method, status: 405 })),
];

const bodyRows: Row[] = [
  ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx'].map(
    (type) => ({ title: `Content-Type ${type}`, headers: { 'content-type': type }, body: list, status: 415 }),
  ),
  { title: 'no Content-Type', headers: { 'content-type': undefined }, body: list, status: 415 },
  { title: 'a compressed body', headers: { 'content-encoding': 'gzip' }, body: list, status: 415 },
  { title: 'a body over the limit', body: JSON.stringify('x'.repeat(maxBodyBytes)), status: 413 },
  {
    title: 'a body over the limit without its length',
    headers: { 'transfer-encoding': 'chunked' },
    body: JSON.stringify('x'.repeat(maxBodyBytes)),
    status: 413,
  },
  { title: 'an empty body', body: '', status: 400, code: -32_700 },
  { title: 'half a body', body: list.slice(0, -1), status: 400, code: -32_700 },
  { title: 'a body that is no UTF-8', body: Buffer.from([0x22, 0xff, 0x22]), status: 400, code: -32_700 },
  {
    title: 'a body that is nested without end',
    body: '['.repeat(20_000) + ']'.repeat(20_000),
    status: 400,
    code: -32_600,
  },
  ...[
    '42',
    '"text"',
    'null',
    'true',
    '{}',
    '{"jsonrpc":"1.0","id":1,"method":"ping"}',
    '{"jsonrpc":"2.0","id":{}}',
  ].map((body) => ({ title: `the body ${body}`, body, status: 400, code: -32_600 })),
  { title: 'an empty batch', body: '[]', status: 400, code: -32_600 },
];

const sessionRows: Row[] = [
  { title: 'no session', body: list, status: 400 },
  { title: 'an unknown session', headers: { 'mcp-session-id': 'nobody' }, body: list, status: 404, code: -32_001 },
  {
    title: 'an unknown session with initialize',
    headers: { 'mcp-session-id': 'nobody' },
    body: rpc('initialize'),
    status: 404,
    code: -32_001,
  },
  { title: 'GET without a session', method: 'GET', status: 400 },
  { title: 'GET of an unknown session', method: 'GET', headers: { 'mcp-session-id': 'nobody' }, status: 404 },
  { title: 'DELETE of an unknown session', method: 'DELETE', headers: { 'mcp-session-id': 'nobody' }, status: 404 },
];

const modernRows: Row[] = [
  { ...modern('tools/list'), title: 'another method in the header', status: 400, code: -32_020 },
  { ...modern('no/such'), title: 'an unknown method', status: 404, code: -32_601 },
  {
    title: 'no envelope',
    headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' },
    body: list,
    status: 400,
    code: -32_602,
  },
];
const [wrongMethod] = modernRows;
if (wrongMethod) wrongMethod.headers = { ...wrongMethod.headers, 'mcp-method': 'tools/call' };

const listeners: [string, (test: TestHost) => Target][] = [
  ['loopback', loopbackTarget],
  ['socket', socketTarget],
];

for (const [name, targetOf] of listeners) {
  describe(`requests that the ${name} listener refuses`, () => {
    let test: TestHost;
    let target: Target;
    let session: { 'mcp-session-id': string };

    before(async () => {
      test = await startTestHost({ limits: { maxBodyBytes }, allowedOrigins: [allowedOrigin] });
      target = targetOf(test);
      session = await beginSession(target);
    });

    after(() => test.dispose());

    afterEach('goes on serving', async () => {
      const answer = await send(target, { headers: session, body: list });
      assert.equal(answer.status, 200);
      const { tools } = messageIn(answer)['result'] as { tools: unknown[] };
      assert.ok(tools.length > 0);
    });

    const rows = [
      ...credentialRows,
      ...originRows,
      ...hostRows,
      ...pathRows,
      ...bodyRows,
      ...sessionRows,
      ...modernRows,
    ];
    for (const { title, status, code, ...request } of rows) {
      it(`${title}: ${status}`, async () => {
        const answer = await send(target, withSecret(request, target.secret));
        assert.equal(answer.status, status, answer.text);
        if (request.method !== 'HEAD') {
          const { jsonrpc, error, id } = JSON.parse(answer.text) as {
            jsonrpc: unknown;
            error: { code: number; message: string };
            id: unknown;
          };
          assert.equal(jsonrpc, '2.0');
          assert.ok(error.message.length > 0);
          if (code !== undefined) assert.equal(error.code, code);
          if ([401, 403, 405, 413, 415].includes(status)) assert.equal(id, null);
        }
        assert.equal(answer.headers['access-control-allow-origin'], undefined);
        assert.ok(!answer.text.includes(target.secret), 'the secret is not in the answer');
        if (status === 401) assert.equal(answer.headers['www-authenticate'], 'Bearer');
        if (status === 405) assert.equal(answer.headers.allow, 'GET, POST, DELETE');
      });
    }

    it('the credential of the other listener', async () => {
      const other = name === 'socket' ? loopbackTarget(test) : socketTarget(test);
      const answer = await send(target, { headers: { authorization: `Bearer ${other.secret}` }, body: list });
      assert.equal(answer.status, 401);
    });

    it('a session of the other listener', async () => {
      const other = name === 'socket' ? loopbackTarget(test) : socketTarget(test);
      const answer = await send(other, { headers: session, body: list });
      assert.equal(answer.status, 404);
    });

    it('a client that does not accept event streams', async () => {
      const headers = { ...session, accept: 'application/json' };
      assert.equal((await send(target, { headers, body: list })).status, 406);
      assert.equal((await send(target, { method: 'GET', headers })).status, 406);
    });

    it('an initialize that is refused leaves no session behind', async () => {
      const connected = test.host.connections.length;
      const body = rpc('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {} });
      const headers = { accept: 'application/json' };
      assert.equal((await send(target, { headers, body })).status, 400);
      const valid = rpc('initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'x', version: '1' },
      });
      assert.equal((await send(target, { headers, body: valid })).status, 406);
      assert.equal(test.host.connections.length, connected);
    });

    it('a protocol version that does not exist', async () => {
      const answer = await send(target, { headers: { ...session, 'mcp-protocol-version': '1999-01-01' }, body: list });
      assert.equal(answer.status, 400);
    });

    it('a batch of too many requests', async () => {
      const batch = JSON.stringify(Array.from({ length: 101 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' })));
      assert.equal((await send(target, { headers: session, body: batch })).status, 400);
    });

    it('a second initialize in a session', async () => {
      const body = rpc('initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'x', version: '1' },
      });
      assert.equal((await send(target, { headers: session, body })).status, 400);
    });

    it('an unknown method in a session', async () => {
      const answer = await send(target, { headers: session, body: rpc('no/such') });
      assert.equal((messageIn(answer)['error'] as { code: number }).code, -32_601);
    });

    it('not an origin that is let in, a body as large as the limit, a query or a charset', async () => {
      const padding = ' '.repeat(maxBodyBytes - list.length);
      const answer = await send(target, {
        path: '/mcp?a=b',
        headers: { ...session, origin: allowedOrigin, 'content-type': 'Application/JSON; charset=utf-8' },
        body: list + padding,
      });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    });

    it('says nothing of the credential to a page that rebinds a name', async () => {
      const headers = { host: 'evil.example', origin: 'http://evil.example', authorization: undefined };
      assert.equal((await send(target, { headers, body: list })).status, 403);
    });
  });
}

/** The rows write SECRET where the listener's secret belongs, and SECRET-1 for all of it but the last character. */
function withSecret(request: RawRequest, secret: string): RawRequest {
  const fill = (text: string): string => text.replace('SECRET-1', secret.slice(0, -1)).replace('SECRET', secret);
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? fill(value) : Array.isArray(value) ? value.map(fill) : value,
  ]);
  return {
    ...request,
    ...(request.path === undefined ? {} : { path: fill(request.path) }),
    headers: Object.fromEntries(headers) as NonNullable<RawRequest['headers']>,
  };
}
