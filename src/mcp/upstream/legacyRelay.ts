import { answerRefusal } from '../host/answer';
import type { ConnectionTransport } from '../host/clientConnection';
import type { AdmittedRequest } from '../host/hostRoute';
import { isRequest, messagesOf, methodOf } from './jsonRpc';
import { LegacyRelaySession } from './legacyRelaySession';
import type { RelayParts } from './relayOptions';

/** The sessions of clients that speak revisions up to 2025-11-25 with a server that takes messages one by one. */
export class LegacyRelay {
  readonly #parts: RelayParts;
  readonly #sessions = new Map<string, LegacyRelaySession>();
  #keepAliveTimer: NodeJS.Timeout | undefined;

  constructor(parts: RelayParts) {
    this.#parts = parts;
  }

  /** Whether that session is one of ours. */
  has(sessionId: string): boolean {
    return this.#sessions.has(sessionId);
  }

  async handle(request: AdmittedRequest): Promise<void> {
    const { message, response, method, body } = request;
    const sessionId = message.headers['mcp-session-id'];
    if (sessionId === undefined && isInitialize(body)) return this.#begin(request);
    if (typeof sessionId !== 'string') {
      return answerRefusal(response, {
        status: 400,
        code: -32_000,
        message: 'Bad Request: Mcp-Session-Id header is required',
      });
    }
    const session = this.#sessions.get(sessionId);
    // A session belongs to the credential it was begun with: the other listener's does not open it.
    if (session?.connection.transport !== request.transport) {
      return answerRefusal(response, { status: 404, code: -32_001, message: 'Session not found' });
    }
    const { 'mcp-protocol-version': version } = message.headers;
    if (version !== undefined && !/^\d{4}-\d\d-\d\d$/.test(String(version))) {
      return answerRefusal(response, {
        status: 400,
        code: -32_000,
        message: 'Bad Request: Unsupported protocol version',
      });
    }
    const isCall = method === 'POST' && messagesOf(body).some((entry) => isRequest(entry));
    if (method === 'GET' ? !request.takePlace('stream') : isCall && !request.takePlace('call')) return;
    await session.handle(request);
  }

  /** Ends sessions that nobody used for so long. */
  sweep(now: number): void {
    for (const session of this.#sessions.values()) {
      if (session.openCount === 0 && now - session.connection.lastSeenAt >= this.#parts.limits.sessionIdleMs) {
        session.end();
      }
    }
  }

  close(transport?: ConnectionTransport): void {
    for (const session of [...this.#sessions.values()]) {
      if (transport === undefined || session.connection.transport === transport) session.end();
    }
  }

  async #begin(request: AdmittedRequest): Promise<void> {
    const { response } = request;
    if (!this.#makeRoom()) {
      return answerRefusal(response, { status: 503, code: -32_000, message: 'Too many sessions' });
    }
    if (!request.takePlace('call')) return;
    const { connections, path } = this.#parts;
    const connection = connections.add({ era: 'legacy', transport: request.transport, path });
    const session = new LegacyRelaySession(this.#parts, connection, () => {
      this.#sessions.delete(session.id);
      connections.remove(connection);
      if (this.#sessions.size > 0) return;
      clearInterval(this.#keepAliveTimer);
      this.#keepAliveTimer = undefined;
    });
    this.#sessions.set(session.id, session);
    this.#keepAliveTimer ??= setInterval(() => {
      for (const each of this.#sessions.values()) each.keepAlive();
    }, this.#parts.limits.streamKeepAliveMs).unref();
    await session.begin(request);
  }

  /** Whether there is place for one more session, if need be in place of the one that is idle longest. */
  #makeRoom(): boolean {
    if (this.#sessions.size < this.#parts.limits.maxSessions) return true;
    const idle = [...this.#sessions.values()].filter(({ openCount }) => openCount === 0);
    const [idlest] = idle.sort((left, right) => left.connection.lastSeenAt - right.connection.lastSeenAt);
    idlest?.end();
    return idlest !== undefined;
  }
}

function isInitialize(body: unknown): boolean {
  return messagesOf(body).some((message) => methodOf(message) === 'initialize' && isRequest(message));
}
