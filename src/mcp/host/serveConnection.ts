import type { Transport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Logger } from '../../core/logger';
import type { TrafficSink } from '../../traffic/trafficChannel';
import { FeatureServer } from '../server/featureServer';
import { observeTransport } from '../server/observeTransport';
import type { ServerFeatures } from '../server/serverFeatures';
import type { ConnectionTransport } from './clientConnection';
import type { ConnectionList } from './connectionList';
import { ConnectionObserver } from './connectionObserver';

export interface ServedConnectionOptions {
  features: ServerFeatures;
  recorder: TrafficSink;
  logger: Logger;
  /** Display name of the server in wire records. */
  serverName: string;
  /** The server's end. */
  wire: Transport;
  connections: ConnectionList;
  transport: ConnectionTransport;
  path: string;
}

/** A client that is served over a transport of its own. */
export interface ServedConnection {
  /** Session label of its wire records. */
  readonly id: string;
  /** Resolves when the client has closed its end, or after `close`. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Serves the one client at the other end of a transport, in the protocol era that its first message is of. */
export function serveConnection(options: ServedConnectionOptions): ServedConnection {
  const { features, recorder, logger, serverName, wire, connections, transport, path } = options;
  const connection = connections.add({ era: 'legacy', transport, path });
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
  observeTransport(wire, {
    received(message) {
      connection.touch(message);
      observer.received(message);
    },
    sent: (message) => observer.sent(message),
  });
  const closed = new Promise<void>((resolve) => {
    const close = wire.onclose;
    wire.onclose = () => {
      close?.();
      observer.close();
      connections.remove(connection);
      resolve();
    };
  });
  return { id: connection.id, closed, close: () => handle.close() };
}
