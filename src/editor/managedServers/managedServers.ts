import type * as vscode from 'vscode';
import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { messageOf, WorkbenchError } from '../../core/errors';
import type { Logger } from '../../core/logger';
import type { ClientConnection } from '../../mcp/host/clientConnection';
import type { McpHost } from '../../mcp/host/mcpHost';
import type { ManagedServerSupervisor } from '../../mcp/upstream/managedServerSupervisor';
import type { CallRecords } from '../../mcp/caller/callTracker';
import type { OfferLink } from '../inspector/offerLink';
import type { TrafficSink } from '../../traffic/trafficChannel';
import { LazyService } from '../lazyService';
import type { EditorEndpoint } from '../mcpProvider';
import type { ExternalAccess } from '../servers/externalAccess';
import type { VirtualDocuments } from '../virtualDocuments';
import type { ManagedNode } from './managedNodes';
import type { ManagedParts } from './managedParts';
import { WatchedRoute } from './watchedRoute';
import type { SigningIdentity } from './signingIdentity';
import type { WatchedServer, WatchedServers } from './watchedServers';

/** What the user's servers need of the window around them. */
export interface ManagedServersOptions {
  context: vscode.ExtensionContext;
  version: string;
  logger: Logger;
  recorder: TrafficSink & CallRecords;
  documents: VirtualDocuments;
  externalAccess: ExternalAccess;
  watched: WatchedServers;
  /** Who requests to servers behind IAM are signed as. */
  aws: SigningIdentity;
  /** Our host: started when a watched server is first wanted. */
  host: {
    start(): Promise<McpHost>;
    readonly connections: readonly ClientConnection[];
    readonly onDidChange: Event<void>;
  };
  /** Opens the inspector with a filter. */
  inspect: (filter: string) => Promise<void>;
  /** Opens the inspector where what a server offers is tried by hand. */
  tryIt: (link: OfferLink) => Promise<void>;
}

/**
 * The user's servers in this window. What finds, starts and shows them is loaded when the view is first seen, or when a
 * client first wants a server that is watched.
 */
export class ManagedServers {
  readonly #options: ManagedServersOptions;
  readonly #parts: LazyService<ManagedParts>;
  readonly #changed = new Emitter<ManagedNode | undefined>();
  readonly #routes = new Map<string, { server: WatchedServer; route: Disposable }>();
  readonly #subscriptions: Disposable[];
  #host: McpHost | undefined;

  constructor(options: ManagedServersOptions) {
    this.#options = options;
    this.#parts = new LazyService(async () => {
      const { makeManagedParts } = await import('./managedParts');
      const parts = makeManagedParts(options);
      this.#subscriptions.push(parts.tree.onDidChange((node) => this.#changed.fire(node)));
      return parts;
    });
    this.#subscriptions = [options.watched.onDidChange(() => this.#followWatched())];
  }

  /** Fires with a row that changed, or with nothing when rows came or went at the top. */
  get onDidChange(): Event<ManagedNode | undefined> {
    return this.#changed.event;
  }

  /** Everything behind it, loaded, with the files read. */
  async load(): Promise<ManagedParts> {
    const parts = await this.#parts.get();
    await parts.catalog.load();
    return parts;
  }

  /** Rows of the view. At the first look there are none yet: they come with an event, and nobody waits for files. */
  children(node?: ManagedNode): Promise<ManagedNode[]> {
    const parts = this.#parts.ready;
    if (parts) return parts.tree.children(node);
    this.load().catch((error: unknown) => this.#options.logger.error(`Servers were not read: ${messageOf(error)}`));
    return Promise.resolve([]);
  }

  /** @throws Error for a row that is not of the loaded tree */
  item(node: ManagedNode): vscode.TreeItem {
    const parts = this.#parts.ready;
    if (!parts) throw new Error('There are no rows yet');
    return parts.tree.item(node);
  }

  /** Reads the files again, if they were read at all. */
  async refresh(): Promise<void> {
    await this.#parts.ready?.catalog.refresh();
  }

  /** Serves the watched servers on a host that has just been made. */
  attach(host: McpHost): void {
    this.#host = host;
    this.#followWatched();
  }

  /**
   * Where the editor's own client reaches a watched server. Asks the person first, where they must agree.
   * @param name of the watched server, as in its path
   * @throws WorkbenchError where it may not or cannot start
   */
  async listen(name: string): Promise<EditorEndpoint> {
    const watched = this.#options.watched.all.find((server) => server.name === name);
    if (!watched) throw notWatched(name);
    await this.#supervisor(watched, true);
    const host = await this.#options.host.start();
    const { socketPath, secret } = await host.listenOnSocket();
    return { socketPath, secret, path: pathOf(name) };
  }

  /** Ends every server that runs. */
  async dispose(): Promise<void> {
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
    this.#changed.dispose();
    await this.#parts.dispose();
  }

  async #supervisor(watched: WatchedServer, isByPerson: boolean): Promise<ManagedServerSupervisor> {
    const { catalog } = await this.load();
    const server = catalog.get(watched.key);
    if (!server) throw notWatched(watched.title);
    return server.prepare({ isByPerson });
  }

  #followWatched(): void {
    const host = this.#host;
    if (!host) return;
    const wanted = new Map(this.#options.watched.all.map((server) => [server.key, server]));
    for (const [key, { server, route }] of this.#routes) {
      if (wanted.get(key)?.name === server.name) continue;
      route.dispose();
      this.#routes.delete(key);
    }
    for (const [key, server] of wanted) {
      if (this.#routes.has(key)) continue;
      const { recorder, logger } = this.#options;
      const route = new WatchedRoute({
        supervisor: () => this.#supervisor(server, false),
        makeRelay: async (supervisor) => {
          const [{ ServerRelay }, { ListObserver }, { catalog }] = await Promise.all([
            import('../../mcp/upstream/relay'),
            import('../../mcp/upstream/listObserver'),
            this.load(),
          ]);
          const observer = new ListObserver(recorder, {
            onTools: (tools, client) => {
              catalog
                .get(server.key)
                ?.noteTools(tools, client)
                .catch((error: unknown) =>
                  logger.warn(`Tools of ${server.title} were not compared: ${messageOf(error)}`),
                );
            },
            onListChanged: (list) => catalog.get(server.key)?.noteListChanged(list),
          });
          return new ServerRelay({ supervisor, connections: host.connectionList, recorder: observer, logger });
        },
      });
      this.#routes.set(key, { server, route: host.addRoute(pathOf(server.name), route) });
    }
  }
}

/** As `pathOfServer`, which would load more than is needed here. */
function pathOf(name: string): string {
  return `/servers/${name}/mcp`;
}

function notWatched(name: string): WorkbenchError {
  return new WorkbenchError('NotFound', `The server ${name} is no longer configured or no longer watched.`, {
    remedy: 'Look for it in the Servers view.',
  });
}
