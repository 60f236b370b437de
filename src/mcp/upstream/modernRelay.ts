import { LOG_LEVEL_META_KEY, PROTOCOL_VERSION_META_KEY, SUBSCRIPTION_ID_META_KEY } from '@modelcontextprotocol/server';
import { messageOf } from '../../core/errors';
import { isRecord } from '../../core/json';
import type { GivenHeaders } from '../../traffic/headers';
import { unfaithfulBytes } from '../../traffic/rawBytes';
import { parameterHeadersOf, type ParameterHeader } from '../../traffic/parameterHeaders';
import type { TrafficChannel } from '../../traffic/trafficChannel';
import type { ConnectionTransport } from '../host/clientConnection';
import type { AdmittedRequest } from '../host/hostRoute';
import { idKey, isErrorResponse, isRequest, metaOf, methodOf, paramsOf, type AnyMessage } from './jsonRpc';
import { findValues, replaceValues, type Replacement } from './jsonSplice';
import type { MessageUpstream, UpstreamEnd, UpstreamMessage } from './messageUpstream';
import { ModernClients, type ModernClient } from '../host/modernClients';
import { headerMismatch } from './modernHeaders';
import { errorResponse, RelayAnswer, relayErrorOf, type RelayError } from './relayAnswer';
import type { RelayParts } from './relayOptions';

/** Milliseconds for which the shared process stays without a request. */
const idleMs = 10 * 60 * 1000;
/** Milliseconds for a server to say whether it knows `server/discover`; old ones may never answer it. */
const discoverMs = 10_000;
const maxKnownTools = 5000;

const headerMismatchCode = -32_020;
const unsupportedVersionCode = -32_022;

/** Errors that stand for a fault of the HTTP request, with the status that says so (2026-07-28, Streamable HTTP). */
const httpStatuses: Readonly<Record<number, number>> = {
  [-32_700]: 400,
  [-32_600]: 400,
  [-32_601]: 404,
  [headerMismatchCode]: 400,
  [-32_021]: 400,
  [unsupportedVersionCode]: 400,
};

/** One request of a client while it is answered. */
interface Call {
  readonly wireId: string;
  /** JSON text of the client's id and of its progress token. */
  readonly idToken: string;
  readonly idValue: unknown;
  readonly progressToken: string | undefined;
  readonly method: string;
  readonly wantsLog: boolean;
  readonly client: ModernClient;
  readonly channel: TrafficChannel;
  readonly answer: RelayAnswer;
  readonly sentAt: number;
  /** Where it was sent to. */
  upstream?: MessageUpstream;
  isDone: boolean;
}

const idPath = ['id'];
const progressPath = ['params', '_meta', 'progressToken'];
const answeredProgressPath = ['params', 'progressToken'];
const subscriptionPath = ['params', '_meta', SUBSCRIPTION_ID_META_KEY];
const resultSubscriptionPath = ['result', '_meta', SUBSCRIPTION_ID_META_KEY];
const cancelledPath = ['params', 'requestId'];

/**
 * Serves clients of revision 2026-07-28 with a server that takes messages one by one. Requests of that revision stand
 * for themselves, so all clients share one process, as they would share one server over HTTP.
 *
 * Different clients use the same ids and progress tokens, so each request goes out under a number of ours, and each
 * answer comes back under the id as the client wrote it: both are cut into the text, and nothing else is touched.
 */
export class ModernRelay {
  readonly #parts: RelayParts;
  readonly #clients: ModernClients;
  readonly #calls = new Map<string, Call>();
  readonly #parameterHeaders = new Map<string, ParameterHeader[]>();
  /**
   * What the server said it speaks. Over HTTP each request is checked against that; over stdio servers check the first
   * one only, since there all come from one client.
   */
  #supportedVersions: unknown[] | undefined;
  #upstream: Promise<MessageUpstream> | undefined;
  #lastUsedAt = Date.now();
  #count = 0;
  #keepAliveTimer: NodeJS.Timeout | undefined;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    const { connections, path, limits } = parts;
    this.#clients = new ModernClients({
      connections,
      path,
      maxClients: limits.maxSessions,
      lingerMs: limits.modernLingerMs,
    });
  }

  /** @param refusal why the request is not to reach the server, where that is known by its head */
  async handle(request: AdmittedRequest, refusal?: RelayError): Promise<void> {
    const { response, body, rawBody } = request;
    const message: AnyMessage = isRecord(body) ? body : {};
    const refuse = (status: number, error: RelayError): void => {
      const text = rawBody.toString('utf8');
      const [range] = isRecord(body) ? findValues(text, [idPath]) : [];
      const raw = errorResponse(range ? text.slice(range.start, range.end) : 'null', error);
      const answer = new RelayAnswer(response);
      answer.json(raw, status);
      this.#recordAlone(request, message, { raw, head: answer.head.read });
    };
    if (refusal) return refuse(400, refusal);
    if (!isRequest(message)) return this.#notify(request, message);
    const mismatch = headerMismatch(message, request.message.headers, this.#parameterHeaders);
    if (mismatch !== undefined) {
      return refuse(400, {
        code: headerMismatchCode,
        message: `Bad Request: the request headers and body disagree: ${mismatch}`,
      });
    }
    const requested = metaOf(message)[PROTOCOL_VERSION_META_KEY];
    const supported = this.#supportedVersions;
    if (supported && !supported.includes(requested)) {
      const text = `Unsupported protocol version: ${String(requested)}`;
      return refuse(400, { code: unsupportedVersionCode, message: text, data: { supported, requested } });
    }
    const isListen = methodOf(message) === 'subscriptions/listen';
    if (!request.takePlace(isListen ? 'stream' : 'call')) return;
    await this.#call(request, message);
  }

  sweep(now: number): void {
    this.#clients.sweep(now);
    if (this.#calls.size === 0 && this.#upstream && now - this.#lastUsedAt >= idleMs) this.#closeUpstream();
  }

  /** Ends the requests that came over one transport, or all and the process. */
  close(transport?: ConnectionTransport): void {
    for (const call of [...this.#calls.values()]) {
      if (transport !== undefined && call.client.connection.transport !== transport) continue;
      this.#fail(call, new Error('The server was stopped.'));
    }
    if (transport !== undefined) return;
    this.#clients.clear();
    this.#closeUpstream();
  }

  #closeUpstream(): void {
    const upstream = this.#upstream;
    this.#upstream = undefined;
    upstream?.then((open) => open.close()).catch(() => undefined);
  }

  async #call(request: AdmittedRequest, message: AnyMessage): Promise<void> {
    const { response, rawBody } = request;
    const meta = metaOf(message);
    const client = this.#clients.of(meta, request.transport);
    client.open++;
    client.connection.touch(message);
    response.once('close', () => {
      client.open--;
      client.connection.touch();
    });
    const channel = this.#parts.recorder.openChannel({
      server: this.#parts.serverName,
      client: client.connection.name,
      session: client.connection.id,
      era: 'modern',
    });
    const text = rawBody.toString('utf8');
    const [idRange, progressRange] = findValues(text, [idPath, progressPath]);
    const answer = new RelayAnswer(response);
    if (!idRange) return answer.json(errorResponse('null', { code: -32_600, message: 'Invalid Request' }), 400);
    const number = ++this.#count;
    const wireId = typeof message['id'] === 'string' ? `"w${number}"` : String(number);
    const call: Call = {
      wireId,
      idToken: text.slice(idRange.start, idRange.end),
      idValue: message['id'],
      progressToken: progressRange && text.slice(progressRange.start, progressRange.end),
      method: methodOf(message),
      wantsLog: LOG_LEVEL_META_KEY in meta,
      client,
      channel,
      answer,
      sentAt: performance.now(),
      isDone: false,
    };
    const verdict = this.#parts.filter?.request(message);
    const { headers } = request.message;
    if (verdict?.kind === 'changed') {
      channel.message('clientToServer', verdict.message, rawBody.length, message, headers);
    } else {
      channel.message('clientToServer', message, rawBody.length, undefined, headers);
    }
    if (verdict?.kind === 'refused') {
      const raw = Buffer.from(
        `{"jsonrpc":"2.0","id":${call.idToken},${JSON.stringify(modernAnswer(verdict.answer)).slice(1)}`,
      );
      channel.message('serverToClient', JSON.parse(raw.toString()) as object, raw.length, undefined, answer.head.read);
      channel.close();
      return answer.json(raw);
    }
    const replacements: Replacement[] = [{ ...idRange, text: wireId }];
    if (progressRange) replacements.push({ ...progressRange, text: wireId });
    let wire = replaceValues(text, replacements);
    if (verdict?.kind === 'changed') wire = verdict.splice(wire);

    this.#calls.set(keyOf(wireId), call);
    this.#parts.supervisor.noteRequest(call.method);
    response.once('close', () => {
      if (!response.writableFinished) this.#abandon(call);
    });
    this.#startKeepAlive();
    let upstream: MessageUpstream;
    try {
      upstream = await this.#open();
      if (call.isDone) return;
      call.upstream = upstream;
      await upstream.send(Buffer.from(wire));
    } catch (error) {
      this.#fail(call, error);
      return;
    }
    if (call.method === 'server/discover') setTimeout(() => this.#giveUpDiscovery(call), discoverMs).unref();
  }

  /** A server of old may leave requests before `initialize` unanswered; then its clients should try the old way. */
  #giveUpDiscovery(call: Call): void {
    if (call.isDone) return;
    const raw = errorResponse(call.idToken, { code: -32_601, message: 'The server does not answer server/discover' });
    this.#finish(call, JSON.parse(raw.toString()) as AnyMessage, raw);
    if (this.#calls.size === 0) this.#closeUpstream();
  }

  async #open(): Promise<MessageUpstream> {
    this.#lastUsedAt = Date.now();
    const known = this.#upstream;
    if (known && (await known.catch(() => undefined))?.isEnded !== false && this.#upstream === known) {
      this.#upstream = undefined;
    }
    this.#upstream ??= this.#openOne();
    return this.#upstream;
  }

  #openOne(): Promise<MessageUpstream> {
    const opening = this.#parts.supervisor.openMessages({
      onMessage: (message) => this.#receive(message),
      onUnreadable: (raw) => this.#recordUnreadable(raw),
      onEnd: (end) => void opening.then((upstream) => this.#onUpstreamEnd(end, upstream)).catch(() => undefined),
    });
    return opening;
  }

  #onUpstreamEnd({ message }: UpstreamEnd, upstream: MessageUpstream): void {
    for (const call of [...this.#calls.values()]) {
      if (call.upstream === upstream) this.#fail(call, new Error(message));
    }
  }

  #receive({ raw, parsed }: UpstreamMessage): void {
    if (!isRecord(parsed)) return;
    const method = methodOf(parsed);
    if (method === '') this.#receiveResponse(raw, parsed);
    else if ('id' in parsed) this.#refuseRequest(parsed, method);
    else this.#receiveNotification(raw, parsed, method);
  }

  #receiveResponse(raw: Buffer, parsed: AnyMessage): void {
    const call = this.#calls.get(idKey(parsed['id']));
    if (!call) return;
    const { result } = parsed;
    if (call.method === 'tools/list') this.#learn(result);
    if (call.method === 'server/discover' && isRecord(result) && Array.isArray(result['supportedVersions'])) {
      this.#supportedVersions = result['supportedVersions'] as unknown[];
    }
    const changed = this.#parts.filter?.response(call.method, parsed);
    let text: string;
    if (changed) {
      text = JSON.stringify(changed);
      call.channel.message(
        'serverToClient',
        withId(changed, call),
        raw.length,
        withId(parsed, call),
        call.answer.head.read,
        unfaithfulBytes(raw),
      );
    } else {
      text = raw.toString('utf8');
      const { channel, answer } = call;
      const message = withId(parsed, call);
      channel.message('serverToClient', message, raw.length, undefined, answer.head.read, unfaithfulBytes(raw));
    }
    const [id, subscription] = findValues(text, [idPath, resultSubscriptionPath]);
    const replacements: Replacement[] = [];
    if (id) replacements.push({ ...id, text: call.idToken });
    if (subscription) replacements.push({ ...subscription, text: call.idToken });
    this.#parts.supervisor.noteReady(isErrorResponse(parsed) ? undefined : 'modern');
    this.#finish(call, parsed, Buffer.from(replaceValues(text, replacements)), true);
  }

  #receiveNotification(raw: Buffer, parsed: AnyMessage, method: string): void {
    const params = paramsOf(parsed);
    const text = raw.toString('utf8');
    const send = (call: Call | undefined, path: readonly string[], token: string | undefined): void => {
      if (!call) return;
      const [range] = findValues(text, [path]);
      const restored = range && token !== undefined ? replaceValues(text, [{ ...range, text: token }]) : text;
      this.#tell(call, restored);
    };
    if (method === 'notifications/progress') {
      const call = this.#calls.get(idKey(params['progressToken']));
      return send(call, answeredProgressPath, call?.progressToken);
    }
    if (method === 'notifications/cancelled') {
      const call = this.#calls.get(idKey(params['requestId']));
      return send(call, cancelledPath, call?.idToken);
    }
    const meta = metaOf(parsed);
    if (SUBSCRIPTION_ID_META_KEY in meta) {
      const call = this.#calls.get(idKey(meta[SUBSCRIPTION_ID_META_KEY]));
      return send(call, subscriptionPath, call?.idToken);
    }
    const call = this.#ownerOf(method);
    if (call) this.#tell(call, text);
    else this.#parts.logger.debug(`${this.#parts.serverName}: ${method} belongs to no request and was dropped`);
  }

  /**
   * Whose a message is that does not say so itself. A log message may quote what one client asked for, so where it
   * could be another client's, nobody gets it.
   */
  #ownerOf(method: string): Call | undefined {
    const calls = [...this.#calls.values()].filter(
      (call) => call.method !== 'subscriptions/listen' && (method !== 'notifications/message' || call.wantsLog),
    );
    const [first] = calls;
    return first && calls.every(({ client }) => client === first.client) ? calls.at(-1) : undefined;
  }

  #tell(call: Call, text: string): void {
    call.channel.message('serverToClient', JSON.parse(text) as object, Buffer.byteLength(text));
    call.answer.event(Buffer.from(text));
    if (!call.answer.isFull) return;
    // One slow reader must not hold up the others that share the process.
    this.#parts.logger.warn(`${this.#parts.serverName}: ${call.client.connection.name} reads too slowly`);
    this.#abandon(call);
    call.answer.end();
  }

  /** Servers ask clients nothing in this era; one that waits for an answer must not wait for ever. */
  #refuseRequest(parsed: AnyMessage, method: string): void {
    this.#parts.logger.warn(`${this.#parts.serverName}: ${method} is not a request that servers may send`);
    const raw = errorResponse(JSON.stringify(parsed['id']), { code: -32_601, message: `Method not found: ${method}` });
    void this.#upstream?.then((upstream) => upstream.send(raw)).catch(() => undefined);
  }

  async #notify(request: AdmittedRequest, message: AnyMessage): Promise<void> {
    const answer = new RelayAnswer(request.response);
    const { rawBody, transport } = request;
    this.#recordAlone(request, message);
    let text = rawBody.toString('utf8');
    if (methodOf(message) === 'notifications/cancelled') {
      const id = paramsOf(message)['requestId'];
      const [call, ...others] = [...this.#calls.values()].filter(
        ({ idValue, client }) => idValue === id && client.connection.transport === transport,
      );
      const [range] = findValues(text, [cancelledPath]);
      // Over HTTP a client cancels by closing its stream; an id alone does not say whose it is.
      if (!call || others.length > 0 || !range) return answer.accepted();
      text = replaceValues(text, [{ ...range, text: call.wireId }]);
    }
    try {
      const upstream = await this.#open();
      await upstream.send(Buffer.from(text));
      answer.accepted();
    } catch (error) {
      answer.json(errorResponse('null', relayErrorOf(error)), 502);
    }
  }

  /** The client has gone: the server need not go on (2026-07-28: the end of the stream cancels the request). */
  #abandon(call: Call): void {
    if (call.isDone) return;
    this.#release(call);
    this.#parts.supervisor.noteAnswer(undefined, false, call.method);
    const cancel = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${call.wireId},"reason":"The client closed the stream"}}`;
    void this.#upstream?.then((upstream) => upstream.send(Buffer.from(cancel))).catch(() => undefined);
  }

  #fail(call: Call, error: unknown): void {
    if (call.isDone) return;
    this.#parts.logger.debug(`${this.#parts.serverName}: ${messageOf(error)}`);
    const raw = errorResponse(call.idToken, relayErrorOf(error));
    this.#finish(call, JSON.parse(raw.toString()) as AnyMessage, raw);
  }

  #finish(call: Call, message: AnyMessage, raw: Buffer, isRecorded = false): void {
    if (call.isDone) return;
    if (!isRecorded) call.channel.message('serverToClient', message, raw.length, undefined, call.answer.head.read);
    this.#release(call);
    this.#parts.supervisor.noteAnswer(
      isRecorded ? performance.now() - call.sentAt : undefined,
      isErrorResponse(message),
      call.method,
    );
    if (call.answer.isStream) {
      call.answer.event(raw);
      call.answer.end();
      return;
    }
    const code = isRecord(message['error']) ? message['error']['code'] : undefined;
    call.answer.json(raw, typeof code === 'number' ? (httpStatuses[code] ?? 200) : 200);
  }

  #release(call: Call): void {
    call.isDone = true;
    this.#calls.delete(keyOf(call.wireId));
    call.channel.close();
    this.#lastUsedAt = Date.now();
    if (this.#calls.size > 0) return;
    clearInterval(this.#keepAliveTimer);
    this.#keepAliveTimer = undefined;
  }

  #startKeepAlive(): void {
    this.#keepAliveTimer ??= setInterval(() => {
      for (const { answer, sentAt } of this.#calls.values()) {
        if (performance.now() - sentAt >= this.#parts.limits.streamKeepAliveMs) answer.beginStream();
        answer.keepAlive();
      }
    }, this.#parts.limits.streamKeepAliveMs).unref();
  }

  /** What is no message says not whose it is, unless there is only one whose it can be. */
  #recordUnreadable(raw: Buffer): void {
    const [call, ...others] = this.#calls.values();
    const channel =
      call && others.length === 0
        ? call.channel
        : this.#parts.recorder.openChannel({
            server: this.#parts.serverName,
            client: 'unknown',
            session: '',
            era: 'modern',
          });
    channel.unreadable('serverToClient', raw);
  }

  #recordAlone(request: AdmittedRequest, message: AnyMessage, answer?: { raw: Buffer; head: GivenHeaders }): void {
    const channel = this.#parts.recorder.openChannel({
      server: this.#parts.serverName,
      client: 'unknown',
      session: '',
      era: 'modern',
    });
    channel.message('clientToServer', message, request.rawBody.length, undefined, request.message.headers);
    if (answer) {
      const { raw, head } = answer;
      channel.message('serverToClient', JSON.parse(raw.toString()) as object, raw.length, undefined, head);
    }
    channel.close();
  }

  /** Remembers which arguments of which tools clients repeat in headers. */
  #learn(result: unknown): void {
    if (!isRecord(result) || !Array.isArray(result['tools'])) return;
    for (const tool of result['tools'] as unknown[]) {
      if (!isRecord(tool) || typeof tool['name'] !== 'string') continue;
      const headers = parameterHeadersOf(tool['inputSchema']);
      if (headers.length === 0) this.#parameterHeaders.delete(tool['name']);
      else if (this.#parameterHeaders.size < maxKnownTools) this.#parameterHeaders.set(tool['name'], headers);
    }
  }
}

/** The record shows the client's own id, not the number it travelled under. */
function withId(message: AnyMessage, { idValue }: Call): AnyMessage {
  return { ...message, id: idValue };
}

/** Key under which a wire id is found again. */
function keyOf(wireId: string): string {
  return idKey(JSON.parse(wireId));
}

/** Results of this era say what kind they are. */
function modernAnswer(answer: Record<string, unknown>): Record<string, unknown> {
  const { result } = answer;
  return isRecord(result) ? { result: { resultType: 'complete', ...result } } : answer;
}
