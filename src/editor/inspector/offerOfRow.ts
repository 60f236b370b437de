import { isRecord } from '../../core/json';
import { ownServerKey } from '../../mcp/caller/ownServer';
import { isManagedNode } from '../managedServers/managedNodes';
import type { ServerNode } from '../servers/serverNodes';
import type { OfferLink } from './offerLink';

/**
 * What a row of the *Servers* view stands for among what servers offer: a server, or an item of one; our own server where
 * it stands for neither.
 * @param row what the editor gives to a command of a tree; anything, where others run the command
 */
export function offerOfRow(row: unknown): OfferLink {
  if (!isRecord(row) || typeof row['kind'] !== 'string') return { server: ownServerKey };
  const node = row as unknown as ServerNode;
  if (!isManagedNode(node)) {
    if (node.kind === 'tool') return { server: ownServerKey, kind: 'tools', name: node.tool.tool.name };
    return { server: ownServerKey };
  }
  switch (node.kind) {
    case 'managed':
    case 'managedList':
      return { server: node.server.key };
    case 'managedItem': {
      const { server, list, item } = node;
      return { server: server.key, kind: list, name: item.uri ?? item.uriTemplate ?? item.name };
    }
    case 'managedNote':
    case 'managedClients':
    case 'managedClient':
    case 'managedProblem':
      break;
  }
  return { server: ownServerKey };
}
