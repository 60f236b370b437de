import type { Disposable } from '../../core/disposable';
import {
  maxTimelineLanes,
  overviewParts,
  timelineWebviewMessage,
  type TimelineHostMessage,
  type TimelineWebviewMessage,
} from '../../protocol/timeline';
import { TimelineLayout, type TimelinePlace } from '../../traffic/timeline';
import type { TrafficSource } from '../../traffic/trafficSource';
import type { FilterReader } from './filterReader';

/** What the timeline needs from the editor around it. */
export interface TimelineHost {
  /** Sends a message to the webview. */
  post(message: TimelineHostMessage): void;
}

type Watch = Extract<TimelineWebviewMessage, { type: 'watchTimeline' }>;
type Step = Extract<TimelineWebviewMessage, { type: 'stepTimeline' }>;

/** Between two layouts while the traffic changes, in milliseconds. */
const minIntervalMs = 250;
/** How often a timeline with pending calls, which grow, is drawn anew when nothing else happens. */
const growIntervalMs = 1000;

/** Sends one page the part of the timeline that it shows, and keeps it up to date while it shows it. */
export class TimelineBridge implements Disposable {
  readonly #source: TrafficSource;
  readonly #host: TimelineHost;
  readonly #filters: FilterReader;
  readonly #subscriptions: Disposable[];
  #watch: Watch | undefined;
  #layout: { filter: string; layout: TimelineLayout } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isVisible = true;
  /** Whether the timer runs only because pending calls grow. */
  #isGrowing = false;

  constructor(source: TrafficSource, host: TimelineHost, filters: FilterReader) {
    this.#source = source;
    this.#host = host;
    this.#filters = filters;
    const refresh = (): void => this.#refreshIn(minIntervalMs, true);
    this.#subscriptions = [source.onDidChange(refresh), filters.onDidFind(refresh)];
  }

  /** Takes a message of the webview; one that is not about the timeline is left to others. */
  receive(raw: unknown): void {
    const parsed = timelineWebviewMessage.safeParse(raw);
    if (!parsed.success) return;
    const message = parsed.data;
    switch (message.type) {
      case 'watchTimeline':
        this.#watch = message;
        this.#send();
        break;
      case 'unwatchTimeline':
        this.#watch = undefined;
        this.#layout = undefined;
        this.#stopTimer();
        break;
      case 'stepTimeline':
        this.#step(message);
        break;
    }
  }

  /** A hidden page gets nothing; seen again it gets what is there then. */
  setVisible(isVisible: boolean): void {
    if (this.#isVisible === isVisible) return;
    this.#isVisible = isVisible;
    this.#layout = undefined;
    if (isVisible) this.#send();
    else this.#stopTimer();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#watch = undefined;
    this.#layout = undefined;
    this.#stopTimer();
  }

  #refreshIn(ms: number, isSooner = false): void {
    if (!this.#watch || !this.#isVisible) return;
    if (isSooner && this.#isGrowing) this.#stopTimer();
    this.#isGrowing = !isSooner;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#layout = undefined;
      this.#send();
    }, ms);
  }

  #send(): void {
    if (!this.#watch || !this.#isVisible) return;
    const { filter, columns, marked } = this.#watch;
    const layout = this.#layoutFor(filter);
    const { extent } = layout;
    const from = this.#watch.from ?? extent?.from ?? 0;
    const to = Math.max(this.#watch.to ?? extent?.to ?? 0, from + 0.01);
    this.#host.post({
      type: 'timeline',
      filter,
      ...(extent ? { extent } : {}),
      from,
      to,
      drawn: layout.window(from, to, columns, maxTimelineLanes),
      hiddenLanes: Math.max(0, layout.laneCount - maxTimelineLanes),
      overview: layout.overview(overviewParts),
      ...(marked ? { marked: layout.count(marked.from, marked.to) } : {}),
    });
    if (layout.hasPending && this.#source.clock) this.#refreshIn(growIntervalMs);
  }

  #step({ filter, seq, to }: Step): void {
    const layout = this.#layoutFor(filter);
    let place: TimelinePlace | undefined;
    if (to === 'next') place = layout.step(seq, 1);
    else if (to === 'previous') place = layout.step(seq, -1);
    else if (to === 'last') place = layout.edge(seq, 1);
    else if (to === 'first') place = layout.edge(seq, -1);
    else if (to === 'below') place = layout.stepLane(seq, 1);
    else if (to === 'above') place = layout.stepLane(seq, -1);
    else place = seq === undefined ? undefined : layout.placeOf(seq);
    const record = place && this.#source.summary(place.seq);
    this.#host.post({ type: 'timelinePlace', ...(place && record ? { at: { place, record } } : {}) });
  }

  #layoutFor(filter: string): TimelineLayout {
    if (this.#layout?.filter !== filter) {
      const { query, inBody } = this.#filters.readFilter(filter);
      const layout = new TimelineLayout(this.#source, query, { now: this.#source.clock?.now(), inBody });
      this.#layout = { filter, layout };
    }
    return this.#layout.layout;
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
