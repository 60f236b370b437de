import type { Disposable } from '../../core/disposable';
import { messageOf } from '../../core/errors';
import type { CallableServers } from '../../mcp/caller/callableServer';
import {
  replayWebviewMessage,
  type ReplayCall,
  type ReplayHostMessage,
  type ReplayStepState,
  type ReplayWebviewMessage,
} from '../../protocol/replay';
import type { ServerEndpoint } from '../../traffic/replay/serverEndpoint';
import type { TrafficChange, TrafficSource } from '../../traffic/trafficSource';
import type { FilterReader } from './filterReader';
import { RecordedCalls } from './recordedCalls';
import { generate } from './replayGeneration';
import { ReplayRun, type RunListener, type RunRequest } from './replayRunner';

/** What the view needs from the editor around it. */
export interface ReplayHost {
  post(message: ReplayHostMessage): void;
  readonly servers?: CallableServers;
  /** Puts text on the clipboard. */
  copyText(text: string): void;
  /** Shows text as a document in an editor. */
  openDocument(text: string, language?: DocumentLanguage): void;
  /** Shows two JSON texts side by side. */
  openDiff?(title: string, left: string, right: string): void;
  /** How a server is reached from outside the editor. */
  endpointOf?(serverKey: string): Promise<ServerEndpoint | { unreachable: string } | undefined>;
  /** Shows an exchange in the inspector of this window. */
  revealLive?(seq: number): void;
  /** Lets the person save exchanges as a trace. */
  saveExchanges?(source: TrafficSource, seqs: ReadonlySet<number>): void;
}

/** Languages of documents that are made here, by their names in the editor. */
export type DocumentLanguage = 'json' | 'typescript' | 'shellscript' | 'plaintext';

type Watched = Extract<ReplayWebviewMessage, { type: 'watchReplay' }>['calls'];
type Generate = Extract<ReplayWebviewMessage, { type: 'generateReplay' }>;

/** Runs whose outcomes are kept for a page that is hidden or loaded anew. */
const maxRuns = 20;
/** Between two updates of what is watched. */
const minIntervalMs = 200;

/** Sends recorded calls again for one page, and compares what they come to. */
export class ReplayBridge implements Disposable {
  readonly #source: TrafficSource;
  readonly #host: ReplayHost;
  readonly #filters: FilterReader;
  readonly #calls: RecordedCalls;
  readonly #subscriptions: Disposable[];
  readonly #runs = new Map<string, ReplayRun>();
  #watched: Watched | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isVisible = true;

  constructor(source: TrafficSource, host: ReplayHost, filters: FilterReader) {
    this.#source = source;
    this.#host = host;
    this.#filters = filters;
    this.#calls = new RecordedCalls(source, host.servers);
    this.#subscriptions = [source.onDidChange((change) => this.#take(change))];
    if (host.servers) this.#subscriptions.push(host.servers.onDidChange(() => this.#schedule()));
  }

  /** Takes a message of the webview; one that is not about this view is left to others. */
  receive(raw: unknown): void {
    const parsed = replayWebviewMessage.safeParse(raw);
    if (parsed.success) this.#act(parsed.data);
  }

  /** A hidden page gets nothing; seen again it gets what is so by then. */
  setVisible(isVisible: boolean): void {
    if (this.#isVisible === isVisible) return;
    this.#isVisible = isVisible;
    if (!isVisible) this.#stopTimer();
    else if (this.#watched) this.#sendAll();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    for (const run of this.#runs.values()) run.dispose();
    this.#watched = undefined;
    this.#isVisible = false;
    this.#stopTimer();
  }

  #act(message: ReplayWebviewMessage): void {
    switch (message.type) {
      case 'watchReplay': {
        const isFirst = this.#watched === undefined;
        this.#watched = message.calls;
        if (isFirst) this.#sendAll();
        else this.#sendWatched();
        break;
      }
      case 'unwatchReplay':
        this.#watched = undefined;
        this.#stopTimer();
        break;
      case 'collectReplay':
        this.#post({ type: 'replayCollected', ...this.#calls.collect(this.#filters.readFilter(message.filter)) });
        break;
      case 'runReplay':
        this.#run(message);
        break;
      case 'cancelReplay':
        this.#runs.get(message.run)?.cancel();
        break;
      case 'openReplayed':
        this.#host.revealLive?.(message.seq);
        break;
      case 'compareReplay': {
        const sides = this.#runs.get(message.run)?.sidesOf(message.step);
        if (!sides) return;
        const [left, right] = [sides.recorded, sides.now].map((side) => JSON.stringify(side, undefined, 2));
        this.#host.openDiff?.('Recorded result and new result', left ?? '', right ?? '');
        break;
      }
      case 'generateReplay':
        void this.#generate(message);
        break;
      case 'saveReplay':
        this.#save(message.calls);
        break;
    }
  }

  /** Whether calls that are made now are recorded where this page looks. */
  get #isLive(): boolean {
    return this.#source.clock !== undefined;
  }

  #run(request: RunRequest): void {
    if (this.#runs.get(request.run)?.isRunning) return;
    const run = new ReplayRun(request, {
      calls: this.#calls,
      live: this.#isLive ? this.#calls : undefined,
      servers: this.#host.servers,
      listener: this.#listener,
    });
    this.#runs.delete(request.run);
    this.#runs.set(request.run, run);
    for (const [name, old] of this.#runs) {
      if (this.#runs.size <= maxRuns) break;
      if (!old.isRunning) this.#runs.delete(name);
    }
    void run.run();
  }

  readonly #listener: RunListener = {
    onRun: (run) => this.#postRun(run),
    onStep: (run, step: ReplayStepState) => this.#post({ type: 'replayStep', run: run.name, step }),
  };

  async #generate({ as, action, run, steps }: Generate): Promise<void> {
    try {
      const states = this.#runs.get(run)?.steps ?? [];
      const made = await generate(as, steps, {
        calls: this.#calls,
        servers: this.#host.servers,
        endpointOf: (key) => this.#host.endpointOf?.(key) ?? Promise.resolve(undefined),
        ranAs: ({ step }) => (this.#isLive ? states.find((state) => state.step === step)?.outcome?.seq : undefined),
      });
      if ('problem' in made) {
        this.#note(made.problem, made.remedy);
        return;
      }
      if (action === 'copy') this.#host.copyText(made.text);
      else this.#host.openDocument(made.text, as === 'mocha' ? 'typescript' : 'shellscript');
      const what = `${as === 'mocha' ? 'The test' : 'The command'} was ${action === 'copy' ? 'copied' : 'opened'}.`;
      const set = made.secrets.length === 0 ? '' : ` Set ${made.secrets.join(', ')} in the environment before it runs.`;
      this.#post({ type: 'replayNote', text: what + set, isProblem: false });
    } catch (error) {
      this.#note(messageOf(error), 'Copy the call instead.');
    }
  }

  #note(text: string, remedy: string): void {
    this.#post({ type: 'replayNote', text, remedy, isProblem: true });
  }

  #save(calls: Watched): void {
    const seqs = new Set<number>();
    for (const { seq, time } of calls) {
      const read = this.#calls.read(seq, time);
      if (!('call' in read)) continue;
      seqs.add(read.call.seq);
      const { pair } = this.#source.summary(read.call.seq) ?? {};
      if (pair !== undefined) seqs.add(pair);
    }
    if (seqs.size > 0) this.#host.saveExchanges?.(this.#source, seqs);
    else this.#note('None of these calls is kept any more.', 'Run them, and save those that are recorded then.');
  }

  #take({ changed, wasCleared }: TrafficChange): void {
    const watched = this.#watched;
    if (!watched || watched.length === 0) return;
    const seqs = new Set(watched.map(({ seq }) => seq));
    if (wasCleared || changed.some(({ seq, pair }) => seqs.has(seq) || (pair !== undefined && seqs.has(pair))))
      this.#schedule();
  }

  #schedule(): void {
    if (!this.#watched || !this.#isVisible) return;
    this.#timer ??= setTimeout(() => this.#sendWatched(), minIntervalMs);
  }

  #sendAll(): void {
    this.#sendWatched();
    for (const run of this.#runs.values()) this.#postRun(run);
  }

  #sendWatched(): void {
    this.#stopTimer();
    if (!this.#watched) return;
    const targets = (this.#host.servers?.all ?? []).map(({ key, label, state, era }) => ({
      key,
      label,
      state,
      ...(era === undefined ? {} : { era }),
    }));
    this.#post({
      type: 'replayTargets',
      targets,
      isLive: this.#isLive,
      canOpen: this.#isLive || this.#host.revealLive !== undefined,
    });
    const calls: ReplayCall[] = [];
    const refused: { seq: number; reason: string }[] = [];
    for (const { seq, time } of this.#watched) {
      const read = this.#calls.read(seq, time);
      if ('call' in read) calls.push(read.call.seq === seq ? read.call : { ...read.call, seq });
      else refused.push({ seq, reason: read.reason });
    }
    this.#post({ type: 'replayCalls', calls, refused });
  }

  #postRun({ name, isRunning, steps }: ReplayRun): void {
    this.#post({ type: 'replayRun', run: name, isRunning, steps: [...steps] });
  }

  #post(message: ReplayHostMessage): void {
    if (this.#isVisible) this.#host.post(message);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
