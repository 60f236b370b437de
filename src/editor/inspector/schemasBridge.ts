import type { Disposable } from '../../core/disposable';
import { messageOf, WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import type { CallableServer, CallableServers, OfferedList } from '../../mcp/caller/callableServer';
import { duplicateFinding, type SchemaFinding } from '../../mcp/caller/schemaLint';
import { ownServerKey } from '../../mcp/caller/ownServer';
import { findTwins, type Twin } from '../../mcp/caller/schemaTwins';
import { offeredKinds } from '../../protocol/offeredKinds';
import {
  maxItemsPerServer,
  schemasWebviewMessage,
  type ItemChange,
  type SchemaHostMessage,
  type SchemaItem,
  type SchemaServer,
  type SchemaWebviewMessage,
} from '../../protocol/schemas';
import type { TrafficSource } from '../../traffic/trafficSource';
import {
  addressOf,
  changedMembers,
  factsOf,
  hasFacts,
  idsOf,
  itemText,
  shortName,
  type ListedItems,
  type ListedServer,
} from './listedServer';
import type { OfferLink } from './offerLink';
import { recordedLists, tellsLists } from './recordedLists';

/** What the view needs from the editor around it. */
export interface SchemaHost {
  post(message: SchemaHostMessage): void;
  readonly servers?: CallableServers;
}

/** An item with what the page is told of it. */
interface Entry {
  summary: SchemaItem;
  item: object | undefined;
  before: object | undefined;
  changed: string[];
  findings: readonly SchemaFinding[];
}

/** The items of one server, made anew when one of its lists is another. */
interface Listing {
  /** The lists that it was made from. */
  made: readonly unknown[];
  entries: Entry[];
  /** What the page has, as text. */
  posted?: string;
}

interface Reading {
  abort: AbortController;
}

/** Between two updates: states of servers change in bursts. */
const minIntervalMs = 100;

/** Between two times that the lists of a server are read again because it said that they changed. */
const minRelistMs = 5000;
/** Items are looked at for so long before the editor gets its turn. */
const maxLookMs = 25;

/** Serves one page. */
export class SchemaBridge implements Disposable {
  readonly #source: TrafficSource;
  readonly #host: SchemaHost;
  /** Those that can be asked; a trace file has none, whatever runs now. */
  readonly #servers: CallableServers | undefined;
  readonly #subscriptions: Disposable[];
  readonly #listings = new Map<string, Listing>();
  readonly #readings = new Map<string, Reading>();
  readonly #failures = new Map<string, NonNullable<SchemaServer['failure']>>();
  /** The lists of servers that run as they were last, shown until those that became others are read again. */
  readonly #kept = new Map<string, ListedItems>();
  /** When the lists of a server were last read again on their own, in milliseconds. */
  readonly #relisted = new Map<string, number>();
  #relistTimer: NodeJS.Timeout | undefined;
  #recorded: ListedServer[] | undefined;
  #twins: { made: readonly unknown[]; found: Map<string, Map<string, Twin[]>> } | undefined;
  #postedServers = '';
  #postedItem = '';
  #open: { server: string; kind: OfferedList; id: string } | undefined;
  #show: OfferLink | undefined;
  #isReady = false;
  #isWatched = false;
  #isVisible = true;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: TrafficSource, host: SchemaHost) {
    this.#source = source;
    this.#host = host;
    this.#servers = source.clock ? host.servers : undefined;
    this.#subscriptions = [
      this.#servers
        ? this.#servers.onDidChange(() => this.#schedule())
        : source.onDidChange(({ changed, wasCleared }) => {
            if (!wasCleared && !changed.some(tellsLists)) return;
            this.#recorded = undefined;
            this.#schedule();
          }),
    ];
  }

  /** Takes a message of the webview; one that is not about this view is left to others. */
  receive(raw: unknown): void {
    if (isRecord(raw) && raw['type'] === 'ready') this.#ready();
    const parsed = schemasWebviewMessage.safeParse(raw);
    if (parsed.success) this.#act(parsed.data);
  }

  /** A hidden page gets nothing; seen again it gets what is known then. */
  setVisible(isVisible: boolean): void {
    if (this.#isVisible === isVisible) return;
    this.#isVisible = isVisible;
    if (!isVisible) {
      this.#stopTimer();
      return;
    }
    this.#forgetPosted();
    this.#send();
    this.#postShow();
  }

  /** Goes to a server, or to an item of it, as soon as the page can show it. */
  show(link: OfferLink): void {
    this.#show = link;
    this.#postShow();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    for (const { abort } of this.#readings.values()) abort.abort();
    this.#readings.clear();
    this.#listings.clear();
    this.#isWatched = false;
    this.#stopTimer();
  }

  #act(message: SchemaWebviewMessage): void {
    switch (message.type) {
      case 'watchSchemas':
        this.#isWatched = true;
        this.#forgetPosted();
        this.#send();
        this.#listOwn();
        break;
      case 'unwatchSchemas':
        this.#isWatched = false;
        this.#stopTimer();
        break;
      case 'openSchema': {
        const { server, kind, id } = message;
        this.#open = { server, kind, id };
        this.#postedItem = '';
        this.#postItem();
        break;
      }
      case 'closeSchema':
        this.#open = undefined;
        break;
      case 'listSchemas': {
        const server = this.#servers?.get(message.server);
        if (server && (message.isAsked || server.state === 'ready')) void this.#list(server, message.isAsked);
        break;
      }
      case 'cancelListing':
        this.#readings.get(message.server)?.abort.abort();
        break;
      case 'acceptSchemas':
        void this.#accept(message.server);
        break;
    }
  }

  /** The page is new: it has nothing yet. */
  #ready(): void {
    this.#isReady = true;
    this.#isWatched = false;
    this.#open = undefined;
    this.#postShow();
  }

  #forgetPosted(): void {
    this.#postedServers = '';
    this.#postedItem = '';
    for (const listing of this.#listings.values()) delete listing.posted;
  }

  #schedule(): void {
    if (!this.#isWatched || !this.#isVisible) return;
    this.#timer ??= setTimeout(() => this.#send(), minIntervalMs);
  }

  #stopTimer(): void {
    clearTimeout(this.#relistTimer);
    this.#relistTimer = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #send(): void {
    this.#stopTimer();
    if (!this.#isWatched || !this.#isVisible) return;
    const listed = this.#listed();
    if (!lookAt(listed)) {
      this.#timer = setTimeout(() => this.#send(), 0);
      return;
    }
    this.#findTwins(listed);
    const keys = new Set(listed.map(({ key }) => key));
    for (const key of this.#listings.keys()) if (!keys.has(key)) this.#forget(key);
    const servers = listed.map((server) => this.#summarise(server));
    const text = JSON.stringify(servers);
    if (text !== this.#postedServers) {
      this.#postedServers = text;
      this.#host.post({ type: 'schemaServers', servers });
    }
    this.#postItems(listed);
    this.#postItem();
    this.#relist();
  }

  /** Our own server is here, so its lists cost nothing; to ask another one may start a process. */
  #listOwn(): void {
    const own = this.#servers?.get(ownServerKey);
    if (own?.state === 'ready') void this.#list(own, false);
  }

  /** Reads again what a server said became another, but not as often as it says so. */
  #relist(): void {
    if (!this.#servers || this.#relistTimer) return;
    for (const server of this.#servers.all) {
      const { key, lists, state } = server;
      const kept = this.#kept.get(key);
      if (state !== 'ready' || this.#readings.has(key) || this.#failures.has(key)) continue;
      if (!offeredKinds.some((kind) => kept?.[kind] && !lists[kind])) continue;
      const wait = (this.#relisted.get(key) ?? -Infinity) + minRelistMs - performance.now();
      if (wait > 0) {
        this.#relistTimer ??= setTimeout(() => {
          this.#relistTimer = undefined;
          this.#schedule();
        }, wait);
        continue;
      }
      this.#relisted.set(key, performance.now());
      void this.#list(server, false);
    }
  }

  #forget(key: string): void {
    this.#listings.delete(key);
    this.#kept.delete(key);
    this.#relisted.delete(key);
    this.#failures.delete(key);
  }

  #postItems(listed: readonly ListedServer[]): void {
    const lists: { server: string; items: SchemaItem[] }[] = [];
    for (const { key } of listed) {
      const listing = this.#listings.get(key);
      if (!listing) continue;
      const items = listing.entries.slice(0, maxItemsPerServer).map(({ summary }) => summary);
      const text = JSON.stringify(items);
      if (text === listing.posted || (listing.posted === undefined && items.length === 0)) continue;
      listing.posted = text;
      lists.push({ server: key, items });
    }
    if (lists.length > 0) this.#host.post({ type: 'schemaItems', lists });
  }

  #postItem(): void {
    if (!this.#open || !this.#isVisible) return;
    const { server, kind, id } = this.#open;
    const message = this.#itemMessage(server, kind, id);
    const text = JSON.stringify(message);
    if (text === this.#postedItem) return;
    this.#postedItem = text;
    this.#host.post(message);
  }

  #itemMessage(server: string, kind: OfferedList, id: string): SchemaHostMessage {
    const listed = this.#listed().find(({ key }) => key === server);
    const entry = listed && this.#entries(listed).find(({ summary }) => summary.kind === kind && summary.id === id);
    const shownItem = entry?.item ?? entry?.before;
    if (!entry || !shownItem) return { type: 'schemaGone', server, kind, id };
    const { item, before, changed, summary, findings } = entry;
    return {
      type: 'schemaItem',
      server,
      kind,
      id,
      name: addressOf(kind, shownItem),
      ...(item ? itemText(item) : { text: '' }),
      ...(before ? { before: itemText(before).text } : {}),
      changed,
      ...(summary.change === undefined ? {} : { change: summary.change }),
      findings: [...findings],
      tokens: summary.tokens,
    };
  }

  #postShow(): void {
    const link = this.#show;
    if (!link || !this.#isReady || !this.#isVisible) return;
    this.#show = undefined;
    const listed = this.#listed().find(({ key }) => key === link.server);
    const { kind, name } = link;
    const items = listed && kind ? (listed.lists[kind] ?? []) : [];
    const at = kind ? items.findIndex((item) => addressOf(kind, item) === name) : -1;
    const id = kind ? (idsOf(kind, items)[at] ?? name) : undefined;
    this.#host.post({
      type: 'showSchema',
      server: link.server,
      ...(kind === undefined ? {} : { kind }),
      ...(id === undefined ? {} : { id }),
    });
  }

  #listed(): readonly ListedServer[] {
    if (!this.#servers) return (this.#recorded ??= recordedLists(this.#source));
    return this.#servers.all.map((server) => {
      const { key, label, state, era, before } = server;
      const lists: ListedItems = state === 'ready' ? { ...this.#kept.get(key) } : {};
      for (const kind of offeredKinds) if (server.lists[kind]) lists[kind] = server.lists[kind];
      this.#kept.set(key, lists);
      return { key, label, state, era, lists, before };
    });
  }

  #summarise(server: ListedServer): SchemaServer {
    const entries = this.#entries(server);
    const { key, label, state, era, note } = server;
    const lists: SchemaServer['lists'] = {};
    for (const kind of offeredKinds) if (server.lists[kind]) lists[kind] = { count: 0, tokens: 0 };
    let problems = 0;
    let changes = 0;
    for (const { summary } of entries) {
      const list = lists[summary.kind];
      if (list && summary.change !== 'removed') {
        list.count += 1;
        list.tokens += summary.tokens;
      }
      if (summary.worst) problems += 1;
      if (summary.change) changes += 1;
    }
    const failure = this.#failures.get(key);
    return {
      key,
      label: shortName(label),
      state,
      lists,
      problems,
      changes,
      canAccept: changes > 0 && state !== 'recorded',
      omitted: Math.max(0, entries.length - maxItemsPerServer),
      ...(era ? { era } : {}),
      ...(this.#readings.has(key) ? { isListing: true as const } : {}),
      ...(failure ? { failure } : {}),
      ...(note === undefined ? {} : { note }),
    };
  }

  #entries(server: ListedServer): Entry[] {
    const made = [
      ...offeredKinds.map((kind) => server.lists[kind]),
      ...offeredKinds.map((kind) => server.before[kind]),
      this.#twins,
    ];
    const kept = this.#listings.get(server.key);
    if (kept && isSame(kept.made, made)) return kept.entries;
    const entries = offeredKinds.flatMap((kind) => this.#entriesOf(server, kind));
    const posted = kept?.posted;
    this.#listings.set(server.key, { made, entries, ...(posted === undefined ? {} : { posted }) });
    return entries;
  }

  #entriesOf(server: ListedServer, kind: OfferedList): Entry[] {
    const items = server.lists[kind] ?? [];
    const before = server.before[kind];
    const earlier = before && new Map(idsOf(kind, before).map((id, index) => [id, before[index]!]));
    const names = new Set<string>();
    const entries = idsOf(kind, items).map((id, index): Entry => {
      const item = items[index]!;
      const name = addressOf(kind, item);
      const old = earlier?.get(id);
      earlier?.delete(id);
      const changed = old ? changedMembers(old, item) : [];
      const change = !before ? undefined : !old ? 'added' : changed.length > 0 ? 'changed' : undefined;
      const findings = this.#findings(server.key, kind, item, names.has(name));
      names.add(name);
      const summary = summaryOf(kind, id, item, change, findings);
      return { summary, item, before: changed.length > 0 ? old : undefined, changed, findings };
    });
    for (const [id, item] of earlier ?? []) {
      const summary = summaryOf(kind, id, item, 'removed', []);
      entries.push({ summary, item: undefined, before: item, changed: [], findings: [] });
    }
    return entries.sort(({ summary: left }, { summary: right }) =>
      left.name < right.name ? -1 : left.name > right.name ? 1 : 0,
    );
  }

  /** What is wrong with an item, alone and among the others. */
  #findings(server: string, kind: OfferedList, item: object, isDuplicate: boolean): readonly SchemaFinding[] {
    const { name, findings } = factsOf(kind, item);
    const twins = kind === 'tools' ? this.#twins?.found.get(server)?.get(name) : undefined;
    if (!isDuplicate && !twins) return findings;
    return [
      ...(isDuplicate ? [duplicateFinding(kind)] : []),
      ...findings,
      ...(twins ? [{ severity: 'warning' as const, text: twinText(name, twins), path: 'name' }] : []),
    ];
  }

  /** Looks again for names that several servers have, if any list of tools is another. */
  #findTwins(listed: readonly ListedServer[]): void {
    const made = listed.flatMap(({ key, label, lists }) => [key, label, lists.tools]);
    if (this.#twins && isSame(this.#twins.made, made)) return;
    const found = findTwins(
      listed.map(({ key, label, lists }) => ({
        key,
        label,
        names: (lists.tools ?? []).map((tool) => addressOf('tools', tool)),
      })),
    );
    this.#twins = { made, found };
  }

  async #list(server: CallableServer, isAsked: boolean): Promise<void> {
    const { key } = server;
    if (this.#readings.has(key) || (!isAsked && this.#failures.has(key))) return;
    const missing = offeredKinds.filter((kind) => isAsked || !server.lists[kind]);
    if (missing.length === 0) return;
    const reading = { abort: new AbortController() };
    this.#readings.set(key, reading);
    this.#failures.delete(key);
    this.#send();
    try {
      for (const kind of missing) {
        await server.list(kind, reading.abort.signal, isAsked);
        this.#send();
      }
    } catch (error) {
      if (!reading.abort.signal.aborted && !WorkbenchError.is(error, 'Cancelled')) this.#fail(key, error);
    } finally {
      if (this.#readings.get(key) === reading) this.#readings.delete(key);
      this.#send();
    }
  }

  async #accept(key: string): Promise<void> {
    try {
      await this.#servers?.get(key)?.accept();
    } catch (error) {
      this.#fail(key, error);
    }
    this.#schedule();
  }

  #fail(key: string, error: unknown): void {
    this.#failures.set(key, {
      message: messageOf(error),
      remedy: WorkbenchError.is(error) ? error.remedy : 'Try again, and read the log of the server if it goes on.',
    });
  }
}

function summaryOf(
  kind: OfferedList,
  id: string,
  item: object,
  change: ItemChange | undefined,
  findings: readonly SchemaFinding[],
): SchemaItem {
  const { name, title, words, tokens } = factsOf(kind, item);
  const worst = (['error', 'warning'] as const).find((severity) =>
    findings.some((finding) => finding.severity === severity),
  );
  return {
    id,
    kind,
    name: shortName(name),
    words,
    tokens,
    ...(title === undefined ? {} : { title: shortName(title) }),
    ...(worst ? { worst } : {}),
    ...(change ? { change } : {}),
  };
}

/** Looks at items that are new, for as long as nobody notices. @returns whether it has seen all of them */
function lookAt(servers: readonly ListedServer[]): boolean {
  const end = performance.now() + maxLookMs;
  for (const { lists, before } of servers) {
    for (const kind of offeredKinds) {
      for (const item of [...(lists[kind] ?? []), ...(before[kind] ?? [])]) {
        if (hasFacts(item)) continue;
        if (performance.now() > end) return false;
        factsOf(kind, item);
      }
    }
  }
  return true;
}

function isSame(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((one, index) => one === right[index]);
}

function twinText(name: string, twins: readonly Twin[]): string {
  const same = twins.filter((twin) => twin.name === name);
  const others = same.length > 0 ? same : twins;
  const list = others.map((twin) => (same.length > 0 ? twin.server : `${twin.name} of ${twin.server}`)).join(', ');
  return same.length > 0
    ? `A tool of this name is also offered by ${list}. A model may take one for the other.`
    : `The name is nearly that of ${list}. A model may take one for the other.`;
}
