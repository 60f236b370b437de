import type { Disposable } from '../../core/disposable';
import { messageOf, WorkbenchError } from '../../core/errors';
import { redactedMark } from '../../core/redact';
import type { CallableServers, CallOutcome } from '../../mcp/caller/callableServer';
import type { ReplayOutcome, ReplayStep, ReplayStepState, ReplayWebviewMessage } from '../../protocol/replay';
import { comparable, isFailure, type Reply } from '../../traffic/replay/comparable';
import { fillGaps, findGaps } from '../../traffic/replay/gaps';
import { diffJson } from '../../traffic/replay/jsonDiff';
import { readParams } from '../../traffic/replay/paramsText';
import { resolveReferences, type StepResult } from '../../traffic/replay/references';
import type { RecordedCalls } from './recordedCalls';

export type RunRequest = Extract<ReplayWebviewMessage, { type: 'runReplay' }>;

/** Who hears how runs go on. */
export interface RunListener {
  onRun(run: ReplayRun): void;
  onStep(run: ReplayRun, step: ReplayStepState): void;
}

/** Between two reports of progress; faster ones cannot be read. */
const progressIntervalMs = 100;
/** Longest part of a result that is sent to the page. */
const maxResultChars = 100_000;

/** One run: steps one after the other, each with what it came to. */
export class ReplayRun implements Disposable {
  readonly name: string;
  readonly steps: ReplayStepState[];
  readonly #request: RunRequest;
  readonly #calls: RecordedCalls;
  /** Where results of this window are recorded; nothing where the page shows a file. */
  readonly #live: RecordedCalls | undefined;
  readonly #servers: CallableServers | undefined;
  readonly #listener: RunListener;
  readonly #abort = new AbortController();
  /** Results as they came, for later steps; they leave this object only inside requests. */
  readonly #results: (StepResult | undefined)[] = [];
  /** Both sides of each comparison, redacted. */
  readonly #sides = new Map<string, { recorded: unknown; now: unknown }>();
  #isRunning = true;

  constructor(
    request: RunRequest,
    context: {
      calls: RecordedCalls;
      live: RecordedCalls | undefined;
      servers: CallableServers | undefined;
      listener: RunListener;
    },
  ) {
    this.name = request.run;
    this.#request = request;
    this.#calls = context.calls;
    this.#live = context.live;
    this.#servers = context.servers;
    this.#listener = context.listener;
    this.steps = request.steps.map(({ step }) => ({ step, state: 'waiting' }));
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Both results of a step, redacted, where there were two. */
  sidesOf(step: string): { recorded: unknown; now: unknown } | undefined {
    return this.#sides.get(step);
  }

  /** Runs all steps. Never rejects: what goes wrong is the outcome of a step. */
  async run(): Promise<void> {
    this.#listener.onRun(this);
    let hasFailed = false;
    for (const [index, step] of this.#request.steps.entries()) {
      if (this.#abort.signal.aborted || (hasFailed && this.#request.stopAtFailure)) {
        this.#set(index, { step: step.step, state: 'skipped' });
        continue;
      }
      this.#set(index, { step: step.step, state: 'running' });
      const outcome = await this.#outcomeOf(step, index);
      hasFailed ||= outcome.verdict === 'failed';
      this.#set(index, { step: step.step, state: 'done', outcome });
    }
    this.#isRunning = false;
    this.#listener.onRun(this);
  }

  cancel(): void {
    this.#abort.abort();
  }

  dispose(): void {
    this.cancel();
  }

  async #outcomeOf(step: ReplayStep, index: number): Promise<ReplayOutcome> {
    let seq: number | undefined;
    try {
      const params = this.#paramsOf(step);
      const server = this.#servers?.get(step.serverKey);
      if (!server) {
        throw new WorkbenchError('NotFound', 'The server is no longer there.', { remedy: 'Pick another server.' });
      }
      if (!this.#request.mayStart && server.state !== 'ready' && server.state !== 'starting') {
        throw new WorkbenchError('Unsupported', `${server.label} does not run.`, { remedy: 'Start it and run again.' });
      }
      let lastProgress = -Infinity;
      const answer = await server.request(step.method, params, {
        signal: this.#abort.signal,
        onSent: (sent) => void (seq = sent),
        onProgress: ({ progress, total, message }) => {
          if (performance.now() - lastProgress < progressIntervalMs) return;
          lastProgress = performance.now();
          this.#set(index, {
            step: step.step,
            state: 'running',
            progress: {
              progress,
              ...(total === undefined ? {} : { total }),
              ...(message === undefined ? {} : { message: message.slice(0, 500) }),
            },
          });
        },
      });
      this.#results[index] = answer.error ? { error: answer.error } : { result: answer.result };
      return this.#compare(step, answer);
    } catch (error) {
      return failed(error, this.#abort.signal.aborted, seq);
    }
  }

  /** The parameters as they are sent. @throws WorkbenchError where they cannot be */
  #paramsOf(step: ReplayStep): Record<string, unknown> {
    const read = readParams(step.params);
    if ('problem' in read) {
      throw new WorkbenchError('InvalidInput', read.problem, { remedy: 'Correct the parameters.' });
    }
    const recorded = step.recorded && this.#calls.read(step.recorded.seq, step.recorded.time);
    const isCut = recorded !== undefined && 'call' in recorded && recorded.call.isCut === true;
    const filled = fillGaps(read.params, new Map(Object.entries(step.fills)));
    const [gap] = findGaps(filled, isCut);
    if (gap) {
      throw new WorkbenchError(
        'InvalidInput',
        gap.kind === 'redacted'
          ? `${gap.path} was redacted when it was recorded, so its value is not known.`
          : `${gap.path} was longer than is recorded, so its end is not known.`,
        { remedy: 'Put the value in.' },
      );
    }
    const { params, problems } = resolveReferences(filled, this.#results);
    if (problems.length > 0) {
      throw new WorkbenchError('InvalidInput', problems.join(' '), {
        remedy: 'Correct what the parameters refer to, or run the steps that it comes from.',
      });
    }
    return params as Record<string, unknown>;
  }

  #compare({ step, recorded }: ReplayStep, answer: CallOutcome): ReplayOutcome {
    const { seq, durationMs, result, error } = answer;
    const own: Reply = error === undefined ? { result } : { error };
    // As it was on the wire, which is how the other side was recorded.
    const wire = seq === undefined ? undefined : this.#live?.reply(seq);
    const now = wire ?? { reply: own, isCut: false };
    const after = comparable(now.reply);
    const facts = { durationMs, ...(seq === undefined ? {} : { seq }) };
    const read = recorded && this.#calls.read(recorded.seq, recorded.time);
    const before = read && 'call' in read ? this.#calls.reply(read.call.seq) : undefined;
    const hasFailed = isFailure(own);
    if (!before || !read || !('call' in read)) {
      const text = JSON.stringify(after.value, undefined, 2);
      return { ...facts, verdict: hasFailed ? 'failed' : 'done', result: text.slice(0, maxResultChars) };
    }
    const past = comparable(before.reply);
    this.#sides.set(step, { recorded: past.value, now: after.value });
    const diff = diffJson(past.value, after.value);
    const isSame = diff.added + diff.removed + diff.changed === 0;
    const cut: ReplayOutcome['cut'] = [];
    if (before.isCut || past.isCut) cut.push('recorded');
    if (now.isCut || after.isCut) cut.push('new');
    const { durationMs: recordedMs } = read.call;
    return {
      ...facts,
      ...(recordedMs === undefined ? {} : { recordedMs }),
      verdict: hasFailed && !isFailure(before.reply) ? 'failed' : isSame ? 'same' : 'differs',
      diff,
      ...(cut.length > 0 ? { cut } : {}),
      ...(holdsRedacted(past.value) || holdsRedacted(after.value) ? { isRedacted: true } : {}),
    };
  }

  #set(index: number, state: ReplayStepState): void {
    this.steps[index] = state;
    this.#listener.onStep(this, state);
  }
}

function holdsRedacted(value: unknown): boolean {
  return JSON.stringify(value).includes(redactedMark);
}

function failed(error: unknown, isCancelled: boolean, seq: number | undefined): ReplayOutcome {
  const sent = seq === undefined ? {} : { seq };
  if (isCancelled || WorkbenchError.is(error, 'Cancelled')) return { ...sent, verdict: 'cancelled' };
  const remedy = WorkbenchError.is(error) ? error.remedy : undefined;
  return {
    ...sent,
    verdict: 'failed',
    failure: { message: messageOf(error), ...(remedy === undefined ? {} : { remedy }) },
  };
}
