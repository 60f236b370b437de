import { isRecord } from '../../src/core/json';
import { offeredKinds, type OfferedKind } from '../../src/protocol/offeredKinds';

/** What is selected: a server, or an item of it. */
export interface SchemaSelection {
  server: string;
  kind?: OfferedKind;
  id?: string;
}

export const schemaTabs = ['schema', 'output', 'raw', 'changes'] as const;

export type SchemaTab = (typeof schemaTabs)[number];

/** What the view keeps while it is hidden and across reloads of the window. */
export interface SavedSchemas {
  search: string;
  /** Whether only items with findings and changes are listed. */
  isNotable: boolean;
  selected?: SchemaSelection;
  tab: SchemaTab;
  /** Servers that are folded or unfolded otherwise than they would be. */
  folded: Record<string, boolean>;
  /** Part of the width that the item takes, 0 to 1. */
  split: number;
}

const maxFolded = 500;

/** State from an earlier version of the page, or from nowhere, must not break this one. */
export function readSavedSchemas(saved: unknown): SavedSchemas {
  const state = isRecord(saved) ? saved : {};
  const { search, isNotable, selected, tab, folded, split } = state;
  const selection = readSelection(selected);
  return {
    search: typeof search === 'string' ? search.slice(0, 500) : '',
    isNotable: isNotable === true,
    ...(selection ? { selected: selection } : {}),
    tab: schemaTabs.find((known) => known === tab) ?? 'schema',
    folded: isRecord(folded)
      ? Object.fromEntries(
          Object.entries(folded)
            .filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean')
            .slice(-maxFolded),
        )
      : {},
    split: typeof split === 'number' && split >= 0.2 && split <= 0.8 ? split : 0.66,
  };
}

function readSelection(saved: unknown): SchemaSelection | undefined {
  if (!isRecord(saved) || typeof saved['server'] !== 'string') return undefined;
  const kind = offeredKinds.find((known) => known === saved['kind']);
  return kind && typeof saved['id'] === 'string'
    ? { server: saved['server'], kind, id: saved['id'] }
    : { server: saved['server'] };
}
