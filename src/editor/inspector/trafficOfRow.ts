import { isRecord } from '../../core/json';
import { filterTerm } from '../../traffic/filterTerm';
import { serverLabel } from '../mcpProvider';
import { isManagedNode } from '../managedServers/managedNodes';
import type { ServerNode } from '../servers/serverNodes';

/**
 * The filter that shows the traffic of what a row of the *Servers* view stands for.
 * @param row what the editor gives to a command of a tree; anything, where others run the command
 * @returns `undefined` for what has no traffic of its own
 */
export function trafficFilterOf(row: unknown): string | undefined {
  if (!isRecord(row) || typeof row['kind'] !== 'string') return undefined;
  const node = row as unknown as ServerNode;
  if (!isManagedNode(node)) {
    switch (node.kind) {
      case 'server':
      case 'clients':
      case 'tools':
        return filterTerm('server', serverLabel);
      case 'client':
        return filterTerm('session', node.connection.id);
      case 'toolset':
        return `${filterTerm('server', serverLabel)} tool:${node.tools.map(({ tool }) => tool.name).join('|')}`;
      case 'tool':
        return `${filterTerm('server', serverLabel)} ${filterTerm('tool', node.tool.tool.name)}`;
      case 'externalAccess':
        break;
    }
    return undefined;
  }
  switch (node.kind) {
    case 'managed':
    case 'managedClients':
    case 'managedList':
      return serverTerm(node.server);
    case 'managedClient':
      return filterTerm('session', node.connection.id);
    case 'managedItem': {
      const { item, list } = node;
      const target = item.uri ?? item.name;
      return `${serverTerm(node.server)} ${filterTerm(list === 'tools' ? 'tool' : 'target', target)}`;
    }
    case 'managedNote':
    case 'managedProblem':
      break;
  }
  return undefined;
}

/** As the relay names the server in its records. */
function serverTerm({
  supervisor,
  title,
}: {
  supervisor?: { server: { title?: string } } | undefined;
  title: string;
}): string {
  return filterTerm('server', supervisor?.server.title ?? title);
}
