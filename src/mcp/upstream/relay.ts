import type { Logger } from '../../core/logger';
import type { TrafficSink } from '../../traffic/trafficChannel';
import type { ConnectionTransport } from '../host/clientConnection';
import type { ConnectionList } from '../host/connectionList';
import { defaultHostLimits, type HostLimits } from '../host/hostLimits';
import type { AdmittedRequest, HostRoute, UnreadableRequest } from '../host/hostRoute';
import { recordUnreadable } from '../host/unreadableBody';
import { HttpRelay } from './httpRelay';
import { LegacyRelay } from './legacyRelay';
import { pathOfServer } from './managedServer';
import type { ManagedServerSupervisor } from './managedServerSupervisor';
import { MessageFilter } from './messageFilter';
import { ModernRelay } from './modernRelay';
import type { RelayParts } from './relayOptions';
import { eraOf } from './requestEra';

export interface ServerRelayOptions {
  supervisor: ManagedServerSupervisor;
  /** Clients are listed here: `McpHost.connectionList`. */
  connections: ConnectionList;
  recorder: TrafficSink;
  logger: Logger;
  limits?: Partial<HostLimits>;
}

/**
 * Offers a managed server under a path of our host, message by message and without interpreting: what a client sends
 * reaches the server as it was sent, and the other way round. Where the server is over HTTP, requests are passed on
 * whole; where it takes messages one by one, each client session of the legacy era has a connection of its own and all
 * clients of the modern era share one.
 */
export class ServerRelay implements HostRoute {
  /** Path to give to `McpHost.addRoute`. */
  readonly path: string;
  readonly #options: ServerRelayOptions;
  readonly #subscription: { dispose(): void };
  #relays: Relays;

  constructor(options: ServerRelayOptions) {
    this.#options = options;
    this.path = pathOfServer(options.supervisor.server.name);
    this.#relays = this.#make();
    // What the sessions of the old definition held is gone; the new one may be of another transport.
    this.#subscription = options.supervisor.onDidReplace(() => {
      closeAll(this.#relays);
      this.#relays = this.#make();
    });
  }

  async handle(request: AdmittedRequest): Promise<void> {
    const { http, legacy, modern } = this.#relays;
    if (http) return http.handle(request);
    const sessionId = request.message.headers['mcp-session-id'];
    if (typeof sessionId === 'string' && legacy.has(sessionId)) return legacy.handle(request);
    const kind = eraOf(request);
    if ('refusal' in kind) return modern.handle(request, kind.refusal);
    return kind.era === 'legacy' ? legacy.handle(request) : modern.handle(request);
  }

  sweep(now: number): void {
    const { http, legacy, modern } = this.#relays;
    http?.sweep(now);
    legacy.sweep(now);
    modern.sweep(now);
  }

  unreadable(request: UnreadableRequest): void {
    const { recorder, supervisor } = this.#options;
    recordUnreadable(recorder, supervisor.server.title ?? supervisor.server.name, request);
  }

  close(transport?: ConnectionTransport): Promise<void> {
    closeAll(this.#relays, transport);
    if (transport === undefined) this.#subscription.dispose();
    return Promise.resolve();
  }

  #make(): Relays {
    const { supervisor, connections, recorder, logger, limits } = this.#options;
    const { server } = supervisor;
    const parts: RelayParts = {
      supervisor,
      connections,
      recorder,
      logger,
      limits: { ...defaultHostLimits, ...limits },
      path: this.path,
      serverName: server.title ?? server.name,
      filter: server.filter && new MessageFilter(server.filter),
    };
    return {
      http: server.transport === 'http' ? new HttpRelay(parts) : undefined,
      legacy: new LegacyRelay(parts),
      modern: new ModernRelay(parts),
    };
  }
}

interface Relays {
  http: HttpRelay | undefined;
  legacy: LegacyRelay;
  modern: ModernRelay;
}

function closeAll({ http, legacy, modern }: Relays, transport?: ConnectionTransport): void {
  http?.close(transport);
  legacy.close(transport);
  modern.close(transport);
}
