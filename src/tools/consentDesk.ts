import type { CallerIdentity } from '../aws/identity';
import { WorkbenchError } from '../core/errors';
import type { CallRecord } from './callRecord';
import { consentHash, type ConsentAnswer, type ConsentAsker, type ConsentPlan, type ConsentSubject } from './consent';
import { ConsentGrants } from './consentGrants';
import type { Tool } from './tool';

/** Longer than any setting of those who ask: it ends only questions that would never end. */
const defaultTimeoutMs = 15 * 60 * 1000;

/** One question, and the call that it is asked for. */
export interface ConsentCase {
  plan: ConsentPlan;
  /** Makes the plan anew, where it can change by itself. */
  check: (() => Promise<ConsentPlan>) | undefined;
  tool: Tool;
  identity: CallerIdentity | undefined;
  caller: { client: string; sessionId: string };
  /** Whether a yes may hold for later calls: the caller has proved its session and the user's settings do not object. */
  mayGrant: boolean;
  asker: ConsentAsker | undefined;
  /** Fires when the call ends. */
  signal: AbortSignal;
  record: CallRecord;
  /** Runs what waits for a person, with the call's own time standing still. */
  whileWaiting<T>(body: () => Promise<T>): Promise<T>;
  /** @throws WorkbenchError where policy forbids by now what it allowed before the question. */
  checkPolicy(): void;
}

/** Puts plans to people and says what they agreed to. */
export class ConsentDesk {
  readonly #grants: ConsentGrants | undefined;
  readonly #timeoutMs: number;

  /** @param grants where a yes for later calls is remembered; without one every call asks. */
  constructor(grants: ConsentGrants | undefined, timeoutMs = defaultTimeoutMs) {
    this.#grants = grants;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Resolves when a person agreed to exactly this plan, and that has been recorded on the disk.
   * @returns the plan, frozen.
   * @throws WorkbenchError `ConsentRefused`, `PolicyDenied`; whatever fired `signal`.
   */
  async confirm(request: ConsentCase): Promise<ConsentPlan> {
    const { tool, signal, record } = request;
    signal.throwIfAborted();
    // The person is shown a copy, so that whoever still holds the plan cannot change what is agreed to.
    const plan = freeze(structuredClone(request.plan));
    const subject: ConsentSubject = {
      plan,
      tool: tool.name,
      access: tool.access,
      ...request.caller,
      identity: request.identity,
    };
    const hash = consentHash(subject);
    const answer = await this.#answer(request, subject, hash);
    signal.throwIfAborted();
    if (answer.kind === 'refused') {
      record.answered(subject, hash, { answer: 'refused', reason: answer.reason });
      throw refusal(answer.reason);
    }
    // The person may have taken their time, and the world with them.
    request.checkPolicy();
    const isSame = (other: ConsentPlan): boolean => consentHash({ ...subject, plan: other }) === hash;
    if (!isSame(request.plan) || (request.check && !isSame(await request.check()))) {
      record.answered(subject, hash, { answer: 'refused', reason: 'planChanged' });
      throw refusal('planChanged');
    }
    const isGrant = answer.how === 'session';
    record.answered(subject, hash, { answer: answer.how, by: answer.by });
    await this.#recordAgreement(tool, record);
    signal.throwIfAborted();
    if (isGrant) this.#grants?.give(subject, answer.by);
    return plan;
  }

  async #answer(request: ConsentCase, subject: ConsentSubject, hash: string): Promise<Answered> {
    const { asker, signal } = request;
    const offersGrant = this.#grants !== undefined && request.mayGrant && ConsentGrants.mayCover(subject);
    const grant = offersGrant ? this.#grants?.use(subject) : undefined;
    if (grant) return { kind: 'allowed', by: grant.by, how: 'grant' };
    if (!asker) return { kind: 'refused', reason: 'nobodyToAsk' };
    const question = { ...subject, hash, ...(offersGrant ? { offersGrant } : {}) };
    const answer = await request.whileWaiting(() =>
      withinTime(this.#timeoutMs, signal, (until) => asker.ask(question, until)),
    );
    if (answer.kind === 'refused') return answer;
    return { kind: 'allowed', by: answer.by, how: offersGrant && answer.grant === 'session' ? 'session' : 'once' };
  }

  async #recordAgreement(tool: Tool, record: CallRecord): Promise<void> {
    try {
      await record.agreed();
    } catch (cause) {
      throw unrecordable(tool, cause);
    }
  }
}

/** What is not recorded is not done: the refusal of a change that the audit log cannot take. */
export function unrecordable(tool: Tool, cause: unknown): WorkbenchError {
  return new WorkbenchError(
    'PolicyDenied',
    `${tool.title} changes something, and the audit log cannot record it. Nothing was changed.`,
    { remedy: cause instanceof WorkbenchError ? cause.remedy : 'Make the audit log writable.', cause },
  );
}

type Refused = Extract<ConsentAnswer, { kind: 'refused' }>;
type Answered = Refused | { kind: 'allowed'; by: 'editor' | 'client'; how: 'once' | 'session' | 'grant' };

/** The answer, or a no when nobody gave one in time. */
async function withinTime(
  ms: number,
  signal: AbortSignal,
  ask: (until: AbortSignal) => Promise<ConsentAnswer>,
): Promise<ConsentAnswer> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), ms);
  const until = AbortSignal.any([signal, over.signal]);
  let onEnd: (() => void) | undefined;
  const ended = new Promise<ConsentAnswer>((resolve) => {
    onEnd = () => resolve({ kind: 'refused', reason: signal.aborted ? 'dismissed' : 'timedOut' });
    until.addEventListener('abort', onEnd, { once: true });
  });
  try {
    return await Promise.race([ask(until), ended]);
  } finally {
    clearTimeout(timer);
    if (onEnd) until.removeEventListener('abort', onEnd);
  }
}

const refusals = {
  declined: 'The user refused. Nothing was changed.',
  dismissed: 'The question was dismissed without an answer. Nothing was changed.',
  planChanged: 'What would be done is no longer what the user agreed to. Nothing was changed.',
  timedOut: 'Nobody answered the question in time. Nothing was changed.',
  nobodyToAsk: 'This needs a person to agree, and this client has no way to ask one. Nothing was changed.',
} as const;

function refusal(reason: Refused['reason']): WorkbenchError {
  return new WorkbenchError('ConsentRefused', refusals[reason], {
    remedy:
      reason === 'nobodyToAsk'
        ? 'Call it from a client that supports elicitation, or with the editor open.'
        : 'Do not try again unless the user asks for it.',
  });
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) freeze(member);
    Object.freeze(value);
  }
  return value;
}
