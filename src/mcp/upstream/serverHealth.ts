import type { Tool } from '@modelcontextprotocol/client';
import { compareTools, listSizes, type ListSizes, type ToolChanges } from './toolChanges';
import { lintTools, type SchemaProblem } from './toolLint';
import type { UpstreamClient } from './upstreamClient';

/** What a check of a server found. */
export interface HealthReport {
  /** Milliseconds since the epoch. */
  checkedAt: number;
  /** Milliseconds for the sign of life. */
  latencyMs: number;
  tools: readonly Tool[];
  sizes: ListSizes;
  problems: SchemaProblem[];
  /** Since the tools that were given; `undefined` where none were. */
  changes: ToolChanges | undefined;
}

/**
 * Asks a server for a sign of life and for its lists.
 * @param before the tools of the last time
 * @throws WorkbenchError as the client does
 */
export async function checkHealth(
  client: UpstreamClient,
  before: readonly Tool[] | undefined,
  signal: AbortSignal,
): Promise<HealthReport> {
  const latencyMs = await client.check(signal);
  const tools = await client.listTools(signal);
  const resources = await client.listResources(signal);
  const resourceTemplates = await client.listResourceTemplates(signal);
  const prompts = await client.listPrompts(signal);
  return {
    checkedAt: Date.now(),
    latencyMs,
    tools,
    sizes: listSizes({ tools, resources, resourceTemplates, prompts }),
    problems: lintTools(tools),
    changes: before && compareTools(before, tools),
  };
}
