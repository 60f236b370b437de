import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import type { ConfigProblem } from '../../mcp/upstream/discovery/configProblem';
import { groupServers, type DiscoveredServer } from '../../mcp/upstream/discovery/discoveredServers';
import { ServerDiscovery, type DiscoverySnapshot } from '../../mcp/upstream/discovery/serverDiscovery';
import type { ServerTemplate } from '../../mcp/upstream/discovery/serverTemplate';
import type { DiscoveryEnvironment } from '../../mcp/upstream/discovery/configLocations';
import { entryKey } from './entryKey';
import type { ExternalEndpoint } from '../servers/externalAccess';
import { KnownServer, type KnownServerSurroundings } from './knownServer';
import { routeState, type RouteState } from './routedAddress';
import type { RoutedServers } from './routedServers';
import { settingServers } from './settingServers';
import type { WatchedServers } from './watchedServers';

export interface ServerCatalogOptions {
  environment: () => DiscoveryEnvironment;
  surroundings: KnownServerSurroundings;
  watched: WatchedServers;
  routed: RoutedServers;
  /** External access while it is on: entries that lead there are no servers of their own. */
  externalEndpoint: () => ExternalEndpoint | undefined;
  onDidChangeEndpoint: Event<void>;
}

/** All MCP servers of this person and workspace, kept up to date with the files that they stand in. */
export class ServerCatalog {
  readonly #options: ServerCatalogOptions;
  readonly #discovery: ServerDiscovery;
  readonly #store = new DisposableStore();
  readonly #changed = new Emitter<void>();
  readonly #serverChanged = new Emitter<KnownServer>();
  readonly #ending = new Set<Promise<void>>();
  #servers: ReadonlyMap<string, KnownServer> = new Map();
  readonly #subscriptions = new Map<string, Disposable>();
  /** What the files say of entries that lead through us, by key. */
  #routed: ReadonlyMap<string, ServerTemplate> = new Map();
  #loading: Promise<void> | undefined;
  #isDisposed = false;

  constructor(options: ServerCatalogOptions) {
    this.#options = options;
    const { environment, onDidChangeEndpoint, surroundings, watched } = options;
    this.#discovery = new ServerDiscovery(environment, { settings: () => settingServers(environment()) });
    const refresh = (): void => void this.refresh().catch((error: unknown) => surroundings.logger.warn(String(error)));
    this.#store.add(this.#discovery.onDidChange((snapshot) => this.#take(snapshot)));
    this.#store.add(watched.onDidChange(() => this.#take(this.#discovery.snapshot)));
    this.#store.add(onDidChangeEndpoint(() => this.#take(this.#discovery.snapshot)));
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('mcpWorkbench.servers')) refresh();
        if (event.affectsConfiguration('mcpWorkbench.serverOptions')) void this.#applyOptions();
      }),
    );
    this.#store.add(vscode.workspace.onDidChangeWorkspaceFolders(refresh));
    const fireAll = (): void => {
      for (const server of this.#servers.values()) this.#serverChanged.fire(server);
    };
    this.#store.add(vscode.workspace.onDidGrantWorkspaceTrust(fireAll));
    this.#store.add(surroundings.approvals.onDidChange(fireAll));
  }

  /** Fires when servers or problems came or went. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** Fires when something that is shown of one server changed. */
  get onDidChangeServer(): Event<KnownServer> {
    return this.#serverChanged.event;
  }

  /** In the order of precedence of their files. */
  get servers(): readonly KnownServer[] {
    return [...this.#servers.values()];
  }

  get problems(): readonly ConfigProblem[] {
    return this.#discovery.snapshot.problems;
  }

  /** Reads the files and follows them from then on. Called again it waits for the first reading. */
  load(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  /** Reads all files again. */
  async refresh(): Promise<void> {
    await this.load();
    await this.#options.routed.load();
    this.#take(await this.#discovery.refresh());
  }

  get(key: string): KnownServer | undefined {
    return this.#servers.get(key);
  }

  /** Whether the entry of a server was made to lead through us. */
  isRouted(server: KnownServer): boolean {
    return this.#routed.has(server.key);
  }

  /** Whether clients of its file reach a server through us. */
  routeOf(server: KnownServer): RouteState {
    const written = this.#routed.get(server.key);
    return written ? routeState(written, server.name, this.#options.externalEndpoint()) : 'direct';
  }

  /** Ends every server. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#store.dispose();
    this.#discovery.dispose();
    for (const subscription of this.#subscriptions.values()) subscription.dispose();
    await Promise.all([...[...this.#servers.values()].map((server) => server.close()), ...this.#ending]);
    this.#changed.dispose();
    this.#serverChanged.dispose();
  }

  async #load(): Promise<void> {
    await this.#options.routed.load();
    this.#take(await this.#discovery.watch());
  }

  #take(snapshot: DiscoverySnapshot): void {
    if (this.#isDisposed) return;
    const { routed, environment, watched } = this.#options;
    const routedEntries = new Map<string, ServerTemplate>();
    const entries = snapshot.entries.map((entry) => {
      const key = entryKey(entry);
      if (!routed.get(key) || !leadsToARelay(entry.template)) return entry;
      routedEntries.set(key, entry.template);
      return routed.original(entry);
    });
    const { servers } = groupServers(entries, environment(), (template) => this.#leadsToUs(template));
    const watchedNames = new Map(watched.all.map(({ key, name }) => [key, name]));
    const next = new Map<string, KnownServer>();
    for (const discovered of servers) {
      const key = this.#keyOf(discovered, watchedNames);
      const watchedName = watchedNames.get(key);
      const isTaken = watchedName === undefined && [...watchedNames.values()].includes(discovered.name);
      const name = watchedName ?? (isTaken ? `${discovered.name.slice(0, 46)}-${discovered.id}` : discovered.name);
      const known = this.#servers.get(key);
      if (known) known.update(discovered, name);
      next.set(key, known ?? this.#make(key, discovered, name));
    }
    for (const [key, server] of this.#servers) if (!next.has(key)) this.#end(key, server);
    this.#servers = next;
    this.#routed = routedEntries;
    this.#changed.fire();
  }

  /** The entry that is watched, or was known before, so that a server stays the same while entries come and go. */
  #keyOf({ entry, origins }: DiscoveredServer, watched: ReadonlyMap<string, string>): string {
    const keys = origins.map((origin) => entryKey(origin));
    return keys.find((key) => watched.has(key)) ?? keys.find((key) => this.#servers.has(key)) ?? entryKey(entry);
  }

  #make(key: string, discovered: DiscoveredServer, name: string): KnownServer {
    const server = new KnownServer(key, discovered, name, this.#options.surroundings);
    this.#subscriptions.set(
      key,
      server.onDidChange(() => this.#serverChanged.fire(server)),
    );
    return server;
  }

  #end(key: string, server: KnownServer): void {
    this.#subscriptions.get(key)?.dispose();
    this.#subscriptions.delete(key);
    const ending = server.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  async #applyOptions(): Promise<void> {
    for (const server of this.#servers.values()) {
      await server.applyOptions();
      this.#serverChanged.fire(server);
    }
  }

  #leadsToUs(template: ServerTemplate): boolean {
    const ours = this.#options.externalEndpoint()?.url;
    if (template.transport === 'stdio' || ours === undefined || !URL.canParse(template.url)) return false;
    const { port, hostname } = new URL(template.url);
    return port === new URL(ours).port && (hostname === '127.0.0.1' || hostname === 'localhost');
  }
}

/** Whether an entry has the form that routing gives it; the port is another one in each window. */
function leadsToARelay(template: ServerTemplate): boolean {
  if (template.transport === 'stdio' || !URL.canParse(template.url)) return false;
  const { pathname, hostname } = new URL(template.url);
  return hostname === '127.0.0.1' && /^\/servers\/[^/]+\/mcp$/.test(pathname);
}
