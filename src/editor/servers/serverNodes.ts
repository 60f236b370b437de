import { estimateTokens } from '../../core/tokens';
import type { ClientConnection } from '../../mcp/host/clientConnection';
import type { RegisteredTool } from '../../tools/registry';
import type { Toolset } from '../../tools/tool';
import type { ManagedNode } from '../managedServers/managedNodes';

/** A row of the *Servers* tree. */
export type ServerNode =
  | { kind: 'server' }
  | { kind: 'externalAccess'; url: string }
  | { kind: 'clients' }
  | { kind: 'client'; connection: ClientConnection }
  | { kind: 'tools'; tools: readonly RegisteredTool[] }
  | { kind: 'toolset'; toolset: Toolset; tools: readonly RegisteredTool[] }
  | { kind: 'tool'; tool: RegisteredTool }
  | ManagedNode;

/** What a tool's listing costs a model that is given it, in estimated tokens. */
export function listingTokens({ listing }: RegisteredTool): number {
  return estimateTokens(JSON.stringify(listing));
}

/** `24 · ~6.1k tokens` */
export function costWords(tools: readonly RegisteredTool[]): string {
  const tokens = tools.reduce((sum, tool) => sum + listingTokens(tool), 0);
  return `${tools.length} · ${tokenWords(tokens)}`;
}

/** `~310 tokens`, `~6.1k tokens` */
export function tokenWords(tokens: number): string {
  return tokens < 1000 ? `~${tokens} tokens` : `~${(tokens / 1000).toFixed(1)}k tokens`;
}

/** `1 client`, `2 clients` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Tools by toolset, in the order in which the toolsets come. */
export function byToolset(tools: readonly RegisteredTool[]): Map<Toolset, RegisteredTool[]> {
  const groups = new Map<Toolset, RegisteredTool[]>();
  for (const tool of tools) {
    const group = groups.get(tool.tool.toolset);
    if (group) group.push(tool);
    else groups.set(tool.tool.toolset, [tool]);
  }
  return groups;
}
