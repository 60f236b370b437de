import type { Disposable } from '../core/disposable';
import { Emitter, type Event } from '../core/emitter';
import { TraceFacts } from './trace/traceFacts';
import type { TraceRecord } from './trace/traceSource';
import type { EarlierState, ExchangeFacts, TrafficChange, TrafficExtent, TrafficSource } from './trafficSource';
import type { WireRecord, WireSummary } from './wireRecord';

/** The recorder, as far as a history needs it. */
export interface LiveTraffic extends TrafficSource {
  /** Estimated bytes of memory that is taken now. */
  readonly bytes: number;
  setMaxBytes(maxBytes: number): void;
}

/** What to read of the traffic on disk. */
export interface EarlierRange {
  /** Number of the first record of this window. */
  windowStart: number;
  /** Number of the oldest record that is in memory; those from it on are not read. */
  before: number;
  /** About how much of the files to look through, in bytes; the newest of what there is. */
  maxBytes: number;
}

/** A record of which the summary was read from disk. */
export interface EarlierRecord {
  readonly summary: WireSummary;
  /** Reads what the message says; nothing where it is not there any more. Takes as long as reading it from a disk. */
  read(): Omit<TraceRecord, 'summary'>;
}

/** Traffic that was read from disk. */
export interface EarlierRecords {
  /** Ascending by their numbers, which are below `before`; those of other windows are numbered on from `windowStart` down. */
  records: EarlierRecord[];
  /** Whether there is more before them. */
  hasMore: boolean;
}

/** Where traffic of before is read from. */
export interface EarlierTraffic {
  /** Reads the newest records of before. @throws an error of the file system, `WorkbenchError` `Cancelled`. */
  readEarlier(range: EarlierRange, signal: AbortSignal): Promise<EarlierRecords>;
}

export interface TrafficHistoryOptions {
  /** Memory for all records, in bytes. */
  maxBytes: number;
  /** Number that the recorder began with. */
  windowStart: number;
  /** Told what went wrong when records of before were read. */
  onError(error: unknown): void;
}

/** What a record takes in memory without what its message says, about as in the recorder. */
const recordBytes = 560;
/** Part of the memory that one more reading of records of before may take, and part that all of them may take. */
const stepPart = 1 / 4;
const mostPart = 1 / 2;

/**
 * The traffic of the window together with records of before: those that an earlier window recorded to disk, and those
 * that this one dropped because the memory was full. Both are read only when asked for, and share the memory with the
 * live records: what was read by itself goes first when the live ones need the room, what a person asked for stays.
 */
export class TrafficHistory implements TrafficSource, Disposable {
  readonly #live: LiveTraffic;
  readonly #options: TrafficHistoryOptions;
  readonly #changeEmitter = new Emitter<TrafficChange>();
  readonly #subscription: Disposable;
  #maxBytes: number;
  #disk: EarlierTraffic | undefined;
  /** Ascending by number; those before `#head` are dropped. */
  #records: EarlierRecord[] = [];
  #head = 0;
  #bySeq = new Map<number, EarlierRecord>();
  /** How often a person asked for more. */
  #steps = 0;
  /** Whether a person asked for what is shown, so that it must stay. */
  #isHeld = false;
  #hasMore = false;
  /** Number up to which what is on disk has been read. */
  #readUpTo: number;
  #reading: AbortController | undefined;
  /** Records that were read of this window, which it had dropped, and records dropped here. */
  #recovered = 0;
  #released = 0;
  #facts: TraceFacts | undefined;

  constructor(live: LiveTraffic, options: TrafficHistoryOptions) {
    this.#live = live;
    this.#options = options;
    this.#maxBytes = options.maxBytes;
    this.#readUpTo = options.windowStart;
    live.setMaxBytes(options.maxBytes);
    this.#subscription = live.onDidChange((change) => this.#pass(change));
  }

  readonly onDidChange: Event<TrafficChange> = this.#changeEmitter.event;

  get isPaused(): boolean {
    return this.#live.isPaused;
  }

  get clock(): TrafficSource['clock'] {
    return this.#live.clock;
  }

  get extent(): TrafficExtent {
    const live = this.#live.extent;
    const first = this.#records[this.#head];
    return {
      firstSeq: first ? first.summary.seq : live.firstSeq,
      nextSeq: live.nextSeq,
      dropped: Math.max(0, live.dropped - this.#recovered) + this.#released,
      bytes: live.bytes + this.#bytes,
      windowStart: this.#options.windowStart,
    };
  }

  /** Memory that the records of before take. */
  get #bytes(): number {
    return this.#bySeq.size * recordBytes;
  }

  get earlier(): EarlierState {
    if (this.#reading) return 'reading';
    if (!this.#disk || this.#steps * stepPart >= mostPart) return 'none';
    return this.#hasMore || this.#live.extent.firstSeq > this.#readUpTo ? 'some' : 'none';
  }

  get(seq: number): WireRecord | undefined {
    const record = this.#bySeq.get(seq);
    return record ? { ...record.summary, ...record.read() } : this.#live.get(seq);
  }

  summary(seq: number): WireSummary | undefined {
    return this.#bySeq.get(seq)?.summary ?? this.#live.summary(seq);
  }

  forEach(visit: (summary: WireSummary) => void): void {
    for (let index = this.#head; index < this.#records.length; index += 1) visit(this.#records[index]!.summary);
    this.#live.forEach(visit);
  }

  factsOf(seq: number): ExchangeFacts | undefined {
    const record = this.#bySeq.get(seq);
    if (!record) return this.#live.factsOf?.(seq);
    this.#facts ??= new TraceFacts(this.#records.slice(this.#head).map(withBody), (other) => {
      const found = this.#bySeq.get(other);
      return found && withBody(found);
    });
    return this.#facts.of(record.summary);
  }

  pause(isPaused: boolean): void {
    this.#live.pause(isPaused);
  }

  /** Forgets all records in memory; those on disk stay there. */
  clear(): void {
    this.#reading?.abort();
    this.#forgetEarlier();
    this.#live.clear();
  }

  /** Changes how many bytes of memory all records may take. */
  setMaxBytes(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#share();
  }

  /**
   * Says where records of before are; `undefined` where none are kept.
   * @param shows whether to read some of them at once.
   */
  follow(disk: EarlierTraffic | undefined, shows = false): void {
    this.#reading?.abort();
    this.#disk = disk;
    if (disk && shows) void this.#read(false);
    else this.#changeEmitter.fire({ changed: [], wasCleared: false });
  }

  /** Reads some more of the records of before, which then stay until all are cleared. */
  showEarlier(): void {
    if (this.earlier === 'some') void this.#read(true);
  }

  dispose(): void {
    this.#reading?.abort();
    this.#subscription.dispose();
    this.#changeEmitter.dispose();
    this.#records = [];
    this.#bySeq = new Map();
  }

  async #read(isAskedFor: boolean): Promise<void> {
    const disk = this.#disk;
    if (!disk) return;
    const reading = new AbortController();
    this.#reading = reading;
    if (isAskedFor) this.#steps += 1;
    const room = this.#maxBytes * stepPart * Math.max(1, this.#steps);
    // What makes room is on disk already, so it comes back as a record of before.
    if (isAskedFor) this.#live.setMaxBytes(this.#maxBytes - room);
    this.#changeEmitter.fire({ changed: [], wasCleared: false });
    try {
      const { windowStart } = this.#options;
      const maxBytes = isAskedFor ? this.#maxBytes * this.#steps : this.#maxBytes * stepPart;
      const range = { windowStart, before: this.#live.extent.firstSeq, maxBytes };
      const { records, hasMore } = await disk.readEarlier(range, reading.signal);
      if (reading.signal.aborted) return;
      this.#isHeld ||= isAskedFor;
      this.#hasMore = hasMore;
      this.#readUpTo = Math.max(windowStart, range.before);
      this.#take(records, room);
    } catch (error) {
      if (!reading.signal.aborted) this.#options.onError(error);
    } finally {
      if (this.#reading === reading) this.#reading = undefined;
      this.#share();
      // Rows have come in front of the others, so whoever lists them begins anew.
      this.#changeEmitter.fire({ changed: [], wasCleared: true });
    }
  }

  /** Takes the newest of the records that need no more than `maxBytes`. */
  #take(records: readonly EarlierRecord[], maxBytes: number): void {
    this.#records = [];
    this.#head = 0;
    this.#recovered = 0;
    this.#bySeq = new Map();
    this.#facts = undefined;
    for (const record of records.toReversed()) {
      if (this.#bytes + recordBytes > maxBytes) {
        this.#hasMore = true;
        break;
      }
      this.#records.push(record);
      this.#bySeq.set(record.summary.seq, record);
      if (record.summary.seq >= this.#options.windowStart) this.#recovered += 1;
    }
    this.#records.reverse();
    this.#live.forEach((response) => this.#complete(response));
  }

  /** Says of a request what its answer, which is still in memory, says of it. */
  #complete({ kind, pair, seq, status, durationMs }: WireSummary): void {
    const request = kind === 'response' && pair !== undefined ? this.#bySeq.get(pair)?.summary : undefined;
    if (!request) return;
    request.pair = seq;
    if (status !== undefined) request.status = status;
    if (durationMs !== undefined) request.durationMs = durationMs;
  }

  #pass(change: TrafficChange): void {
    if (!this.#isHeld && this.#bytes > 0) this.#makeRoom(this.#maxBytes - this.#live.bytes);
    this.#changeEmitter.fire(change);
  }

  /** Divides the memory between live records and those of before. */
  #share(): void {
    this.#makeRoom(this.#maxBytes * mostPart);
    this.#live.setMaxBytes(this.#isHeld ? this.#maxBytes - this.#bytes : this.#maxBytes);
  }

  /** Drops the oldest until the records of before take at most `maxBytes`. */
  #makeRoom(maxBytes: number): void {
    while (this.#bytes > maxBytes) {
      const oldest = this.#records[this.#head];
      if (!oldest) break;
      this.#head += 1;
      this.#bySeq.delete(oldest.summary.seq);
      this.#released += 1;
      this.#hasMore = true;
    }
    if (this.#head * 2 <= this.#records.length) return;
    this.#records = this.#records.slice(this.#head);
    this.#head = 0;
    this.#facts = undefined;
  }

  #forgetEarlier(): void {
    this.#hasMore ||= this.#records.length > 0;
    this.#records = [];
    this.#head = 0;
    this.#bySeq = new Map();
    this.#steps = this.#recovered = this.#released = 0;
    this.#isHeld = false;
    this.#facts = undefined;
    this.#live.setMaxBytes(this.#maxBytes);
  }
}

/** As those who read all of a trace want it; the message is read when they ask for it. */
function withBody(record: EarlierRecord): TraceRecord {
  return {
    summary: record.summary,
    get body() {
      return record.read().body;
    },
  };
}
