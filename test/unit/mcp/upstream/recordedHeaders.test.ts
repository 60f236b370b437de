import * as assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MemorySecretStore } from '../../../../src/mcp/upstream/secretSource';
import { call, modernCall, rawServer, RelayRig } from './relayRig';

describe('recorded headers of relayed messages', () => {
  const opened: { close(): unknown }[] = [];

  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  it('are those of the client and of a server over HTTP, without secrets', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'set-cookie': ['sid=cookie-secret'],
        'x-trace': 'abc',
        'x-api-token': 'token-secret',
      });
      response.end('{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[]}}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push({ close: () => (server.closeAllConnections(), server.close()) });
    const { port } = server.address() as AddressInfo;
    const rig = await RelayRig.start(
      { name: 'web', transport: 'http', url: `http://127.0.0.1:${port}/mcp`, headers: { 'X-Key': { secret: 'key' } } },
      { secrets: new MemorySecretStore({ key: 'from the store' }) },
    );
    opened.unshift(rig);
    const { body, headers } = modernCall('1', 'count');
    await rig.post(body, { ...headers, 'X-Client-Secret': 'only for the client', 'X-Plain': 'plain' });
    const [request, answer] = rig.records;
    assert.equal(request?.headers?.['x-plain'], 'plain');
    assert.equal(request?.headers['mcp-method'], 'tools/call');
    assert.equal(request?.headers['x-client-secret'], '[redacted]');
    assert.equal(answer?.headers?.[':status'], '200');
    assert.equal(answer?.headers['x-trace'], 'abc');
    assert.equal(answer?.headers['set-cookie'], '[redacted]');
    assert.equal(answer?.headers['x-api-token'], '[redacted]');
    const kept = JSON.stringify(rig.records);
    for (const secret of [rig.token, 'from the store', 'cookie-secret', 'token-secret', 'only for the client']) {
      assert.ok(!kept.includes(secret), secret);
    }
  });

  it('are those between us and the client where the server is a process', async () => {
    const rig = await RelayRig.start(rawServer('--modern'));
    opened.push(rig);
    const session = await rig.begin();
    await rig.post(call('7', 'count'), session);
    const legacy = rig.records.filter(({ id }) => id === '7');
    assert.equal(legacy[0]?.headers?.['mcp-session-id'], '[redacted]');
    assert.equal(legacy[1]?.headers?.[':status'], '200');
    const { body, headers } = modernCall('8', 'count');
    await rig.post(body, headers);
    const modern = rig.records.filter(({ id }) => id === '8');
    assert.equal(modern[0]?.headers?.['mcp-name'], 'count');
    assert.equal(modern[1]?.headers?.[':status'], '200');
    await rig.post(modernCall('9', 'count').body, { ...headers, 'Mcp-Name': 'other' });
    const refused = rig.records.filter(({ id }) => id === '9');
    assert.equal(refused[1]?.headers?.[':status'], '400');
  });
});
