import type { AwsRequest } from '../core/awsRequest';
import { byteLength } from '../core/byteLength';
import type { Disposable } from '../core/disposable';
import { Emitter, type Event } from '../core/emitter';
import { isRecord } from '../core/json';
import { estimateTokens } from '../core/tokens';
import { HeaderKeeper, type GivenHeaders } from './headers';
import { InputRounds } from './inputRounds';
import { Labels, shortLabel } from './labels';
import { failureNote, inputNote, notificationNote, targetOf } from './messageFacts';
import { redactedMessageText } from './messageText';
import { ChannelPairing, type PendingRequest } from './pairing';
import { keepBytes, textOfBytes } from './rawBytes';
import { RecordRing, type KeptRecord } from './recordRing';
import { ServerTools } from './serverTools';
import { keptCapabilities, type SessionFacts } from './sessionFacts';
import type { ChannelInfo, TrafficChannel, TrafficSink } from './trafficChannel';
import type { ExchangeFacts, TrafficChange, TrafficExtent, TrafficSource } from './trafficSource';
import type { WireDirection, WireRecord, WireSummary } from './wireRecord';

export interface TrafficRecorderOptions {
  /** Memory for records, in bytes; the oldest are dropped beyond it. Default 64 MB. */
  maxBytes?: number;
  /** Longest body kept, in characters; longer ones are cut and marked. Default 2 MB. */
  maxBodyChars?: number;
  /**
   * Milliseconds for which messages are gathered before they are read: reading many at once takes a fraction of the
   * time, and nearly all calls are answered without waiting for it. Default 0, the next turn of the event loop.
   */
  gatherMs?: number;
  /** Number of the first record; a higher one leaves room for records of before. Default 1. */
  firstSeq?: number;
  clock?: TrafficClock;
}

/** Where times come from, both in milliseconds. */
export interface TrafficClock {
  /** Since the epoch: when something was. */
  now(): number;
  /** Since any moment, never going back: how long something took. */
  monotonic(): number;
}

const systemClock: TrafficClock = { now: () => Date.now(), monotonic: () => performance.now() };

/** A message handed in by a transport that has not been looked at yet. */
interface Arrival {
  kind: 'message';
  channel: RecordedChannel;
  info: ChannelInfo;
  direction: WireDirection;
  message: object;
  bytes: number | undefined;
  original: object | undefined;
  headers: GivenHeaders | undefined;
  raw?: Uint8Array;
  time: number;
  clock: number;
}

type InboxItem =
  | Arrival
  | (Omit<Arrival, 'kind'> & { kind: 'unreadable'; raw: Uint8Array })
  | { kind: 'awsRequest'; channel: RecordedChannel; requestId: string | number; request: AwsRequest }
  | { kind: 'close'; channel: RecordedChannel; clock: number };

/** What windows take for `gatherMs`: shorter than anybody sees, and long enough for many calls. */
export const windowGatherMs = 10;

const defaultMaxBytes = 64 * 1024 * 1024;
const defaultMaxBodyChars = 2 * 1024 * 1024;

/** Longest time in milliseconds for which reading the inbox may keep the event loop. */
const sliceMs = 4;
/** Messages that may wait unread; beyond it they are read at once, so that the memory stays bounded. */
const maxInbox = 2000;
const maxInboxBytes = 8 * 1024 * 1024;
/** AWS requests listed with one call. */
const maxAwsRequests = 1000;
/** What a record takes besides its body: the summary, its own strings and its place in the lists; measured on Node 20. */
const recordOverheadBytes = 480;
const awsRequestBytes = 320;
/** Servers of which it is remembered what they said of themselves. */
const maxDiscovered = 64;

/**
 * Keeps the MCP traffic of the window in memory, redacted and bounded.
 *
 * Recording must not slow the calls that it records, so a channel only notes *that* a message went by; what it says is
 * read, redacted and stored a moment later, in slices of a few milliseconds between other work, in the order of
 * arrival. Until then the inbox holds a reference to the message object that the transport itself still works with:
 * no unredacted text is made, stored or given out, and whoever reads from the recorder makes it finish reading first.
 */
export class TrafficRecorder implements TrafficSink, TrafficSource, Disposable {
  readonly #ring: RecordRing;
  readonly #labels = new Labels();
  readonly #headers = new HeaderKeeper();
  readonly #tools = new ServerTools();
  readonly #rounds = new InputRounds();
  readonly #discovered = new Map<string, SessionFacts>();
  readonly #changeEmitter = new Emitter<TrafficChange>();
  readonly #maxBodyChars: number;
  readonly #gatherMs: number;
  readonly clock: TrafficClock;
  #maxBytes: number;
  #inbox: (InboxItem | undefined)[] = [];
  #inboxNext = 0;
  #inboxBytes = 0;
  /** Set while reading is to come. */
  #cancelReading: (() => void) | undefined;
  #changed = new Map<number, WireSummary>();
  #wasCleared = false;
  #dropped = 0;
  #isPaused = false;
  #onDrop: ((record: WireRecord) => void) | undefined;
  #isDisposed = false;

  constructor(options: TrafficRecorderOptions = {}) {
    this.#ring = new RecordRing(options.firstSeq);
    this.#maxBytes = options.maxBytes ?? defaultMaxBytes;
    this.#maxBodyChars = options.maxBodyChars ?? defaultMaxBodyChars;
    this.#gatherMs = options.gatherMs ?? 0;
    this.clock = options.clock ?? systemClock;
  }

  /** Fires after a batch of messages was recorded, or after a change of state; never inside a transport's call. */
  readonly onDidChange: Event<TrafficChange> = this.#changeEmitter.event;

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Estimated bytes of memory that is taken now; what waits to be read waits on. */
  get bytes(): number {
    return this.#ring.bytes;
  }

  get extent(): TrafficExtent {
    this.#readAll();
    return {
      firstSeq: this.#ring.firstSeq,
      nextSeq: this.#ring.nextSeq,
      dropped: this.#dropped,
      bytes: this.#ring.bytes,
    };
  }

  openChannel(info: ChannelInfo): TrafficChannel {
    return new RecordedChannel(this, this.cleanInfo(info));
  }

  /** The names of a channel's ends as they may be kept and shown. */
  cleanInfo({ server, client, session, era }: ChannelInfo): ChannelInfo {
    return {
      server: this.#labels.of(server),
      client: this.#labels.of(client),
      session: this.#labels.of(session),
      era,
    };
  }

  /** The record with that number, with its body; `undefined` once it was dropped. */
  get(seq: number): WireRecord | undefined {
    this.#readAll();
    const record = this.#ring.get(seq);
    if (record?.lateHeaders) this.#addHeaders(record, record.lateHeaders);
    return record && wireRecord(record);
  }

  factsOf(seq: number): ExchangeFacts | undefined {
    this.#readAll();
    const record = this.#ring.get(seq);
    if (!record) return undefined;
    const { server, era, method, target } = record.summary;
    const session = record.session ?? { handshake: 'unseen' };
    const discovered = era === 'modern' ? this.#discovered.get(server) : undefined;
    const schemas = method === 'tools/call' && target !== undefined ? this.#tools.find(server, target) : undefined;
    return { session: discovered ? { ...discovered, ...session } : session, ...(schemas ? { schemas } : {}) };
  }

  /**
   * Gives every record that is dropped because the memory is full to `listener`, oldest first, e.g. to write it to a file.
   * It is called from the event loop's own turns and must not take long. One at a time: a later one takes its place.
   */
  onDrop(listener: ((record: WireRecord) => void) | undefined): void {
    this.#onDrop = listener;
  }

  /** The summary of the record with that number. It is the recorder's own and must not be changed. */
  summary(seq: number): WireSummary | undefined {
    this.#readAll();
    return this.#ring.get(seq)?.summary;
  }

  /** Calls `visit` with the summary of every record kept, oldest first. */
  forEach(visit: (summary: WireSummary) => void): void {
    this.#readAll();
    for (let seq = this.#ring.firstSeq; seq < this.#ring.nextSeq; seq += 1) {
      const record = this.#ring.get(seq);
      if (record) visit(record.summary);
    }
  }

  /**
   * Stops or resumes recording. While paused only the answers to requests recorded before are taken, so that nothing
   * stays pending for ever; of an exchange that began while paused nothing is recorded.
   */
  pause(isPaused: boolean): void {
    this.#readAll();
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    this.#fireChange(true);
  }

  /** Forgets all records. Numbering goes on, so that a number never means two messages. */
  clear(): void {
    this.#readAll();
    this.#ring.clear();
    this.#rounds.clear();
    this.#dropped = 0;
    this.#changed.clear();
    this.#wasCleared = true;
    this.#fireChange();
  }

  /** Changes how many bytes of memory may be used. */
  setMaxBytes(maxBytes: number): void {
    this.#readAll();
    this.#maxBytes = maxBytes;
    this.#dropOldest();
    this.#fireChange(true);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#cancelReading?.();
    this.#inbox = [];
    this.#ring.clear();
    this.#changeEmitter.dispose();
  }

  /** Takes what a channel reports. Does next to nothing, because it runs inside the transport's call. */
  accept(item: InboxItem): void {
    if (this.#isDisposed) return;
    this.#inbox.push(item);
    if ('bytes' in item) this.#inboxBytes += item.bytes ?? 0;
    if (this.#inbox.length - this.#inboxNext > maxInbox || this.#inboxBytes > maxInboxBytes) this.#readAll();
    if (!this.#cancelReading) this.#readSoon(this.#gatherMs);
  }

  /** Reads after so many milliseconds, or in the next turn of the event loop. */
  #readSoon(afterMs = 0): void {
    if (this.#cancelReading) return;
    if (afterMs > 0) {
      const timer = setTimeout(this.#readSlice, afterMs);
      this.#cancelReading = () => clearTimeout(timer);
    } else {
      const turn = setImmediate(this.#readSlice);
      this.#cancelReading = () => clearImmediate(turn);
    }
  }

  readonly #readSlice = (): void => {
    this.#cancelReading = undefined;
    const until = performance.now() + sliceMs;
    while (this.#inboxNext < this.#inbox.length && performance.now() < until) this.#readNext();
    this.#finishReading();
    if (this.#inboxNext < this.#inbox.length) this.#readSoon();
    this.#fireChange();
  };

  #readAll(): void {
    if (this.#inbox.length === 0) return;
    while (this.#inboxNext < this.#inbox.length) this.#readNext();
    this.#finishReading();
    // Listeners are told from the event loop, never from inside a reader or a transport.
    this.#readSoon();
  }

  #finishReading(): void {
    if (this.#inboxNext < this.#inbox.length) {
      if (this.#inboxNext < maxInbox) return;
      this.#inbox = this.#inbox.slice(this.#inboxNext);
    } else {
      this.#inbox = [];
    }
    this.#inboxNext = 0;
  }

  #readNext(): void {
    const item = this.#inbox[this.#inboxNext];
    this.#inbox[this.#inboxNext++] = undefined;
    if (!item) return;
    if ('bytes' in item) this.#inboxBytes -= item.bytes ?? 0;
    try {
      if (item.kind === 'message') this.#readMessage(item);
      else if (item.kind === 'unreadable') this.#readUnreadable(item, item.raw);
      else if (item.kind === 'awsRequest') this.#addAwsRequest(item.channel, item.requestId, item.request);
      else this.#close(item.channel, item.clock);
    } catch {
      // A message that cannot be read (an object whose members throw) must not keep the others from being recorded.
    }
  }

  #readMessage(arrival: Arrival): void {
    const { message, channel } = arrival;
    if (!isRecord(message)) return;
    const { method, id } = message;
    const hasId = typeof id === 'string' || typeof id === 'number';
    if (typeof method !== 'string') {
      this.#readResponse(arrival, message, hasId ? id : undefined);
    } else if (hasId) {
      this.#readRequest(arrival, message, method, id);
    } else {
      this.#readNotification(arrival, message, method);
    }
    channel.pairing.dropOldest();
    this.#dropOldest();
  }

  #readRequest(arrival: Arrival, message: Record<string, unknown>, method: string, id: string | number): void {
    const { direction, channel, clock } = arrival;
    const label = this.#labels.of(method);
    const request: PendingRequest = { seq: 0, method: label, target: undefined, clock, isCancelled: false };
    const isReused = channel.pairing.open(direction, id, progressTokenOf(message['params']), request);
    const isEarly = noteRequest(channel.facts, direction, method, message['params']);
    // Without a number it only swallows its answer.
    if (this.#isPaused) return;
    const summary = this.#summarise(arrival, 'request', label);
    summary.target = request.target = targetOf(method, message['params'], this.#labels);
    summary.id = this.#idLabel(id);
    summary.status = 'pending';
    if (isReused || isEarly) {
      summary.oddities = [
        ...(isReused ? ['reusedId' as const] : []),
        ...(isEarly ? ['beforeInitialize' as const] : []),
      ];
    }
    // What a server asks while it works on the only request there is, it asks for that one.
    const parent = direction === 'serverToClient' ? channel.pairing.only('clientToServer') : undefined;
    if (parent && parent.seq > 0) summary.parent = parent.seq;
    this.#linkRound(summary, message['params']);
    request.isFirstPage = method === 'tools/list' && !hasCursor(message['params']);
    request.seq = summary.seq;
    this.#store(summary, arrival);
  }

  #readResponse(arrival: Arrival, message: Record<string, unknown>, id: string | number | undefined): void {
    const { direction, channel, clock } = arrival;
    const pending = id === undefined ? undefined : channel.pairing.close(opposite(direction), id);
    if (pending) this.#noteResult(channel, arrival.info.server, direction, pending.method, message['result']);
    if (pending ? pending.seq === 0 : this.#isPaused) return;
    const note = failureNote(message);
    const summary = this.#summarise(arrival, 'response', pending?.method ?? '');
    if (id !== undefined) summary.id = this.#idLabel(id);
    summary.status = note === undefined ? 'ok' : 'error';
    if (note !== undefined) summary.note = note;
    else if (isRecord(message['result']) && message['result']['resultType'] === 'input_required') {
      summary.note = inputNote(message['result']);
      if (pending) this.#rounds.asked(pending.seq, aboutOf(summary, pending.target), message['result']);
    }
    if (!pending && id !== undefined) summary.oddities = ['unknownId'];
    if (pending) {
      summary.target = pending.target;
      summary.durationMs = round(clock - pending.clock);
      if (pending.isCancelled) summary.status = 'cancelled';
      const request = this.#ring.get(pending.seq);
      // Without its request, which was dropped meanwhile, it stands for itself.
      if (request) {
        summary.pair = pending.seq;
        request.summary.pair = summary.seq;
        request.summary.status = summary.status;
        request.summary.durationMs = summary.durationMs;
        if (summary.note !== undefined) request.summary.note = summary.note;
        this.#changed.set(pending.seq, request.summary);
      }
    }
    const body = this.#store(summary, arrival);
    if (pending?.method === 'tools/list' && summary.status === 'ok' && summary.isCut !== true)
      this.#tools.noteList(summary.server, pending.isFirstPage === true, body);
  }

  #readNotification(arrival: Arrival, message: Record<string, unknown>, method: string): void {
    const { direction, channel, clock } = arrival;
    const { params } = message;
    let parent: PendingRequest | undefined;
    let isOdd = false;
    if (method === 'notifications/initialized') channel.facts.handshake = 'done';
    if (method === 'notifications/cancelled' && isRecord(params)) {
      const { requestId } = params;
      if (typeof requestId === 'string' || typeof requestId === 'number') {
        parent = channel.pairing.find(direction, requestId);
        if (parent) this.#cancel(parent, clock);
      }
    } else if (method === 'notifications/progress' && isRecord(params)) {
      parent = channel.pairing.findByProgressToken(opposite(direction), params['progressToken']);
      isOdd = parent === undefined && params['progressToken'] !== undefined;
    } else if (arrival.info.era === 'modern' || method === 'notifications/message') {
      // A modern channel is one HTTP request: all that the server says on it belongs to that request. In a session the
      // same is taken of what a server logs while it works on the only request there is.
      parent = channel.pairing.only(opposite(direction));
    }
    if (this.#isPaused) return;
    const summary = this.#summarise(arrival, 'notification', this.#labels.of(method));
    summary.target = targetOf(method, params, this.#labels);
    const note = notificationNote(method, params);
    if (note !== undefined) summary.note = note;
    if (isOdd) summary.oddities = ['unknownToken'];
    if (parent && parent.seq > 0) summary.parent = parent.seq;
    this.#store(summary, arrival);
  }

  #readUnreadable(arrival: Omit<Arrival, 'kind'>, raw: Uint8Array): void {
    if (this.#isPaused) return;
    const summary = this.#summarise(arrival, 'notification', '');
    const said = textOfBytes(raw);
    summary.note = shortLabel(said.replaceAll(/\s+/g, ' ').trim());
    summary.bytes = raw.length;
    summary.tokens = estimateTokens(raw.length);
    summary.isRaw = true;
    const { text, isCut } = redactedMessageText([said], this.#maxBodyChars);
    const kept = keepBytes(raw);
    if (isCut || kept?.isCut) summary.isCut = true;
    const headers = arrival.headers && this.#headers.keep(arrival.headers);
    this.#ring.push({
      summary,
      body: text.slice(1, -1),
      session: arrival.channel.facts,
      ...(kept ? { raw: kept.base64 } : {}),
      ...(headers ? { headers: headers.headers } : {}),
      size: 2 * text.length + (kept?.base64.length ?? 0) + (headers?.bytes ?? 0) + recordOverheadBytes,
    });
    this.#changed.set(summary.seq, summary);
    this.#dropOldest();
  }

  #summarise({ info, time, direction }: Omit<Arrival, 'kind'>, kind: WireSummary['kind'], method: string): WireSummary {
    return {
      seq: this.#ring.nextSeq,
      time,
      direction,
      kind,
      server: info.server,
      client: info.client,
      session: info.session,
      era: info.era,
      method,
      target: undefined,
      bytes: 0,
      tokens: 0,
    };
  }

  /** @returns the JSON text that was stored. */
  #store(summary: WireSummary, { channel, message, bytes, original, headers: given, raw }: Arrival): string {
    const { text, isCut, removedChars } = redactedMessageText(message, this.#maxBodyChars);
    const textBytes = byteLength(text);
    summary.bytes = bytes ?? Math.max(0, textBytes + removedChars);
    summary.tokens = estimateTokens(summary.bytes);
    if (isCut) summary.isCut = true;
    let size = heapBytes(text, textBytes) + recordOverheadBytes;
    const session = channel.facts;
    if (original === undefined && given === undefined && raw === undefined) {
      this.#ring.push({ summary, body: text, session, size });
    } else {
      const sent = original && redactedMessageText(original, this.#maxBodyChars).text;
      if (sent !== undefined) {
        summary.isChanged = true;
        size += heapBytes(sent, byteLength(sent));
      }
      const headers = given && this.#headers.keep(given);
      size += headers?.bytes ?? 0;
      const kept = raw && keepBytes(raw);
      if (raw) summary.isRaw = true;
      if (kept?.isCut) summary.isCut = true;
      size += kept?.base64.length ?? 0;
      this.#ring.push({
        summary,
        body: text,
        session,
        ...(sent === undefined ? {} : { original: sent }),
        ...(headers ? { headers: headers.headers } : typeof given === 'function' ? { lateHeaders: given } : {}),
        ...(kept ? { raw: kept.base64 } : {}),
        size,
      });
    }
    this.#changed.set(summary.seq, summary);
    return text;
  }

  #addHeaders(record: KeptRecord, given: GivenHeaders): void {
    const kept = this.#headers.keep(given);
    if (!kept) return;
    delete record.lateHeaders;
    record.headers = kept.headers;
    this.#ring.grow(record, kept.bytes);
  }

  /** Numbers are no secrets, and are others in nearly every message, so that remembering them would only cost. */
  #idLabel(id: string | number): string {
    return typeof id === 'number' ? String(id) : this.#labels.of(id);
  }

  #cancel(pending: PendingRequest, clock: number): void {
    pending.isCancelled = true;
    const request = this.#ring.get(pending.seq);
    if (!request || request.summary.status !== 'pending') return;
    request.summary.status = 'cancelled';
    request.summary.durationMs = round(clock - pending.clock);
    this.#changed.set(pending.seq, request.summary);
  }

  #addAwsRequest(channel: RecordedChannel, requestId: string | number, request: AwsRequest): void {
    const pending = channel.pairing.find('clientToServer', requestId);
    const record = pending && this.#ring.get(pending.seq);
    if (!record) return;
    const list = (record.summary.awsRequests ??= []);
    if (list.length >= maxAwsRequests) return;
    list.push(this.#cleanAws(request));
    this.#ring.grow(record, awsRequestBytes);
    this.#changed.set(record.summary.seq, record.summary);
  }

  /** What a service says of itself is somebody else's text, too. */
  #cleanAws({ service, operation, region, account, requestId, errorName, ...rest }: AwsRequest): AwsRequest {
    return {
      service: this.#labels.of(service),
      operation: this.#labels.of(operation),
      region: this.#labels.of(region),
      ...(account === undefined ? {} : { account: this.#labels.of(account) }),
      ...(requestId === undefined ? {} : { requestId: shortLabel(requestId) }),
      ...rest,
      ...(errorName === undefined ? {} : { errorName: this.#labels.of(errorName) }),
    };
  }

  #close(channel: RecordedChannel, clock: number): void {
    for (const pending of channel.pairing.closeAll()) this.#cancel(pending, clock);
  }

  #dropOldest(): void {
    while (this.#ring.bytes > this.#maxBytes && this.#ring.count > 0) {
      this.#changed.delete(this.#ring.firstSeq);
      const record = this.#ring.shift();
      if (record) this.#onDrop?.(wireRecord(record));
      this.#dropped += 1;
    }
  }

  #linkRound(summary: WireSummary, params: unknown): void {
    if (summary.era !== 'modern') return;
    const previous = this.#rounds.previous(aboutOf(summary, summary.target), params);
    const record = previous === undefined ? undefined : this.#ring.get(previous);
    if (!record) return;
    summary.previousRound = record.summary.seq;
    record.summary.nextRound = summary.seq;
    this.#changed.set(record.summary.seq, record.summary);
  }

  /** Learns from an answer what the ends agreed on. */
  #noteResult(
    channel: RecordedChannel,
    server: string,
    direction: WireDirection,
    method: string,
    result: unknown,
  ): void {
    if (direction !== 'serverToClient' || !isRecord(result)) return;
    if (method === 'initialize') {
      const { facts } = channel;
      facts.handshake = 'answered';
      if (typeof result['protocolVersion'] === 'string')
        facts.protocolVersion = this.#labels.of(result['protocolVersion']);
      const capabilities = keptCapabilities(result['capabilities']);
      if (capabilities) facts.serverCapabilities = capabilities;
    } else if (method === 'server/discover') {
      const serverCapabilities = keptCapabilities(result['capabilities']);
      if (!serverCapabilities) return;
      if (this.#discovered.size >= maxDiscovered) this.#discovered.clear();
      this.#discovered.set(server, { serverCapabilities, handshake: 'unseen' });
    }
  }

  #fireChange(isForced = false): void {
    if (!isForced && this.#changed.size === 0 && !this.#wasCleared) return;
    const change: TrafficChange = { changed: [...this.#changed.values()], wasCleared: this.#wasCleared };
    this.#changed = new Map();
    this.#wasCleared = false;
    this.#changeEmitter.fire(change);
  }
}

/** One channel's side of the recorder. */
class RecordedChannel implements TrafficChannel {
  readonly pairing = new ChannelPairing();
  readonly facts: SessionFacts = { handshake: 'unseen' };
  readonly #recorder: TrafficRecorder;
  #info: ChannelInfo;

  constructor(recorder: TrafficRecorder, info: ChannelInfo) {
    this.#recorder = recorder;
    this.#info = info;
  }

  describe(info: Partial<ChannelInfo>): void {
    this.#info = this.#recorder.cleanInfo({ ...this.#info, ...info });
  }

  message(
    direction: WireDirection,
    message: object,
    bytes?: number,
    original?: object,
    headers?: GivenHeaders,
    raw?: Uint8Array,
  ): void {
    this.#recorder.accept({
      kind: 'message',
      channel: this,
      info: this.#info,
      direction,
      message,
      bytes,
      original,
      headers,
      ...(raw ? { raw } : {}),
      time: this.#recorder.clock.now(),
      clock: this.#recorder.clock.monotonic(),
    });
  }

  unreadable(direction: WireDirection, raw: Uint8Array, headers?: GivenHeaders): void {
    this.#recorder.accept({
      kind: 'unreadable',
      channel: this,
      info: this.#info,
      direction,
      message: [],
      bytes: raw.length,
      original: undefined,
      headers,
      raw,
      time: this.#recorder.clock.now(),
      clock: this.#recorder.clock.monotonic(),
    });
  }

  awsRequest(requestId: string | number, request: AwsRequest): void {
    this.#recorder.accept({ kind: 'awsRequest', channel: this, requestId, request });
  }

  close(): void {
    this.#recorder.accept({ kind: 'close', channel: this, clock: this.#recorder.clock.monotonic() });
  }
}

function wireRecord({ summary, body, original, headers, raw }: KeptRecord): WireRecord {
  return {
    ...summary,
    body,
    ...(original === undefined ? {} : { original }),
    ...(headers === undefined ? {} : { headers }),
    ...(raw === undefined ? {} : { raw }),
  };
}

/** Learns from a request what the client can do. @returns whether it came before it was allowed. */
function noteRequest(facts: SessionFacts, direction: WireDirection, method: string, params: unknown): boolean {
  if (method === 'initialize' && direction === 'clientToServer') {
    facts.handshake = 'asked';
    const capabilities = isRecord(params) ? keptCapabilities(params['capabilities']) : undefined;
    if (capabilities) facts.clientCapabilities = capabilities;
    return false;
  }
  // Until then either side may only ping (2025-11-25, Lifecycle).
  if (method === 'ping') return false;
  return direction === 'clientToServer'
    ? facts.handshake === 'asked'
    : facts.handshake === 'asked' || facts.handshake === 'answered';
}

function hasCursor(params: unknown): boolean {
  return isRecord(params) && params['cursor'] !== undefined && params['cursor'] !== null;
}

/** What tells one chain of input rounds from another where the client gives back no state. */
function aboutOf({ client, server, method }: WireSummary, target: string | undefined): string {
  return [client, server, method, target ?? ''].join('\n');
}

/** V8 keeps a string with one byte a character if it can, else with two. */
function heapBytes(text: string, utf8Bytes: number): number {
  return utf8Bytes === text.length ? text.length : 2 * text.length;
}

function opposite(direction: WireDirection): WireDirection {
  return direction === 'clientToServer' ? 'serverToClient' : 'clientToServer';
}

function progressTokenOf(params: unknown): string | number | undefined {
  if (!isRecord(params) || !isRecord(params['_meta'])) return undefined;
  const { progressToken } = params['_meta'];
  return typeof progressToken === 'string' || typeof progressToken === 'number' ? progressToken : undefined;
}

/** Milliseconds with two decimals: finer is noise, and takes memory and characters. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
