import type { AwsRequest } from '../core/awsRequest';
import { byteLength } from '../core/byteLength';
import type { Disposable } from '../core/disposable';
import { Emitter, type Event } from '../core/emitter';
import { isRecord } from '../core/json';
import { estimateTokens } from '../core/tokens';
import { Labels } from './labels';
import { failureNote, notificationNote, targetOf } from './messageFacts';
import { redactedMessageText } from './messageText';
import { ChannelPairing, type PendingRequest } from './pairing';
import { RecordRing } from './recordRing';
import type { ChannelInfo, TrafficChannel, TrafficSink } from './trafficChannel';
import type { TrafficChange, TrafficExtent, TrafficSource } from './trafficSource';
import type { WireDirection, WireRecord, WireSummary } from './wireRecord';

export interface TrafficRecorderOptions {
  /** Memory for records, in bytes; the oldest are dropped beyond it. Default 64 MB. */
  maxBytes?: number;
  /** Longest body kept, in characters; longer ones are cut and marked. Default 2 MB. */
  maxBodyChars?: number;
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
  time: number;
  clock: number;
}

type InboxItem =
  | Arrival
  | { kind: 'awsRequest'; channel: RecordedChannel; requestId: string | number; request: AwsRequest }
  | { kind: 'close'; channel: RecordedChannel; clock: number };

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

/**
 * Keeps the MCP traffic of the window in memory, redacted and bounded.
 *
 * Recording must not slow the calls that it records, so a channel only notes *that* a message went by; what it says is
 * read, redacted and stored a moment later, in slices of a few milliseconds between other work, in the order of
 * arrival. Until then the inbox holds a reference to the message object that the transport itself still works with:
 * no unredacted text is made, stored or given out, and whoever reads from the recorder makes it finish reading first.
 */
export class TrafficRecorder implements TrafficSink, TrafficSource, Disposable {
  readonly #ring = new RecordRing();
  readonly #labels = new Labels();
  readonly #changeEmitter = new Emitter<TrafficChange>();
  readonly #maxBodyChars: number;
  readonly clock: TrafficClock;
  #maxBytes: number;
  #inbox: (InboxItem | undefined)[] = [];
  #inboxNext = 0;
  #inboxBytes = 0;
  #scheduled: NodeJS.Immediate | undefined;
  #changed = new Map<number, WireSummary>();
  #wasCleared = false;
  #dropped = 0;
  #isPaused = false;
  #isDisposed = false;

  constructor(options: TrafficRecorderOptions = {}) {
    this.#maxBytes = options.maxBytes ?? defaultMaxBytes;
    this.#maxBodyChars = options.maxBodyChars ?? defaultMaxBodyChars;
    this.clock = options.clock ?? systemClock;
  }

  /** Fires after a batch of messages was recorded, or after a change of state; never inside a transport's call. */
  readonly onDidChange: Event<TrafficChange> = this.#changeEmitter.event;

  get isPaused(): boolean {
    return this.#isPaused;
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
    if (!record) return undefined;
    const { summary, body, original } = record;
    return { ...summary, body, ...(original === undefined ? {} : { original }) };
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
    clearImmediate(this.#scheduled);
    this.#inbox = [];
    this.#ring.clear();
    this.#changeEmitter.dispose();
  }

  /** Takes what a channel reports. Does next to nothing, because it runs inside the transport's call. */
  accept(item: InboxItem): void {
    if (this.#isDisposed) return;
    this.#inbox.push(item);
    if (item.kind === 'message') this.#inboxBytes += item.bytes ?? 0;
    if (this.#inbox.length - this.#inboxNext > maxInbox || this.#inboxBytes > maxInboxBytes) this.#readAll();
    this.#scheduled ??= setImmediate(this.#readSlice);
  }

  readonly #readSlice = (): void => {
    this.#scheduled = undefined;
    const until = performance.now() + sliceMs;
    while (this.#inboxNext < this.#inbox.length && performance.now() < until) this.#readNext();
    this.#finishReading();
    if (this.#inboxNext < this.#inbox.length) this.#scheduled ??= setImmediate(this.#readSlice);
    this.#fireChange();
  };

  #readAll(): void {
    if (this.#inbox.length === 0) return;
    while (this.#inboxNext < this.#inbox.length) this.#readNext();
    this.#finishReading();
    // Listeners are told from the event loop, never from inside a reader or a transport.
    this.#scheduled ??= setImmediate(this.#readSlice);
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
    if (item.kind === 'message') this.#inboxBytes -= item.bytes ?? 0;
    try {
      if (item.kind === 'message') this.#readMessage(item);
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
    channel.pairing.open(direction, id, progressTokenOf(message['params']), request);
    // Without a number it only swallows its answer.
    if (this.#isPaused) return;
    const summary = this.#summarise(arrival, 'request', label);
    summary.target = request.target = targetOf(method, message['params'], this.#labels);
    summary.id = this.#labels.of(String(id));
    summary.status = 'pending';
    request.seq = summary.seq;
    this.#store(summary, arrival);
  }

  #readResponse(arrival: Arrival, message: Record<string, unknown>, id: string | number | undefined): void {
    const { direction, channel, clock } = arrival;
    const pending = id === undefined ? undefined : channel.pairing.close(opposite(direction), id);
    if (pending ? pending.seq === 0 : this.#isPaused) return;
    const note = failureNote(message);
    const summary = this.#summarise(arrival, 'response', pending?.method ?? '');
    if (id !== undefined) summary.id = this.#labels.of(String(id));
    summary.status = note === undefined ? 'ok' : 'error';
    if (note !== undefined) summary.note = note;
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
        if (note !== undefined) request.summary.note = note;
        this.#changed.set(pending.seq, request.summary);
      }
    }
    this.#store(summary, arrival);
  }

  #readNotification(arrival: Arrival, message: Record<string, unknown>, method: string): void {
    const { direction, channel, clock } = arrival;
    const { params } = message;
    let parent: PendingRequest | undefined;
    if (method === 'notifications/cancelled' && isRecord(params)) {
      const { requestId } = params;
      if (typeof requestId === 'string' || typeof requestId === 'number') {
        parent = channel.pairing.find(direction, requestId);
        if (parent) this.#cancel(parent, clock);
      }
    } else if (method === 'notifications/progress' && isRecord(params)) {
      parent = channel.pairing.findByProgressToken(opposite(direction), params['progressToken']);
    } else if (arrival.info.era === 'modern') {
      // A modern channel is one HTTP request: all that the server says on it belongs to that request.
      parent = channel.pairing.only(opposite(direction));
    }
    if (this.#isPaused) return;
    const summary = this.#summarise(arrival, 'notification', this.#labels.of(method));
    summary.target = targetOf(method, params, this.#labels);
    const note = notificationNote(method, params);
    if (note !== undefined) summary.note = note;
    if (parent && parent.seq > 0) summary.parent = parent.seq;
    this.#store(summary, arrival);
  }

  #summarise({ info, time, direction }: Arrival, kind: WireSummary['kind'], method: string): WireSummary {
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

  #store(summary: WireSummary, { message, bytes, original }: Arrival): void {
    const { text, isCut, removedChars } = redactedMessageText(message, this.#maxBodyChars);
    const textBytes = byteLength(text);
    summary.bytes = bytes ?? Math.max(0, textBytes + removedChars);
    summary.tokens = estimateTokens(summary.bytes);
    if (isCut) summary.isCut = true;
    const size = heapBytes(text, textBytes) + recordOverheadBytes;
    if (original === undefined) {
      this.#ring.push({ summary, body: text, size });
    } else {
      const { text: sent } = redactedMessageText(original, this.#maxBodyChars);
      summary.isChanged = true;
      this.#ring.push({ summary, body: text, original: sent, size: size + heapBytes(sent, byteLength(sent)) });
    }
    this.#changed.set(summary.seq, summary);
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
    list.push({ ...request });
    this.#ring.grow(record, awsRequestBytes);
    this.#changed.set(record.summary.seq, record.summary);
  }

  #close(channel: RecordedChannel, clock: number): void {
    for (const pending of channel.pairing.closeAll()) this.#cancel(pending, clock);
  }

  #dropOldest(): void {
    while (this.#ring.bytes > this.#maxBytes && this.#ring.count > 0) {
      this.#changed.delete(this.#ring.firstSeq);
      this.#ring.shift();
      this.#dropped += 1;
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
  readonly #recorder: TrafficRecorder;
  #info: ChannelInfo;

  constructor(recorder: TrafficRecorder, info: ChannelInfo) {
    this.#recorder = recorder;
    this.#info = info;
  }

  describe(info: Partial<ChannelInfo>): void {
    this.#info = this.#recorder.cleanInfo({ ...this.#info, ...info });
  }

  message(direction: WireDirection, message: object, bytes?: number, original?: object): void {
    this.#recorder.accept({
      kind: 'message',
      channel: this,
      info: this.#info,
      direction,
      message,
      bytes,
      original,
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
