import {
  createMcpHandler,
  InMemoryServerEventBus,
  isJSONRPCRequest,
  type InboundClassificationOutcome,
  type JSONRPCRequest,
  type McpHttpHandler,
  type McpRequestContext,
} from '@modelcontextprotocol/server';
import { DisposableStore } from '../../core/disposable';
import { isRecord } from '../../core/json';
import type { TrafficChannel } from '../../traffic/trafficChannel';
import { FeatureServer } from '../server/featureServer';
import { observeSending } from '../server/observeTransport';
import { answerWith, isEventStream } from './answer';
import type { ConnectionTransport } from './clientConnection';
import type { LiveConnection } from './connectionList';
import type { AdmittedRequest } from './hostRoute';
import type { EndpointOptions } from './mcpEndpoint';
import { ModernClients, type ModernClient } from './modernClients';
import { ResponseHead } from './responseHead';

/** One request of the modern era while it is answered. */
interface Exchange {
  readonly connection: LiveConnection | undefined;
  readonly channel: TrafficChannel;
  /** Whether the recorder has seen an answer. */
  isAnswered: boolean;
  readonly head: ResponseHead;
}

/** Session label of requests that do not say who sends them. */
const unidentified = 'c0';

/** Serves revision 2026-07-28: each request stands for itself, and changes are sent on streams that clients ask for. */
export class ModernExchanges {
  readonly #options: EndpointOptions;
  readonly #handler: McpHttpHandler;
  readonly #clients: ModernClients;
  readonly #exchanges = new WeakMap<Request, Exchange>();
  readonly #running = new Map<AbortController, ConnectionTransport>();
  readonly #changes = new DisposableStore();

  constructor(options: EndpointOptions) {
    this.#options = options;
    const { connections, features, limits, logger, path } = options;
    this.#clients = new ModernClients({
      connections,
      path,
      maxClients: limits.maxSessions,
      lingerMs: limits.modernLingerMs,
    });
    const report = (error: Error): void => logger.debug(`MCP: ${error.message}`);
    const bus = new InMemoryServerEventBus(report);
    this.#handler = createMcpHandler((context) => this.#serverFor(context), {
      legacy: 'reject',
      bus,
      maxSubscriptions: limits.maxStreams,
      keepAliveMs: limits.streamKeepAliveMs,
      onerror: report,
    });
    const { notify } = this.#handler;
    for (const [event, tell] of [
      [features.tools?.onDidChangeList, () => notify.toolsChanged()],
      [features.resources?.onDidChangeList, () => notify.resourcesChanged()],
      [features.prompts?.onDidChangeList, () => notify.promptsChanged()],
    ] as const) {
      if (event) this.#changes.add(event(tell));
    }
    if (features.resources?.onDidUpdate) {
      this.#changes.add(features.resources.onDidUpdate((uri) => notify.resourceUpdated(uri)));
    }
  }

  async handle(request: AdmittedRequest, outcome: InboundClassificationOutcome): Promise<void> {
    const { body } = request;
    const call = isJSONRPCRequest(body) ? body : undefined;
    if (call && !request.takePlace(call.method === 'subscriptions/listen' ? 'stream' : 'call')) return;
    const client = outcome.kind === 'modern' ? this.#clientOf(request, outcome.message.params) : undefined;
    const exchange = this.#record(request, client?.connection);
    if (client) {
      client.open++;
      client.connection.touch(body);
    }
    const ending = new AbortController();
    this.#running.set(ending, request.transport);
    request.signal.addEventListener('abort', () => ending.abort(), { once: true });
    try {
      const webRequest = toWebRequest(request, ending.signal);
      this.#exchanges.set(webRequest, exchange);
      const answer = await this.#handler.fetch(webRequest, {
        parsedBody: body,
        authInfo: { token: '', clientId: request.transport, scopes: [] },
      });
      await this.#answer(request, exchange, answer, call);
    } finally {
      this.#running.delete(ending);
      exchange.channel.close();
      if (client) {
        client.open--;
        client.connection.touch();
      }
    }
  }

  /** Takes clients off the list that have not been heard of for so long. */
  sweep(now: number): void {
    this.#clients.sweep(now);
  }

  /**
   * Ends every request and stream of one transport; without one those of all, streams with a last message that says so.
   */
  async close(transport?: ConnectionTransport): Promise<void> {
    if (transport === undefined) {
      this.#changes.dispose();
      await this.#handler.close();
    }
    for (const [ending, of] of this.#running) {
      if (of === transport) ending.abort();
    }
    this.#clients.clear(transport);
  }

  #serverFor({ requestInfo }: McpRequestContext): FeatureServer {
    const exchange = requestInfo && this.#exchanges.get(requestInfo);
    if (!exchange) throw new Error('A request that this endpoint did not make');
    const { features, logger } = this.#options;
    const server = new FeatureServer({
      features,
      era: 'modern',
      connectionId: exchange.connection?.id ?? unidentified,
      isLongLived: false,
      onAwsRequest: (requestId, awsRequest) => exchange.channel.awsRequest(requestId, awsRequest),
      logger,
    });
    const connect = server.connect.bind(server);
    server.connect = (transport) => {
      observeSending(transport, {
        sent(message) {
          exchange.isAnswered = true;
          exchange.channel.message('serverToClient', message, undefined, undefined, exchange.head.read);
        },
      });
      return connect(transport);
    };
    return server;
  }

  async #answer(
    request: AdmittedRequest,
    exchange: Exchange,
    answer: Response,
    call: JSONRPCRequest | undefined,
  ): Promise<void> {
    const { response, signal } = request;
    exchange.head.note(answer.status, Object.fromEntries(answer.headers));
    const recordText = (text: string): void => {
      try {
        const message = JSON.parse(text) as unknown;
        if (!isRecord(message)) return;
        exchange.channel.message('serverToClient', message, Buffer.byteLength(text), undefined, exchange.head.read);
      } catch {
        // Not a message, so nothing for the record.
      }
    };
    // Streams of changes, and refusals before a server was made, do not pass through a server's transport.
    if (isEventStream(answer)) {
      const isListening = call?.method === 'subscriptions/listen';
      return answerWith(response, answer, signal, isListening ? recordText : undefined);
    }
    if (!exchange.isAnswered && answer.body !== null) {
      const text = await answer.text();
      recordText(text);
      return answerWith(response, new Response(text, answer), signal);
    }
    await answerWith(response, answer, signal);
  }

  #record(request: AdmittedRequest, connection: LiveConnection | undefined): Exchange {
    const channel = this.#options.recorder.openChannel({
      server: this.#options.serverName,
      client: connection?.name ?? 'unknown',
      session: connection?.id ?? unidentified,
      era: 'modern',
    });
    const { body, bodyBytes, message } = request;
    if (isRecord(body)) channel.message('clientToServer', body, bodyBytes, undefined, message.headers);
    return { connection, channel, isAnswered: false, head: new ResponseHead() };
  }

  #clientOf(request: AdmittedRequest, params: unknown): ModernClient {
    const meta = isRecord(params) && isRecord(params['_meta']) ? params['_meta'] : {};
    return this.#clients.of(meta, request.transport);
  }
}

/** The head of the request for the SDK, which takes the parsed body beside it. */
function toWebRequest({ message, path }: AdmittedRequest, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    if (name === 'authorization' || value === undefined) continue;
    headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return new Request(`http://localhost${path}`, { method: 'POST', headers, signal });
}
