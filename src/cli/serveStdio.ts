import { serveOverStdio } from '../mcp/host/stdioServer';
import { createWorkbenchFeatures } from '../mcp/server/workbenchFeatures';
import type { ServiceFlags } from './commandLine';
import { displayName, type CommandContext } from './commandContext';
import { createServices } from './services';
import { stopSignal } from './stopSignal';
import { unwatchedTraffic } from './unwatchedTraffic';

/**
 * Serves the client on standard input and output until it closes them or a signal comes. In a file of its own, so that
 * a client that waits for its list of tools does not wait for an HTTP server to be loaded.
 */
export async function serveStdio(flags: ServiceFlags, { version, logger }: CommandContext): Promise<void> {
  const stopped = stopSignal();
  const services = await createServices(flags, version, logger);
  const features = createWorkbenchFeatures({ ...services, onDidChangePolicy: services.policy.onDidChange, version });
  const server = serveOverStdio({ features, recorder: unwatchedTraffic, logger, serverName: displayName });
  await Promise.race([server.closed, stopped]);
  await server.close();
  features.dispose();
  await services.dispose();
}
