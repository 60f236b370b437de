import { isRecord } from '../../core/json';
import type { ViewMode } from '../../traffic/trafficView';

/** What the inspector is asked to show. */
export interface InspectorLink {
  /** A record to select and open. */
  seq?: number;
  /** In place of the filter that is there. */
  filter?: string;
  mode?: ViewMode;
}

const linkPath = '/inspect';
const maxFilter = 1000;

/**
 * Reads an address such as `vscode://mcp-workbench.mcp-workbench/inspect?filter=tool%3As3_*&view=messages`. Anybody can
 * make one, so it can only choose what is looked at, and what is not understood is left out.
 * @returns `undefined` for an address of something else.
 */
export function readInspectorAddress({ path, query }: { path: string; query: string }): InspectorLink | undefined {
  if (path !== linkPath) return undefined;
  const values = new URLSearchParams(query);
  return readInspectorLink({
    seq: Number(values.get('seq') ?? NaN),
    filter: values.get('filter') ?? undefined,
    mode: values.get('view') ?? undefined,
  });
}

/** Reads what a command was given: the number of a record, or an object like `InspectorLink`. */
export function readInspectorLink(given: unknown): InspectorLink {
  if (typeof given === 'number') return readInspectorLink({ seq: given });
  if (!isRecord(given)) return {};
  const { seq, filter, mode } = given;
  return {
    ...(typeof seq === 'number' && Number.isSafeInteger(seq) && seq > 0 ? { seq } : {}),
    ...(typeof filter === 'string' ? { filter: filter.slice(0, maxFilter) } : {}),
    ...(mode === 'messages' || mode === 'exchanges' ? { mode } : {}),
  };
}

/** The address that opens the inspector with a filter. @param scheme of the editor, e.g. `vscode`. */
export function inspectorAddress(scheme: string, extensionId: string, { filter, mode }: InspectorLink): string {
  const values = new URLSearchParams();
  if (filter !== undefined) values.set('filter', filter);
  if (mode === 'messages') values.set('view', mode);
  return `${scheme}://${extensionId}${linkPath}?${values.toString()}`;
}
