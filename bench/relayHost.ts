import { answerUsage } from './answerUsage';
import { silentLogger } from '../src/core/logger';
import { McpHost } from '../src/mcp/host/mcpHost';
import { parseManagedServer } from '../src/mcp/upstream/managedServer';
import { ManagedServerSupervisor } from '../src/mcp/upstream/managedServerSupervisor';
import { ServerRelay } from '../src/mcp/upstream/relay';
import { MemorySecretStore } from '../src/mcp/upstream/secretSource';
import { TrafficRecorder, windowGatherMs } from '../src/traffic/trafficRecorder';

/** Serves one managed server through our relay, with recording on; its definition is the only argument. */
async function serve(): Promise<void> {
  // Small, so that even a short run fills it: what is measured is whether memory stays where it is then.
  const recorder = new TrafficRecorder({ maxBytes: 16 * 1024 * 1024, gatherMs: windowGatherMs });
  const host = new McpHost({
    features: { implementation: { name: 'relay', version: '1.0.0' } },
    recorder,
    logger: silentLogger,
    serverName: 'relay',
  });
  const supervisor = new ManagedServerSupervisor(parseManagedServer(JSON.parse(process.argv[2] ?? '{}')), {
    secrets: new MemorySecretStore(),
    logger: silentLogger,
  });
  const relay = new ServerRelay({
    supervisor,
    connections: host.connectionList,
    recorder,
    logger: silentLogger,
  });
  host.addRoute(relay.path, relay);
  const token = 'bench'.repeat(8);
  const { url } = await host.listenOnLoopback({ token });
  process.stdout.write(`${JSON.stringify({ url: new URL(relay.path, url).href, token })}\n`);
  answerUsage(() => {
    void host
      .dispose()
      .then(() => supervisor.close())
      .finally(() => process.exit());
  });
}

void serve();
