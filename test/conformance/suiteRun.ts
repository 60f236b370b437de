import * as fs from 'node:fs';
import * as path from 'node:path';
import { makeTemporaryFolder, removeFolder } from '../../scripts/toolbox/cache';
import { runPeer, type PeerName } from '../../scripts/toolbox/peers';
import { silentLogger } from '../../src/core/logger';
import { McpHost } from '../../src/mcp/host/mcpHost';
import { TrafficRecorder } from '../../src/traffic/trafficRecorder';
import { startAuthorizingProxy } from './authorizingProxy';
import { fixtureFeatures } from './fixtureFeatures';

/** One thing that a suite looked at. */
export interface Check {
  id: string;
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'INFO' | 'SKIPPED';
  errorMessage?: string;
  details?: Record<string, unknown>;
}

/** What a suite found, by the name of the scenario. */
export type SuiteResults = ReadonlyMap<string, readonly Check[]>;

/** Serves the fixtures on our own host, with recording on, and lets a conformance suite loose on it. */
export async function runSuite(suite: PeerName, args: readonly string[]): Promise<SuiteResults> {
  const folder = makeTemporaryFolder();
  const proxy = await startAuthorizingProxy();
  const host = new McpHost({
    features: fixtureFeatures(),
    recorder: new TrafficRecorder(),
    logger: silentLogger,
    serverName: 'Fixtures',
    allowedOrigins: proxy.origins,
  });
  try {
    const token = 'conformance-'.repeat(4);
    proxy.forwardTo({ url: (await host.listenOnLoopback({ token })).url, token });
    // Its exit code says that something failed; what, the checks say.
    const { stdout, stderr } = await runPeer(suite, ['server', '--url', proxy.url, ...args, '-o', folder]);
    const results = readResults(folder);
    if (results.size === 0) throw new Error(`The suite left no results.\n${stdout}\n${stderr}`);
    return results;
  } finally {
    await host.dispose();
    await proxy.close();
    await removeFolder(folder);
  }
}

function readResults(folder: string): SuiteResults {
  const results = new Map<string, readonly Check[]>();
  for (const entry of fs.readdirSync(folder)) {
    const name = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(entry)?.[1];
    if (name === undefined) continue;
    results.set(name, JSON.parse(fs.readFileSync(path.join(folder, entry, 'checks.json'), 'utf8')) as Check[]);
  }
  return results;
}
