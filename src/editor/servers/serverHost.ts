import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import type { ClientConnection } from '../../mcp/host/clientConnection';
import type { McpHost } from '../../mcp/host/mcpHost';
import { LazyService } from '../lazyService';

/** What makes a host: the host itself and what has to be closed after it. */
export interface HostParts {
  host: McpHost;
  dispose(): Promise<void>;
}

/**
 * Our server in this window. It is started by whoever needs it first (the editor's MCP client or external access) and
 * then stays until the window closes; views look at it without starting it.
 */
export class ServerHost {
  readonly #service: LazyService<HostParts>;
  readonly #changed = new Emitter<void>();
  readonly #made = new Emitter<McpHost>();
  #subscription: Disposable | undefined;

  /** @param make loads the MCP packages and builds the host; called at most once at a time. */
  constructor(make: () => Promise<HostParts>) {
    this.#service = new LazyService(async () => {
      const parts = await make();
      this.#made.fire(parts.host);
      this.#subscription = parts.host.onDidChangeConnections(() => this.#changed.fire());
      return parts;
    });
  }

  /** Fires when the server starts, and when clients come, go or work. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** Fires with a host that was just made, before anybody uses it: for what is served beside our own server. */
  get onDidMake(): Event<McpHost> {
    return this.#made.event;
  }

  get isRunning(): boolean {
    return this.#service.ready !== undefined;
  }

  /** Clients connected now, oldest first. */
  get connections(): readonly ClientConnection[] {
    return this.#service.ready?.host.connections ?? [];
  }

  /** Starts the server, or gives the running one. */
  async start(): Promise<McpHost> {
    const wasRunning = this.isRunning;
    const { host } = await this.#service.get();
    if (!wasRunning) this.#changed.fire();
    return host;
  }

  async dispose(): Promise<void> {
    this.#subscription?.dispose();
    this.#changed.dispose();
    this.#made.dispose();
    await this.#service.dispose();
  }
}
