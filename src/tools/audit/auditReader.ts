import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { messageOf, WorkbenchError } from '../../core/errors';
import { listAuditFiles, type AuditFile } from './auditFiles';
import { auditRecordSchema, firstPrev, hashOf, type AuditEntry, type AuditRecord } from './auditRecord';

/** What does not hold in a log. */
export interface AuditProblem {
  /**
   * `torn`: the last line of a file is not whole, as after a crash while it was written; `broken`: a line is no record;
   * `changed`: a record is not what was written; `missing`: records, or a file, are not there; `lost`: records could
   * not be written at the time, as the log itself says.
   */
  kind: 'torn' | 'broken' | 'changed' | 'missing' | 'lost' | 'unreadable';
  file: string;
  /** From 1. */
  line?: number;
  /** A sentence. */
  message: string;
}

/** What became of the chains of a log. */
export interface AuditVerification {
  files: number;
  records: number;
  /** Whether nothing was changed or taken away. A torn line, lost records and deleted old files are no change. */
  isIntact: boolean;
  problems: AuditProblem[];
  /** Ends of the chains, to compare with ones that were kept elsewhere. */
  heads: { chain: string; seq: number; hash: string }[];
}

/** One call, put together from its records. */
export interface AuditCall extends Omit<AuditEntry, 'phase'> {
  /** ISO 8601: when it began. */
  time: string;
  /** `unfinished`: it never ended, so it is running now, or its process ended before it did. */
  state: 'ok' | 'error' | 'inputRequired' | 'unfinished' | 'refused';
}

/** Which calls are wanted. Texts are compared in any case, as parts; what is left out says nothing. */
export interface AuditFilter {
  client?: string;
  tool?: string;
  account?: string;
  profile?: string;
  access?: readonly NonNullable<AuditEntry['access']>[];
  state?: readonly AuditCall['state'][];
  errorCode?: string;
  /** A part of an ARN. */
  resource?: string;
  /** ISO 8601, inclusive. */
  since?: string;
  /** ISO 8601, exclusive. */
  until?: string;
  /** A part of anything in the record. */
  text?: string;
}

export interface AuditPage {
  /** Newest first. */
  calls: AuditCall[];
  /** Continues behind the last of `calls`; calls that come in the meantime do not move it. */
  nextCursor?: string;
  /** Lines that are no records; what holds together otherwise is said by `verifyAudit`. */
  problems: AuditProblem[];
}

interface ReadFile extends AuditFile {
  records: { line: number; record: AuditRecord }[];
  problems: AuditProblem[];
}

/**
 * Reads one page of calls.
 * @param limit calls at most.
 * @throws WorkbenchError `InvalidInput` for a cursor that is none; errors of the file system for the folder itself.
 */
export async function readAuditCalls(
  folder: string,
  filter: AuditFilter = {},
  { limit = 100, cursor }: { limit?: number; cursor?: string | undefined } = {},
): Promise<AuditPage> {
  const files = await readFiles(folder);
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const wanted = callsOf(files).filter(
    ({ place, call }) => (after === undefined || place < after) && matches(call, filter),
  );
  const shown = wanted.slice(0, limit);
  const last = shown.at(-1);
  return {
    calls: shown.map(({ call }) => call),
    ...(last && wanted.length > limit ? { nextCursor: writeCursor(last.place) } : {}),
    problems: files.flatMap(({ problems }) => problems),
  };
}

/** All calls that a filter lets through, as JSON lines, oldest first. */
export async function* exportAuditCalls(folder: string, filter: AuditFilter = {}): AsyncGenerator<string> {
  for (const { call } of callsOf(await readFiles(folder)).toReversed()) {
    if (matches(call, filter)) yield `${JSON.stringify(call)}\n`;
  }
}

/** Follows every chain from its first record to its last. Without a key this proves only what is not made up anew. */
export async function verifyAudit(folder: string): Promise<AuditVerification> {
  const files = await readFiles(folder);
  const problems = files.flatMap((file) => file.problems);
  const heads: AuditVerification['heads'] = [];
  for (const chain of new Set(files.map((file) => file.chain))) {
    const own = files.filter((file) => file.chain === chain).sort((a, b) => a.index - b.index);
    const head = followChain(own, problems);
    if (head) heads.push({ chain, ...head });
  }
  return {
    files: files.length,
    records: files.reduce((sum, { records }) => sum + records.length, 0),
    isIntact: problems.every(({ kind }) => kind === 'torn' || kind === 'lost'),
    problems,
    heads,
  };
}

function followChain(files: readonly ReadFile[], problems: AuditProblem[]): { seq: number; hash: string } | undefined {
  let last: { seq: number; hash: string } | undefined;
  let lastIndex: number | undefined;
  for (const { name, index, records, problems: unread } of files) {
    const say = (kind: AuditProblem['kind'], line: number, message: string): number =>
      problems.push({ kind, file: name, line, message });
    if (lastIndex !== undefined && index !== lastIndex + 1) say('missing', 1, 'The file before this one is missing.');
    lastIndex = index;
    for (const [position, { line, record }] of records.entries()) {
      if (hashOf(record) !== record.hash) say('changed', line, 'The record was changed after it was written.');
      if (position === 0 && !('chain' in record && record.phase === 'opened')) {
        say('missing', line, 'The beginning of the file is missing.');
      }
      if (record.phase === 'lost') say('lost', line, `${record.count} records could not be written before this one.`);
      // The files before the first one may have been deleted to make room; within what is there nothing may be.
      const expected = last ?? (index === 0 ? { seq: -1, hash: firstPrev } : undefined);
      // What stands before a line that cannot be read is not known to be missing.
      const isBehindUnread = unread.some((problem) => problem.line === line - 1 && problem.kind === 'broken');
      if (expected && !isBehindUnread && (record.seq !== expected.seq + 1 || record.prev !== expected.hash)) {
        say('missing', line, 'The record does not follow the one before it.');
      }
      last = { seq: record.seq, hash: record.hash };
    }
  }
  return last;
}

async function readFiles(folder: string): Promise<ReadFile[]> {
  const files: ReadFile[] = [];
  for (const file of await listAuditFiles(folder)) files.push(await readFile(folder, file));
  return files;
}

async function readFile(folder: string, file: AuditFile): Promise<ReadFile> {
  const read: ReadFile = { ...file, records: [], problems: [] };
  let text: string;
  try {
    text = await fs.readFile(path.join(folder, file.name), 'utf8');
  } catch (error) {
    // Deleted between listing and reading, to make room for new ones.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return read;
    read.problems.push({ kind: 'unreadable', file: file.name, message: `It cannot be read: ${messageOf(error)}` });
    return read;
  }
  const lines = text.split('\n');
  const tail = lines.pop() ?? '';
  for (const [index, line] of lines.entries()) {
    const record = readRecord(line);
    if (record) read.records.push({ line: index + 1, record });
    else read.problems.push({ kind: 'broken', file: file.name, line: index + 1, message: 'The line is no record.' });
  }
  if (tail !== '') {
    read.problems.push({
      kind: 'torn',
      file: file.name,
      line: lines.length + 1,
      message: 'The last line is not whole: its process ended, or the disk was full, while it was written.',
    });
  }
  return read;
}

function readRecord(line: string): AuditRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    // Checked, but given as it was written: its hash is over all that stands there.
    return auditRecordSchema.safeParse(value).success ? (value as AuditRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** A call, and its place among all of them: a text that sorts by time, then by the order in which it was written. */
interface PlacedCall {
  place: string;
  call: AuditCall;
}

/** Newest first. */
function callsOf(files: readonly ReadFile[]): PlacedCall[] {
  const calls = new Map<string, PlacedCall>();
  for (const { chain, records } of files) {
    for (const { record } of records) {
      if (!('callId' in record)) continue;
      const { v: _v, seq, prev: _prev, hash: _hash, phase, ...entry } = record;
      const before = calls.get(entry.callId);
      const state = phase === 'refused' ? phase : phase === 'ended' ? (entry.outcome ?? 'error') : 'unfinished';
      const time = before?.call.time ?? entry.time;
      const place = before?.place ?? `${time} ${chain} ${String(seq).padStart(12, '0')}`;
      calls.set(entry.callId, { place, call: { ...before?.call, ...entry, time, state } });
    }
  }
  return [...calls.values()].sort((a, b) => (a.place < b.place ? 1 : -1));
}

function matches(call: AuditCall, filter: AuditFilter): boolean {
  const has = (value: string | undefined, part: string | undefined): boolean =>
    part === undefined || (value ?? '').toLowerCase().includes(part.toLowerCase());
  const { since, until, access, state } = filter;
  return (
    has(call.client, filter.client) &&
    has(call.tool, filter.tool) &&
    has(call.identity?.account, filter.account) &&
    has(call.identity?.profile, filter.profile) &&
    has(call.errorCode, filter.errorCode) &&
    (filter.resource === undefined || (call.resources ?? []).some((arn) => has(arn, filter.resource))) &&
    (access === undefined || (call.access !== undefined && access.includes(call.access))) &&
    (state === undefined || state.includes(call.state)) &&
    (since === undefined || Date.parse(call.time) >= Date.parse(since)) &&
    (until === undefined || Date.parse(call.time) < Date.parse(until)) &&
    (filter.text === undefined || has(JSON.stringify(call), filter.text))
  );
}

function writeCursor(place: string): string {
  return Buffer.from(place).toString('base64url');
}

function readCursor(cursor: string): string {
  const place = Buffer.from(cursor, 'base64url').toString('utf8');
  if (/^\d{4}-[\dT:.-]+Z [0-9a-f]{8} \d{12}$/.test(place)) return place;
  throw new WorkbenchError('InvalidInput', 'The cursor is not one of this log.', {
    remedy: 'Pass `nextCursor` of the page before unchanged, or none to start again.',
  });
}
