import { createHash, randomUUID } from 'node:crypto';
import type { CallerIdentity } from '../aws/identity';
import type { AwsRequest } from '../core/awsRequest';
import type { ErrorCode } from '../core/errors';
import { canonicalJson } from '../core/json';
import { redactJson, redactText } from '../core/redact';
import { escapeUnseen } from '../core/unseen';
import type { AuditConsent, AuditEntry, AuditSink } from './audit/auditRecord';
import type { ConsentSubject } from './consent';
import { showResource, type TouchedResource } from './policy/resourceRules';
import type { ToolAccess } from './tool';

/** What the log is told of one call before anything is known of its outcome. */
export interface RecordedCall {
  name: string;
  arguments: unknown;
  caller: { client: string; sessionId: string };
}

const maxInputCharacters = 8 * 1024;
const maxTextCharacters = 200;
const maxRequestIds = 50;
const maxResources = 20;

/** Gathers what the audit log is told of one call, and tells it: that it began, what was agreed to, how it ended. */
export class CallRecord {
  readonly callId = randomUUID();
  readonly #sink: AuditSink | undefined;
  readonly #base: Pick<AuditEntry, 'callId' | 'client' | 'session' | 'tool' | 'access'>;
  readonly #arguments: unknown;
  readonly #startedAt = performance.now();
  readonly #consents: AuditConsent[] = [];
  readonly #requestIds: string[] = [];
  #identity: AuditEntry['identity'];
  #resources: string[] = [];

  constructor(sink: AuditSink | undefined, call: RecordedCall, access: ToolAccess | undefined) {
    this.#sink = sink;
    this.#arguments = call.arguments;
    this.#base = {
      callId: this.callId,
      client: shortText(call.caller.client),
      session: shortText(call.caller.sessionId),
      tool: shortText(call.name),
      ...(access === undefined ? {} : { access }),
    };
  }

  /** Notes who the call acts as and what it touches. */
  identified(identity: CallerIdentity, touched: readonly TouchedResource[] | undefined): void {
    const { account, role, region, profile } = identity;
    this.#identity = { account, role, region, profile };
    this.#resources = (touched ?? [])
      .slice(0, maxResources)
      .map((each) => redactText(escapeUnseen(showResource(each))));
  }

  /** Notes an AWS request. */
  requested({ requestId }: AwsRequest): void {
    if (requestId !== undefined && this.#requestIds.length < maxRequestIds) this.#requestIds.push(shortText(requestId));
  }

  /** Notes how a question to a person ended. */
  answered(subject: ConsentSubject, hash: string, answer: Pick<AuditConsent, 'answer' | 'by' | 'reason'>): void {
    const { action, resource, resourceArn } = subject.plan;
    this.#consents.push({ ...answer, hash, action: shortText(action), resource: shortText(resourceArn ?? resource) });
  }

  /** @returns a promise that rejects where the log cannot be written. */
  async started(isDurable: boolean): Promise<void> {
    if (!this.#sink) return;
    await this.#sink.append({ phase: 'started', ...this.#base, ...describeInput(this.#arguments) }, isDurable);
  }

  /** Says, on the disk, that a change is about to be made. */
  async agreed(): Promise<void> {
    await this.#sink?.append({ phase: 'agreed', ...this.#known() }, true);
  }

  async ended(
    outcome: NonNullable<AuditEntry['outcome']>,
    how: { errorCode?: ErrorCode; message?: string; cachedSecondsAgo?: number } = {},
  ): Promise<void> {
    if (!this.#sink) return;
    const { errorCode, message, cachedSecondsAgo } = how;
    await this.#sink.append(
      {
        phase: 'ended',
        ...this.#known(),
        outcome,
        durationMs: Math.round((performance.now() - this.#startedAt) * 10) / 10,
        ...(errorCode === undefined ? {} : { errorCode }),
        ...(message === undefined ? {} : { message: shortText(message) }),
        ...(cachedSecondsAgo === undefined ? {} : { cachedSecondsAgo }),
        ...(this.#requestIds.length > 0 ? { awsRequestIds: this.#requestIds } : {}),
      },
      false,
    );
  }

  /** For what never became a call: no such tool, or an answer that does not hold. */
  async refused(errorCode: ErrorCode, message: string): Promise<void> {
    if (!this.#sink) return;
    const input = describeInput(this.#arguments);
    await this.#sink.append(
      { phase: 'refused', ...this.#base, ...input, outcome: 'error', errorCode, message: shortText(message) },
      false,
    );
  }

  #known(): Omit<AuditEntry, 'phase'> {
    return {
      ...this.#base,
      ...(this.#identity ? { identity: this.#identity } : {}),
      ...(this.#resources.length > 0 ? { resources: this.#resources } : {}),
      ...(this.#consents.length > 0 ? { consents: [...this.#consents] } : {}),
    };
  }
}

/** The digest is of what is left after redaction: one of the whole would let secrets be guessed. */
function describeInput(given: unknown): Pick<AuditEntry, 'inputDigest' | 'input'> {
  const input = redactJson(given ?? {});
  const inputDigest = createHash('sha256').update(canonicalJson(input)).digest('hex');
  const text = JSON.stringify(input);
  return { inputDigest, input: text.length <= maxInputCharacters ? input : `${text.slice(0, maxInputCharacters)}…` };
}

/** Names and sentences, some of them the client's own: on one line, nothing unseen, no secret, not long. */
function shortText(text: string): string {
  const line = escapeUnseen(redactText(text)).replaceAll(/\s+/g, ' ');
  return line.length > maxTextCharacters ? `${line.slice(0, maxTextCharacters)}…` : line;
}
