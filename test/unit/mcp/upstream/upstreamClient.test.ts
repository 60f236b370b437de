import * as assert from 'node:assert/strict';
import { silentLogger } from '../../../../src/core/logger';
import { checkHealth } from '../../../../src/mcp/upstream/serverHealth';
import { parseManagedServer, type ManagedServerInput } from '../../../../src/mcp/upstream/managedServer';
import { ManagedServerSupervisor } from '../../../../src/mcp/upstream/managedServerSupervisor';
import { MemorySecretStore } from '../../../../src/mcp/upstream/secretSource';
import { UpstreamClient } from '../../../../src/mcp/upstream/upstreamClient';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import { isAlive, rawServer } from './relayRig';

/** A server that ends at anything before `initialize`, as some old ones do. */
const shyServer: ManagedServerInput = {
  name: 'shy',
  transport: 'stdio',
  command: process.execPath,
  args: [
    '-e',
    `require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const { id, method, params } = JSON.parse(line);
      if (method === 'initialize') console.log(JSON.stringify({ jsonrpc: '2.0', id, result: { protocolVersion: params.protocolVersion, capabilities: {}, serverInfo: { name: 'shy', version: '1' } } }));
      else if (method === 'ping') console.log(JSON.stringify({ jsonrpc: '2.0', id, result: {} }));
      else if (id !== undefined) process.exit(9);
    })`,
  ],
};

describe('UpstreamClient', () => {
  const recorder = new TrafficRecorder();
  let supervisor: ManagedServerSupervisor;
  const { signal } = new AbortController();

  function connect(server: ManagedServerInput): Promise<UpstreamClient> {
    const secrets = new MemorySecretStore();
    supervisor = new ManagedServerSupervisor(parseManagedServer(server), { secrets, logger: silentLogger });
    return UpstreamClient.connect(
      { supervisor, secrets, recorder, implementation: { name: 'unit', version: '1' } },
      signal,
    );
  }

  afterEach(() => supervisor.close());

  for (const [era, args] of [
    ['legacy', []],
    ['modern', ['--modern']],
  ] as const) {
    it(`finds out that a server is of the ${era} era with one process, and uses it`, async () => {
      const client = await connect(rawServer(...args));
      const { pids } = supervisor;
      assert.equal(pids.length, 1);
      assert.equal(client.introduction.era, era);
      assert.equal(client.introduction.version, String(pids[0]));
      const tools = await client.listTools(signal);
      assert.deepEqual(
        tools.map(({ name }) => name),
        ['line', 'crash'],
      );
      const { content } = await client.callTool('count', {}, signal);
      assert.deepEqual(content, [{ type: 'text', text: `${pids[0]} 1` }]);
      const report = await checkHealth(client, [{ ...tools[0]!, description: 'Another.' }], signal);
      assert.deepEqual(report.changes?.added, ['crash']);
      assert.deepEqual(report.changes?.changed[0]?.parts, ['description']);
      await client.close();
      assert.ok(!isAlive(pids[0] ?? 0));
      assert.equal(supervisor.state.kind, 'stopped');
    });
  }

  it('asks an old server that ends at the question no second time', async () => {
    const client = await connect(shyServer);
    assert.equal(client.introduction.era, 'legacy');
    assert.ok((await client.check(signal)) >= 0);
    await client.close();
    const again = await UpstreamClient.connect(
      { supervisor, secrets: new MemorySecretStore(), recorder, implementation: { name: 'unit', version: '1' } },
      signal,
    );
    await again.close();
    const asked: string[] = [];
    recorder.forEach(({ server, method, kind }) => {
      if (server === 'shy' && kind === 'request') asked.push(method);
    });
    assert.deepEqual(asked, ['server/discover', 'initialize', 'ping', 'initialize']);
  });

  it('says what a command wrote that is no MCP server', async () => {
    await assert.rejects(
      connect({
        name: 'no',
        transport: 'stdio',
        command: process.execPath,
        args: ['-e', 'console.error("usage: no")'],
      }),
      /no cannot be connected to|does not answer/,
    );
    assert.equal(supervisor.state.kind, 'failed');
    assert.match(supervisor.log, /usage: no/);
  });
});
