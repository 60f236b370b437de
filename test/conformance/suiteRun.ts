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

/** What a suite is let loose on. */
export interface SuiteTarget {
  url: string;
  /** Sent as a bearer token. */
  token: string;
  close(): Promise<void>;
}

const token = 'conformance-'.repeat(4);

/** Serves the fixtures on our own host, with recording on, and lets a conformance suite loose on it. */
export function runSuite(suite: PeerName, args: readonly string[]): Promise<SuiteResults> {
  return runSuiteOn(suite, args, serveFixtures);
}

/** Serves the fixtures on our own host. */
export async function serveFixtures(allowedOrigins: readonly string[]): Promise<SuiteTarget> {
  const host = new McpHost({
    features: fixtureFeatures(),
    recorder: new TrafficRecorder(),
    logger: silentLogger,
    serverName: 'Fixtures',
    allowedOrigins,
  });
  const { url } = await host.listenOnLoopback({ token });
  return { url, token, close: () => host.dispose() };
}

/**
 * Lets a conformance suite loose on a server.
 * @param start starts the server; requests from pages of `origins` must be let in
 */
export async function runSuiteOn(
  suite: PeerName,
  args: readonly string[],
  start: (origins: readonly string[]) => Promise<SuiteTarget>,
): Promise<SuiteResults> {
  const folder = makeTemporaryFolder();
  const proxy = await startAuthorizingProxy();
  const target = await start(proxy.origins);
  try {
    proxy.forwardTo(target);
    // Its exit code says that something failed; what, the checks say.
    const { stdout, stderr } = await runPeer(suite, ['server', '--url', proxy.url, ...args, '-o', folder]);
    const results = readResults(folder);
    if (results.size === 0) throw new Error(`The suite left no results.\n${stdout}\n${stderr}`);
    return results;
  } finally {
    await target.close();
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
