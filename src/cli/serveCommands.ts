import type { Disposable } from '../core/disposable';
import type { Logger } from '../core/logger';
import { McpHost } from '../mcp/host/mcpHost';
import { serveOverStdio } from '../mcp/host/stdioServer';
import type { ServerFeatures } from '../mcp/server/serverFeatures';
import { createWorkbenchFeatures } from '../mcp/server/workbenchFeatures';
import type { ServiceFlags } from './commandLine';
import { createServices, type CliServices } from './services';
import { stopSignal } from './stopSignal';
import { unwatchedTraffic } from './unwatchedTraffic';

const displayName = 'AWS tools';

/** What a command needs that the command line does not say. */
export interface CommandContext {
  version: string;
  logger: Logger;
}

/** Serves the client on standard input and output until it closes them or a signal comes. */
export async function serveStdio(flags: ServiceFlags, { version, logger }: CommandContext): Promise<void> {
  const stopped = stopSignal();
  const services = await createServices(flags, version, logger);
  const features = featuresOf(services, version);
  const server = serveOverStdio({ features, recorder: unwatchedTraffic, logger, serverName: displayName });
  await Promise.race([server.closed, stopped]);
  await server.close();
  features.dispose();
  await services.dispose();
}

/** Serves clients on loopback until a signal comes. */
export async function serveHttp(
  flags: ServiceFlags,
  listen: { port: number; token: string },
  { version, logger }: CommandContext,
): Promise<void> {
  const stopped = stopSignal();
  const services = await createServices(flags, version, logger);
  const features = featuresOf(services, version);
  const host = new McpHost({ features, recorder: unwatchedTraffic, logger, serverName: displayName });
  try {
    const { url } = await host.listenOnLoopback(listen);
    process.stdout.write(`${JSON.stringify({ url })}\n`);
    await stopped;
  } finally {
    await host.dispose();
    features.dispose();
    await services.dispose();
  }
}

function featuresOf({ pipeline, reads, results, policy }: CliServices, version: string): ServerFeatures & Disposable {
  return createWorkbenchFeatures({ pipeline, reads, results, onDidChangePolicy: policy.onDidChange, version });
}
