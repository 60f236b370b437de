import type { Disposable } from '../../core/disposable';
import { messageOf, WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import type { CallableServer, CallableServers } from '../../mcp/caller/callableServer';
import { offeredKinds } from '../../protocol/offeredKinds';
import {
  tryItWebviewMessage,
  type TryItHostMessage,
  type TryItServer,
  type TryItTarget,
  type TryItWebviewMessage,
} from '../../protocol/tryIt';
import type { TrafficSource } from '../../traffic/trafficSource';
import type { OfferLink } from './offerLink';
import { PatternTests } from './patternTests';
import type { SavedInputs } from './savedInputs';
import { definitionOf, itemsOf, maxTryItItems } from './tryItDefinition';
import { TryItRun } from './tryItRun';

/** What the view needs from the editor around it. */
export interface TryItHost {
  post(message: TryItHostMessage): void;
  readonly servers?: CallableServers;
  /** The inputs that the person saved; without them none can be saved. */
  readonly savedInputs?: SavedInputs;
  /** Shows an exchange in the inspector of this window. */
  revealLive?(seq: number): void;
}

type Completion = Extract<TryItWebviewMessage, { type: 'completeTryIt' }>;

interface Listing {
  abort: AbortController;
}

/** Between two updates: states of servers change in bursts. */
const minIntervalMs = 100;
/** Runs that are kept for a page that is loaded anew. */
const maxRuns = 10;
const completionMs = 10_000;
const maxCompletions = 100;

/** Serves one page: says what can be tried, runs it, and keeps what comes of it until the page is there to be told. */
export class TryItBridge implements Disposable {
  readonly #host: TryItHost;
  readonly #subscriptions: Disposable[] = [];
  readonly #listings = new Map<string, Listing>();
  readonly #failures = new Map<string, { message: string; remedy: string }>();
  readonly #runs = new Map<number, TryItRun>();
  readonly #completing = new Set<AbortController>();
  /** Servers that have no completion: they are not asked again. */
  readonly #withoutCompletion = new Set<string>();
  readonly #patterns = new PatternTests();
  #variables: ((template: string) => readonly string[]) | undefined;
  #server: string | undefined;
  #target: TryItTarget | undefined;
  #posted = { servers: '', items: '', definition: '' };
  #pendingShow: (OfferLink & { input?: string }) | undefined;
  #isReady = false;
  #isWatched = false;
  #isVisible = true;
  #isDisposed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(_source: TrafficSource, host: TryItHost) {
    this.#host = host;
    if (host.servers) this.#subscriptions.push(host.servers.onDidChange(() => this.#schedule()));
    if (host.savedInputs) {
      this.#subscriptions.push(host.savedInputs.onDidChange((target) => this.#sendSaved(target)));
    }
  }

  /** Takes a message of the webview; one that is not about this view is left to others. */
  receive(raw: unknown): void {
    if (isRecord(raw) && raw['type'] === 'ready') this.#ready();
    const parsed = tryItWebviewMessage.safeParse(raw);
    if (parsed.success) this.#act(parsed.data);
  }

  /** Goes to a server or an item, as soon as the webview can show it. @param input JSON text to fill in */
  open(link: OfferLink, input?: string): void {
    this.#pendingShow = { ...link, ...(input === undefined ? {} : { input }) };
    if (this.#isReady) this.#sendShow();
  }

  /** A hidden page gets nothing; seen again it gets what is so by then. */
  setVisible(isVisible: boolean): void {
    if (this.#isVisible === isVisible) return;
    this.#isVisible = isVisible;
    if (isVisible && this.#isWatched) this.#sendAll();
  }

  /** Ends what runs: nobody would see what comes of it. */
  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
    for (const run of this.#runs.values()) run.cancel();
    for (const { abort } of this.#listings.values()) abort.abort();
    for (const abort of this.#completing) abort.abort();
  }

  #act(message: TryItWebviewMessage): void {
    switch (message.type) {
      case 'watchTryIt':
        this.#isWatched = true;
        this.#sendAll();
        break;
      case 'unwatchTryIt':
        this.#isWatched = false;
        break;
      case 'chooseTryItServer':
        this.#server = message.server;
        this.#posted.items = '';
        this.#listOwn();
        this.#sendItems();
        break;
      case 'startTryIt':
        void this.#list(message.server);
        break;
      case 'openTryIt':
        this.#target = { server: message.server, kind: message.kind, name: message.name };
        this.#posted.definition = '';
        void this.#sendDefinition();
        break;
      case 'closeTryIt':
        this.#target = undefined;
        break;
      case 'runTryIt':
        this.#run(message.run, { server: message.server, kind: message.kind, name: message.name }, message.input);
        break;
      case 'cancelTryIt':
        this.#runs.get(message.run)?.cancel();
        break;
      case 'saveTryIt':
        this.#host.savedInputs?.save(message, { name: message.label, text: message.text });
        break;
      case 'forgetTryIt':
        this.#host.savedInputs?.forget(message, message.label);
        break;
      case 'completeTryIt':
        void this.#complete(message);
        break;
      case 'matchTryIt':
        this.#post({ type: 'tryItPatterns', results: this.#patterns.run(message.tests) });
        break;
      case 'showTryItRecord':
        this.#host.revealLive?.(message.seq);
        break;
    }
  }

  #ready(): void {
    this.#isReady = true;
    this.#isWatched = false;
    this.#posted = { servers: '', items: '', definition: '' };
    this.#sendShow();
  }

  #sendShow(): void {
    const show = this.#pendingShow;
    if (!show) return;
    this.#pendingShow = undefined;
    this.#host.post({ type: 'showTryIt', ...show });
  }

  #schedule(): void {
    if (!this.#isWatched || this.#isDisposed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#sendChanges();
    }, minIntervalMs);
  }

  #sendAll(): void {
    this.#posted = { servers: '', items: '', definition: '' };
    this.#sendChanges();
    for (const run of this.#runs.values()) run.tell();
  }

  #sendChanges(): void {
    if (!this.#isWatched) return;
    this.#sendServers();
    this.#listOwn();
    this.#sendItems();
    void this.#sendDefinition();
  }

  #sendServers(): void {
    const servers = (this.#host.servers?.all ?? []).map(({ key, label, state, era, isOwn }): TryItServer => ({
      key,
      label,
      state,
      ...(era === undefined ? {} : { era }),
      ...(isOwn === true ? { isOwn } : {}),
    }));
    this.#postOnce('servers', { type: 'tryItServers', servers });
  }

  #sendItems(): void {
    const key = this.#server;
    if (key === undefined) return;
    const server = this.#host.servers?.get(key);
    const items = server && itemsOf(server.lists);
    const failure = this.#failures.get(key);
    this.#postOnce('items', {
      type: 'tryItItems',
      server: key,
      ...(items ? { items: items.slice(0, maxTryItItems) } : {}),
      omitted: Math.max(0, (items?.length ?? 0) - maxTryItItems),
      isListing: this.#listings.has(key),
      ...(failure ? { failure } : {}),
    });
  }

  async #sendDefinition(): Promise<void> {
    const target = this.#target;
    if (!target) return;
    if (target.kind === 'resourceTemplates') await this.#loadTemplates();
    if (target !== this.#target || this.#isDisposed) return;
    const lists = this.#host.servers?.get(target.server)?.lists;
    // Not listed yet, or while the list is read anew: nothing can be said.
    if (lists?.[target.kind] === undefined) return;
    const definition = definitionOf(lists, target, this.#variables ?? (() => []));
    if (!definition) {
      this.#postOnce('definition', { type: 'tryItGone', target });
      return;
    }
    const saved = this.#host.savedInputs?.of(target) ?? [];
    this.#postOnce('definition', { type: 'tryItDefinition', target, ...definition, saved });
  }

  async #loadTemplates(): Promise<void> {
    if (this.#variables) return;
    const { UriTemplate } = await import('@modelcontextprotocol/client');
    this.#variables = (template) => {
      try {
        return [...new Set(new UriTemplate(template).variableNames)];
      } catch {
        return [];
      }
    };
  }

  #sendSaved(target: TryItTarget): void {
    const mine = this.#target;
    if (mine?.server !== target.server || mine.kind !== target.kind || mine.name !== target.name) return;
    this.#post({ type: 'tryItSaved', target: mine, saved: this.#host.savedInputs?.of(mine) ?? [] });
  }

  /** Asking our own server, once it runs, costs nothing and starts nothing. */
  #listOwn(): void {
    const server = this.#server === undefined ? undefined : this.#host.servers?.get(this.#server);
    if (server?.isOwn !== true || server.state !== 'ready' || this.#failures.has(server.key)) return;
    if (offeredKinds.some((kind) => server.lists[kind] === undefined)) void this.#list(server.key);
  }

  async #list(key: string): Promise<void> {
    const server = this.#host.servers?.get(key);
    if (!server || this.#listings.has(key)) return;
    const abort = new AbortController();
    this.#listings.set(key, { abort });
    this.#failures.delete(key);
    this.#sendItems();
    try {
      for (const kind of offeredKinds) await server.list(kind, abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) {
        this.#failures.set(key, {
          message: messageOf(error),
          remedy: WorkbenchError.is(error) ? error.remedy : 'Read the log of the server.',
        });
      }
    }
    this.#listings.delete(key);
    if (!this.#isDisposed) this.#sendChanges();
  }

  #run(id: number, target: TryItTarget, input: string): void {
    if (this.#runs.has(id)) return;
    const run = new TryItRun(id, (message) => this.#post(message));
    this.#runs.set(id, run);
    for (const [each, { isOver }] of this.#runs) {
      if (this.#runs.size <= maxRuns) break;
      if (isOver) this.#runs.delete(each);
    }
    void run.start(this.#host.servers?.get(target.server), target, input);
  }

  async #complete({ id, server: key, kind, name, argument, value, others }: Completion): Promise<void> {
    const server = this.#host.servers?.get(key);
    // A completion is a courtesy: no server is started for it.
    if (server?.state !== 'ready' || this.#withoutCompletion.has(key)) return;
    const ref = kind === 'prompts' ? { type: 'ref/prompt', name } : { type: 'ref/resource', uri: name };
    const params = {
      ref,
      argument: { name: argument, value },
      ...(Object.keys(others).length > 0 ? { context: { arguments: others } } : {}),
    };
    for (const earlier of this.#completing) earlier.abort();
    const abort = new AbortController();
    this.#completing.add(abort);
    try {
      const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(completionMs)]);
      const values = await askCompletion(server, params, signal);
      if (values) this.#post({ type: 'tryItCompletion', id, values });
      else this.#withoutCompletion.add(key);
    } catch {
      // Without an answer the person types all of it.
    } finally {
      this.#completing.delete(abort);
    }
  }

  #postOnce(what: 'servers' | 'items' | 'definition', message: TryItHostMessage): void {
    if (!this.#isWatched || !this.#isVisible) return;
    const text = JSON.stringify(message);
    if (text === this.#posted[what]) return;
    this.#posted[what] = text;
    this.#host.post(message);
  }

  #post(message: TryItHostMessage): void {
    if (!this.#isDisposed && this.#isVisible) this.#host.post(message);
  }
}

/** @returns `undefined` where the server has no completion */
async function askCompletion(
  server: CallableServer,
  params: Record<string, unknown>,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const { result, error } = await server.request('completion/complete', params, { signal });
  if (error) return error.code === methodNotFound ? undefined : [];
  const completion = result?.['completion'];
  const values = isRecord(completion) && Array.isArray(completion['values']) ? (completion['values'] as unknown[]) : [];
  return values.filter((value) => typeof value === 'string').slice(0, maxCompletions);
}

const methodNotFound = -32_601;
