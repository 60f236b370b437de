import * as z from 'zod';
import type { WireRecord, WireSummary } from '../wireRecord';

/**
 * `.mcptrace`: MCP traffic as lines of JSON (NDJSON, UTF-8). The first line is the header, each further line a message or
 * what became known of an earlier one. A reader skips lines it does not know, so later versions may add some;
 * `version` grows only when old readers would misunderstand.
 *
 *     {"mcptrace":1,"createdAt":"2026-11-20T10:42:07.113Z","creator":"MCP Workbench 0.1.0","isRedacted":true}
 *     {"seq":1,"time":1795171327113,"direction":"clientToServer","kind":"request", … ,"message":{"jsonrpc":"2.0", … }}
 *     {"update":1,"status":"ok","durationMs":84,"pair":2}
 */
export const traceVersion = 1;

/** Ending of trace files, without a dot. */
export const traceEnding = 'mcptrace';

const text = z.string().max(4096);
const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const seq = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
/** What `Date` can stand for (ECMAScript, time values). */
const time = z.number().min(-8.64e15).max(8.64e15);
const durationMs = z.number().min(0).max(8.64e15);

export const traceHeader = z.object({
  mcptrace: z.number().int().positive(),
  createdAt: text.optional(),
  /** Name and version of the program that wrote it. */
  creator: text.optional(),
  /** What was taken out besides secrets. */
  without: z.array(text).max(20).optional(),
});

export type TraceHeader = z.output<typeof traceHeader>;

const awsRequest = z.object({
  service: text,
  operation: text,
  region: text,
  account: text.optional(),
  requestId: text.optional(),
  attempts: count,
  startedAt: time,
  durationMs,
  httpStatus: z.number().int().optional(),
  errorName: text.optional(),
});

const status = z.enum(['pending', 'ok', 'error', 'cancelled']);
const awsRequests = z.array(awsRequest).max(1000);

/** Checks for every member of `WireSummary`: one that is new there does not compile until it has its check here. */
const summary = {
  seq,
  time,
  direction: z.enum(['clientToServer', 'serverToClient']),
  kind: z.enum(['request', 'response', 'notification']),
  server: text,
  client: text,
  session: text,
  era: z.enum(['legacy', 'modern']),
  method: text,
  target: text.optional(),
  id: text.optional(),
  bytes: count,
  tokens: count,
  pair: seq.optional(),
  parent: seq.optional(),
  status: status.optional(),
  durationMs: durationMs.optional(),
  awsRequests: awsRequests.optional(),
  previousRound: seq.optional(),
  nextRound: seq.optional(),
  oddities: z
    .array(z.enum(['reusedId', 'unknownId', 'unknownToken', 'beforeInitialize']))
    .max(20)
    .optional(),
  note: text.optional(),
  isCut: z.literal(true).optional(),
  isRaw: z.literal(true).optional(),
  isChanged: z.literal(true).optional(),
} satisfies { [Name in keyof Required<WireSummary>]: z.ZodType<WireSummary[Name]> };

/** A line with a message: its summary, and the message itself, where it was not left out. */
export const traceMessage = z.object({
  ...summary,
  headers: z.record(text, text).optional(),
  /** The bytes as they came, in base64. */
  raw: z
    .string()
    .max(4 * 1024 * 1024)
    .regex(/^[A-Za-z0-9+/]*={0,2}$/)
    .optional(),
  message: z.unknown().optional(),
  original: z.unknown().optional(),
});

export type TraceMessage = z.output<typeof traceMessage>;

/** A line that says what became known of an earlier message: its answer, its end, its AWS requests. */
export const traceUpdate = z.object({
  update: seq,
  pair: summary.pair,
  status: summary.status,
  durationMs: summary.durationMs,
  awsRequests: summary.awsRequests,
  nextRound: summary.nextRound,
  oddities: summary.oddities,
  note: summary.note,
});

export type TraceUpdate = z.output<typeof traceUpdate>;

/** The first line of a trace, with its line feed. @param without what was taken out besides secrets. */
export function headerLine(creator: string, createdAt: Date, without: readonly string[] = []): string {
  const header = { mcptrace: traceVersion, createdAt: createdAt.toISOString(), creator, isRedacted: true };
  return `${JSON.stringify(without.length === 0 ? header : { ...header, without })}\n`;
}

/**
 * The line of a record, with its line feed. The bodies are put in as the text they are, since no serialiser that
 * calls itself could write one that nests 10,000 deep.
 */
export function messageLine({ body, original, ...summary }: WireRecord): string {
  const start = JSON.stringify(summary).slice(0, -1);
  const message = body === '' ? '' : `,"message":${oneLine(body)}`;
  return `${start}${message}${original === undefined ? '' : `,"original":${oneLine(original)}`}}\n`;
}

/** The line that says what became known of a record after it was written. */
export function updateLine({
  seq,
  pair,
  status,
  durationMs,
  awsRequests,
  nextRound,
  oddities,
  note,
}: WireSummary): string {
  return `${JSON.stringify({ update: seq, pair, status, durationMs, awsRequests, nextRound, oddities, note })}\n`;
}

/** Bodies are written without line breaks; one that has some still is one line, as JSON lets blanks be any. */
function oneLine(json: string): string {
  return /[\n\r]/.test(json) ? json.replaceAll(/[\n\r]/g, ' ') : json;
}
