import type { Readable, Writable } from 'node:stream';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { Logger } from '../../core/logger';
import type { TrafficSink } from '../../traffic/trafficChannel';
import { FeatureServer } from '../server/featureServer';
import { observeTransport } from '../server/observeTransport';
import type { ServerFeatures } from '../server/serverFeatures';
import { ConnectionList } from './connectionList';
import { ConnectionObserver } from './connectionObserver';

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

/** Serves the one client that started this process, in the protocol era that its first message is of. */
export function serveOverStdio(options: StdioServerOptions): StdioServer {
  const { features, recorder, logger, serverName } = options;
  const wire = new StdioServerTransport(options.input, options.output);
  const connections = new ConnectionList();
  const connection = connections.add({ era: 'legacy', transport: 'stdio', path: '' });
  const observer = new ConnectionObserver(
    connection,
    recorder.openChannel({ server: serverName, client: 'unknown', session: connection.id, era: 'legacy' }),
  );
  const handle = serveStdio(
    ({ era }) =>
      new FeatureServer({
        features,
        era,
        connectionId: connection.id,
        isLongLived: true,
        onAwsRequest: (requestId, request) => observer.awsRequest(requestId, request),
        logger,
      }),
    { transport: wire, onerror: (error) => logger.debug(`MCP: ${error.message}`) },
  );
  // Only now, because the SDK has just put its own receiver there. Nothing can have come in between.
  observeTransport(wire, observer);
  const closed = new Promise<void>((resolve) => {
    const close = wire.onclose;
    wire.onclose = () => {
      close?.();
      observer.close();
      connections.dispose();
      resolve();
    };
  });
  return { closed, close: () => handle.close() };
}
