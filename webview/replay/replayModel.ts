import { isRecord } from '../../src/core/json';
import type {
  ReplayCall,
  ReplayHostMessage,
  ReplayOutcome,
  ReplayStep,
  ReplayStepState,
  ReplayTarget,
  ReplayVerdict,
  ToolEffect,
} from '../../src/protocol/replay';
import { maxReplaySteps } from '../../src/protocol/replayLimits';
import type { HostConnection } from '../hostConnection';
import type { InspectorModel } from '../inspectorModel';
import { draftOf, isOpenGap, problemsOfDraft, readDrafts, savedDrafts, type ReplayDraft } from './replayDraft';

/** How a comparison is shown. */
export type DiffForm = 'inline' | 'sides';

/** Where a run stands. */
export interface RunState {
  isRunning: boolean;
  steps: ReadonlyMap<string, ReplayStepState>;
}

/** What became of the last thing that was asked for. */
export interface ReplayNote {
  text: string;
  remedy?: string | undefined;
  isProblem: boolean;
}

/** Opens a call in the form for calls by hand. */
export type OpenInTryIt = (serverKey: string, name: string, input: Record<string, unknown>) => void;

const part = 'replay';
/** Name of the run of the sequence. */
export const sequenceRun = 'sequence';
/** Calls of the detail pane whose edits are kept. */
const maxDetailDrafts = 50;
/** Records that are remembered besides those in use. */
const maxKnown = 3 * maxReplaySteps;

/** What both views of replay know, and what a person does with them. */
export class ReplayModel {
  readonly #host: HostConnection;
  readonly #inspector: InspectorModel;
  readonly #listeners = new Set<() => void>();
  readonly #details = new Map<number, ReplayDraft>();
  readonly #calls = new Map<number, ReplayCall>();
  readonly #refused = new Map<number, string>();
  readonly #runs = new Map<string, { isRunning: boolean; steps: Map<string, ReplayStepState> }>();
  /** Records that are to become steps as soon as the host tells what they are. */
  #wanted: number[] = [];
  #steps: ReplayDraft[];
  #opened: string | undefined;
  #shownDetail: number | undefined;
  #isSequenceShown = false;
  #isWatched = false;
  #targets: readonly ReplayTarget[] = [];
  #hasTargets = false;
  #isLive = true;
  #canOpen = true;
  #note: ReplayNote | undefined;
  #diffForm: DiffForm;
  #ignoresVolatile: boolean;
  #stopsAtFailure: boolean;
  /** Set where calls can be opened in the form for calls by hand. */
  openInTryIt: OpenInTryIt | undefined;

  constructor(host: HostConnection, inspector: InspectorModel) {
    this.#host = host;
    this.#inspector = inspector;
    const loaded = host.loadPart(part);
    const saved = isRecord(loaded) ? loaded : {};
    this.#steps = readDrafts(saved['steps']);
    this.#diffForm = saved['diffForm'] === 'sides' ? 'sides' : 'inline';
    this.#ignoresVolatile = saved['ignoresVolatile'] !== false;
    this.#stopsAtFailure = saved['stopsAtFailure'] !== false;
    host.onAnyMessage((message) => {
      if (isReplayMessage(message)) this.#receive(message);
    });
  }

  /** Calls `listener` after every change. @returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get targets(): readonly ReplayTarget[] {
    return this.#targets;
  }

  /** Whether the host has said which servers there are. */
  get hasTargets(): boolean {
    return this.#hasTargets;
  }

  get steps(): readonly ReplayDraft[] {
    return this.#steps;
  }

  /** The step whose parameters and outcome are shown. */
  get opened(): string | undefined {
    return this.#opened;
  }

  /** Whether exchanges that a run makes can be shown. */
  get canOpen(): boolean {
    return this.#canOpen;
  }

  get note(): ReplayNote | undefined {
    return this.#note;
  }

  get diffForm(): DiffForm {
    return this.#diffForm;
  }

  get ignoresVolatile(): boolean {
    return this.#ignoresVolatile;
  }

  get stopsAtFailure(): boolean {
    return this.#stopsAtFailure;
  }

  get filter(): string {
    return this.#inspector.filter;
  }

  /** Shows a recorded request in the detail pane. */
  watchDetail(seq: number): void {
    if (this.#shownDetail === seq) return;
    this.#shownDetail = seq;
    this.#note = undefined;
    this.#watch();
  }

  unwatchDetail(): void {
    this.#shownDetail = undefined;
    this.#watch();
  }

  watchSequence(): void {
    this.#isSequenceShown = true;
    this.#watch();
  }

  unwatchSequence(): void {
    this.#isSequenceShown = false;
    this.#watch();
  }

  /** The call that was recorded under that number, as it can be sent again; `undefined` until the host has told. */
  detailDraft(seq: number): ReplayDraft | undefined {
    return this.#details.get(seq);
  }

  /** Why a record cannot be sent again. */
  refusal(seq: number): string | undefined {
    return this.#refused.get(seq);
  }

  /** What is known of the record that a call was made of. */
  recordedCall({ recorded }: ReplayDraft): ReplayCall | undefined {
    const call = recorded && this.#calls.get(recorded.seq);
    return call && call.time === recorded.time ? call : undefined;
  }

  targetOf({ serverKey }: ReplayDraft): ReplayTarget | undefined {
    return this.#targets.find(({ key }) => key === serverKey);
  }

  effectOf(draft: ReplayDraft): ToolEffect | undefined {
    return draft.serverKey === undefined ? undefined : this.recordedCall(draft)?.effects[draft.serverKey];
  }

  run(name: string): RunState | undefined {
    return this.#runs.get(name);
  }

  /** What the outcome amounts to, with or without what changes from call to call. */
  verdictOf({ verdict, diff }: ReplayOutcome): ReplayVerdict {
    return verdict === 'same' && !this.#ignoresVolatile && (diff?.ignorable ?? 0) > 0 ? 'differs' : verdict;
  }

  setServer(draft: ReplayDraft, serverKey: string): void {
    draft.serverKey = serverKey;
    this.#edited();
  }

  setParams(draft: ReplayDraft, params: string): void {
    draft.params = params;
    this.#edited();
  }

  setFill(draft: ReplayDraft, path: string, value: string): void {
    draft.fills[path] = value;
    this.#changed();
  }

  restore(draft: ReplayDraft): void {
    draft.params = draft.original;
    draft.fills = {};
    this.#edited();
  }

  setDiffForm(form: DiffForm): void {
    this.#diffForm = form;
    this.#edited();
  }

  setIgnoresVolatile(ignores: boolean): void {
    this.#ignoresVolatile = ignores;
    this.#edited();
  }

  setStopsAtFailure(stops: boolean): void {
    this.#stopsAtFailure = stops;
    this.#edited();
  }

  /** What keeps calls from being sent, as a sentence; `undefined` where nothing does. */
  hindrance(drafts: readonly ReplayDraft[]): string | undefined {
    for (const draft of drafts) {
      const where = drafts.length > 1 ? `Step ${drafts.indexOf(draft) + 1}: ` : '';
      const { syntax, gaps } = problemsOfDraft(draft);
      if (syntax !== undefined) return where + syntax;
      const gap = gaps.find((one) => isOpenGap(one, draft));
      if (gap) return `${where}${gap.path} has to be filled in.`;
      if (!this.targetOf(draft)) return `${where}Pick the server that it goes to.`;
    }
    return undefined;
  }

  /** Servers that would have to be started for these calls. */
  stopped(drafts: readonly ReplayDraft[]): ReplayTarget[] {
    const targets = drafts.flatMap((draft) => this.targetOf(draft) ?? []);
    return [...new Set(targets)].filter(({ state }) => state !== 'ready' && state !== 'starting');
  }

  /** Sends calls, one after the other. @param mayStart whether servers that do not run may be started for it */
  start(name: string, drafts: readonly ReplayDraft[], mayStart: boolean): void {
    if (this.#runs.get(name)?.isRunning || drafts.length === 0) return;
    this.#note = undefined;
    const hindrance = this.hindrance(drafts);
    if (hindrance !== undefined) {
      this.#note = { text: hindrance, isProblem: true };
    } else {
      this.#host.post({
        type: 'runReplay',
        run: name,
        steps: drafts.map(stepOf),
        stopAtFailure: this.#stopsAtFailure,
        mayStart,
      });
    }
    this.#changed();
  }

  cancel(name: string): void {
    this.#host.post({ type: 'cancelReplay', run: name });
  }

  generate(name: string, drafts: readonly ReplayDraft[], as: 'mocha' | 'curl', action: 'copy' | 'open'): void {
    if (drafts.length === 0) return;
    this.#host.post({ type: 'generateReplay', as, action, run: name, steps: drafts.map(stepOf) });
  }

  /** Shows both results in the editor's own diff. */
  compare(name: string, step: string): void {
    this.#host.post({ type: 'compareReplay', run: name, step });
  }

  /** Shows an exchange that a run made. */
  openExchange(seq: number): void {
    if (this.#isLive) this.#inspector.openRecord(seq);
    else this.#host.post({ type: 'openReplayed', seq });
  }

  copy(text: string): void {
    this.#inspector.copy(text);
  }

  /** Appends recorded requests to the sequence, and shows it. */
  addRecorded(seqs: readonly number[]): void {
    this.#wanted = [...seqs];
    this.#note = undefined;
    this.#watch();
    this.#inspector.setPage('replay');
    // Else the next `r` would take them again.
    this.#inspector.selection.clear();
    this.#changed();
  }

  /** Appends all that the filter shows. */
  collect(): void {
    this.#note = undefined;
    this.#host.post({ type: 'collectReplay', filter: this.filter });
  }

  openStep(id: string | undefined): void {
    this.#opened = id;
    this.#changed();
  }

  /** Moves a step to another place, counted from 0. */
  move(id: string, to: number): void {
    const from = this.#steps.findIndex((step) => step.id === id);
    const step = this.#steps[from];
    if (!step || to < 0 || to >= this.#steps.length) return;
    this.#steps = this.#steps.filter((other) => other !== step);
    this.#steps.splice(to, 0, step);
    this.#edited();
  }

  remove(id: string): void {
    this.#steps = this.#steps.filter((step) => step.id !== id);
    this.#watch();
    this.#edited();
  }

  clear(): void {
    this.#steps = [];
    this.#opened = undefined;
    this.#runs.delete(sequenceRun);
    this.#note = undefined;
    this.#watch();
    this.#edited();
  }

  saveTrace(): void {
    const calls = this.#steps.flatMap(({ recorded }) => recorded ?? []);
    if (calls.length > 0) this.#host.post({ type: 'saveReplay', calls });
  }

  #receive(message: ReplayHostMessage): void {
    switch (message.type) {
      case 'replayTargets':
        this.#targets = message.targets;
        this.#hasTargets = true;
        this.#isLive = message.isLive;
        this.#canOpen = message.canOpen;
        break;
      case 'replayCalls':
        this.#takeCalls(message.calls, message.refused);
        break;
      case 'replayCollected': {
        const { calls, matched, skipped } = message;
        this.#append(calls);
        const what = matched === 1 ? '1 request matches' : `${matched} requests match`;
        const left = skipped === 0 ? '' : ` ${skipped} cannot run again, or are more than ${maxReplaySteps}.`;
        this.#note = { text: `${what}.${left}`, isProblem: calls.length === 0 };
        break;
      }
      case 'replayRun':
        this.#runs.set(message.run, {
          isRunning: message.isRunning,
          steps: new Map(message.steps.map((step) => [step.step, step])),
        });
        break;
      case 'replayStep':
        this.#runs.get(message.run)?.steps.set(message.step.step, message.step);
        break;
      case 'replayNote':
        this.#note = { text: message.text, remedy: message.remedy, isProblem: message.isProblem };
        break;
    }
    this.#changed();
  }

  #takeCalls(calls: readonly ReplayCall[], refused: readonly { seq: number; reason: string }[]): void {
    for (const call of calls) {
      this.#calls.set(call.seq, call);
      this.#refused.delete(call.seq);
      const draft = this.#details.get(call.seq);
      if (draft) draft.serverKey ??= call.serverKey;
      else if (call.seq === this.#shownDetail) this.#keepDetail(call);
    }
    for (const { seq, reason } of refused) this.#refused.set(seq, reason);
    this.#forget();
    if (this.#wanted.length === 0) return;
    const known = this.#wanted.filter((seq) => this.#calls.has(seq) || this.#refused.has(seq));
    if (known.length < this.#wanted.length) return;
    const added = known.flatMap((seq) => (this.#refused.has(seq) ? [] : (this.#calls.get(seq) ?? [])));
    this.#wanted = [];
    this.#append(added);
    const left = known.length - added.length;
    if (left > 0) {
      const reason = known.map((seq) => this.#refused.get(seq)).find((text) => text !== undefined);
      const what = left === 1 ? '1 of them cannot run again' : `${left} of them cannot run again`;
      this.#note = { text: `${what}. ${reason}`, isProblem: added.length === 0 };
    }
    this.#watch();
  }

  /** Forgets records that were looked at long ago. */
  #forget(): void {
    const used = new Set([...this.#wanted, ...this.#steps.map(({ recorded }) => recorded?.seq), this.#shownDetail]);
    for (const known of [this.#calls, this.#refused]) {
      for (const seq of known.keys()) {
        if (known.size <= maxKnown) break;
        if (!used.has(seq)) known.delete(seq);
      }
    }
  }

  #keepDetail(call: ReplayCall): void {
    // Named by its record, so that a run is found again when the page was loaded anew.
    this.#details.set(call.seq, { ...draftOf(call), id: `call-${call.seq}` });
    for (const seq of this.#details.keys()) {
      if (this.#details.size <= maxDetailDrafts) break;
      this.#details.delete(seq);
    }
  }

  #append(calls: readonly ReplayCall[]): void {
    const room = maxReplaySteps - this.#steps.length;
    for (const call of calls) this.#calls.set(call.seq, call);
    this.#steps = [...this.#steps, ...calls.slice(0, room).map(draftOf)];
    if (calls.length > room) this.#note = { text: `A sequence has at most ${maxReplaySteps} steps.`, isProblem: true };
    this.#edited();
  }

  #watch(): void {
    const calls: { seq: number; time?: number }[] = [];
    if (this.#shownDetail !== undefined) calls.push({ seq: this.#shownDetail });
    for (const seq of this.#wanted) calls.push({ seq });
    if (this.#isSequenceShown) calls.push(...this.#steps.flatMap(({ recorded }) => recorded ?? []));
    const isWatched = calls.length > 0 || this.#isSequenceShown;
    if (isWatched) this.#host.post({ type: 'watchReplay', calls: calls.slice(0, maxReplaySteps * 2) });
    else if (this.#isWatched) this.#host.post({ type: 'unwatchReplay' });
    this.#isWatched = isWatched;
  }

  /** Something that is kept over reloads changed. */
  #edited(): void {
    this.#host.savePart(part, {
      steps: savedDrafts(this.#steps),
      diffForm: this.#diffForm,
      ignoresVolatile: this.#ignoresVolatile,
      stopsAtFailure: this.#stopsAtFailure,
    });
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function stepOf({ id, recorded, serverKey, method, target, params, fills }: ReplayDraft): ReplayStep {
  return {
    step: id,
    ...(recorded ? { recorded } : {}),
    serverKey: serverKey ?? '',
    method,
    ...(target === undefined ? {} : { target }),
    params,
    fills,
  };
}

function isReplayMessage(message: unknown): message is ReplayHostMessage {
  if (!isRecord(message)) return false;
  switch (message['type']) {
    case 'replayTargets':
      return Array.isArray(message['targets']);
    case 'replayCalls':
      return Array.isArray(message['calls']) && Array.isArray(message['refused']);
    case 'replayCollected':
      return Array.isArray(message['calls']);
    case 'replayRun':
      return typeof message['run'] === 'string' && Array.isArray(message['steps']);
    case 'replayStep':
      return typeof message['run'] === 'string' && isRecord(message['step']);
    case 'replayNote':
      return typeof message['text'] === 'string';
    default:
      return false;
  }
}
