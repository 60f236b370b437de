import { WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import { redactText } from '../../core/redact';
import { cleanHeaders } from '../headers';
import { redactedMessageText } from '../messageText';
import { keepBytes } from '../rawBytes';
import type { WireSummary } from '../wireRecord';
import { readLines } from './lineReader';
import {
  traceHeader,
  traceMessage,
  traceUpdate,
  traceVersion,
  type TraceHeader,
  type TraceMessage,
  type TraceUpdate,
} from './traceFormat';
import type { TraceRecord } from './traceSource';

export interface ReadTraceOptions {
  /** Told now and then how far it is; `records` grows from call to call. */
  onProgress?: (progress: TraceProgress) => void;
  signal?: AbortSignal;
  /** Longest line read, in bytes. */
  maxLineBytes?: number;
  /** Most characters of bodies kept in all; what comes after them is left out and counted. */
  maxChars?: number;
  /** Most messages kept. */
  maxRecords?: number;
  /** Leaves out what the messages say, to be read when somebody asks. */
  withoutBodies?: boolean;
}

export interface TraceProgress {
  /** Bytes of the file read so far. */
  bytes: number;
  /** What has been read, in the order of the file; always the same list, which goes on to grow. */
  records: readonly TraceRecord[];
  /** Records of an earlier call of which more is known now. */
  updated: readonly WireSummary[];
}

/** What a trace file holds. */
export interface Trace {
  header: TraceHeader;
  /** In the order of their `seq`, which counts from 1 without gaps. */
  records: TraceRecord[];
  /** Where each record stands in the file. */
  origins: RecordOrigin[];
  /** Lines that could not be read, by what is wrong with them. */
  skipped: Partial<Record<SkipReason, number>>;
  /** Number of the first line that could not be read. */
  firstSkipped: number | undefined;
  /** Whether the messages stood in another order than they were numbered, so that they were sorted. */
  wasSorted: boolean;
}

/** A record as it stands in the file. */
export interface RecordOrigin {
  /** The number that its writer knew it by. */
  seq: number;
  /** Where its line begins and how long it is, in bytes. */
  start: number;
  bytes: number;
}

/** Why a line was left out. */
export type SkipReason = 'tooLong' | 'notUtf8' | 'notJson' | 'notMessage' | 'duplicate' | 'tooMany';

const defaultMaxLineBytes = 64 * 1024 * 1024;
const defaultMaxChars = 512 * 1024 * 1024;
const defaultMaxRecords = 1_000_000;
/** Longest body kept; longer than the recorder's, which lets its marks of what was cut stand beyond its own limit. */
const maxBodyChars = 8 * 1024 * 1024;
/** Longest time in milliseconds for which reading may keep the event loop. */
const sliceMs = 12;

/**
 * Reads a trace file. Nothing in it is believed: each line is checked, secrets are removed again (the file may come from
 * another program), and what cannot be read is left out and counted. Messages are renumbered from 1.
 * @throws WorkbenchError `InvalidInput` where it is no trace or of a later version, `Cancelled` when aborted.
 */
export async function readTrace(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadTraceOptions = {},
): Promise<Trace> {
  const reader = new TraceReader(options);
  let sliceEnd = performance.now() + sliceMs;
  for await (const line of readLines(reader.counted(chunks), options.maxLineBytes ?? defaultMaxLineBytes)) {
    if ('problem' in line) reader.skip(line.problem, line.number);
    else reader.read(line);
    if (performance.now() > sliceEnd) {
      await new Promise((resolve) => setImmediate(resolve));
      reader.report();
      sliceEnd = performance.now() + sliceMs;
    }
    if (options.signal?.aborted) throw cancelled();
  }
  if (options.signal?.aborted) throw cancelled();
  return reader.finish();
}

class TraceReader {
  readonly #options: ReadTraceOptions;
  /** The same short text is kept once, as the recorder does. */
  readonly #labels = new Map<string, string>();
  readonly #records: TraceRecord[] = [];
  readonly #origins: RecordOrigin[] = [];
  /** By the numbers that stand in the file. */
  readonly #bySeq = new Map<number, TraceRecord>();
  /** Updates of messages that have not come yet. */
  readonly #early = new Map<number, TraceUpdate>();
  readonly #skipped: Partial<Record<SkipReason, number>> = {};
  #firstSkipped: number | undefined;
  readonly #references = new WeakMap<WireSummary, References>();
  #header: TraceHeader | undefined;
  #updated = new Set<WireSummary>();
  #bytes = 0;
  #chars = 0;
  #lastSeq = 0;
  #isOrdered = true;

  constructor(options: ReadTraceOptions) {
    this.#options = options;
  }

  async *counted(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#bytes += chunk.length;
      yield chunk;
    }
  }

  read({ text, number, start, bytes }: { text: string; number: number; start: number; bytes: number }): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      if (!this.#header) throw notTrace();
      this.skip('notJson', number);
      return;
    }
    if (!this.#header) {
      this.#header = readHeader(value);
      return;
    }
    if (isRecord(value) && 'update' in value) this.#readUpdate(value, number);
    else this.#readMessage(value, number, { start, bytes });
  }

  /** The window may have closed before what became of a request was written; its answer says it too. */
  #complete(request: WireSummary): void {
    if (request.kind !== 'request' || request.pair === undefined) return;
    const response = this.#records[request.pair - 1]?.summary;
    if (request.status === 'pending' && response?.status !== undefined) request.status = response.status;
    if (response?.durationMs !== undefined) request.durationMs ??= response.durationMs;
  }

  skip(reason: SkipReason, number: number): void {
    if (!this.#header) throw notTrace();
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
    this.#firstSkipped ??= number;
  }

  report(): void {
    const updated = [...this.#updated];
    this.#updated = new Set();
    this.#options.onProgress?.({ bytes: this.#bytes, records: this.#records, updated });
  }

  finish(): Trace {
    if (!this.#header) throw notTrace();
    if (!this.#isOrdered) {
      this.#origins.sort((left, right) => left.seq - right.seq);
      const inOrder = [...this.#bySeq].sort(([left], [right]) => left - right);
      for (const [index, [, record]] of inOrder.entries()) this.#records[index] = record;
    }
    for (const [index, { summary }] of this.#records.entries()) {
      summary.seq = index + 1;
      clearReferences(summary);
    }
    for (const { summary } of this.#records) this.#connect(summary);
    for (const { summary } of this.#records) this.#complete(summary);
    return {
      header: this.#header,
      records: this.#records,
      origins: this.#origins,
      skipped: this.#skipped,
      firstSkipped: this.#firstSkipped,
      wasSorted: !this.#isOrdered,
    };
  }

  #readMessage(value: unknown, number: number, line: Omit<RecordOrigin, 'seq'>): void {
    const parsed = traceMessage.safeParse(value);
    if (!parsed.success) {
      this.skip('notMessage', number);
      return;
    }
    const { message: _message, original: _original, headers: _headers, raw: _raw, ...given } = parsed.data;
    if (this.#bySeq.has(given.seq)) {
      this.skip('duplicate', number);
      return;
    }
    const { maxRecords = defaultMaxRecords, maxChars = defaultMaxChars, withoutBodies = false } = this.#options;
    if (this.#records.length >= maxRecords || this.#chars >= maxChars) {
      this.skip('tooMany', number);
      return;
    }
    const { isCut, ...bodies } = withoutBodies ? { isCut: false, body: '' } : bodiesOf(parsed.data);
    const summary = this.#clean(given);
    if (isCut) summary.isCut = true;
    const record: TraceRecord = { summary, ...bodies };
    this.#chars += bodies.body.length + (bodies.original?.length ?? 0);
    if (given.seq < this.#lastSeq) this.#isOrdered = false;
    this.#lastSeq = Math.max(this.#lastSeq, given.seq);
    this.#bySeq.set(given.seq, record);
    this.#records.push(record);
    this.#origins.push({ seq: given.seq, ...line });
    // The references are numbers of the file; those of the list are set as both ends are known.
    const { pair, parent, previousRound, nextRound } = given;
    this.#references.set(summary, { pair, parent, previousRound, nextRound });
    summary.seq = this.#records.length;
    clearReferences(summary);
    this.#connect(summary);
    const update = this.#early.get(given.seq);
    if (update) this.#apply(record, update);
    this.#early.delete(given.seq);
  }

  #readUpdate(value: unknown, number: number): void {
    const parsed = traceUpdate.safeParse(value);
    if (!parsed.success) {
      this.skip('notMessage', number);
      return;
    }
    const record = this.#bySeq.get(parsed.data.update);
    if (record) this.#apply(record, parsed.data);
    else if (this.#early.size < 10_000) this.#early.set(parsed.data.update, parsed.data);
  }

  #apply({ summary }: TraceRecord, update: TraceUpdate): void {
    const { pair, nextRound, status, durationMs, awsRequests, oddities, note } = update;
    const references = this.#references.get(summary) ?? {};
    if (pair !== undefined) references.pair = pair;
    if (nextRound !== undefined) references.nextRound = nextRound;
    this.#connect(summary);
    if (oddities !== undefined) summary.oddities = oddities;
    if (status !== undefined) summary.status = status;
    if (durationMs !== undefined) summary.durationMs = durationMs;
    if (awsRequests !== undefined) summary.awsRequests = awsRequests.map((request) => this.#cleanAws(request));
    if (note !== undefined) summary.note = this.#label(note);
    this.#updated.add(summary);
  }

  /** Sets the references between a record and those that have come already. */
  #connect(summary: WireSummary): void {
    const references = this.#references.get(summary);
    const other = this.#find(references?.pair);
    if (other && arePair(summary, other) && summary.pair === undefined && other.pair === undefined) {
      const back = this.#references.get(other)?.pair;
      // One that names another, or one that is not there, must not be claimed by a second answer.
      if (back === undefined || this.#find(back) === summary) {
        summary.pair = other.seq;
        other.pair = summary.seq;
        this.#updated.add(other);
      }
    }
    for (const name of ['parent', 'previousRound', 'nextRound'] as const) {
      const target = this.#find(references?.[name]);
      if (target?.kind === 'request' && target !== summary) summary[name] = target.seq;
    }
  }

  #find(seq: number | undefined): WireSummary | undefined {
    return seq === undefined ? undefined : this.#bySeq.get(seq)?.summary;
  }

  #label(text: string): string {
    const known = this.#labels.get(text);
    if (known !== undefined) return known;
    const label = redactText(text);
    if (this.#labels.size >= 4096) this.#labels.clear();
    if (label === text) this.#labels.set(text, text);
    return label;
  }

  #clean(given: WireSummary): WireSummary {
    return {
      ...given,
      server: this.#label(given.server),
      client: this.#label(given.client),
      session: this.#label(given.session),
      method: this.#label(given.method),
      ...(given.target === undefined ? {} : { target: this.#label(given.target) }),
      ...(given.id === undefined ? {} : { id: this.#label(given.id) }),
      ...(given.note === undefined ? {} : { note: this.#label(given.note) }),
      ...(given.awsRequests ? { awsRequests: given.awsRequests.map((request) => this.#cleanAws(request)) } : {}),
    };
  }

  #cleanAws(request: NonNullable<WireSummary['awsRequests']>[number]): typeof request {
    return {
      ...request,
      service: this.#label(request.service),
      operation: this.#label(request.operation),
      region: this.#label(request.region),
      ...(request.account === undefined ? {} : { account: this.#label(request.account) }),
      ...(request.requestId === undefined ? {} : { requestId: this.#label(request.requestId) }),
      ...(request.errorName === undefined ? {} : { errorName: this.#label(request.errorName) }),
    };
  }
}

/** What a message says, as it may be kept. */
export type RecordBodies = Omit<TraceRecord, 'summary'>;

/** What the message of one line of a trace says; `undefined` for a line that is none. */
export function readBodies(line: string): RecordBodies | undefined {
  try {
    const parsed = traceMessage.safeParse(JSON.parse(line));
    if (!parsed.success) return undefined;
    const { isCut: _isCut, ...bodies } = bodiesOf(parsed.data);
    return bodies;
  } catch {
    return undefined;
  }
}

function bodiesOf({ message, original, headers, raw }: TraceMessage): RecordBodies & { isCut: boolean } {
  const body = bodyOf(message);
  const bytes = raw === undefined ? undefined : keepBytes(Buffer.from(raw, 'base64'));
  return {
    body: body.text,
    isCut: body.isCut || bytes?.isCut === true,
    ...(bytes ? { raw: bytes.base64 } : {}),
    ...(original === undefined ? {} : { original: bodyOf(original).text }),
    ...(headers ? { headers: cleanHeaders(headers) } : {}),
  };
}

function bodyOf(message: unknown): { text: string; isCut: boolean } {
  if (message === undefined) return { text: '', isCut: false };
  if (typeof message === 'object' && message !== null) return redactedMessageText(message, maxBodyChars);
  // No JSON-RPC message, but shown as what it is.
  const { text, isCut } = redactedMessageText([message], maxBodyChars);
  return { text: text.slice(1, -1), isCut };
}

/** What a line refers to, by the numbers of the file. */
type References = { [Name in 'pair' | 'parent' | 'previousRound' | 'nextRound']?: number | undefined };

function clearReferences(summary: WireSummary): void {
  delete summary.pair;
  delete summary.parent;
  delete summary.previousRound;
  delete summary.nextRound;
}

function arePair(one: WireSummary, other: WireSummary): boolean {
  return (one.kind === 'request' && other.kind === 'response') || (one.kind === 'response' && other.kind === 'request');
}

function readHeader(value: unknown): TraceHeader {
  const parsed = traceHeader.safeParse(value);
  if (!parsed.success) throw notTrace();
  if (parsed.data.mcptrace > traceVersion) {
    throw new WorkbenchError('InvalidInput', `This trace has version ${parsed.data.mcptrace} of the format.`, {
      remedy: 'Update MCP Workbench to read it.',
    });
  }
  return parsed.data;
}

function notTrace(): WorkbenchError {
  return new WorkbenchError('InvalidInput', 'This file is not an MCP trace.', {
    remedy: 'Open a file that was saved with "MCP Workbench: Save Traffic".',
  });
}

function cancelled(): WorkbenchError {
  return new WorkbenchError('Cancelled', 'Reading the trace was cancelled.', { remedy: 'Open the file again.' });
}
