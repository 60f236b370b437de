import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { isInitializeRequest, isJSONRPCRequest, type RequestId } from '@modelcontextprotocol/server';
import { messageOf } from '../../core/errors';
import { isRecord } from '../../core/json';
import { observeTransport } from '../server/observeTransport';
import { FeatureServer } from '../server/featureServer';
import { answerRefusal } from './answer';
import { BoundedEventStore } from './boundedEventStore';
import type { ConnectionTransport } from './clientConnection';
import { ConnectionObserver } from './connectionObserver';
import type { LiveConnection } from './connectionList';
import type { AdmittedRequest } from './hostRoute';
import type { EndpointOptions } from './mcpEndpoint';
import { serverError } from './requestGuard';
import { observeHead, type ResponseHead } from './responseHead';

/** Events kept in each session for a client whose stream broke. */
const keptEvents = 32;
/** Milliseconds for which they are kept. */
const keptEventsMs = 2 * 60 * 1000;

/** Milliseconds after which a client whose stream broke should come back. */
const reconnectMs = 500;

/** The HTTP request that messages come with, and the head of its answer. */
interface HttpExchange {
  readonly headers: IncomingHttpHeaders;
  readonly head: ResponseHead;
}

interface LegacySession {
  readonly connection: LiveConnection;
  readonly http: NodeStreamableHTTPServerTransport;
  readonly events: BoundedEventStore;
  /** Requests and streams of it that are open now. */
  open: number;
  /** Ids of requests that share their stream with others of the same batch (revision 2025-03-26). */
  readonly batched: Set<unknown>;
}

/** Serves revisions up to 2025-11-25: a session for each client, with a way back to it. */
export class LegacySessions {
  readonly #options: EndpointOptions;
  readonly #sessions = new Map<string, LegacySession>();
  /** The exchange that is being served; what a call says goes with the one that it came with. */
  readonly #exchange = new AsyncLocalStorage<HttpExchange>();

  constructor(options: EndpointOptions) {
    this.#options = options;
  }

  async handle(request: AdmittedRequest): Promise<void> {
    const { message, response } = request;
    const sessionId = message.headers['mcp-session-id'];
    if (sessionId === undefined && isInitializeRequest(request.body)) return this.#begin(request);
    if (typeof sessionId !== 'string') {
      return answerRefusal(response, {
        status: 400,
        code: serverError,
        message: 'Bad Request: Mcp-Session-Id header is required',
      });
    }
    const session = this.#sessions.get(sessionId);
    // A session belongs to the credential it was begun with: the other listener's does not open it.
    if (session?.connection.transport !== request.transport) {
      return answerRefusal(response, { status: 404, code: -32_001, message: 'Session not found' });
    }
    await this.#serve(session, request);
  }

  /** Ends the sessions that nobody used for so long, and forgets events that nobody will ask for. */
  sweep(now: number): void {
    for (const session of this.#sessions.values()) {
      session.events.dropBefore(now - keptEventsMs);
      if (session.open === 0 && now - session.connection.lastSeenAt >= this.#options.limits.sessionIdleMs) {
        this.#end(session);
      }
    }
  }

  async close(transport?: ConnectionTransport): Promise<void> {
    const ending = [...this.#sessions.values()].filter(
      ({ connection }) => transport === undefined || connection.transport === transport,
    );
    await Promise.all(ending.map(({ http }) => http.close()));
  }

  async #begin(request: AdmittedRequest): Promise<void> {
    if (!this.#makeRoom()) {
      return answerRefusal(request.response, { status: 503, code: serverError, message: 'Too many sessions' });
    }
    const { features, connections, recorder, serverName, logger, limits, path } = this.#options;
    const connection = connections.add({ era: 'legacy', transport: request.transport, path });
    const observer = new ConnectionObserver(
      connection,
      recorder.openChannel({ server: serverName, client: 'unknown', session: connection.id, era: 'legacy' }),
    );
    const events = new BoundedEventStore(keptEvents);
    const http = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      eventStore: events,
      retryInterval: reconnectMs,
      keepAliveMs: limits.streamKeepAliveMs,
      onsessioninitialized: (id) => void this.#sessions.set(id, session),
    });
    const session: LegacySession = { connection, http, events, open: 0, batched: new Set() };
    http.onclose = () => {
      if (http.sessionId !== undefined) this.#sessions.delete(http.sessionId);
      observer.close();
      connections.remove(connection);
    };
    const sendUnobserved = http.send.bind(http);
    observeTransport(http, {
      received: (message) => {
        observer.received(message, this.#exchange.getStore()?.headers);
        const cancelled = cancelledIdOf(message);
        if (cancelled !== undefined && !session.batched.has(cancelled)) {
          // After the protocol layer has ended the call, which it does in a microtask.
          setImmediate(() => endCancelled(http, sendUnobserved, cancelled));
        }
      },
      // Only answers go with the request they answer for certain.
      sent: (message) => observer.sent(message, 'method' in message ? undefined : this.#exchange.getStore()?.head.read),
    });
    const server = new FeatureServer({
      features,
      era: 'legacy',
      connectionId: connection.id,
      isLongLived: true,
      onAwsRequest: (requestId, awsRequest) => observer.awsRequest(requestId, awsRequest),
      logger,
    });
    await server.connect(http);
    await this.#serve(session, request);
    // Refused before it was a session, for instance for what it accepts.
    if (http.sessionId === undefined) await http.close();
  }

  async #serve(session: LegacySession, request: AdmittedRequest): Promise<void> {
    const { method, body, message, response } = request;
    if (method === 'GET' ? !request.takePlace('stream') : isCall(body) && !request.takePlace('call')) return;
    session.connection.touch(body);
    session.open++;
    const batched = Array.isArray(body)
      ? body.map((entry: unknown) => (isRecord(entry) ? entry['id'] : undefined))
      : [];
    for (const id of batched) session.batched.add(id);
    response.once('close', () => {
      session.open--;
      for (const id of batched) session.batched.delete(id);
      session.connection.touch();
    });
    const exchange: HttpExchange = { headers: message.headers, head: observeHead(response) };
    await this.#exchange.run(exchange, () => session.http.handleRequest(message, response, body));
  }

  /** Whether there is place for one more session, if need be in place of the one that is idle longest. */
  #makeRoom(): boolean {
    if (this.#sessions.size < this.#options.limits.maxSessions) return true;
    let idlest: LegacySession | undefined;
    for (const session of this.#sessions.values()) {
      if (session.open > 0) continue;
      if (!idlest || session.connection.lastUse < idlest.connection.lastUse) idlest = session;
    }
    if (!idlest) return false;
    this.#end(idlest);
    return true;
  }

  #end(session: LegacySession): void {
    session.http
      .close()
      .catch((error: unknown) => this.#options.logger.warn(`A session did not end cleanly: ${messageOf(error)}`));
  }
}

function cancelledIdOf(message: object): RequestId | undefined {
  const { method, params } = message as { method?: unknown; params?: unknown };
  if (method !== 'notifications/cancelled' || !isRecord(params)) return undefined;
  const { requestId } = params;
  return typeof requestId === 'string' || typeof requestId === 'number' ? requestId : undefined;
}

/**
 * Ends the stream of a call that was cancelled. The protocol has no answer for it, so the stream would stay open, and
 * take its place, until the client closes it, which many never do. A client that comes back for the stream finds an
 * error there and stops asking.
 */
function endCancelled(
  http: NodeStreamableHTTPServerTransport,
  send: NodeStreamableHTTPServerTransport['send'],
  id: RequestId,
): void {
  http.closeSSEStream(id);
  // Kept for a resumed stream only, because the one that was open has just been closed. Rejects where the call had
  // ended before it was cancelled, and then there is nothing to end.
  send({ jsonrpc: '2.0', id, error: { code: serverError, message: 'Request cancelled' } }).catch(() => undefined);
}

/** Whether a body holds a request, alone or in a batch, which takes a place while it is answered. */
function isCall(body: unknown): boolean {
  return Array.isArray(body) ? body.some((entry) => isCall(entry)) : isRecord(body) && isJSONRPCRequest(body);
}
