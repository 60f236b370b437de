import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { isRecord } from '../../core/json';
import type { ProtocolEra } from '../../traffic/wireRecord';
import type { ClientConnection, ConnectionTransport } from './clientConnection';

/** Fields of a connection that become known, or change, while it lasts. */
type Described = Partial<Pick<LiveConnection, 'name' | 'version' | 'title' | 'protocolVersion' | 'era'>>;

/** A connection that the host keeps up to date. */
export class LiveConnection implements ClientConnection {
  readonly id: string;
  era: ProtocolEra;
  readonly transport: ConnectionTransport;
  readonly path: string;
  readonly connectedAt: number;
  name = 'unknown';
  version = '';
  title: string | undefined;
  protocolVersion = '';
  lastSeenAt: number;
  /** Grows with every use of any connection: two uses in the same millisecond still have an order. */
  lastUse: number;
  callCount = 0;
  readonly #list: ConnectionList;

  constructor(
    list: ConnectionList,
    fields: Pick<ClientConnection, 'id' | 'era' | 'transport' | 'path'> & { connectedAt: number },
  ) {
    this.#list = list;
    this.id = fields.id;
    this.era = fields.era;
    this.transport = fields.transport;
    this.path = fields.path;
    this.connectedAt = fields.connectedAt;
    this.lastSeenAt = fields.connectedAt;
    this.lastUse = list.nextUse();
  }

  /** Notes who the client says it is. */
  describe(described: Described): void {
    Object.assign(this, described);
    this.#list.changed();
  }

  /** Notes that the client sent something. */
  touch(message?: unknown): void {
    this.lastSeenAt = Date.now();
    this.lastUse = this.#list.nextUse();
    if (isRecord(message) && message['method'] === 'tools/call') this.callCount++;
    this.#list.used();
  }
}

/** Who is connected, across all routes of a host. */
export class ConnectionList implements Disposable {
  readonly #connections = new Set<LiveConnection>();
  readonly #changed = new Emitter<void>();
  #count = 0;
  #uses = 0;
  #usedTimer: NodeJS.Timeout | undefined;

  /** The next place in the order of all uses. */
  nextUse(): number {
    return ++this.#uses;
  }

  /** Fires when a connection comes, goes or is described, and at most once a second while any is used. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** Oldest first. */
  get all(): readonly LiveConnection[] {
    return [...this.#connections];
  }

  add(fields: Pick<ClientConnection, 'era' | 'transport' | 'path'>, described: Described = {}): LiveConnection {
    const connection = new LiveConnection(this, { ...fields, id: `c${++this.#count}`, connectedAt: Date.now() });
    Object.assign(connection, described);
    this.#connections.add(connection);
    this.changed();
    return connection;
  }

  remove(connection: LiveConnection): void {
    if (this.#connections.delete(connection)) this.changed();
  }

  changed(): void {
    this.#changed.fire();
  }

  /** Says that a connection was used, which listeners hear of with the next batch. */
  used(): void {
    this.#usedTimer ??= setTimeout(() => {
      this.#usedTimer = undefined;
      this.changed();
    }, 1000).unref();
  }

  dispose(): void {
    clearTimeout(this.#usedTimer);
    this.#connections.clear();
    this.#changed.dispose();
  }
}

/** What a client says of itself (`clientInfo`), as far as it has the right shape. */
export function describeClient(clientInfo: unknown): Pick<LiveConnection, 'name' | 'version' | 'title'> {
  const { name, version, title } = isRecord(clientInfo) ? clientInfo : {};
  return {
    name: typeof name === 'string' && name !== '' ? name.slice(0, maxNameLength) : 'unknown',
    version: typeof version === 'string' ? version.slice(0, maxNameLength) : '',
    title: typeof title === 'string' ? title.slice(0, maxNameLength) : undefined,
  };
}

/** Names are shown in trees and records; nobody needs longer ones. */
const maxNameLength = 100;
