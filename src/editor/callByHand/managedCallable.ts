import type {
  CallableServer,
  CallOptions,
  CallOutcome,
  OfferedList,
  OfferedLists,
} from '../../mcp/caller/callableServer';
import type { ProtocolEra } from '../../traffic/wireRecord';
import type { KnownServer } from '../managedServers/knownServer';
import type { SeenLists } from './seenLists';

/** A server of the user, as it is called by hand. */
export class ManagedCallable implements CallableServer {
  readonly #server: KnownServer;
  readonly #seen: SeenLists;

  constructor(server: KnownServer, seen: SeenLists) {
    this.#server = server;
    this.#seen = seen;
  }

  get key(): string {
    return this.#server.key;
  }

  get label(): string {
    return this.#server.supervisor?.server.title ?? this.#server.title;
  }

  get state(): CallableServer['state'] {
    return this.#server.state.kind;
  }

  get era(): ProtocolEra | undefined {
    return this.#server.supervisor?.era;
  }

  get lists(): Partial<OfferedLists> {
    return this.#server.lists;
  }

  get before(): Partial<OfferedLists> {
    const { changes } = this.#server;
    return { ...this.#seen.before(this.key), ...(changes ? { tools: changes.before } : {}) };
  }

  async accept(): Promise<void> {
    await this.#seen.accept(this.key, this.lists);
    await this.#server.acceptChanges();
  }

  async list<K extends OfferedList>(kind: K, signal: AbortSignal, isFresh = false): Promise<OfferedLists[K]> {
    const list = await this.#server.list(kind, { isByPerson: true, isFresh }, signal);
    if (kind !== 'tools') await this.#seen.note(this.key, kind, list);
    return list;
  }

  request(method: string, params: Readonly<Record<string, unknown>>, options: CallOptions): Promise<CallOutcome> {
    return this.#server.request(method, params, options);
  }
}
