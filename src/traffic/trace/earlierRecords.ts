import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import type { EarlierRange, EarlierRecord, EarlierRecords } from '../trafficHistory';
import type { WireSummary } from '../wireRecord';
import { readBodies, readTrace, type RecordBodies, type RecordOrigin } from './readTrace';
import type { Segment } from './segmentStore';
import { headerLine } from './traceFormat';

/** Where a record begins in the segments. */
export interface SegmentPlace {
  /** Path of the segment. */
  file: string;
  /** In bytes. */
  offset: number;
  /** Number of the record. */
  seq: number;
}

export interface EarlierRecordsOptions extends EarlierRange {
  /** All segments, oldest first. */
  segments: readonly Segment[];
  /** That of this window. */
  run: string;
  /** What is known of where the records of this window are, oldest first. */
  places: readonly SegmentPlace[];
  signal: AbortSignal;
}

/** A part of a segment: bytes from `start` up to but not including `end`. */
interface Part {
  segment: Segment;
  start: number;
  end: number;
}

/** Where a part begins: in the stream of all parts, and in its file. */
interface StreamPlace {
  at: number;
  file: string;
  offset: number;
}

const chunkBytes = 256 * 1024;

/** A record of which only the summary is in memory. What the message says is read from its segment when it is asked for. */
class StoredRecord implements EarlierRecord {
  readonly summary: WireSummary;
  readonly #file: string;
  readonly #offset: number;
  readonly #bytes: number;

  constructor(summary: WireSummary, file: string, offset: number, bytes: number) {
    this.summary = summary;
    this.#file = file;
    this.#offset = offset;
    this.#bytes = bytes;
  }

  read(): RecordBodies {
    const bytes = Buffer.alloc(this.#bytes);
    try {
      const handle = openSync(this.#file, 'r');
      try {
        readSync(handle, bytes, 0, bytes.length, this.#offset);
      } finally {
        closeSync(handle);
      }
      return readBodies(bytes.toString('utf8')) ?? nothing;
    } catch {
      return nothing;
    }
  }
}

const nothing: RecordBodies = { body: '' };

/**
 * Reads the newest records that come before one of this window from the segments. A segment that is gone by then is
 * left out.
 * @throws an error of the file system, `WorkbenchError` `Cancelled`.
 */
export async function readEarlierRecords(options: EarlierRecordsOptions): Promise<EarlierRecords> {
  const { before, windowStart, run, signal, maxBytes } = options;
  const { parts, hasMore } = newestParts(partsBefore(options), maxBytes + bytesAfter(options));
  const runs = new Map<string, Part[]>();
  for (const part of parts) runs.set(part.segment.run, [...(runs.get(part.segment.run) ?? []), part]);
  const newestFirst: EarlierRecord[] = [];
  let next = windowStart;
  for (const [partsRun, own] of [...runs].toReversed()) {
    const places: StreamPlace[] = [];
    const { records, origins } = await readTrace(chunksOf(own, places), { signal, withoutBodies: true });
    const last = origins.at(-1)?.seq ?? 0;
    const isOwn = partsRun === run;
    const shift = isOwn ? 0 : next - 1 - last;
    const kept: EarlierRecord[] = [];
    for (const [index, { summary }] of records.entries()) {
      const origin = origins[index]!;
      if (isOwn && origin.seq >= before) continue;
      renumber(summary, origins, shift);
      if (summary.seq <= 0) continue;
      // Nobody answers it any more.
      if (!isOwn && summary.status === 'pending') summary.status = 'cancelled';
      const place = places.findLast(({ at }) => at <= origin.start);
      if (place) kept.push(new StoredRecord(summary, place.file, place.offset + origin.start - place.at, origin.bytes));
    }
    if (!isOwn) next = kept[0]?.summary.seq ?? next;
    kept.reverse();
    for (const record of kept) newestFirst.push(record);
  }
  return { records: newestFirst.toReversed(), hasMore };
}

/** All that was written before the record, oldest first: other windows wholly, this one up to its place. */
function partsBefore({ segments, run, places, before, windowStart }: EarlierRecordsOptions): Part[] {
  // Without numbers left below this window's, the others cannot be told from it.
  const others = windowStart > 1 ? segments.filter((segment) => segment.run !== run) : [];
  const whole = others.map((segment): Part => ({ segment, start: 0, end: segment.bytes }));
  if (before <= windowStart) return whole;
  const own = segments.filter((segment) => segment.run === run);
  const end = places.find(({ seq }) => seq >= before);
  for (const segment of own) {
    if (segment.path === end?.file) {
      whole.push({ segment, start: 0, end: end.offset });
      break;
    }
    whole.push({ segment, start: 0, end: segment.bytes });
  }
  return whole;
}

/** How much the parts may hold of the records that are in memory, because not every place is known. */
function bytesAfter({ segments, places, before }: EarlierRecordsOptions): number {
  const from = places.findLast(({ seq }) => seq <= before);
  if (!from) return 0;
  const to = places.find(({ seq }) => seq >= before);
  if (to?.file === from.file) return to.offset - from.offset;
  const size = segments.find((segment) => segment.path === from.file)?.bytes ?? 0;
  return Math.max(0, size - from.offset) + (to?.offset ?? 0);
}

function newestParts(parts: readonly Part[], maxBytes: number): { parts: Part[]; hasMore: boolean } {
  const newest: Part[] = [];
  let room = maxBytes;
  for (const part of parts.toReversed()) {
    if (room <= 0) return { parts: newest, hasMore: true };
    const start = Math.max(part.start, part.end - room);
    newest.unshift({ ...part, start });
    room -= part.end - start;
    if (start > part.start) return { parts: newest, hasMore: true };
  }
  return { parts: newest, hasMore: false };
}

/**
 * The bytes of parts one after the other, as the one trace that they are parts of.
 * @param places gets where each part begins, in the stream and in its file.
 */
async function* chunksOf(parts: readonly Part[], places: StreamPlace[]): AsyncGenerator<Uint8Array> {
  const header = Buffer.from(headerLine('', new Date(0)));
  yield header;
  let at = header.length;
  for (const { segment, start, end } of parts) {
    if (end <= start) continue;
    // What begins in the middle of a line begins for us after it; the byte before tells whether it does.
    let isCut = start > 0;
    let offset = Math.max(0, start - 1);
    if (!isCut) places.push({ at, file: segment.path, offset });
    try {
      const stream = createReadStream(segment.path, {
        start: Math.max(0, start - 1),
        end: end - 1,
        highWaterMark: chunkBytes,
      });
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        const end = isCut ? chunk.indexOf(0x0a) + 1 : 0;
        offset += end > 0 ? end : chunk.length;
        if (isCut && end === 0) continue;
        if (isCut) places.push({ at, file: segment.path, offset });
        isCut = false;
        const rest = chunk.subarray(end);
        at += rest.length;
        yield rest;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    // The last line of a window that ended at once may lack its end.
    yield Buffer.from('\n');
    at += 1;
  }
}

/** Gives a record its number in the file, moved by `shift`, in place of the one that reading gave it. */
function renumber(summary: WireSummary, origins: readonly RecordOrigin[], shift: number): void {
  const moved = (seq: number): number => (origins[seq - 1]?.seq ?? 0) + shift;
  summary.seq = moved(summary.seq);
  for (const name of ['pair', 'parent', 'previousRound', 'nextRound'] as const) {
    const seq = summary[name];
    if (seq !== undefined) summary[name] = moved(seq);
  }
}
