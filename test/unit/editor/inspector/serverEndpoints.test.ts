import * as assert from 'node:assert/strict';
import { endpointOfServer } from '../../../../src/editor/inspector/serverEndpoints';
import { parseManagedServer } from '../../../../src/mcp/upstream/managedServer';

describe('endpointOfServer', () => {
  it('leaves out what only the secret storage knows', () => {
    assert.deepEqual(
      endpointOfServer(
        parseManagedServer({
          name: 'a',
          transport: 'stdio',
          command: 'node',
          args: ['x.js'],
          env: { KEY: { secret: 's' }, MODE: 'fast', GONE: null },
          cwd: '/srv',
        }),
      ),
      { transport: 'stdio', command: 'node', args: ['x.js'], env: { KEY: undefined, MODE: 'fast' }, cwd: '/srv' },
    );
    assert.deepEqual(
      endpointOfServer(
        parseManagedServer({
          name: 'b',
          transport: 'http',
          url: 'https://example.com/mcp',
          headers: { 'X-Key': { secret: 's' }, 'X-Team': 'orders' },
          auth: { kind: 'oauth' },
        }),
      ),
      {
        transport: 'http',
        url: 'https://example.com/mcp',
        headers: { 'X-Key': undefined, 'X-Team': 'orders' },
        needsToken: true,
      },
    );
  });

  it('says why no command could reach a server', () => {
    const url = 'https://example.com/mcp';
    assert.ok('unreachable' in endpointOfServer(parseManagedServer({ name: 'c', transport: 'sse', url })));
    const auth = { kind: 'sigv4', service: 'lambda', region: 'us-east-1' } as const;
    assert.ok('unreachable' in endpointOfServer(parseManagedServer({ name: 'd', transport: 'http', url, auth })));
  });
});
