import type { Tool } from '@modelcontextprotocol/client';
import { compareTools, hasToolChanges, type ToolChanges } from './toolChanges';

/**
 * The tools of a server that a person has seen, whoever listed them. A server may offer more to a client that can do
 * more, so that each client has names of its own; what a tool says is the same for all.
 */
export interface SeenTools {
  tools: readonly Tool[];
  /** Names in the latest list of each client, by its name. */
  names: Readonly<Record<string, readonly string[]>>;
}

/** How a list differs from what was seen. */
export interface NewTools {
  before: readonly Tool[];
  after: readonly Tool[];
  changes: ToolChanges;
}

/** The tools that a client was seen to have. */
export function toolsSeenBy({ tools, names }: SeenTools, client: string): readonly Tool[] {
  const own = new Set(Object.hasOwn(names, client) ? names[client] : []);
  return tools.filter(({ name }) => own.has(name));
}

/**
 * Holds a list against what was seen.
 * @param client who got it
 * @returns what is new in it; `undefined` where nothing is. What a client gets at its first time, beyond what others
 * got, is nothing new: it is offered because of what the client can do.
 */
export function newTools(seen: SeenTools, client: string, after: readonly Tool[]): NewTools | undefined {
  const listed = new Set(after.map(({ name }) => name));
  const isFirst = !Object.hasOwn(seen.names, client);
  const had = new Set(isFirst ? [] : seen.names[client]);
  const before = seen.tools.filter(({ name }) => listed.has(name) || had.has(name));
  const changes = compareTools(before, after);
  if (isFirst) changes.added = [];
  return hasToolChanges(changes) ? { before, after, changes } : undefined;
}

/** What is seen once a person has seen a list of a client, too. */
export function withSeen(seen: SeenTools | undefined, client: string, after: readonly Tool[]): SeenTools {
  const names = { ...seen?.names, [client]: after.map(({ name }) => name) };
  const wanted = new Set(Object.values(names).flat());
  const tools = new Map(seen?.tools.map((tool) => [tool.name, tool]));
  for (const tool of after) tools.set(tool.name, tool);
  return { tools: [...tools.values()].filter(({ name }) => wanted.has(name)), names };
}
