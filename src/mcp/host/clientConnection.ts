import type { ProtocolEra } from '../../traffic/wireRecord';

/** How a client reaches the host. */
export type ConnectionTransport = 'socket' | 'loopback' | 'stdio' | 'inProcess';

/**
 * A client as people see it: a session of the legacy era, or everything one client of the modern era sends.
 * Names and versions are the client's own claim. Values are read-only views that change while the client works.
 */
export interface ClientConnection {
  /** Unique while the host lives; safe to show, never the session id. Also the session label of its wire records. */
  readonly id: string;
  /** `clientInfo.name`, or `unknown` for a client that does not say. */
  readonly name: string;
  readonly version: string;
  /** Its own name for people, where it gives one. */
  readonly title: string | undefined;
  readonly protocolVersion: string;
  readonly era: ProtocolEra;
  readonly transport: ConnectionTransport;
  /** Path it is connected to, e.g. `/mcp`. */
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly connectedAt: number;
  /** Milliseconds since the epoch. */
  readonly lastSeenAt: number;
  /** Number of `tools/call` requests so far. */
  readonly callCount: number;
}
