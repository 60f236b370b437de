import type { OfferedKind } from '../../src/protocol/offeredKinds';
import type { SchemaHostMessage, SchemaServer } from '../../src/protocol/schemas';
import { filterTerm } from '../../src/traffic/filterTerm';
import type { HostConnection } from '../hostConnection';
import type { InspectorModel } from '../inspectorModel';
import { readSavedSchemas, type SavedSchemas, type SchemaSelection, type SchemaTab } from './savedSchemas';
import { isSchemaMessage } from './schemaMessages';
import { schemaRows, searched, type SchemaRow, type SearchedItem } from './schemaRows';

/** The item that is shown, as the host sent it. */
export type ShownItem = Extract<SchemaHostMessage, { type: 'schemaItem' }>;

/** Opens an item where it can be tried. */
export type OpenTryIt = (server: string, kind: OfferedKind, name: string) => void;

/** Up to so many servers all are unfolded at first. */
const unfoldedServers = 3;
const savedName = 'schemas';

/** What the view knows, and what a person does with it. */
export class SchemaModel {
  readonly #host: HostConnection;
  readonly #inspector: InspectorModel;
  readonly #saved: SavedSchemas;
  readonly #listeners = new Set<() => void>();
  readonly #items = new Map<string, readonly SearchedItem[]>();
  #servers: readonly SchemaServer[] | undefined;
  #rows: readonly SchemaRow[] = [];
  #shown: ShownItem | undefined;
  #isGone = false;
  /** A place in the raw JSON that is to be shown, once it is there. */
  #target: string | undefined;
  #isWatched = false;
  #isRevealed = false;
  /** Lets an item be tried; not set where there is nothing to try it on. */
  openTryIt: OpenTryIt | undefined;

  constructor(host: HostConnection, inspector: InspectorModel) {
    this.#host = host;
    this.#inspector = inspector;
    this.#saved = readSavedSchemas(host.loadPart(savedName));
    host.onAnyMessage((message) => {
      if (isSchemaMessage(message)) this.#receive(message);
    });
  }

  /** Calls `listener` after every change. @returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** `undefined` until the host has answered. */
  get servers(): readonly SchemaServer[] | undefined {
    return this.#servers;
  }

  get rows(): readonly SchemaRow[] {
    return this.#rows;
  }

  get search(): string {
    return this.#saved.search;
  }

  get isNotable(): boolean {
    return this.#saved.isNotable;
  }

  get selected(): SchemaSelection | undefined {
    return this.#saved.selected;
  }

  /** Line of what is selected; -1 where it is not listed. */
  get selectedRow(): number {
    const { selected } = this.#saved;
    return selected === undefined ? -1 : this.#rows.findIndex((row) => isOf(row, selected));
  }

  get selectedServer(): SchemaServer | undefined {
    return this.#servers?.find(({ key }) => key === this.#saved.selected?.server);
  }

  /** The item that is selected, once the host has sent it. */
  get shown(): ShownItem | undefined {
    const { selected } = this.#saved;
    const item = this.#shown;
    return item && selected && item.server === selected.server && item.kind === selected.kind && item.id === selected.id
      ? item
      : undefined;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  get tab(): SchemaTab {
    return this.#saved.tab;
  }

  get split(): number {
    return this.#saved.split;
  }

  /** Whether something was asked for from elsewhere since this was called last. */
  takeReveal(): boolean {
    const isRevealed = this.#isRevealed;
    this.#isRevealed = false;
    return isRevealed;
  }

  get target(): string | undefined {
    return this.#target;
  }

  /** How many items of a server are known. */
  itemsOf(server: string): readonly SearchedItem[] {
    return this.#items.get(server) ?? [];
  }

  watch(): void {
    this.#isWatched = true;
    this.#host.post({ type: 'watchSchemas' });
    this.#openSelected();
  }

  unwatch(): void {
    this.#isWatched = false;
    this.#host.post({ type: 'unwatchSchemas' });
  }

  setSearch(text: string): void {
    this.#saved.search = text.slice(0, 500);
    this.#keep();
    this.#list();
  }

  toggleNotable(): void {
    this.#saved.isNotable = !this.#saved.isNotable;
    this.#keep();
    this.#list();
  }

  clearSearch(): void {
    this.#saved.search = '';
    this.#saved.isNotable = false;
    this.#keep();
    this.#list();
  }

  fold(server: SchemaServer, isOpen: boolean): void {
    this.#saved.folded = { ...this.#saved.folded, [server.key]: isOpen };
    this.#keep();
    if (isOpen) this.#listIfRunning(server);
    this.#list();
  }

  select(selection: SchemaSelection | undefined): void {
    const { selected } = this.#saved;
    const isSame =
      selected?.server === selection?.server && selected?.kind === selection?.kind && selected?.id === selection?.id;
    if (!isSame) {
      if (selection) this.#saved.selected = selection;
      else delete this.#saved.selected;
      this.#keep();
      this.#shown = undefined;
      this.#isGone = false;
      this.#target = undefined;
      this.#openSelected();
    }
    this.#changed();
  }

  /** Selects the line at a position; the nearest one where there is none. */
  selectRow(position: number): void {
    const row = this.#rows[Math.min(this.#rows.length - 1, Math.max(0, position))];
    if (row) this.select(selectionOf(row));
  }

  setTab(tab: SchemaTab): void {
    this.#saved.tab = tab;
    this.#keep();
    this.#changed();
  }

  setSplit(split: number): void {
    this.#saved.split = Math.min(0.8, Math.max(0.2, split));
    this.#keep();
    this.#changed();
  }

  /** Shows a place of the item in its raw JSON. */
  showPlace(path: string): void {
    this.#saved.tab = 'raw';
    this.#keep();
    this.#target = path;
    this.#changed();
  }

  /** Says that the place was shown. */
  reachTarget(): void {
    this.#target = undefined;
  }

  /** Reads the lists of a server, starting it where needed: only after a person's click. */
  list(server: string): void {
    this.#host.post({ type: 'listSchemas', server, isAsked: true });
  }

  cancelListing(server: string): void {
    this.#host.post({ type: 'cancelListing', server });
  }

  /** The person has seen how the tools of a server changed. */
  accept(server: string): void {
    this.#host.post({ type: 'acceptSchemas', server });
  }

  copy(text: string): void {
    this.#inspector.copy(text);
  }

  /** Lists the calls of an item. */
  showCalls({ kind, name }: ShownItem, server: SchemaServer): void {
    // What a template was filled with is not known, but how it begins is.
    const start = name.replace(/\{.*$/s, '');
    const terms: Readonly<Record<OfferedKind, string>> = {
      tools: filterTerm('tool', name),
      prompts: `method:prompts/get ${filterTerm('target', name)}`,
      resources: `method:resources/read ${filterTerm('target', name)}`,
      resourceTemplates: `method:resources/read${/^[^\s"|*?]+$/.test(start) ? ` target:${start}*` : ''}`,
    };
    this.#inspector.setFilter(`${terms[kind]} ${filterTerm('server', server.label)}`);
    this.#inspector.setPage('exchanges');
  }

  #receive(message: SchemaHostMessage): void {
    switch (message.type) {
      case 'schemaServers': {
        const keys = new Set(message.servers.map(({ key }) => key));
        for (const key of this.#items.keys()) if (!keys.has(key)) this.#items.delete(key);
        this.#servers = message.servers;
        this.#list();
        break;
      }
      case 'schemaItems':
        for (const { server, items } of message.lists) this.#items.set(server, items.map(searched));
        this.#list();
        break;
      case 'schemaItem':
        this.#shown = message;
        this.#isGone = false;
        this.#changed();
        break;
      case 'schemaGone': {
        const { selected } = this.#saved;
        this.#isGone = selected?.server === message.server && selected.id === message.id;
        if (this.#isGone) this.#shown = undefined;
        this.#changed();
        break;
      }
      case 'showSchema': {
        const { server, kind, id } = message;
        this.#saved.search = '';
        this.#saved.isNotable = false;
        this.#saved.folded = { ...this.#saved.folded, [server]: true };
        this.#keep();
        this.#isRevealed = true;
        this.#inspector.setPage('schemas');
        this.select(kind && id !== undefined ? { server, kind, id } : { server });
        this.#list();
        break;
      }
    }
  }

  #openSelected(): void {
    const { selected } = this.#saved;
    if (!this.#isWatched) return;
    if (selected?.kind && selected.id !== undefined) {
      const { server, kind, id } = selected;
      this.#host.post({ type: 'openSchema', server, kind, id });
    } else {
      this.#host.post({ type: 'closeSchema' });
      const server = this.selectedServer;
      if (server) this.#listIfRunning(server);
    }
  }

  /** A server that runs is asked for what is not known of it; one that does not is left alone. */
  #listIfRunning({ key, state }: SchemaServer): void {
    if (state === 'ready') this.#host.post({ type: 'listSchemas', server: key, isAsked: false });
  }

  #isOpen(server: SchemaServer): boolean {
    // Who searches wants to see what was found.
    if (this.#saved.search !== '' || this.#saved.isNotable) return true;
    return this.#saved.folded[server.key] ?? (this.#servers?.length ?? 0) <= unfoldedServers;
  }

  #list(): void {
    this.#rows = schemaRows({
      servers: this.#servers ?? [],
      itemsOf: (server) => this.itemsOf(server),
      search: this.#saved.search,
      isNotable: this.#saved.isNotable,
      isOpen: (server) => this.#isOpen(server),
    });
    this.#changed();
  }

  #keep(): void {
    this.#host.savePart(savedName, this.#saved);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** What a line stands for. */
export function selectionOf(row: SchemaRow): SchemaSelection {
  return row.kind === 'server'
    ? { server: row.server.key }
    : { server: row.server.key, kind: row.item.kind, id: row.item.id };
}

function isOf(row: SchemaRow, { server, kind, id }: SchemaSelection): boolean {
  if (row.server.key !== server) return false;
  return row.kind === 'server' ? id === undefined : row.item.id === id && row.item.kind === kind;
}
