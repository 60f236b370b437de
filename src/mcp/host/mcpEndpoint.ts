import { classifyInboundRequest } from '@modelcontextprotocol/server';
import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from '../../core/logger';
import type { TrafficSink } from '../../traffic/trafficChannel';
import type { ServerFeatures } from '../server/serverFeatures';
import type { ConnectionTransport } from './clientConnection';
import type { ConnectionList } from './connectionList';
import type { HostLimits } from './hostLimits';
import type { AdmittedRequest, HostRoute, UnreadableRequest } from './hostRoute';
import { LegacySessions } from './legacySessions';
import { ModernExchanges } from './modernExchanges';
import { recordUnreadable } from './unreadableBody';

export interface EndpointOptions {
  features: ServerFeatures;
  recorder: TrafficSink;
  logger: Logger;
  /** Display name of the server in wire records. */
  serverName: string;
  limits: HostLimits;
  connections: ConnectionList;
  /** Path it is served under. */
  path: string;
}

/** Serves one set of features under one path in both protocol eras. What a request is decides which, not the path. */
export class McpEndpoint implements HostRoute {
  readonly #legacy: LegacySessions;
  readonly #modern: ModernExchanges;
  readonly #options: EndpointOptions;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#legacy = new LegacySessions(options);
    this.#modern = new ModernExchanges(options);
  }

  async handle(request: AdmittedRequest): Promise<void> {
    const { headers } = request.message;
    const outcome = classifyInboundRequest({
      httpMethod: request.method,
      ...headerOf(headers, 'mcp-protocol-version', 'protocolVersionHeader'),
      ...headerOf(headers, 'mcp-method', 'mcpMethodHeader'),
      ...headerOf(headers, 'mcp-name', 'mcpNameHeader'),
      body: request.body,
    });
    if (outcome.kind === 'legacy') await this.#legacy.handle(request);
    else await this.#modern.handle(request, outcome);
  }

  unreadable(request: UnreadableRequest): void {
    recordUnreadable(this.#options.recorder, this.#options.serverName, request);
  }

  sweep(now: number): void {
    this.#legacy.sweep(now);
    this.#modern.sweep(now);
  }

  async close(transport?: ConnectionTransport): Promise<void> {
    await Promise.all([this.#legacy.close(transport), this.#modern.close(transport)]);
  }
}

function headerOf<Key extends string>(headers: IncomingHttpHeaders, name: string, key: Key): { [K in Key]?: string } {
  const value = headers[name];
  return (value === undefined ? {} : { [key]: String(value) }) as { [K in Key]?: string };
}
