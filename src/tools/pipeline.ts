import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import { toWorkbenchError } from '../aws/awsErrors';
import type { AwsSession, CallerIdentity, IdentityService } from '../aws/identity';
import type { AwsRequest } from '../core/awsRequest';
import { runInCallScope } from '../core/callScope';
import { WorkbenchError } from '../core/errors';
import type { Logger } from '../core/logger';
import { consentHash, type ConsentAsker, type ConsentPlan } from './consent';
import { Deadline } from './deadline';
import { readPage } from './page';
import type { Policy } from './policy';
import type { ToolListing, ToolRegistry, RegisteredTool } from './registry';
import { defaultMaxResultBytes, envelopeBytes, errorResult, successResult, type ToolResult } from './result';
import type { ResultStore } from './resultStore';
import type { ToolContext, ToolProgress } from './tool';
import type { Workspace } from './workspace';

const defaultTimeoutSeconds = 60;
const defaultGraceMs = 5_000;

/** Who calls, as far as the protocol tells. Names are the client's own claim: shown to people, never trusted. */
export interface ToolCaller {
  client: string;
  sessionId: string;
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
  /** Milliseconds that a cancelled tool may take to clean up before the call ends without it. Default 5,000. */
  graceMs?: number;
}

/** The one way in which any tool is run: validate, policy, identity, consent, run, result. */
export class ToolPipeline {
  readonly #options: ToolPipelineOptions;

  constructor(options: ToolPipelineOptions) {
    this.#options = options;
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
    const registered = this.#options.registry.get(call.name);
    if (!registered) return undefined;
    const timeout = new AbortController();
    const seconds = registered.tool.timeoutSeconds ?? defaultTimeoutSeconds;
    const deadline = new Deadline(seconds * 1000, () => timeout.abort());
    const signal = AbortSignal.any([call.signal, timeout.signal]);
    const scope = {
      callId: randomUUID(),
      client: call.caller.client,
      onAwsRequest: (request: AwsRequest) => call.onAwsRequest(request),
    };
    try {
      const value = await runInCallScope(scope, () =>
        withinGrace(this.#run(registered, call, signal, deadline), signal, this.#options.graceMs ?? defaultGraceMs),
      );
      return successResult(value, this.#options.results, this.#maxResultBytes);
    } catch (thrown) {
      if (isControlFlow(thrown)) throw thrown;
      const error = asCallError(thrown, call.signal, timeout.signal, seconds, registered);
      if (error.code === 'Internal') this.#options.logger.error(error);
      return errorResult(error.toReport());
    } finally {
      deadline.dispose();
    }
  }

  get #maxResultBytes(): number {
    return this.#options.maxResultBytes ?? defaultMaxResultBytes;
  }

  async #run(
    { tool, input: schema }: RegisteredTool,
    call: ToolCall,
    signal: AbortSignal,
    deadline: Deadline,
  ): Promise<unknown> {
    const { policy, identity, workspace } = this.#options;
    policy.check(tool);
    const input = validate(schema, call.arguments);
    signal.throwIfAborted();
    const warnings: string[] = [];
    const maxOutputBytes = this.#maxResultBytes - envelopeBytes;
    const { cursor: _cursor, limit: _limit, ...listed } = input;
    const contextFor = (who: CallerIdentity | undefined): ToolContext => ({
      signal,
      workspace,
      reportProgress: (progress) => call.reportProgress(progress),
      confirm: (plan) => deadline.pauseDuring(() => this.#confirm(plan, tool, call, who, signal)),
      maxOutputBytes,
      page: (request) => readPage(request, maxOutputBytes, [tool.name, who, listed]),
      warn: (message) => warnings.push(message),
    });
    let output: object;
    let receipt: { identity?: CallerIdentity } = {};
    if (tool.scope === 'aws') {
      const { profile, region, ...own } = input as { profile?: string; region?: string };
      policy.checkIdentity({ profile, region }, identity.selection);
      const aws: AwsSession = await identity.resolve({ profile, region }, signal);
      output = await tool.run(own, { ...contextFor(aws.identity), aws });
      receipt = { identity: aws.identity };
    } else {
      output = await tool.run(input, contextFor(undefined));
    }
    signal.throwIfAborted();
    return { ...output, ...receipt, ...(warnings.length > 0 ? { warnings } : {}) };
  }

  async #confirm(
    plan: ConsentPlan,
    tool: Pick<RegisteredTool['tool'], 'name' | 'access'>,
    call: ToolCall,
    identity: CallerIdentity | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, sessionId } = call.caller;
    const agreed = { plan, tool: tool.name, access: tool.access, client, sessionId, identity };
    const asker = this.#options.editorAsker ?? call.clientAsker;
    const answer = asker
      ? await asker.ask({ ...agreed, hash: consentHash(agreed) }, signal)
      : ({ kind: 'refused', reason: 'nobodyToAsk' } as const);
    signal.throwIfAborted();
    if (answer.kind === 'allowed') return;
    throw new WorkbenchError('ConsentRefused', refusals[answer.reason], {
      remedy:
        answer.reason === 'nobodyToAsk'
          ? 'Call it from a client that supports elicitation, or with the editor open.'
          : 'Do not try again unless the user asks for it.',
    });
  }
}

const refusals = {
  declined: 'The user refused. Nothing was changed.',
  dismissed: 'The question was dismissed without an answer. Nothing was changed.',
  planChanged: 'What would be done is no longer what the user agreed to. Nothing was changed.',
  timedOut: 'Nobody answered the question in time. Nothing was changed.',
  nobodyToAsk: 'This needs a person to agree, and this client has no way to ask one. Nothing was changed.',
} as const;

/** The outcome of `running`; a tool that does not listen to `signal` keeps nobody waiting for longer than the grace. */
async function withinGrace<T>(running: Promise<T>, signal: AbortSignal, graceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    onAbort = () => (timer = setTimeout(() => reject(signal.reason as Error), graceMs));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([running, tooLate]);
  } finally {
    clearTimeout(timer);
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}

/** Thrown through the pipeline by an asker that must end this request to ask (multi round-trip requests). */
export abstract class ControlFlow extends Error {}

function isControlFlow(thrown: unknown): thrown is ControlFlow {
  return thrown instanceof ControlFlow;
}

function validate(schema: z.ZodObject, given: unknown): Record<string, unknown> {
  const parsed = schema.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 5).map((issue) => {
    const path = issue.path.map(String).join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  throw new WorkbenchError('InvalidInput', `The arguments are not valid. ${problems.join('; ')}.`, {
    remedy: 'Correct the named arguments; the schema of the tool says what each takes.',
  });
}

function asCallError(
  thrown: unknown,
  cancelled: AbortSignal,
  timedOut: AbortSignal,
  seconds: number,
  { tool }: RegisteredTool,
): WorkbenchError {
  // Once a write was agreed to, nobody knows how far it came: calling again could do it twice.
  const isRead = tool.access === 'read';
  const findOut = 'Find out whether it took effect before calling again.';
  if (cancelled.aborted) {
    return new WorkbenchError('Cancelled', 'The call was cancelled.', {
      remedy: isRead ? 'Call again if it is still wanted.' : findOut,
    });
  }
  if (timedOut.aborted) {
    return new WorkbenchError('Timeout', `${tool.title} did not finish within ${seconds} seconds.`, {
      remedy: isRead ? 'Try again, or ask for less at once.' : findOut,
      retryable: isRead,
      cause: thrown,
    });
  }
  if (thrown instanceof WorkbenchError) return thrown;
  const error = toWorkbenchError(thrown, { iamActions: tool.iamActions });
  if (isRead || (error.code !== 'Internal' && error.code !== 'Timeout')) return error;
  const { code, message, awsRequestId } = error;
  return new WorkbenchError(code, message, {
    remedy: findOut,
    retryable: false,
    cause: thrown,
    ...(awsRequestId === undefined ? {} : { awsRequestId }),
  });
}
