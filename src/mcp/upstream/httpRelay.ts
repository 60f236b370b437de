import { PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { messageOf, WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import type { WireHeaders } from '../../traffic/headers';
import { unfaithfulBytes } from '../../traffic/rawBytes';
import type { TrafficChannel } from '../../traffic/trafficChannel';
import type { ConnectionTransport } from '../host/clientConnection';
import { describeClient, type LiveConnection } from '../host/connectionList';
import { drained } from '../host/drained';
import type { AdmittedRequest } from '../host/hostRoute';
import { headOf } from '../host/responseHead';
import { EventStreamReader } from './eventStreamReader';
import { idKey, isErrorResponse, isRequest, messagesOf, metaOf, methodOf, paramsOf, type AnyMessage } from './jsonRpc';
import { findValues } from './jsonSplice';
import { parseMessage } from './messageUpstream';
import { ModernClients, type ModernClient } from '../host/modernClients';
import { errorResponse, RelayAnswer, relayErrorOf } from './relayAnswer';
import type { RelayParts } from './relayOptions';

/** Headers that belong to one connection (RFC 9110, 7.6.1), or that say who asks us and not who asks the server. */
const notForwarded = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'origin',
  'referer',
  'cookie',
  'authorization',
  'content-length',
  'expect',
  // Answers are read for the record, so they must not be compressed; on one machine that costs nothing.
  'accept-encoding',
]);

/** Headers of answers that stay between us and the server. */
const notReturned = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
  'alt-svc',
  'strict-transport-security',
  // What a server asks of us is not for the client to answer: it would send its user to sign in to us.
  'www-authenticate',
]);

/** Bytes of a JSON answer that is parsed for the record; a longer one passes and is recorded as too long. */
const maxRecordedBytes = 64 * 1024 * 1024;

interface LegacySession {
  readonly id: string | undefined;
  readonly connection: LiveConnection;
  readonly channel: TrafficChannel;
  /** Requests under way, which end with it. */
  readonly requests: Set<AbortController>;
  open: number;
}

/** What one request is recorded as. */
interface Exchange {
  readonly connection: LiveConnection;
  readonly channel: TrafficChannel;
  /** Requests in the body that have no answer yet, with their methods. */
  readonly waiting: Map<string, { method: string; sentAt: number }>;
  readonly signal: AbortSignal;
  /** The head of the server's answer. */
  head?: WireHeaders;
  done(): void;
}

/**
 * Passes requests to a server over Streamable HTTP and its answers back, head and body, as they come. Sessions, streams
 * and errors are the server's own; the relay only adds who asks, and notes what goes by.
 */
export class HttpRelay {
  readonly #parts: RelayParts;
  readonly #sessions = new Map<string, LegacySession>();
  /** Clients of the legacy era whose server gives them no session. */
  readonly #stateless = new Map<ConnectionTransport, LegacySession>();
  readonly #modern: ModernClients;
  readonly #open = new Map<AbortController, ConnectionTransport>();

  constructor(parts: RelayParts) {
    this.#parts = parts;
    const { connections, path, limits } = parts;
    this.#modern = new ModernClients({
      connections,
      path,
      maxClients: limits.maxSessions,
      lingerMs: limits.modernLingerMs,
    });
  }

  async handle(request: AdmittedRequest): Promise<void> {
    const { body, message, method, response, transport } = request;
    const sessionId = headerOf(message.headers, 'mcp-session-id');
    const session = sessionId === undefined ? undefined : this.#sessions.get(sessionId);
    if (session && session.connection.transport !== transport) {
      new RelayAnswer(response).json(errorResponse('null', { code: -32_001, message: 'Session not found' }), 404);
      return;
    }
    const messages = messagesOf(body);
    const [first] = messages;
    const isStream = method === 'GET' || (first !== undefined && methodOf(first) === 'subscriptions/listen');
    const isCall = messages.some((entry) => isRequest(entry));
    if ((isStream || isCall) && !request.takePlace(isStream ? 'stream' : 'call')) return;

    const abort = new AbortController();
    this.#open.set(abort, transport);
    const cancel = (): void => abort.abort();
    request.signal.addEventListener('abort', cancel, { once: true });
    session?.requests.add(abort);
    const exchange = this.#begin(request, messages, session, abort.signal);
    try {
      await this.#pass(request, messages, exchange, session);
    } finally {
      this.#open.delete(abort);
      request.signal.removeEventListener('abort', cancel);
      session?.requests.delete(abort);
      exchange.waiting.forEach(({ method }) => this.#parts.supervisor.noteAnswer(undefined, false, method));
      exchange.waiting.clear();
      exchange.done();
    }
  }

  sweep(now: number): void {
    this.#modern.sweep(now);
    for (const session of [...this.#sessions.values(), ...this.#stateless.values()]) {
      if (session.open === 0 && now - session.connection.lastSeenAt >= this.#parts.limits.sessionIdleMs) {
        this.#end(session, true);
      }
    }
  }

  /** Ends what came over one transport, or everything; the server is told which sessions are over. */
  close(transport?: ConnectionTransport): void {
    for (const session of [...this.#sessions.values(), ...this.#stateless.values()]) {
      if (transport === undefined || session.connection.transport === transport) this.#end(session, true);
    }
    for (const [abort, over] of this.#open) if (transport === undefined || over === transport) abort.abort();
    if (transport === undefined) this.#modern.clear();
  }

  async #pass(
    request: AdmittedRequest,
    messages: readonly AnyMessage[],
    exchange: Exchange,
    session: LegacySession | undefined,
  ): Promise<void> {
    const { body, message, method, rawBody, response } = request;
    const { supervisor, filter } = this.#parts;
    const headers = forwardedHeaders(message.headers);
    let delivered = rawBody;
    const [first] = messages;
    const verdict = filter && first && isRequest(first) ? filter.request(first) : undefined;
    if (filter && Array.isArray(body)) {
      const refusal = errorResponse('null', { code: -32_600, message: 'Batches are not supported here' });
      return new RelayAnswer(response).json(refusal, 400);
    }
    if (verdict?.kind === 'changed' && first) {
      delivered = Buffer.from(verdict.splice(rawBody.toString('utf8')));
      const { name } = paramsOf(verdict.message);
      if (headers['mcp-name'] !== undefined && typeof name === 'string') headers['mcp-name'] = headerValue(name);
      exchange.channel.message('clientToServer', verdict.message, rawBody.length, first, message.headers);
    } else {
      for (const entry of messages) {
        const bytes = messages.length === 1 ? rawBody.length : undefined;
        exchange.channel.message('clientToServer', entry, bytes, undefined, message.headers);
      }
    }
    if (verdict?.kind === 'refused' && first) {
      const raw = Buffer.from(`{"jsonrpc":"2.0","id":${tokenOf(rawBody)},${JSON.stringify(verdict.answer).slice(1)}`);
      this.#note(exchange, JSON.parse(raw.toString()) as AnyMessage, raw.length);
      return new RelayAnswer(response).json(raw);
    }
    let answer: IncomingMessage;
    try {
      const http = await supervisor.openHttp();
      answer = await http.send({
        method,
        headers,
        body: delivered,
        signal: exchange.signal,
        isRepeatable: !messages.some((entry) => methodOf(entry) === 'tools/call'),
      });
    } catch (error) {
      this.#answerFailure(request, exchange, error);
      return;
    }
    exchange.head = headOf(answer.statusCode ?? 0, answer.headers);
    this.#noteHead(answer, exchange, session, request);
    if (answer.statusCode === 401) {
      answer.resume();
      const reason = 'The server does not accept who we are.';
      const remedy = 'Sign in to it in the Servers view, or correct its headers.';
      const error = new WorkbenchError('SignInRequired', reason, { remedy });
      supervisor.noteFailure(error);
      this.#answerFailure(request, exchange, error);
      return;
    }
    if ((answer.statusCode ?? 500) < 500) supervisor.noteReady(this.#eraOf(messages));
    if (method === 'DELETE' && session && (answer.statusCode ?? 500) < 300) this.#end(session, false);
    if (answer.statusCode === 404 && session) this.#end(session, false);
    await this.#return(request, answer, exchange);
  }

  /** Passes the body of an answer on, as fast as the client reads, and notes the messages in it. */
  async #return(request: AdmittedRequest, answer: IncomingMessage, exchange: Exchange): Promise<void> {
    const { response } = request;
    const type = answer.headers['content-type'] ?? '';
    const isEvents = type.startsWith('text/event-stream');
    const isJson = /^application\/(?:[\w.+-]+\+)?json\b/.test(type);
    const mayChange =
      this.#parts.filter !== undefined && [...exchange.waiting.values()].some(({ method }) => method === 'tools/list');
    const headers = returnedHeaders(answer.headers);
    if (isEvents && !mayChange) {
      response.writeHead(answer.statusCode ?? 502, headers);
      response.flushHeaders();
      const reader = new EventStreamReader(maxRecordedBytes);
      await this.#forEachChunk(request, answer, async (chunk) => {
        if (!response.write(chunk)) await drained(response);
        this.#readEvents(reader, chunk, exchange);
      });
      response.end();
    } else if (isEvents) {
      await this.#returnChangedEvents(request, answer, exchange, headers);
    } else {
      const chunks: Buffer[] = [];
      let bytes = 0;
      await this.#forEachChunk(request, answer, (chunk) => {
        chunks.push(chunk);
        bytes += chunk.length;
        return Promise.resolve();
      });
      const [only] = chunks;
      const raw = chunks.length === 1 && only ? only : Buffer.concat(chunks, bytes);
      const parsed = isJson && bytes > 0 && bytes <= maxRecordedBytes ? parseMessage(raw) : undefined;
      const changed = parsed && this.#noteAll(exchange, parsed, raw);
      if (isJson && bytes > 0 && bytes <= maxRecordedBytes && !parsed)
        exchange.channel.unreadable('serverToClient', raw, exchange.head);
      const delivered = changed ? Buffer.from(JSON.stringify(changed)) : raw;
      if (response.destroyed) return;
      // Chunked or not, the client gets the same bytes; with a length it needs one packet.
      if (answer.statusCode !== 204 && answer.statusCode !== 304) headers['content-length'] = delivered.length;
      response.writeHead(answer.statusCode ?? 502, headers);
      response.end(delivered);
    }
  }

  async #returnChangedEvents(
    request: AdmittedRequest,
    answer: IncomingMessage,
    exchange: Exchange,
    headers: OutgoingHttpHeaders,
  ): Promise<void> {
    const { response } = request;
    response.writeHead(answer.statusCode ?? 502, headers);
    const reader = new EventStreamReader(maxRecordedBytes);
    await this.#forEachChunk(request, answer, async (chunk) => {
      for (const { event, data, id } of reader.push(chunk)) {
        const parsed = event === 'message' ? parseMessage(data) : undefined;
        const changed = parsed && this.#noteAll(exchange, parsed, data);
        const text = changed ? JSON.stringify(changed) : data.toString('utf8');
        const lines = text
          .split('\n')
          .map((line) => `data: ${line}\n`)
          .join('');
        if (!response.write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}${lines}\n`)) {
          await drained(response);
        }
      }
    });
    response.end();
  }

  async #forEachChunk(
    { response }: AdmittedRequest,
    answer: IncomingMessage,
    visit: (chunk: Buffer) => Promise<void>,
  ): Promise<void> {
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) await visit(chunk);
    } catch (error) {
      this.#parts.logger.debug(`${this.#parts.serverName}: ${messageOf(error)}`);
      // A half answer must not look like a whole one.
      response.destroy();
    }
  }

  #readEvents(reader: EventStreamReader, chunk: Buffer, exchange: Exchange): void {
    try {
      for (const { event, data } of reader.push(chunk)) {
        const parsed = event === 'message' && data.length > 0 ? parseMessage(data) : undefined;
        if (parsed) this.#noteAll(exchange, parsed, data);
        else if (event === 'message' && data.length > 0) {
          exchange.channel.unreadable('serverToClient', data, exchange.head);
        }
      }
    } catch {
      // An event too long to be recorded still passes.
    }
  }

  /** @returns the message that the client is to get, where a filter changes it. */
  #noteAll(exchange: Exchange, parsed: object, raw: Buffer): AnyMessage | undefined {
    const messages = messagesOf(parsed);
    for (const message of messages) {
      const waiting = exchange.waiting.get(idKey(message['id']));
      const changed =
        waiting && messages.length === 1 ? this.#parts.filter?.response(waiting.method, message) : undefined;
      this.#note(exchange, changed ?? message, messages.length === 1 ? raw.length : undefined, changed && message, raw);
      if (changed) return changed;
    }
    return undefined;
  }

  #note(exchange: Exchange, message: AnyMessage, bytes: number | undefined, original?: AnyMessage, raw?: Buffer): void {
    exchange.channel.message('serverToClient', message, bytes, original, exchange.head, raw && unfaithfulBytes(raw));
    if (methodOf(message) !== '' || !('id' in message)) return;
    const key = idKey(message['id']);
    const waiting = exchange.waiting.get(key);
    if (!waiting) return;
    exchange.waiting.delete(key);
    this.#parts.supervisor.noteAnswer(performance.now() - waiting.sentAt, isErrorResponse(message), waiting.method);
    const { result } = message;
    if (waiting.method === 'initialize' && isRecord(result) && typeof result['protocolVersion'] === 'string') {
      exchange.connection.describe({ protocolVersion: result['protocolVersion'] });
    }
  }

  #begin(
    request: AdmittedRequest,
    messages: readonly AnyMessage[],
    session: LegacySession | undefined,
    signal: AbortSignal,
  ): Exchange {
    const now = performance.now();
    const waiting: Exchange['waiting'] = new Map();
    for (const message of messages) {
      if (!isRequest(message)) continue;
      waiting.set(idKey(message['id']), { method: methodOf(message), sentAt: now });
      this.#parts.supervisor.noteRequest(methodOf(message));
    }
    const isModern = this.#eraOf(messages) === 'modern';
    const [first] = messages;
    if (isModern && first) return this.#beginModern(request, first, waiting, signal);
    const legacy = session ?? this.#sessionFor(request, first);
    legacy.open++;
    legacy.connection.touch(first);
    return {
      connection: legacy.connection,
      channel: legacy.channel,
      waiting,
      signal,
      done: () => {
        legacy.open--;
        legacy.connection.touch();
        // An `initialize` that no session came of.
        if (legacy.id === undefined && !this.#isKnown(legacy)) this.#end(legacy, false);
      },
    };
  }

  #beginModern(
    request: AdmittedRequest,
    message: AnyMessage,
    waiting: Exchange['waiting'],
    signal: AbortSignal,
  ): Exchange {
    const client: ModernClient = this.#modern.of(metaOf(message), request.transport);
    client.open++;
    client.connection.touch(message);
    const channel = this.#parts.recorder.openChannel({
      server: this.#parts.serverName,
      client: client.connection.name,
      session: client.connection.id,
      era: 'modern',
    });
    return {
      connection: client.connection,
      channel,
      waiting,
      signal,
      done: () => {
        client.open--;
        client.connection.touch();
        channel.close();
      },
    };
  }

  /** A session that begins, or the one of a transport whose requests carry none. */
  #sessionFor(request: AdmittedRequest, first: AnyMessage | undefined): LegacySession {
    const { transport } = request;
    const isInitialize = first !== undefined && methodOf(first) === 'initialize';
    const known = isInitialize ? undefined : this.#stateless.get(transport);
    if (known) return known;
    const { connections, path, recorder, serverName } = this.#parts;
    const client = describeClient(first && paramsOf(first)['clientInfo']);
    const connection = connections.add({ era: 'legacy', transport, path }, isInitialize ? client : {});
    const channel = recorder.openChannel({
      server: serverName,
      client: client.name,
      session: connection.id,
      era: 'legacy',
    });
    const session: LegacySession = { id: undefined, connection, channel, requests: new Set(), open: 0 };
    if (!isInitialize) this.#stateless.set(transport, session);
    return session;
  }

  #isKnown(session: LegacySession): boolean {
    if (this.#stateless.get(session.connection.transport) === session) return true;
    return [...this.#sessions.values()].some(({ connection }) => connection === session.connection);
  }

  /** Learns from the head of an answer which session it begins. */
  #noteHead(
    { headers, statusCode = 500 }: IncomingMessage,
    { connection, channel }: Exchange,
    session: LegacySession | undefined,
    { body, transport }: AdmittedRequest,
  ): void {
    if (session || statusCode >= 300) return;
    const [first] = messagesOf(body);
    if (!first || methodOf(first) !== 'initialize') return;
    const id = headerOf(headers, 'mcp-session-id');
    const begun: LegacySession = { id, connection, channel, requests: new Set(), open: 0 };
    if (id === undefined) {
      // Nothing tells the clients of such a server apart later, so they are one to us.
      const before = this.#stateless.get(transport);
      if (before) before.connection.describe({ name: connection.name, version: connection.version });
      else this.#stateless.set(transport, begun);
      return;
    }
    this.#sessions.set(id, begun);
    this.#makeRoom();
  }

  #makeRoom(): void {
    if (this.#sessions.size <= this.#parts.limits.maxSessions) return;
    const idle = [...this.#sessions.values()].filter(({ open }) => open === 0);
    const [idlest] = idle.sort((left, right) => left.connection.lastSeenAt - right.connection.lastSeenAt);
    if (idlest) this.#end(idlest, true);
  }

  /** @param isOurs whether the end is our idea, so that the server should hear of it */
  #end(session: LegacySession, isOurs: boolean): void {
    const { id, connection, channel, requests } = session;
    if (id !== undefined) this.#sessions.delete(id);
    if (this.#stateless.get(connection.transport) === session) this.#stateless.delete(connection.transport);
    if (isOurs && id !== undefined) this.#tellEnd(id);
    for (const request of requests) request.abort();
    channel.close();
    this.#parts.connections.remove(connection);
  }

  #tellEnd(id: string): void {
    const signal = AbortSignal.timeout(5000);
    this.#parts.supervisor
      .openHttp()
      .then((http) =>
        http.send({ method: 'DELETE', headers: { 'mcp-session-id': id }, body: noBody, signal, isRepeatable: true }),
      )
      .then((answer) => answer.resume())
      .catch((error: unknown) => this.#parts.logger.debug(`${this.#parts.serverName}: ${messageOf(error)}`));
  }

  /** Tells the client that there is no answer. */
  #answerFailure({ rawBody, response, body }: AdmittedRequest, exchange: Exchange, error: unknown): void {
    if (response.destroyed || exchange.signal.aborted) {
      response.destroy();
      return;
    }
    this.#parts.supervisor.noteFailure(error);
    const isCall = messagesOf(body).some((message) => isRequest(message));
    const raw = errorResponse(isCall && !Array.isArray(body) ? tokenOf(rawBody) : 'null', relayErrorOf(error));
    this.#note(exchange, JSON.parse(raw.toString()) as AnyMessage, raw.length);
    new RelayAnswer(response).json(raw, isCall ? 200 : 502);
  }

  #eraOf(messages: readonly AnyMessage[]): 'legacy' | 'modern' | undefined {
    const [first] = messages;
    if (!first) return undefined;
    return PROTOCOL_VERSION_META_KEY in metaOf(first) ? 'modern' : 'legacy';
  }
}

const noBody = Buffer.alloc(0);

function forwardedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const forwarded: Record<string, string> = {};
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || notForwarded.has(name) || named.has(name)) continue;
    forwarded[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return forwarded;
}

function returnedHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const returned: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    // Permissions for web pages are ours to give, and we give none.
    if (value !== undefined && !notReturned.has(name) && !name.startsWith('access-control-')) returned[name] = value;
  }
  delete returned['content-length'];
  return returned;
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** A value as headers can carry it (2026-07-28, standard request headers). */
function headerValue(text: string): string {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith('=?base64?')
    ? text
    : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

function tokenOf(rawBody: Buffer): string {
  const text = rawBody.toString('utf8');
  const [range] = findValues(text, [['id']]);
  return range ? text.slice(range.start, range.end) : 'null';
}
