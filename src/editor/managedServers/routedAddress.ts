import type { ServerTemplate } from '../../mcp/upstream/discovery/serverTemplate';
import { pathOfServer } from '../../mcp/upstream/managedServer';
import type { ExternalEndpoint } from '../servers/externalAccess';

/**
 * Whether clients reach a server by what a config file says.
 * - `direct`: the file does not lead through us.
 * - `routed`: it does, and the address is right.
 * - `outdated`: it leads to another window, to a port that nobody serves any more, or has an earlier token.
 * - `closed`: it leads through us, and external access is off.
 */
export type RouteState = 'direct' | 'routed' | 'outdated' | 'closed';

/** The entry that leads through us to a watched server. @param name in the path of the server */
export function routedTemplate(name: string, { url, token }: ExternalEndpoint): ServerTemplate {
  const address = new URL(pathOfServer(name), url).href;
  return { transport: 'http', url: address, headers: { Authorization: `Bearer ${token}` } };
}

/** Judges a routed entry. @param written what the file says now */
export function routeState(written: ServerTemplate, name: string, endpoint: ExternalEndpoint | undefined): RouteState {
  if (!endpoint) return 'closed';
  const wanted = routedTemplate(name, endpoint);
  const isSame =
    written.transport !== 'stdio' &&
    wanted.transport !== 'stdio' &&
    written.url === wanted.url &&
    written.headers['Authorization'] === wanted.headers['Authorization'];
  return isSame ? 'routed' : 'outdated';
}
