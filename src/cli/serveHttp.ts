import { McpHost } from '../mcp/host/mcpHost';
import { createWorkbenchFeatures } from '../mcp/server/workbenchFeatures';
import type { ServiceFlags } from './commandLine';
import { displayName, type CommandContext } from './commandContext';
import { createServices } from './services';
import { stopSignal } from './stopSignal';
import { unwatchedTraffic } from './unwatchedTraffic';

/** Serves clients on loopback until a signal comes. */
export async function serveHttp(
  flags: ServiceFlags,
  listen: { port: number; token: string },
  { version, logger }: CommandContext,
): Promise<void> {
  const stopped = stopSignal();
  const services = await createServices(flags, version, logger);
  const features = createWorkbenchFeatures({ ...services, onDidChangePolicy: services.policy.onDidChange, version });
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
