import { CLIENT_INFO_META_KEY, PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';
import type { ConnectionTransport } from './clientConnection';
import { describeClient, type ConnectionList, type LiveConnection } from './connectionList';

/** What all requests of one client have in common, since the protocol itself (2026-07-28) keeps nothing between them. */
export interface ModernClient {
  readonly key: string;
  readonly connection: LiveConnection;
  /** Requests of it that are open now. */
  open: number;
}

export interface ModernClientsOptions {
  connections: ConnectionList;
  path: string;
  maxClients: number;
  /** Milliseconds for which a client that says nothing is still listed. */
  lingerMs: number;
}

/** Clients of the modern era, told apart by what they say of themselves. */
export class ModernClients {
  readonly #options: ModernClientsOptions;
  readonly #clients = new Map<string, ModernClient>();

  constructor(options: ModernClientsOptions) {
    this.#options = options;
  }

  /** @param meta `_meta` of a request */
  of(meta: Readonly<Record<string, unknown>>, transport: ConnectionTransport): ModernClient {
    const described = describeClient(meta[CLIENT_INFO_META_KEY]);
    const key = JSON.stringify([transport, described.name, described.version]);
    const known = this.#clients.get(key);
    if (known) return known;
    this.#makeRoom();
    const version = meta[PROTOCOL_VERSION_META_KEY];
    const connection = this.#options.connections.add(
      { era: 'modern', transport, path: this.#options.path },
      { ...described, protocolVersion: typeof version === 'string' ? version : '' },
    );
    const client: ModernClient = { key, connection, open: 0 };
    this.#clients.set(key, client);
    return client;
  }

  /** Takes clients off the list that have not been heard of for so long. @param now milliseconds since the epoch */
  sweep(now: number): void {
    for (const client of this.#clients.values()) {
      if (client.open === 0 && now - client.connection.lastSeenAt >= this.#options.lingerMs) this.#forget(client);
    }
  }

  /** Forgets those of one transport, or all of them. */
  clear(transport?: ConnectionTransport): void {
    for (const client of this.#clients.values()) {
      if (transport === undefined || client.connection.transport === transport) this.#forget(client);
    }
  }

  /** Keeps a client that changes its name all the time from filling the list. */
  #makeRoom(): void {
    if (this.#clients.size < this.#options.maxClients) return;
    const idle = [...this.#clients.values()].filter(({ open }) => open === 0);
    const [oldest] = idle.sort((left, right) => left.connection.lastUse - right.connection.lastUse);
    if (oldest) this.#forget(oldest);
  }

  #forget(client: ModernClient): void {
    this.#clients.delete(client.key);
    this.#options.connections.remove(client.connection);
  }
}
