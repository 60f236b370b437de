import * as assert from 'node:assert/strict';
import * as path from 'node:path';
import { makeTemporaryFolder, removeFolder } from '../../../../scripts/toolbox/cache';
import { silentLogger } from '../../../../src/core/logger';
import { parseManagedServer } from '../../../../src/mcp/upstream/managedServer';
import { ManagedServerSupervisor } from '../../../../src/mcp/upstream/managedServerSupervisor';
import { MemorySecretStore } from '../../../../src/mcp/upstream/secretSource';
import { addressOf, isSocketUrl } from '../../../../src/mcp/upstream/serverAddress';
import { UpstreamClient } from '../../../../src/mcp/upstream/upstreamClient';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import { startGatedMcpServer, type GatedMcpServer } from '../../../support/gatedMcpServer';
import { call, modernCall, RelayRig } from './relayRig';

describe('addressOf', () => {
  it('finds socket and path of the request as VS Code does', () => {
    const cases: [string, string | undefined, string][] = [
      ['https://example.com/mcp?a=1', undefined, 'https://example.com/mcp?a=1'],
      ['unix:///run/mcp.sock#/mcp', '/run/mcp.sock', 'http://localhost/mcp'],
      ['unix:/run/with%20space.sock#/a/b?c=1', '/run/with space.sock', 'http://localhost/a/b?c=1'],
      ['unix:///run/mcp.sock', '/run/mcp.sock', 'http://localhost/'],
      ['pipe:///pipe/mcp#/mcp', '\\\\.\\pipe\\mcp', 'http://localhost/mcp'],
      ['pipe:////./pipe/mcp#mcp', '\\\\.\\pipe\\mcp', 'http://localhost/mcp'],
    ];
    for (const [written, socketPath, href] of cases) {
      const address = addressOf(written, 'win32');
      assert.deepEqual([address.socketPath, address.url.href], [socketPath, href], written);
    }
    assert.throws(() => addressOf('pipe:///pipe/mcp', 'linux'), /Windows only/);
    assert.throws(() => addressOf('unix:///run/%zz'), /cannot be read/);
    for (const url of ['unix:', 'unix://', 'pipe:mcp', 'file:///run/mcp.sock']) assert.ok(!isSocketUrl(url), url);
  });
});

for (const era of ['legacy', 'modern'] as const) {
  describe(`a server of the ${era} era on a Unix socket`, () => {
    let folder: string;
    let server: GatedMcpServer;
    let targets: string[];
    let hosts: (string | undefined)[];

    beforeEach(async () => {
      folder = makeTemporaryFolder();
      targets = [];
      hosts = [];
      server = await startGatedMcpServer({
        era,
        socketPath: path.join(folder, 's.sock'),
        gate: ({ target, headers }) => {
          targets.push(target);
          hosts.push(headers.host);
          return 'whoever has the socket';
        },
      });
    });
    afterEach(async () => {
      await server.dispose();
      await removeFolder(folder);
    });

    const url = (): string => `unix://${folder}/s.sock#/tools/mcp`;

    it('is reached by our own client', async () => {
      const secrets = new MemorySecretStore();
      const definition = parseManagedServer({ name: 'local', transport: 'http', url: url(), auth: { kind: 'none' } });
      const supervisor = new ManagedServerSupervisor(definition, { secrets, logger: silentLogger });
      try {
        const { signal } = new AbortController();
        const client = await UpstreamClient.connect(
          { supervisor, secrets, recorder: new TrafficRecorder(), implementation: { name: 'unit', version: '1' } },
          signal,
        );
        assert.equal(client.introduction.era, era);
        assert.match(JSON.stringify(await client.callTool('whoami', {}, signal)), /whoever has the socket/);
        await client.close();
        assert.deepEqual(new Set(targets), new Set(['/tools/mcp']));
        assert.deepEqual(new Set(hosts), new Set(['localhost']));
      } finally {
        await supervisor.close();
      }
    });

    it('is reached through the relay, and what cannot be reached is named', async () => {
      const definition = { name: 'local', transport: 'http', url: url(), auth: { kind: 'none' } } as const;
      const rig = await RelayRig.start(definition);
      try {
        const { body, headers } =
          era === 'modern' ? modernCall('1', 'whoami') : { body: call('1', 'whoami'), headers: {} };
        assert.match((await rig.post(body, headers)).text, /whoever has the socket/);
        await server.dispose();
        assert.match((await rig.post(body, headers)).text, /s\.sock cannot be reached/);
      } finally {
        await rig.close();
      }
    });
  });
}
