import { toWorkbenchError } from '../aws/awsErrors';
import type { AwsSession, CallerIdentity, IdentityService } from '../aws/identity';
import type { AwsRequest } from '../core/awsRequest';
import { runInCallScope } from '../core/callScope';
import { messageOf, WorkbenchError, type ErrorCode } from '../core/errors';
import type { Logger } from '../core/logger';
import type { AuditSink } from './audit/auditRecord';
import { ReadCache, type PendingAnswer } from './cache/readCache';
import { toCallError, validateInput, withinGrace } from './callError';
import { CallRecord } from './callRecord';
import { CallSlots, type CallSlot } from './callSlots';
import type { ConsentAsker, ConsentPlan } from './consent';
import { ConsentDesk, unrecordable } from './consentDesk';
import type { ConsentGrants } from './consentGrants';
import { Deadline } from './deadline';
import { readPage } from './page';
import type { Policy } from './policy';
import { showResource, type TouchedResource } from './policy/resourceRules';
import type { ToolListing, ToolRegistry, RegisteredTool } from './registry';
import { defaultMaxResultBytes, envelopeBytes, errorResult, successResult, type ToolResult } from './result';
import type { ResultStore } from './resultStore';
import type { Tool, ToolContext, ToolProgress } from './tool';
import type { Workspace } from './workspace';

const defaultTimeoutSeconds = 60;
const defaultGraceMs = 5_000;

/** Who calls, as far as the protocol tells. Names are the client's own claim: shown to people, never trusted. */
export interface ToolCaller {
  client: string;
  sessionId: string;
  /**
   * Whether the caller has proved that the session is its own, as a session id or a pipe of one's own does, and a name
   * does not. Only then can a person agree to more than the one call.
   */
  isSessionBound?: boolean;
}

/** One call as the protocol layer hands it on. */
export interface ToolCall {
  name: string;
  /** As the client sent them. */
  arguments: unknown;
  caller: ToolCaller;
  /** Fires when the client cancels or goes away. */
  signal: AbortSignal;
  reportProgress(progress: ToolProgress): void;
  /** Told of each AWS request the call makes. */
  onAwsRequest(request: AwsRequest): void;
  /** Asks through the client itself; used where no editor is there to ask. */
  clientAsker: ConsentAsker | undefined;
}

export interface ToolPipelineOptions {
  registry: ToolRegistry;
  policy: Policy;
  identity: IdentityService;
  workspace: Workspace;
  results: ResultStore;
  /** The editor's dialog; `undefined` where there is no editor. */
  editorAsker: ConsentAsker | undefined;
  logger: Logger;
  maxResultBytes?: number;
  /** Where every call is recorded. Where it cannot be written, nothing is changed. Without one nothing is recorded. */
  audit?: AuditSink | undefined;
  /** Remembers answers of reads for a short time. Without one every call asks AWS. */
  cache?: ReadCache | undefined;
  /** Remembers what a person agreed to for a whole session. Without one every change asks. */
  grants?: ConsentGrants | undefined;
  /** How many calls run at a time. */
  slots?: CallSlots | undefined;
  /** Milliseconds after which a question that nobody answered is a no, whoever asks. Default 15 minutes. */
  consentTimeoutMs?: number | undefined;
  /** Milliseconds that a cancelled tool may take to clean up before the call ends without it. Default 5,000. */
  graceMs?: number;
}

/** One call while it runs. */
interface RunningCall {
  readonly call: ToolCall;
  readonly tool: Tool;
  /** Fires when the client cancels or the time is up. */
  readonly signal: AbortSignal;
  readonly timedOut: AbortSignal;
  readonly deadline: Deadline;
  readonly record: CallRecord;
  readonly warnings: string[];
  slot: CallSlot | undefined;
  /** Whether the tool's own code has begun. */
  hasBegun: boolean;
  /** Whether a list ended early because its time was up. */
  isPartial: boolean;
  /** Whether the client has its answer. */
  isOver: boolean;
}

/** What a tool gave, before it is made a result. */
interface Output {
  value: object;
  cachedSecondsAgo?: number;
  /** Set where the answer may be remembered. */
  pending?: PendingAnswer;
}

/** The one way in which any tool is run: validate, policy, identity, consent, run, result. */
export class ToolPipeline {
  readonly #options: ToolPipelineOptions;
  readonly #slots: CallSlots;
  readonly #desk: ConsentDesk;

  constructor(options: ToolPipelineOptions) {
    this.#options = options;
    this.#slots = options.slots ?? new CallSlots();
    this.#desk = new ConsentDesk(options.grants, options.consentTimeoutMs);
  }

  /** The listings of the tools that policy allows now, in a fixed order. */
  list(): ToolListing[] {
    const { registry, policy } = this.#options;
    return registry.all.filter(({ tool }) => policy.allows(tool)).map(({ listing }) => listing);
  }

  /**
   * Runs one call. Never rejects for what went wrong in the call itself: that is an error result.
   * @returns `undefined` where no tool has that name, which is a protocol fault.
   */
  async call(call: ToolCall): Promise<ToolResult | undefined> {
    const { registry, audit } = this.#options;
    const registered = registry.get(call.name);
    if (!registered) {
      this.recordRefusal(call, 'NotFound', 'There is no such tool.');
      return undefined;
    }
    const { tool } = registered;
    const timeout = new AbortController();
    const seconds = tool.timeoutSeconds ?? defaultTimeoutSeconds;
    const record = new CallRecord(audit, call, tool.access);
    const running: RunningCall = {
      call,
      tool,
      signal: AbortSignal.any([call.signal, timeout.signal]),
      timedOut: timeout.signal,
      deadline: new Deadline(seconds * 1000, () => timeout.abort()),
      record,
      warnings: [],
      slot: undefined,
      hasBegun: false,
      isPartial: false,
      isOver: false,
    };
    const scope = {
      callId: record.callId,
      client: call.caller.client,
      onAwsRequest: (request: AwsRequest) => {
        record.requested(request);
        call.onAwsRequest(request);
      },
    };
    const started = record.started(tool.access !== 'read').then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    try {
      const { value, cachedSecondsAgo, pending } = await runInCallScope(scope, () =>
        withinGrace(this.#run(registered, running, started), running.signal, this.#options.graceMs ?? defaultGraceMs),
      );
      const problem = await started;
      if (problem) running.warnings.push(`${messageOf(problem.error)} Only reading goes on until it can be.`);
      const { warnings } = running;
      const whole = warnings.length > 0 ? { ...value, warnings } : value;
      const result = successResult(whole, this.#options.results, this.#maxResultBytes);
      if (warnings.length === 0) remember(result, pending, tool);
      const report = result.isError ? ({ outcome: 'error', errorCode: 'Unsupported' } as const) : undefined;
      await this.#ended(running, report?.outcome ?? 'ok', {
        ...(report ? { errorCode: report.errorCode } : {}),
        ...(cachedSecondsAgo === undefined ? {} : { cachedSecondsAgo }),
      });
      return result;
    } catch (thrown) {
      if (isControlFlow(thrown)) {
        await this.#ended(running, 'inputRequired');
        throw thrown;
      }
      const { hasBegun, timedOut } = running;
      const error = toCallError(thrown, { tool, cancelled: call.signal, timedOut, seconds, hasBegun });
      if (error.code === 'Internal') this.#options.logger.error(error);
      await this.#ended(running, 'error', { errorCode: error.code, message: error.message });
      return errorResult(error.toReport());
    } finally {
      running.isOver = true;
      running.deadline.dispose();
      running.slot?.release();
      if (tool.access !== 'read' && running.hasBegun) this.#options.cache?.clear();
    }
  }

  /** Records something that a client asked for and that never became a call. */
  recordRefusal(call: Pick<ToolCall, 'name' | 'arguments' | 'caller'>, code: ErrorCode, message: string): void {
    void new CallRecord(this.#options.audit, call, undefined).refused(code, message).catch(() => undefined);
  }

  get #maxResultBytes(): number {
    return this.#options.maxResultBytes ?? defaultMaxResultBytes;
  }

  /** A log that cannot be written says so itself; a call that is over is not made worse by it, nor a read slower. */
  async #ended({ record, tool }: RunningCall, ...how: Parameters<CallRecord['ended']>): Promise<void> {
    const written = record.ended(...how).catch(() => undefined);
    if (tool.access !== 'read') await written;
  }

  async #run(
    { input: schema }: RegisteredTool,
    running: RunningCall,
    started: Promise<{ error: unknown } | undefined>,
  ): Promise<Output> {
    const { policy } = this.#options;
    const { tool, call, signal } = running;
    policy.check(tool);
    const { fresh, ...input } = validateInput(schema, call.arguments) as { fresh?: boolean };
    signal.throwIfAborted();
    if (tool.access !== 'read') {
      const problem = await started;
      if (problem) throw unrecordable(tool, problem.error);
    }
    const slot = await this.#slots.acquire(call.caller.sessionId, signal);
    running.slot = slot;
    if (running.isOver) slot.release();
    signal.throwIfAborted();
    if (tool.scope === 'aws') return this.#runForAws(tool, input, fresh === true, running);
    const context = this.#contextFor(running, undefined, input);
    if (policy.mustAsk(tool)) await this.#askFirst(running, context, input, undefined);
    const cacheKey = tool.cache ? [tool.name, input] : undefined;
    return this.#answer(running, cacheKey, fresh === true, {}, () => tool.run(input, context));
  }

  async #runForAws(
    tool: Extract<Tool, { scope: 'aws' }>,
    given: { profile?: string; region?: string },
    isFresh: boolean,
    running: RunningCall,
  ): Promise<Output> {
    const { policy, identity } = this.#options;
    const { call, signal } = running;
    const { profile, region, ...input } = given;
    policy.checkIdentity({ profile, region }, identity.selection);
    const aws: AwsSession = await identity.resolve({ profile, region }, signal, {
      client: call.caller.client,
      whileWaiting: (work) => whileWaiting(running, work),
      onWaiting: (message) => call.reportProgress({ progress: 0, message }),
    });
    const touched = tool.resources?.(input, aws);
    running.record.identified(aws.identity, touched);
    policy.checkCall(tool, aws.identity, touched);
    const context = this.#contextFor(running, aws, input, touched);
    if (policy.mustAsk(tool)) await this.#askFirst(running, context, input, touched);
    const who = [aws.arn, aws.identity];
    const cacheKey = tool.cache ? [tool.name, who, input, this.#maxResultBytes] : undefined;
    return this.#answer(running, cacheKey, isFresh, { identity: aws.identity }, () =>
      tool.run(input, { ...context, aws }),
    );
  }

  /** From memory where that is wanted and possible, or from the tool. */
  async #answer(
    running: RunningCall,
    cacheKey: unknown,
    isFresh: boolean,
    receipt: { identity?: CallerIdentity },
    run: () => Promise<object>,
  ): Promise<Output> {
    const { cache } = this.#options;
    const key = cacheKey === undefined || !cache ? undefined : ReadCache.keyOf(cacheKey);
    const cached = key === undefined || isFresh ? undefined : cache?.find(key);
    if (cached) {
      const cachedSecondsAgo = cached.ageSeconds;
      return { value: { ...(JSON.parse(cached.json) as object), cachedSecondsAgo }, cachedSecondsAgo };
    }
    const pending = key === undefined ? undefined : cache?.prepare(key);
    running.hasBegun = true;
    const output = await run();
    // What a list had read when its time was up is still worth something; to who cancelled nothing is.
    if (!running.isPartial || running.call.signal.aborted) running.signal.throwIfAborted();
    return { value: { ...output, ...receipt }, ...(pending ? { pending } : {}) };
  }

  #contextFor(
    running: RunningCall,
    aws: AwsSession | undefined,
    input: object,
    touched?: readonly TouchedResource[],
  ): ToolContext {
    const { call, tool, signal, warnings } = running;
    const maxOutputBytes = this.#maxResultBytes - envelopeBytes;
    const { cursor: _cursor, limit: _limit, ...listed } = input as Record<string, unknown>;
    return {
      signal,
      workspace: this.#options.workspace,
      reportProgress: (progress) => call.reportProgress(progress),
      confirm: (plan, check) => this.#confirm(running, plan, check, aws?.identity, touched),
      maxOutputBytes,
      page: (request) =>
        readPage(request, maxOutputBytes, [tool.name, aws?.identity, listed], (error) => keepPartial(running, error)),
      warn: (message) => warnings.push(message),
    };
  }

  async #confirm(
    running: RunningCall,
    plan: ConsentPlan,
    check: (() => Promise<ConsentPlan>) | undefined,
    identity: CallerIdentity | undefined,
    touched: readonly TouchedResource[] | undefined,
  ): Promise<ConsentPlan> {
    const { call, tool, record } = running;
    const { policy, editorAsker, cache } = this.#options;
    if (running.isOver) throw new WorkbenchError('Cancelled', 'The call is over.', { remedy: 'Call again.' });
    const checkPolicy = (): void => {
      policy.check(tool);
      // What the plan names must be among what may be touched, whatever the tool said before.
      const planned = plan.resourceArn === undefined ? [] : [plan.resourceArn];
      if (identity) policy.checkCall(tool, identity, touched && [...touched, ...planned]);
    };
    checkPolicy();
    const { client, sessionId, isSessionBound = false } = call.caller;
    const agreed = await this.#desk.confirm({
      plan,
      check,
      tool,
      identity,
      caller: { client, sessionId },
      mayGrant: isSessionBound && !policy.mustAsk(tool),
      asker: editorAsker ?? call.clientAsker,
      signal: running.signal,
      record,
      whileWaiting: (body) => whileWaiting(running, body),
      checkPolicy,
    });
    if (tool.access !== 'read') cache?.clear();
    return agreed;
  }

  /** For tools that the user wants to be asked about each time: a change asks by itself, a read only so. */
  async #askFirst(
    running: RunningCall,
    context: ToolContext,
    input: object,
    touched: readonly TouchedResource[] | undefined,
  ): Promise<void> {
    const { tool } = running;
    if (tool.access !== 'read') return;
    const [first, ...others] = (touched ?? []).map(showResource);
    await context.confirm({
      action: tool.title,
      resource: first === undefined ? tool.name : others.length > 0 ? `${first} and ${others.length} more` : first,
      details: [{ label: 'Arguments', value: JSON.stringify(input) }],
    });
  }
}

/** Others may run, and the call's time stands still, while a person is waited for. */
function whileWaiting<T>({ deadline, slot }: RunningCall, body: () => Promise<T>): Promise<T> {
  return deadline.pauseDuring(() => (slot ? slot.yieldDuring(body) : body()));
}

/** Whether a list that broke off after its first items is worth returning: the rest may work a little later. */
function keepPartial(running: RunningCall, error: unknown): boolean {
  const { call, timedOut, tool, warnings } = running;
  if (call.signal.aborted) return false;
  if (timedOut.aborted) {
    running.isPartial = true;
    warnings.push('The time was up before the list was complete. Pass nextCursor as cursor to go on.');
    return true;
  }
  const { retryable, message } = toWorkbenchError(error, { iamActions: tool.iamActions });
  if (retryable) warnings.push(`The list is not complete: ${message} Pass nextCursor as cursor to go on.`);
  return retryable;
}

/** Keeps a whole answer; one that was cut refers to a result that may be gone by then. */
function remember({ structuredContent, isError }: ToolResult, pending: PendingAnswer | undefined, tool: Tool): void {
  if (!pending || !tool.cache || isError || !structuredContent || 'fullResult' in structuredContent) return;
  pending.keep(JSON.stringify(structuredContent), tool.cache.ttlSeconds);
}

/** Thrown through the pipeline by an asker that must end this request to ask (multi round-trip requests). */
export abstract class ControlFlow extends Error {}

function isControlFlow(thrown: unknown): thrown is ControlFlow {
  return thrown instanceof ControlFlow;
}
