import type { ClientConnection } from '../../mcp/host/clientConnection';
import type { ConfigProblem } from '../../mcp/upstream/discovery/configProblem';
import type { KnownServer, ServerLists } from './knownServer';

/** A row of the *Servers* tree about a server of the user. */
export type ManagedNode =
  | { kind: 'managed'; server: KnownServer }
  | { kind: 'managedNote'; server: KnownServer; note: ManagedNote }
  | { kind: 'managedClients'; server: KnownServer }
  | { kind: 'managedClient'; server: KnownServer; connection: ClientConnection }
  | { kind: 'managedList'; server: KnownServer; list: keyof ServerLists }
  | { kind: 'managedItem'; server: KnownServer; list: keyof ServerLists; item: ManagedItem }
  | { kind: 'managedProblem'; problem: ConfigProblem };

/** A sentence in the tree, with what a click on it does. */
export interface ManagedNote {
  id: string;
  text: string;
  icon: string;
  detail?: string;
  command?: { id: string; title: string; argument: unknown };
}

/** A tool, resource, template or prompt, as far as rows need it. */
export interface ManagedItem {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
  uri?: string;
  uriTemplate?: string;
}

const kinds: ReadonlySet<string> = new Set<ManagedNode['kind']>([
  'managed',
  'managedNote',
  'managedClients',
  'managedClient',
  'managedList',
  'managedItem',
  'managedProblem',
]);

/** Whether a row is about a server of the user. */
export function isManagedNode(node: { kind: string }): node is ManagedNode {
  return kinds.has(node.kind);
}
