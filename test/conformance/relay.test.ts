import * as assert from 'node:assert/strict';
import * as path from 'node:path';
import { silentLogger } from '../../src/core/logger';
import { McpHost } from '../../src/mcp/host/mcpHost';
import { parseManagedServer, type ManagedServerInput } from '../../src/mcp/upstream/managedServer';
import { ManagedServerSupervisor } from '../../src/mcp/upstream/managedServerSupervisor';
import { ServerRelay } from '../../src/mcp/upstream/relay';
import { MemorySecretStore } from '../../src/mcp/upstream/secretSource';
import { TrafficRecorder } from '../../src/traffic/trafficRecorder';
import { runSuite, runSuiteOn, serveFixtures, type SuiteResults, type SuiteTarget } from './suiteRun';

const suites = [
  { name: '0.1.16, all scenarios', suite: 'conformance', args: ['--suite', 'all'] },
  { name: '0.2.0-alpha.12, 2025-11-25', suite: 'conformance-next', args: ['--requirements', '2025-11-25'] },
  { name: '0.2.0-alpha.12, 2026-07-28', suite: 'conformance-next', args: ['--requirements', '2026-07-28'] },
] as const;

/**
 * Scenarios and checks about what a server does with its HTTP streams: that it closes one on purpose, that it answers
 * with a stream where JSON would do. A server on stdio has none, and the relay answers with JSON where one message is
 * all there is. What the relay does with its own streams is in the unit tests.
 */
const aboutServerStreams = new Set(['server-sse-polling', 'server-sse-streams-functional']);

for (const { name, suite, args } of suites) {
  describe(`relay transparency: suite ${name}`, () => {
    let direct: SuiteResults;

    before(async () => {
      direct = await runSuite(suite, args);
      assert.ok([...direct.values()].some((checks) => checks.some(({ status }) => status === 'SUCCESS')));
    });

    it('gives the same results through the relay of a server over HTTP', async () => {
      const relayed = await runSuiteOn(suite, args, async (origins) => {
        const fixtures = await serveFixtures(origins);
        const relay = await serveRelay(origins, {
          name: 'fixtures',
          transport: 'http',
          url: fixtures.url,
          headers: { Authorization: `Bearer ${fixtures.token}` },
        });
        return {
          ...relay,
          async close() {
            await relay.close();
            await fixtures.close();
          },
        };
      });
      assert.deepEqual(outcomes(relayed), outcomes(direct));
    });

    it('gives the same results through the relay of a server over stdio', async () => {
      const relayed = await runSuiteOn(suite, args, (origins) =>
        serveRelay(origins, {
          name: 'fixtures',
          transport: 'stdio',
          command: process.execPath,
          args: ['--require', require.resolve('tsx/cjs'), path.join(import.meta.dirname, 'relayFixtureServer.ts')],
        }),
      );
      assert.deepEqual(outcomes(relayed, aboutServerStreams), outcomes(direct, aboutServerStreams));
    });
  });
}

async function serveRelay(allowedOrigins: readonly string[], server: ManagedServerInput): Promise<SuiteTarget> {
  const recorder = new TrafficRecorder();
  const logger = silentLogger;
  const host = new McpHost({
    features: { implementation: { name: 'relay', version: '1' } },
    recorder,
    logger,
    serverName: 'Relay',
    allowedOrigins,
  });
  const supervisor = new ManagedServerSupervisor(parseManagedServer(server), {
    secrets: new MemorySecretStore(),
    logger,
  });
  const relay = new ServerRelay({ supervisor, connections: host.connectionList, recorder, logger });
  host.addRoute(relay.path, relay);
  const token = 'relay-conformance-'.repeat(3);
  const { url } = await host.listenOnLoopback({ token });
  return {
    url: new URL(relay.path, url).href,
    token,
    async close() {
      await host.dispose();
      await supervisor.close();
    },
  };
}

/** By scenario, what each check came to; without the checks that only note what happened. */
function outcomes(results: SuiteResults, left: ReadonlySet<string> = new Set()): Record<string, string[]> {
  return Object.fromEntries(
    [...results]
      .filter(([scenario]) => !left.has(scenario))
      .map(([scenario, checks]) => [
        scenario,
        checks
          .filter(({ id, status }) => status !== 'INFO' && !left.has(id))
          .map(
            ({ id, status, errorMessage }) =>
              `${id}: ${status}${errorMessage === undefined ? '' : ` (${errorMessage})`}`,
          ),
      ])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  ) as Record<string, string[]>;
}
