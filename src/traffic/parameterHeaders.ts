import { isRecord } from '../core/json';

/** An argument of a tool that clients repeat in a header (2026-07-28, `x-mcp-header`). */
export interface ParameterHeader {
  /** Lower case, with its prefix. */
  header: string;
  /** Names of members from the outermost in. */
  path: readonly string[];
}

/** Parameter that clients repeat in the header `Mcp-Name`, by method (2026-07-28, standard request headers). */
export const nameSources: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/** The arguments of a tool that are repeated in headers, by its schema. */
export function parameterHeadersOf(inputSchema: unknown, path: readonly string[] = []): ParameterHeader[] {
  if (!isRecord(inputSchema) || !isRecord(inputSchema['properties']) || path.length > 16) return [];
  return Object.entries(inputSchema['properties']).flatMap(([name, property]) => {
    if (!isRecord(property)) return [];
    const { 'x-mcp-header': header } = property;
    const here = [...path, name];
    return typeof header === 'string' && header !== ''
      ? [{ header: `mcp-param-${header.toLowerCase()}`, path: here }]
      : parameterHeadersOf(property, here);
  });
}
