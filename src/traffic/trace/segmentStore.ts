import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Disposable } from '../../core/disposable';
import type { Logger } from '../../core/logger';
import { messageOf } from '../../core/errors';
import type { TrafficSource } from '../trafficSource';
import type { EarlierRange, EarlierRecords, EarlierTraffic } from '../trafficHistory';
import type { WireRecord, WireSummary } from '../wireRecord';
import { readEarlierRecords, type SegmentPlace } from './earlierRecords';
import { headerLine, messageLine, traceEnding, updateLine } from './traceFormat';

/** A file of traffic recorded to disk. */
export interface Segment {
  path: string;
  /** When its first message may have been, in milliseconds since the epoch. */
  startedAt: number;
  /** What the segments of one window have in common: in them a number means one message. */
  run: string;
  bytes: number;
}

export interface SegmentStoreOptions {
  /** Folder that only this store writes to; made when the first message is. */
  folder: string;
  /** Bytes that all segments together may take; the oldest are deleted beyond it. */
  maxBytes: number;
  /** Name and version of the program, for the headers. */
  creator: string;
  /** Tells the segments of this window from those of others: a few letters and digits. Default: some of its own. */
  run?: string;
  logger: Logger;
}

/** What can be recorded: a source that may say what it drops. */
export interface RecordedSource extends TrafficSource {
  onDrop?(listener: ((record: WireRecord) => void) | undefined): void;
}

/** Parts of `maxBytes` after which a new segment begins, so that deleting the oldest leaves most. */
const segmentsInStore = 4;
/** How long changes are gathered before they are written, in milliseconds. */
const gatherMs = 200;
/** Requests without an answer that are written again at the beginning of a new segment. */
const maxCarried = 1000;
/** Characters of records that were dropped before they were written and may wait for it. */
const maxWaitingChars = 32 * 1024 * 1024;
/** Bytes between two places that are remembered of what was written. */
const placeBytes = 64 * 1024;

/**
 * Records traffic to disk as it happens, in trace files that only the user can read, and keeps them within a size.
 * Records are redacted before they get here. A failure to write ends the recording and is logged: the calls that are
 * recorded must not notice.
 */
export class SegmentStore implements EarlierTraffic {
  readonly #options: SegmentStoreOptions & { run: string };
  #recording: Recording | undefined;

  constructor(options: SegmentStoreOptions) {
    this.#options = { ...options, run: options.run ?? randomBytes(6).toString('hex') };
  }

  get isRecording(): boolean {
    return this.#recording !== undefined;
  }

  /** Records what `source` has and gets, until `stop`. */
  start(source: RecordedSource): void {
    this.#recording ??= new Recording(source, this.#options);
  }

  /** Ends the recording. Resolves when all is written. */
  async stop(): Promise<void> {
    const recording = this.#recording;
    this.#recording = undefined;
    await recording?.close();
  }

  /** The segments on disk, newest first, without the one that is being written. */
  async list(): Promise<Segment[]> {
    const segments = await listSegments(this.#options.folder);
    return segments.filter(({ path: file }) => file !== this.#recording?.file).toReversed();
  }

  /** Deletes every segment but the one that is being written. */
  async clear(): Promise<void> {
    for (const { path: file } of await this.list()) await fs.rm(file, { force: true });
  }

  /** Reads what was recorded before a record: by this window, then by those before it. */
  async readEarlier(range: EarlierRange, signal: AbortSignal): Promise<EarlierRecords> {
    await this.flush();
    const segments = await listSegments(this.#options.folder);
    const places = this.#recording?.places ?? [];
    return readEarlierRecords({ ...range, segments, run: this.#options.run, places, signal });
  }

  /** Resolves when all that was recorded is on disk. */
  async flush(): Promise<void> {
    await this.#recording?.flush();
  }

  dispose(): Promise<void> {
    return this.stop();
  }
}

class Recording {
  readonly #source: RecordedSource;
  readonly #options: SegmentStoreOptions & { run: string };
  readonly #subscription: Disposable;
  /** `seq` of the next record that has not been written. */
  #next: number;
  #changed = new Map<number, WireSummary>();
  #pending = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #handle: fs.FileHandle | undefined;
  #bytes = 0;
  #hasFailed = false;
  /** Records that were dropped before they were written, oldest first. */
  #waiting: WireRecord[] = [];
  #waitingChars = 0;
  file: string | undefined;
  /** Where in which file which number begins, oldest first. */
  readonly places: SegmentPlace[] = [];

  constructor(source: RecordedSource, options: SegmentStoreOptions & { run: string }) {
    this.#source = source;
    this.#options = options;
    this.#next = source.extent.firstSeq;
    this.#subscription = source.onDidChange(({ changed }) => {
      for (const summary of changed) this.#changed.set(summary.seq, summary);
      this.#gather();
    });
    source.onDrop?.((record) => this.#keep(record));
    this.#gather();
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#work = this.#work.then(() => this.#write());
    return this.#work;
  }

  async close(): Promise<void> {
    this.#subscription.dispose();
    this.#source.onDrop?.(undefined);
    await this.flush();
    await this.#handle?.close();
    this.#handle = undefined;
  }

  /** Keeps a record that is dropped until it is written, where it has not been. */
  #keep(record: WireRecord): void {
    if (this.#hasFailed || record.seq < this.#next || this.#waitingChars > maxWaitingChars) return;
    this.#waiting.push(record);
    this.#waitingChars += record.body.length + (record.original?.length ?? 0);
    this.#gather();
  }

  #gather(): void {
    this.#timer ??= setTimeout(() => void this.flush(), gatherMs);
  }

  async #write(): Promise<void> {
    if (this.#hasFailed) return;
    const { firstSeq, nextSeq } = this.#source.extent;
    const changed = this.#changed;
    const waiting = this.#waiting;
    this.#changed = new Map();
    this.#waiting = [];
    this.#waitingChars = 0;
    if (this.#next === nextSeq && changed.size === 0) return;
    try {
      for (const record of waiting) {
        if (record.seq < this.#next) continue;
        await this.#appendRecord(record);
        this.#next = record.seq + 1;
      }
      if (this.#next < firstSeq) this.#next = firstSeq;
      for (const summary of changed.values()) {
        if (summary.seq >= this.#next || summary.seq < firstSeq) continue;
        this.#note(summary);
        await this.#append(updateLine(summary));
      }
      for (; this.#next < nextSeq; this.#next += 1) {
        const record = this.#source.get(this.#next);
        if (record) await this.#appendRecord(record);
      }
    } catch (error) {
      this.#hasFailed = true;
      this.#subscription.dispose();
      this.#options.logger.error(`Traffic is no longer recorded to disk: ${messageOf(error)}`);
    }
  }

  #note({ seq, kind, status }: WireSummary): void {
    if (kind === 'request' && status === 'pending') this.#pending.add(seq);
    else this.#pending.delete(seq);
  }

  async #appendRecord(record: WireRecord): Promise<void> {
    this.#note(record);
    await this.#makeReady();
    const last = this.places.at(-1);
    if (this.file !== undefined && (last?.file !== this.file || this.#bytes - last.offset >= placeBytes)) {
      this.places.push({ file: this.file, offset: this.#bytes, seq: record.seq });
    }
    await this.#append(messageLine(record));
  }

  async #makeReady(): Promise<void> {
    if (!this.#handle || this.#bytes > this.#options.maxBytes / segmentsInStore) await this.#begin();
  }

  async #append(line: string): Promise<void> {
    await this.#makeReady();
    const bytes = Buffer.from(line);
    await this.#handle?.appendFile(bytes);
    this.#bytes += bytes.length;
  }

  async #begin(): Promise<void> {
    const { folder, creator, maxBytes, run } = this.#options;
    await this.#handle?.close();
    this.#handle = undefined;
    await fs.mkdir(folder, { recursive: true, mode: 0o700 });
    await makeRoom(folder, maxBytes - maxBytes / segmentsInStore);
    const startedAt = new Date();
    const name = `${startedAt.toISOString().replaceAll(/[:.]/g, '-')}-${run}`;
    const isFirst = this.file === undefined;
    [this.file, this.#handle] = await openNew(folder, name);
    const header = headerLine(creator, startedAt);
    await this.#handle.appendFile(header);
    this.#bytes = Buffer.byteLength(header);
    if (isFirst) return;
    // Their answers come into this file, and would else answer nothing.
    for (const seq of [...this.#pending].slice(-maxCarried)) {
      const record = this.#source.get(seq);
      if (!record || seq >= this.#next) continue;
      const line = Buffer.from(messageLine(record));
      await this.#handle.appendFile(line);
      this.#bytes += line.length;
    }
  }
}

async function openNew(folder: string, name: string): Promise<[file: string, handle: fs.FileHandle]> {
  for (let attempt = 0; ; attempt += 1) {
    const file = path.join(folder, `${name}${attempt === 0 ? '' : `-${attempt}`}.${traceEnding}`);
    try {
      return [file, await fs.open(file, 'ax', 0o600)];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 100) throw error;
    }
  }
}

/** Deletes the oldest segments until the others take at most `maxBytes`. */
async function makeRoom(folder: string, maxBytes: number): Promise<void> {
  const segments = await listSegments(folder);
  let total = segments.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path: file, bytes } of segments) {
    if (total <= maxBytes) return;
    await fs.rm(file, { force: true });
    total -= bytes;
  }
}

/** The segments of a folder, oldest first; none where there is no such folder. */
async function listSegments(folder: string): Promise<Segment[]> {
  let names: string[];
  try {
    names = await fs.readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const segments: Segment[] = [];
  for (const name of names.sort()) {
    const start = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z-([0-9a-z]+)[-.]/.exec(name);
    if (!start || !name.endsWith(`.${traceEnding}`)) continue;
    const [, day, hours, minutes, seconds, ms, run = ''] = start;
    const file = path.join(folder, name);
    const stat = await fs.stat(file).catch(() => undefined);
    if (!stat?.isFile()) continue;
    segments.push({
      path: file,
      startedAt: Date.parse(`${day}T${hours}:${minutes}:${seconds}.${ms}Z`),
      run,
      bytes: stat.size,
    });
  }
  return segments;
}
