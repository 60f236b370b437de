import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { messageOf } from '../../core/errors';
import type { Logger } from '../../core/logger';
import type { CallableServer, CallableServers } from '../../mcp/caller/callableServer';
import type { OwnServer } from '../../mcp/caller/ownServer';
import type { ServerCatalog } from '../managedServers/serverCatalog';
import { ManagedCallable } from './managedCallable';
import type { SeenLists } from './seenLists';

export interface EditorCallableServersOptions {
  own: OwnServer;
  /** Reads which servers the user has; starts none of them. */
  loadCatalog: () => Promise<ServerCatalog>;
  /** What the user last saw of their servers. */
  seen: SeenLists;
  logger: Logger;
}

/** Our own server first, then those of the user, which are looked for when somebody first asks. */
export class EditorCallableServers implements CallableServers, Disposable {
  readonly #options: EditorCallableServersOptions;
  readonly #changed = new Emitter<void>();
  readonly #subscriptions: Disposable[];
  #catalog: ServerCatalog | undefined;
  #isLoading = false;
  #isDisposed = false;

  constructor(options: EditorCallableServersOptions) {
    this.#options = options;
    this.#subscriptions = [options.own.onDidChange(() => this.#changed.fire())];
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  get all(): readonly CallableServer[] {
    this.#load();
    return [
      this.#options.own,
      ...(this.#catalog?.servers ?? []).map((server) => new ManagedCallable(server, this.#options.seen)),
    ];
  }

  get(key: string): CallableServer | undefined {
    this.#load();
    const { own, seen } = this.#options;
    if (key === own.key) return own;
    const server = this.#catalog?.get(key);
    return server && new ManagedCallable(server, seen);
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
    this.#options.own.dispose();
    this.#changed.dispose();
  }

  #load(): void {
    if (this.#catalog || this.#isLoading) return;
    this.#isLoading = true;
    void this.#follow();
  }

  async #follow(): Promise<void> {
    try {
      const catalog = await this.#options.loadCatalog();
      if (this.#isDisposed) return;
      this.#catalog = catalog;
      this.#subscriptions.push(
        catalog.onDidChange(() => this.#changed.fire()),
        catalog.onDidChangeServer(() => this.#changed.fire()),
      );
      this.#changed.fire();
    } catch (error) {
      // Tried again with the next look.
      this.#options.logger.error(`Servers were not read: ${messageOf(error)}`);
    } finally {
      this.#isLoading = false;
    }
  }
}
