import { randomUUID } from 'node:crypto';
import { messageOf } from '../../core/errors';
import { isRecord } from '../../core/json';
import { unfaithfulBytes } from '../../traffic/rawBytes';
import type { TrafficChannel } from '../../traffic/trafficChannel';
import { describeClient, type LiveConnection } from '../host/connectionList';
import type { AdmittedRequest } from '../host/hostRoute';
import {
  idKey,
  isErrorResponse,
  isRequest,
  isResponse,
  messagesOf,
  metaOf,
  methodOf,
  paramsOf,
  type AnyMessage,
} from './jsonRpc';
import { findValues } from './jsonSplice';
import type { MessageUpstream, UpstreamEnd, UpstreamMessage } from './messageUpstream';
import { errorResponse, RelayAnswer, relayErrorOf } from './relayAnswer';
import type { RelayParts } from './relayOptions';

/** Events kept for a client whose stream broke, and their bytes. */
const keptEvents = 64;
const keptEventBytes = 4 * 1024 * 1024;
/** Messages kept for a client that has no stream open, oldest dropped first. */
const keptBacklog = 256;
/** Milliseconds for which a server may still answer a request that was cancelled. */
const cancelledMs = 3000;
/** Milliseconds after which a request that waits is given a stream, so that nothing in between gives it up. */
const slowMs = 10_000;

const empty = Buffer.alloc(0);

/** One POST of the client: the requests in it, and where their answers go. */
interface Exchange {
  readonly number: number;
  /** Keys of the ids not answered yet. */
  readonly open: Map<string, OpenRequest>;
  readonly startedAt: number;
  answer: RelayAnswer;
  events: number;
  isDone: boolean;
}

interface OpenRequest {
  readonly exchange: Exchange;
  readonly method: string;
  /** The body that it came in, where it came alone; else the id. Only an error of ours needs the text of the id. */
  readonly idSource: Buffer | { id: unknown };
  readonly progressToken: unknown;
  readonly sentAt: number;
}

interface KeptEvent {
  exchange: number;
  index: number;
  raw: Buffer;
}

/** The stream that belongs to no request has this number in event ids. */
const standalone = 0;

/** Notifications that belong to no request even while one is being answered. */
const unrelated = new Set([
  'notifications/tools/list_changed',
  'notifications/resources/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/updated',
  'notifications/roots/list_changed',
]);

/**
 * A client's session of revisions up to 2025-11-25 with an upstream of its own: what the client posts goes to the
 * upstream as it is, what comes from the upstream goes to the stream that it belongs to.
 *
 * A message stream does not say which request a message belongs to, except by progress tokens. So what is no answer
 * goes with the newest request in progress, as a server on HTTP would send it, or to the standalone stream.
 */
export class LegacyRelaySession {
  readonly id = randomUUID();
  readonly connection: LiveConnection;
  readonly #parts: RelayParts;
  readonly #channel: TrafficChannel;
  readonly #requests = new Map<string, OpenRequest>();
  readonly #exchanges = new Map<number, Exchange>();
  readonly #kept: KeptEvent[] = [];
  readonly #backlog: Buffer[] = [];
  readonly #onEnd: () => void;
  #keptBytes = 0;
  #exchangeCount = 0;
  #upstream: MessageUpstream | undefined;
  #stream: RelayAnswer | undefined;
  #streamEvents = 0;
  #initializeKey: string | undefined;
  #protocolVersion = '';
  #isEnded = false;
  #openCount = 0;

  /** @param onEnd told once when the session is over */
  constructor(parts: RelayParts, connection: LiveConnection, onEnd: () => void) {
    this.#parts = parts;
    this.connection = connection;
    this.#onEnd = onEnd;
    this.#channel = parts.recorder.openChannel({
      server: parts.serverName,
      client: 'unknown',
      session: connection.id,
      era: 'legacy',
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** HTTP requests of the client that are open now. */
  get openCount(): number {
    return this.#openCount;
  }

  /** Starts the upstream and serves the client's `initialize`; where it cannot start, the session is over with that. */
  async begin(request: AdmittedRequest): Promise<void> {
    try {
      const upstream = await this.#parts.supervisor.openMessages({
        onMessage: (message) => this.#receive(message),
        onUnreadable: (raw) => this.#channel.unreadable('serverToClient', raw),
        onEnd: (end) => this.#onUpstreamEnd(end),
      });
      this.#upstream = upstream;
      if (this.#isEnded) await upstream.close();
    } catch (error) {
      const { body, rawBody, response } = request;
      const raw = errorResponse(idToken(rawBody, body), relayErrorOf(error));
      for (const message of messagesOf(body)) {
        this.#note(message);
        this.#channel.message('clientToServer', message, rawBody.length, undefined, request.message.headers);
      }
      const answer = new RelayAnswer(response);
      answer.json(raw);
      this.#channel.message(
        'serverToClient',
        JSON.parse(raw.toString()) as object,
        raw.length,
        undefined,
        answer.head.read,
      );
      this.end();
      return;
    }
    await this.handle(request);
  }

  /** Serves one request of the client. */
  async handle(request: AdmittedRequest): Promise<void> {
    const { response } = request;
    this.#openCount++;
    this.connection.touch(request.body);
    response.once('close', () => {
      this.#openCount--;
      this.connection.touch();
    });
    if (request.method === 'GET') this.#openStream(request);
    else if (request.method === 'DELETE') {
      this.end();
      response.writeHead(200).end();
    } else await this.#post(request);
  }

  /** Sends what keeps streams open, and gives slow requests one. */
  keepAlive(): void {
    this.#stream?.keepAlive();
    const now = performance.now();
    for (const { answer, startedAt, isDone } of this.#exchanges.values()) {
      if (isDone) continue;
      if (now - startedAt >= slowMs) answer.beginStream();
      answer.keepAlive();
    }
  }

  /** Ends the session and its upstream. */
  end(): void {
    this.#finish('The session was ended.');
    void this.#upstream?.close();
  }

  async #post(request: AdmittedRequest): Promise<void> {
    const { response, body, rawBody } = request;
    const messages = messagesOf(body);
    const filtered = this.#filter(messages, request);
    const answer = new RelayAnswer(
      response,
      messages.some((message) => methodOf(message) === 'initialize') ? { 'Mcp-Session-Id': this.id } : {},
    );
    if (filtered.refusal) {
      answer.json(filtered.refusal);
      return;
    }
    const requests = messages.filter((message) => isRequest(message));
    if (requests.some(({ id }) => this.#requests.has(idKey(id)))) {
      answer.json(errorResponse(idToken(rawBody, body), { code: -32_600, message: 'The id is in use' }), 400);
      return;
    }
    for (const message of messages) this.#note(message);
    this.#record(messages, request, filtered.delivered);
    let exchange: Exchange | undefined;
    if (requests.length > 0) exchange = this.#begin(requests, answer, rawBody, body);
    try {
      await this.#upstream?.send(filtered.raw);
    } catch (error) {
      this.#parts.logger.warn(`${this.#parts.serverName}: ${messageOf(error)}`);
      if (exchange) for (const open of [...exchange.open.values()]) this.#fail(open, error);
      else answer.json(errorResponse('null', relayErrorOf(error)), 502);
      return;
    }
    if (!exchange) answer.accepted();
    // It may have ended while the message was on its way.
    else if (this.#isEnded)
      for (const open of [...exchange.open.values()]) this.#fail(open, new Error('The server has ended.'));
  }

  #filter(
    messages: readonly AnyMessage[],
    { body, rawBody, message: { headers } }: AdmittedRequest,
  ): { raw: Buffer; refusal?: Buffer; delivered?: AnyMessage } {
    const { filter } = this.#parts;
    const [message] = messages;
    // Batches have gone from the protocol; a filter that must see every call lets none through.
    if (filter && Array.isArray(body)) {
      return {
        raw: empty,
        refusal: errorResponse('null', { code: -32_600, message: 'Batches are not supported here' }),
      };
    }
    if (!filter || !message || !isRequest(message)) return { raw: rawBody };
    const verdict = filter.request(message);
    if (verdict.kind === 'refused') {
      this.#channel.message('clientToServer', message, rawBody.length, undefined, headers);
      const refusal = errorOrResult(idToken(rawBody, body), verdict.answer);
      this.#channel.message('serverToClient', JSON.parse(refusal.toString()) as object, refusal.length);
      return { raw: empty, refusal };
    }
    if (verdict.kind === 'same') return { raw: rawBody };
    return { raw: Buffer.from(verdict.splice(rawBody.toString('utf8'))), delivered: verdict.message };
  }

  #record(messages: readonly AnyMessage[], request: AdmittedRequest, delivered?: AnyMessage): void {
    const bytes = Array.isArray(request.body) ? undefined : request.rawBody.length;
    const { headers } = request.message;
    for (const message of messages) {
      if (delivered) this.#channel.message('clientToServer', delivered, bytes, message, headers);
      else this.#channel.message('clientToServer', message, bytes, undefined, headers);
    }
  }

  /** Learns from what the client says: who it is, and what it no longer wants to know. */
  #note(message: AnyMessage): void {
    const method = methodOf(message);
    if (method === 'initialize') {
      this.#initializeKey = idKey(message['id']);
      const client = describeClient(paramsOf(message)['clientInfo']);
      this.connection.describe(client);
      this.#channel.describe({ client: client.name });
    } else if (method === 'notifications/cancelled') {
      const open = this.#requests.get(idKey(paramsOf(message)['requestId']));
      // A server owes no answer to a request that was cancelled, but it may have sent one already.
      if (open) setTimeout(() => this.#forget(open), cancelledMs).unref();
    }
  }

  #begin(requests: readonly AnyMessage[], answer: RelayAnswer, rawBody: Buffer, body: unknown): Exchange {
    const now = performance.now();
    const exchange: Exchange = {
      number: ++this.#exchangeCount,
      open: new Map(),
      startedAt: now,
      answer,
      events: 0,
      isDone: false,
    };
    for (const message of requests) {
      const key = idKey(message['id']);
      const open: OpenRequest = {
        exchange,
        method: methodOf(message),
        idSource: Array.isArray(body) ? { id: message['id'] } : rawBody,
        progressToken: metaOf(message)['progressToken'],
        sentAt: now,
      };
      exchange.open.set(key, open);
      this.#requests.set(key, open);
      this.#parts.supervisor.noteRequest(open.method);
    }
    this.#exchanges.set(exchange.number, exchange);
    return exchange;
  }

  #receive({ raw, parsed }: UpstreamMessage): void {
    if (this.#isEnded) return;
    const messages = messagesOf(parsed);
    let delivered = raw;
    let original: AnyMessage | undefined;
    const [only] = messages;
    if (this.#parts.filter && only && messages.length === 1 && isResponse(only)) {
      const open = this.#requests.get(idKey(only['id']));
      const changed = open && this.#parts.filter.response(open.method, only);
      if (changed) {
        original = only;
        delivered = Buffer.from(JSON.stringify(changed));
        messages[0] = changed;
      }
    }
    const bytes = messages.length === 1 ? raw.length : undefined;
    const unfaithful = unfaithfulBytes(raw);
    for (const message of messages) {
      const head = isResponse(message)
        ? this.#requests.get(idKey(message['id']))?.exchange.answer.head.read
        : undefined;
      this.#channel.message('serverToClient', message, bytes, original, head, unfaithful);
    }
    const responses = messages.filter((message) => isResponse(message));
    if (responses.length > 0) this.#deliverResponses(responses, delivered);
    else if (messages.length > 0) this.#deliver(messages, delivered);
  }

  #deliverResponses(responses: readonly AnyMessage[], raw: Buffer): void {
    let exchange: Exchange | undefined;
    for (const response of responses) {
      const key = idKey(response['id']);
      const open = this.#requests.get(key);
      if (!open) continue;
      exchange = open.exchange;
      this.#requests.delete(key);
      exchange.open.delete(key);
      this.#parts.supervisor.noteAnswer(performance.now() - open.sentAt, isErrorResponse(response));
      if (key === this.#initializeKey) this.#readInitializeResult(response);
    }
    if (!exchange) return;
    if (exchange.open.size === 0 && !exchange.answer.isStream && exchange.events === 0 && exchange.answer.isOpen) {
      exchange.answer.json(raw);
      this.#close(exchange);
      return;
    }
    this.#sendEvent(exchange, raw);
    if (exchange.open.size === 0) this.#close(exchange);
  }

  /** Requests and notifications of the server. */
  #deliver(messages: readonly AnyMessage[], raw: Buffer): void {
    const [message] = messages;
    if (!message) return;
    const method = methodOf(message);
    const exchange = this.#exchangeFor(method, message);
    if (exchange) {
      if (!exchange.answer.isStream && exchange.events === 0) this.#prime(exchange);
      this.#sendEvent(exchange, raw);
      return;
    }
    if (this.#stream?.isOpen) this.#sendStandalone(raw);
    else {
      this.#backlog.push(raw);
      if (this.#backlog.length > keptBacklog) this.#backlog.shift();
    }
  }

  #exchangeFor(method: string, message: AnyMessage): Exchange | undefined {
    if (method === 'notifications/progress') {
      const token = paramsOf(message)['progressToken'];
      for (const open of this.#requests.values()) if (open.progressToken === token) return open.exchange;
    }
    if (unrelated.has(method) && this.#stream?.isOpen) return undefined;
    let newest: Exchange | undefined;
    for (const { exchange } of this.#requests.values()) {
      if (!newest || exchange.number > newest.number) newest = exchange;
    }
    // The answer to `initialize` is waited for as the first message; nothing may come before it.
    if (newest && unrelated.has(method)) return newest.answer.isStream ? newest : undefined;
    return newest;
  }

  /** An event without a message tells the client where it is, should the stream break (2025-11-25, resumability). */
  #prime(exchange: Exchange): void {
    if (this.#protocolVersion >= '2025-11-25') exchange.answer.event(empty, `${exchange.number}-${exchange.events++}`);
  }

  #sendEvent(exchange: Exchange, raw: Buffer): void {
    const index = exchange.events++;
    this.#keep({ exchange: exchange.number, index, raw });
    exchange.answer.event(raw, `${exchange.number}-${index}`);
    if (exchange.answer.isFull) this.#waitFor(exchange.answer);
  }

  #sendStandalone(raw: Buffer): void {
    const index = this.#streamEvents++;
    this.#keep({ exchange: standalone, index, raw });
    this.#stream?.event(raw, `${standalone}-${index}`);
    if (this.#stream?.isFull) this.#waitFor(this.#stream);
  }

  #keep(event: KeptEvent): void {
    this.#kept.push(event);
    this.#keptBytes += event.raw.length;
    while (this.#kept.length > keptEvents || this.#keptBytes > keptEventBytes) {
      this.#keptBytes -= this.#kept.shift()?.raw.length ?? 0;
    }
  }

  #openStream(request: AdmittedRequest): void {
    const answer = new RelayAnswer(request.response);
    const last = request.message.headers['last-event-id'];
    if (typeof last === 'string' && this.#resume(last, answer)) return;
    if (this.#stream?.isOpen) {
      answer.json(errorResponse('null', { code: -32_000, message: 'The session has a stream already' }), 409);
      return;
    }
    this.#stream = answer;
    answer.beginStream();
    for (const raw of this.#backlog.splice(0)) this.#sendStandalone(raw);
  }

  /** Goes on with a stream that broke. @returns false where the event is not known. */
  #resume(lastEventId: string, answer: RelayAnswer): boolean {
    const [, number, index] = /^(\d+)-(\d+)$/.exec(lastEventId)?.map(Number) ?? [];
    if (number === undefined || index === undefined) return false;
    if (number > this.#exchangeCount) return false;
    answer.beginStream();
    for (const event of this.#kept) {
      if (event.exchange === number && event.index > index) answer.event(event.raw, `${number}-${event.index}`);
    }
    if (number === standalone) {
      this.#stream?.end();
      this.#stream = answer;
      return true;
    }
    const exchange = this.#exchanges.get(number);
    if (exchange) exchange.answer = answer;
    else answer.end();
    return true;
  }

  #close(exchange: Exchange): void {
    exchange.isDone = true;
    this.#exchanges.delete(exchange.number);
    if (exchange.answer.isStream) exchange.answer.end();
  }

  /** Lets go of a request that gets no answer. */
  #forget(open: OpenRequest): void {
    for (const [key, known] of open.exchange.open) {
      if (known !== open) continue;
      open.exchange.open.delete(key);
      this.#requests.delete(key);
      this.#parts.supervisor.noteAnswer(undefined, false);
    }
    if (open.exchange.open.size > 0 || open.exchange.isDone) return;
    open.exchange.answer.end();
    this.#close(open.exchange);
  }

  #fail(open: OpenRequest, error: unknown): void {
    const { exchange } = open;
    const raw = errorResponse(tokenOf(open), relayErrorOf(error));
    for (const [key, known] of exchange.open) {
      if (known !== open) continue;
      exchange.open.delete(key);
      this.#requests.delete(key);
      this.#parts.supervisor.noteAnswer(undefined, true);
      const message = JSON.parse(raw.toString()) as object;
      this.#channel.message('serverToClient', message, raw.length, undefined, exchange.answer.head.read);
    }
    if (exchange.isDone) return;
    if (exchange.open.size === 0 && !exchange.answer.isStream && exchange.answer.isOpen) exchange.answer.json(raw);
    else this.#sendEvent(exchange, raw);
    if (exchange.open.size === 0) this.#close(exchange);
  }

  #readInitializeResult({ result }: AnyMessage): void {
    this.#initializeKey = undefined;
    if (!isRecord(result)) {
      // No session comes of it.
      setImmediate(() => this.end());
      return;
    }
    const { protocolVersion } = result;
    if (typeof protocolVersion !== 'string') return;
    this.#protocolVersion = protocolVersion;
    this.connection.describe({ protocolVersion });
    this.#parts.supervisor.noteReady('legacy');
  }

  #onUpstreamEnd(end: UpstreamEnd): void {
    this.#finish(end.message);
  }

  #finish(reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const open of [...this.#requests.values()]) this.#fail(open, new Error(reason));
    this.#stream?.end();
    this.#channel.close();
    this.#kept.length = 0;
    this.#onEnd();
  }

  /** Lets the server wait while a client that it sends much to reads slowly. */
  #waitFor(answer: RelayAnswer): void {
    this.#upstream?.pause();
    void answer.drained().then(() => this.#upstream?.resume());
  }
}

function tokenOf({ idSource }: OpenRequest): string {
  return Buffer.isBuffer(idSource) ? idToken(idSource, undefined) : JSON.stringify(idSource.id);
}

/** The JSON text of the id in a body that is one message. */
function idToken(rawBody: Buffer, body: unknown): string {
  if (Array.isArray(body)) return 'null';
  const text = rawBody.toString('utf8');
  const [range] = findValues(text, [['id']]);
  return range ? text.slice(range.start, range.end) : 'null';
}

function errorOrResult(token: string, answer: Record<string, unknown>): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","id":${token},${JSON.stringify(answer).slice(1)}`);
}
