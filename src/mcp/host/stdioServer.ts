import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { Logger } from '../../core/logger';
import type { TrafficSink } from '../../traffic/trafficChannel';
import type { ServerFeatures } from '../server/serverFeatures';
import { ConnectionList } from './connectionList';
import { serveConnection } from './serveConnection';

export interface StdioServerOptions {
  features: ServerFeatures;
  recorder: TrafficSink;
  logger: Logger;
  /** Display name of the server in wire records. */
  serverName: string;
  /** Where the client writes. Default: standard input. */
  input?: Readable;
  /** Where the client reads; nothing else may be written there. Default: standard output. */
  output?: Writable;
}

export interface StdioServer {
  /** Resolves when the client has closed its end, or after `close`. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Serves the one client that started this process. */
export function serveOverStdio({ input, output, ...options }: StdioServerOptions): StdioServer {
  const connections = new ConnectionList();
  const wire = new StdioServerTransport(input, output);
  const served = serveConnection({ ...options, wire, connections, transport: 'stdio', path: '' });
  return { closed: served.closed.finally(() => connections.dispose()), close: () => served.close() };
}
