import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import type { Logger } from '../../core/logger';
import type { TrafficSink } from '../../traffic/trafficChannel';
import type { ServerFeatures } from '../server/serverFeatures';
import type { ClientConnection } from './clientConnection';
import type { HostLimits } from './hostLimits';
import type { HostRoute } from './hostRoute';

export interface McpHostOptions {
  /** Served under `/mcp`. */
  features: ServerFeatures;
  recorder: TrafficSink;
  logger: Logger;
  /** Display name of the server in wire records, e.g. `AWS tools`. */
  serverName: string;
  limits?: Partial<HostLimits>;
  /** Values of `Origin` that are let in, exactly as a browser sends them. Default none: programs send no `Origin`. */
  allowedOrigins?: readonly string[];
}

/** Where the private listener is and what it takes to use it. */
export interface SocketEndpoint {
  /** Path of the unix socket, or name of the named pipe on Windows. */
  socketPath: string;
  /** Send as `Authorization: Bearer <secret>`. */
  secret: string;
  /** HTTP path of our server, `/mcp`. */
  path: string;
}

export interface LoopbackOptions {
  /** 0 or absent for any free port. */
  port?: number;
  /** At least 32 characters; send as `Authorization: Bearer <token>`. */
  token: string;
}

/**
 * Serves MCP to clients on this machine, both protocol eras on one path: on a private socket for the editor and, where
 * the user wants it, on loopback TCP for other programs.
 */
export class McpHost {
  readonly #connectionsChanged = new Emitter<void>();

  constructor(options: McpHostOptions) {
    void options;
  }

  /** Fires when a client comes, goes or says who it is, and at most once a second while clients work. */
  get onDidChangeConnections(): Event<void> {
    return this.#connectionsChanged.event;
  }

  /** Clients that are connected now, oldest first. */
  get connections(): readonly ClientConnection[] {
    return [];
  }

  /** Address of the loopback listener while it is on, e.g. `http://127.0.0.1:4711/mcp`. */
  get loopbackUrl(): string | undefined {
    return undefined;
  }

  /**
   * Starts the private listener; called again it gives the same endpoint.
   * @throws WorkbenchError `Internal` where no socket can be made.
   */
  listenOnSocket(): Promise<SocketEndpoint> {
    throw new Error('not yet');
  }

  /**
   * Starts the loopback listener on 127.0.0.1. Called while it is on, it moves to the new port and token.
   * @throws WorkbenchError `InvalidInput` for a token that is too short or a port that is taken.
   */
  listenOnLoopback(options: LoopbackOptions): Promise<{ url: string }> {
    void options;
    throw new Error('not yet');
  }

  /** Replaces the token of the loopback listener: every session and stream that used the old one ends. */
  rotateLoopbackToken(token: string): Promise<void> {
    void token;
    throw new Error('not yet');
  }

  /** Stops the loopback listener and ends everything that came over it. */
  stopLoopback(): Promise<void> {
    throw new Error('not yet');
  }

  /**
   * Serves something else under a path beside `/mcp`, behind the same guards.
   * @param path starts with `/`, compared exactly, without a query.
   */
  addRoute(path: string, route: HostRoute): Disposable {
    void path;
    void route;
    throw new Error('not yet');
  }

  /** Ends all sessions and listeners, and removes the socket. Safe to call twice. */
  async dispose(): Promise<void> {
    this.#connectionsChanged.dispose();
  }
}
