import type { SchemaItem, SchemaServer } from '../../src/protocol/schemas';

/** A line of the list. */
export type SchemaRow =
  | { kind: 'server'; server: SchemaServer; isOpen: boolean; found: number }
  | {
      kind: 'item';
      server: SchemaServer;
      item: SchemaItem;
      /** Its place among those found, from 1, and how many these are. */
      at: number;
      found: number;
    };

/** An item with the text that it is searched in. */
export interface SearchedItem {
  item: SchemaItem;
  text: string;
}

/** Makes an item ready for being searched. */
export function searched(item: SchemaItem): SearchedItem {
  return { item, text: `${item.name}\n${item.title ?? ''}\n${item.words}`.toLowerCase() };
}

export interface RowsAsked {
  servers: readonly SchemaServer[];
  itemsOf: (server: string) => readonly SearchedItem[];
  /** Words that must all be found, in any order. */
  search: string;
  /** Only items with findings or changes. */
  isNotable: boolean;
  isOpen: (server: SchemaServer) => boolean;
}

/** The lines of the list: servers, and under each the items that match. A server that has none is listed by its name. */
export function schemaRows({ servers, itemsOf, search, isNotable, isOpen }: RowsAsked): SchemaRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const isNarrowed = words.length > 0 || isNotable;
  const rows: SchemaRow[] = [];
  for (const server of servers) {
    const label = server.label.toLowerCase();
    // The name of the server counts for its items, so that `github issue` finds the issues of GitHub.
    const left = words.filter((word) => !label.includes(word));
    const found = isNarrowed
      ? itemsOf(server.key).filter(
          ({ item, text }) =>
            (!isNotable || item.worst !== undefined || item.change !== undefined) &&
            (left.every((word) => text.includes(word)) || words.every((word) => text.includes(word))),
        )
      : itemsOf(server.key);
    if (isNarrowed && found.length === 0 && (isNotable || left.length > 0)) continue;
    const isUnfolded = isOpen(server);
    rows.push({ kind: 'server', server, isOpen: isUnfolded, found: found.length });
    if (!isUnfolded) continue;
    for (const [index, { item }] of found.entries()) {
      rows.push({ kind: 'item', server, item, at: index + 1, found: found.length });
    }
  }
  return rows;
}
