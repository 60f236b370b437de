import type { Tool } from '@modelcontextprotocol/client';
import type {
  CallableServer,
  CallOptions,
  CallOutcome,
  OfferedList,
  OfferedLists,
} from '../../mcp/caller/callableServer';
import type { ProtocolEra } from '../../traffic/wireRecord';
import type { KnownServer } from '../managedServers/knownServer';

/** A server of the user, as it is called by hand. */
export class ManagedCallable implements CallableServer {
  readonly #server: KnownServer;

  constructor(server: KnownServer) {
    this.#server = server;
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

  get toolsBefore(): readonly Tool[] | undefined {
    return this.#server.changes?.before;
  }

  acceptTools(): Promise<void> {
    return this.#server.acceptChanges();
  }

  list<K extends OfferedList>(kind: K, signal: AbortSignal, isFresh = false): Promise<OfferedLists[K]> {
    return this.#server.list(kind, { isByPerson: true, isFresh }, signal);
  }

  request(method: string, params: Readonly<Record<string, unknown>>, options: CallOptions): Promise<CallOutcome> {
    return this.#server.request(method, params, options);
  }
}
