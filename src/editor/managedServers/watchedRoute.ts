import { messageOf, WorkbenchError } from '../../core/errors';
import { answerRefusal } from '../../mcp/host/answer';
import type { ConnectionTransport } from '../../mcp/host/clientConnection';
import type { AdmittedRequest, HostRoute } from '../../mcp/host/hostRoute';
import type { ServerRelay } from '../../mcp/upstream/relay';
import type { ManagedServerSupervisor } from '../../mcp/upstream/managedServerSupervisor';

export interface WatchedRouteOptions {
  /** The supervisor of the server as it is configured now. @throws WorkbenchError where it may not start */
  supervisor(): Promise<ManagedServerSupervisor>;
  makeRelay(supervisor: ManagedServerSupervisor): Promise<ServerRelay>;
}

/**
 * The path of a watched server on our host. It is there as long as the host is, and loads what is behind it with the
 * first request; when the definition of the server changes, the next request gets the new one.
 */
export class WatchedRoute implements HostRoute {
  readonly #options: WatchedRouteOptions;
  #relay: { supervisor: ManagedServerSupervisor; relay: ServerRelay } | undefined;
  #making: Promise<ServerRelay> | undefined;

  constructor(options: WatchedRouteOptions) {
    this.#options = options;
  }

  async handle(request: AdmittedRequest): Promise<void> {
    let relay: ServerRelay;
    try {
      this.#making ??= this.#current().finally(() => (this.#making = undefined));
      relay = await this.#making;
    } catch (error) {
      const message = WorkbenchError.is(error) ? `${error.message} ${error.remedy}` : messageOf(error);
      answerRefusal(request.response, { status: 503, code: -32_000, message }, idOf(request.body));
      return;
    }
    await relay.handle(request);
  }

  sweep(now: number): void {
    this.#relay?.relay.sweep(now);
  }

  async close(transport?: ConnectionTransport): Promise<void> {
    const relay = this.#relay?.relay;
    if (transport === undefined) this.#relay = undefined;
    await relay?.close(transport);
  }

  async #current(): Promise<ServerRelay> {
    const supervisor = await this.#options.supervisor();
    const known = this.#relay;
    if (known?.supervisor === supervisor) return known.relay;
    await known?.relay.close();
    const relay = await this.#options.makeRelay(supervisor);
    this.#relay = { supervisor, relay };
    return relay;
  }
}

function idOf(body: unknown): string | number | null {
  if (typeof body !== 'object' || body === null || !('id' in body)) return null;
  const { id } = body;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
