import { CLIENT_INFO_META_KEY, PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';
import type { AwsRequest } from '../../core/awsRequest';
import { isRecord } from '../../core/json';
import type { GivenHeaders } from '../../traffic/headers';
import type { TrafficChannel } from '../../traffic/trafficChannel';
import type { MessageObserver } from '../server/observeTransport';
import { describeClient, type LiveConnection } from './connectionList';

/** Records the messages of one connection and learns from them who the client is. */
export class ConnectionObserver implements MessageObserver {
  readonly #connection: LiveConnection;
  readonly #channel: TrafficChannel;
  #initializeId: unknown;

  constructor(connection: LiveConnection, channel: TrafficChannel) {
    this.#connection = connection;
    this.#channel = channel;
  }

  /** @param headers of the HTTP request that it came with, where it came with one */
  received(message: object, headers?: GivenHeaders): void {
    const { method, params, id } = message as { method?: unknown; params?: unknown; id?: unknown };
    if (method === 'initialize' && isRecord(params)) {
      this.#initializeId = id;
      const client = describeClient(params['clientInfo']);
      this.#connection.describe(client);
      this.#channel.describe({ client: client.name });
    } else if (this.#connection.protocolVersion === '') {
      this.#readEnvelope(params);
    }
    this.#channel.message('clientToServer', message, undefined, undefined, headers);
  }

  /** @param headers of the HTTP answer that it goes with, where it goes with one */
  sent(message: object, headers?: GivenHeaders): void {
    if (this.#initializeId !== undefined) this.#readInitializeResult(message);
    this.#channel.message('serverToClient', message, undefined, undefined, headers);
  }

  awsRequest(requestId: string | number, request: AwsRequest): void {
    this.#channel.awsRequest(requestId, request);
  }

  close(): void {
    this.#channel.close();
  }

  /** Learns from the first request that carries an envelope (2026-07-28), where nothing was said before. */
  #readEnvelope(params: unknown): void {
    const meta = isRecord(params) ? params['_meta'] : undefined;
    const protocolVersion = isRecord(meta) ? meta[PROTOCOL_VERSION_META_KEY] : undefined;
    if (!isRecord(meta) || typeof protocolVersion !== 'string') return;
    const client = describeClient(meta[CLIENT_INFO_META_KEY]);
    this.#connection.describe({ ...client, protocolVersion, era: 'modern' });
    this.#channel.describe({ client: client.name, era: 'modern' });
  }

  #readInitializeResult(message: object): void {
    const { id, result } = message as { id?: unknown; result?: unknown };
    if (id !== this.#initializeId || !isRecord(result)) return;
    this.#initializeId = undefined;
    const { protocolVersion } = result;
    if (typeof protocolVersion === 'string') this.#connection.describe({ protocolVersion });
  }
}
