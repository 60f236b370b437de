import { createHash } from 'node:crypto';
import * as z from 'zod';
import { canonicalJson } from '../../core/json';

/** How a person's answer to a question is recorded. */
export const auditConsentSchema = z.object({
  /** `session`: a yes for later calls too; `grant`: one of those calls, nobody was asked again. */
  answer: z.enum(['once', 'session', 'grant', 'refused']),
  /** Who asked the person. */
  by: z.enum(['editor', 'client']).optional(),
  /** Why it was no. */
  reason: z.string().optional(),
  /** SHA-256 of the plan and all else that was agreed to. */
  hash: z.string(),
  action: z.string(),
  resource: z.string(),
});

export type AuditConsent = z.output<typeof auditConsentSchema>;

/**
 * What a call tells the log. `started` comes before anything is done; `agreed` after a person agreed and before the
 * change is made; `ended` with the outcome. `refused` stands alone, for what never became a call.
 */
export const auditEntrySchema = z.object({
  phase: z.enum(['started', 'agreed', 'ended', 'refused']),
  callId: z.string(),
  /** The client's own claim. */
  client: z.string(),
  /** Label of the session. */
  session: z.string(),
  tool: z.string(),
  access: z.enum(['read', 'write', 'destructive']).optional(),
  identity: z.object({ account: z.string(), role: z.string(), region: z.string(), profile: z.string() }).optional(),
  /** ARNs; `…*` for all that begin so. */
  resources: z.array(z.string()).optional(),
  consents: z.array(auditConsentSchema).optional(),
  durationMs: z.number().optional(),
  /** `inputRequired`: the call ended with a question, and the client calls again with the answer. */
  outcome: z.enum(['ok', 'error', 'inputRequired']).optional(),
  errorCode: z.string().optional(),
  message: z.string().optional(),
  awsRequestIds: z.array(z.string()).optional(),
  cachedSecondsAgo: z.number().optional(),
  /** SHA-256 of the whole input after redaction, so that it tells nothing about secrets. */
  inputDigest: z.string().optional(),
  /** The input after redaction; text where it was too long to keep whole. */
  input: z.unknown().optional(),
});

export type AuditEntry = z.output<typeof auditEntrySchema>;

/** First record of each file. */
const headSchema = z.object({
  phase: z.literal('opened'),
  /** Id that all files of one process share. */
  chain: z.string(),
  /** Number of the file in its chain, from 0. */
  file: z.number().int(),
  pid: z.number().int(),
  version: z.string(),
});

/** Stands where records were lost because they could not be written. */
const gapSchema = z.object({ phase: z.literal('lost'), count: z.number().int() });

/** What every line has beside its own members. */
const lineSchema = z.object({
  v: z.literal(1),
  /** Number of the record in its chain, from 0. */
  seq: z.number().int(),
  /** ISO 8601, UTC. */
  time: z.string(),
  /** `hash` of the record before; 64 zeros for the first of a chain. */
  prev: z.string(),
  /** SHA-256 of the canonical JSON of all other members. */
  hash: z.string(),
});

export const auditRecordSchema = z.intersection(lineSchema, z.union([auditEntrySchema, headSchema, gapSchema]));

export type AuditRecord = z.output<typeof auditRecordSchema>;

/** A record before it has its place in a chain. */
export type UnchainedRecord = { time: string } & (
  AuditEntry | z.output<typeof headSchema> | z.output<typeof gapSchema>
);

/** `prev` of the first record of a chain. */
export const firstPrev = '0'.repeat(64);

/** Puts a record into a chain. @returns its line, without line feed, and its hash. */
export function chainRecord(record: UnchainedRecord, seq: number, prev: string): { line: string; hash: string } {
  const members = { v: 1, seq, ...record, prev };
  const hash = hashOf(members);
  return { line: JSON.stringify({ ...members, hash }), hash };
}

/** The hash that a record should have. */
export function hashOf(record: object): string {
  const { hash: _hash, ...members } = record as Record<string, unknown>;
  return createHash('sha256').update(canonicalJson(members)).digest('hex');
}

/** Who puts records into a log. */
export interface AuditSink {
  /**
   * Adds a record.
   * @param isDurable whether it must be on the disk, not only handed to the system.
   * @returns a promise that resolves when it is written and rejects when it cannot be: with a WorkbenchError whose
   * remedy says what to do.
   */
  append(entry: AuditEntry, isDurable: boolean): Promise<void>;
}
