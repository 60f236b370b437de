import { isRecord } from '../../src/core/json';
import type { TimelineHostMessage, TimelineWebviewMessage } from '../../src/protocol/timeline';
import type { TimelinePlace } from '../../src/traffic/timeline';
import type { WireSummary } from '../../src/traffic/wireRecord';
import type { HostConnection } from '../hostConnection';
import type { InspectorModel } from '../inspectorModel';
import { timeRangeOf, withTimeRange, type TimeRange } from './timeRange';

type Timeline = Extract<TimelineHostMessage, { type: 'timeline' }>;
type Step = Extract<TimelineWebviewMessage, { type: 'stepTimeline' }>['to'];

/** Between two questions to the host while somebody zooms or pans, in milliseconds. */
const minIntervalMs = 40;
/** How much of the time beside what is in sight is asked for too, so that panning finds it there. */
const overscan = 1;
/** The least time in sight. */
const minSpanMs = 0.5;

/** What the timeline knows and what a person does with it, without any element. */
export class TimelineModel {
  readonly #host: HostConnection;
  readonly #inspector: InspectorModel;
  readonly #listeners = new Set<() => void>();
  #timeline: Timeline | undefined;
  /** What is in sight; `undefined` for all of it, which then grows with the traffic. */
  #sight: TimeRange | undefined;
  #columns = 1000;
  #place: { place: TimelinePlace; record: WireSummary } | undefined;
  /** Steps that the host has not answered yet. */
  #steps: Step[] = [];
  #opensNext = false;
  #isWatched = false;
  #askedFilter = '';
  #timer: number | undefined;
  #lastAsked = -Infinity;
  #notice = '';
  /** The range that is being marked with the pointer. */
  #marking: TimeRange | undefined;

  constructor(host: HostConnection, inspector: InspectorModel) {
    this.#host = host;
    this.#inspector = inspector;
    host.onAnyMessage((message) => this.#receive(message));
    inspector.onChange(() => {
      if (this.#isWatched && inspector.filter !== this.#askedFilter) this.#ask(true);
      this.#changed();
    });
  }

  /** Calls `listener` after every change. @returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What the host sent last; `undefined` until then. */
  get timeline(): Timeline | undefined {
    return this.#timeline;
  }

  /** What is in sight. */
  get sight(): TimeRange {
    return this.#sight ?? this.whole;
  }

  /** Whether only a part of the time is in sight. */
  get isZoomed(): boolean {
    return this.#sight !== undefined;
  }

  /** The range that the filter is limited to, or that is being marked. */
  get marked(): TimeRange | undefined {
    return this.#marking ?? timeRangeOf(this.#inspector.filter);
  }

  /** What the marked range holds. */
  get markedCount(): { calls: number; errors: number } | undefined {
    return this.#marking ? undefined : this.#timeline?.marked;
  }

  get filter(): string {
    return withTimeRange(this.#inspector.filter, undefined);
  }

  /** The call that the keyboard is on. */
  get place(): { place: TimelinePlace; record: WireSummary } | undefined {
    return this.#place;
  }

  /** `seq` of the record whose detail is open. */
  get openSeq(): number | undefined {
    return this.#inspector.isDetailOpen ? this.#inspector.active : undefined;
  }

  /** A sentence for those who hear the page. */
  get notice(): string {
    return this.#notice;
  }

  /** Asks the host for the timeline and for keeping it up to date. */
  watch(): void {
    this.#isWatched = true;
    this.#ask(true);
  }

  unwatch(): void {
    this.#isWatched = false;
    this.#steps = [];
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#host.post({ type: 'unwatchTimeline' });
  }

  /** Says how many columns of pixels the lanes have. */
  setColumns(columns: number): void {
    const whole = Math.max(1, Math.round(columns));
    if (whole === this.#columns) return;
    this.#columns = whole;
    if (this.#isWatched) this.#ask();
  }

  /** Shows a part of the time; all of it where that is more than there is. */
  show(range: TimeRange): void {
    const { whole } = this;
    const span = Math.max(minSpanMs, range.to - range.from);
    if (span >= whole.to - whole.from) {
      this.fit();
      return;
    }
    const from = Math.min(whole.to - span, Math.max(whole.from, range.from));
    this.#sight = { from, to: from + span };
    this.#ask();
    this.#changed();
  }

  /** Shows all of it. */
  fit(): void {
    if (!this.#sight) return;
    this.#sight = undefined;
    this.#ask();
    this.#changed();
  }

  /** Zooms so that `at` stays where it is. @param factor below 1 shows less time. */
  zoom(factor: number, at: number = (this.sight.from + this.sight.to) / 2): void {
    const { from, to } = this.sight;
    this.show({ from: at - (at - from) * factor, to: at + (to - at) * factor });
  }

  /** Moves what is in sight by a part of its width. */
  pan(part: number): void {
    const { from, to } = this.sight;
    const by = (to - from) * part;
    this.show({ from: from + by, to: to + by });
  }

  /** Marks a range while the pointer is down. */
  mark(range: TimeRange | undefined): void {
    this.#marking = range;
    this.#changed();
  }

  /** Limits the filter to a range, or takes the limit away. */
  limitTo(range: TimeRange | undefined): void {
    this.#marking = undefined;
    this.#inspector.setFilter(withTimeRange(this.#inspector.filter, range));
    this.#changed();
  }

  /** Lists the calls of a range. */
  list(range: TimeRange): void {
    this.limitTo({ from: Math.floor(range.from), to: Math.ceil(range.to) });
    this.#inspector.setPage('exchanges');
  }

  clearFilter(): void {
    this.#inspector.setFilter('');
  }

  /** Moves the keyboard to another call. Keys come faster than answers, so each step waits for the one before. */
  step(to: Step): void {
    this.#steps.push(to);
    if (this.#steps.length === 1) this.#sendStep();
  }

  /** Opens the detail of the call that the keyboard is on, or comes to. */
  openPlace(): void {
    if (this.#steps.length > 0) this.#opensNext = true;
    else if (this.#place) this.#inspector.openRecord(this.#place.record.seq);
  }

  /** Opens the detail of a call, and puts the keyboard on it. */
  open(seq: number): void {
    this.#inspector.openRecord(seq);
    this.#place = undefined;
    this.step('here');
  }

  #sendStep(): void {
    const to = this.#steps[0];
    if (to === undefined) return;
    const seq = this.#place?.record.seq ?? this.openSeq;
    this.#host.post({ type: 'stepTimeline', filter: this.filter, ...(seq === undefined ? {} : { seq }), to });
  }

  #takeStep(at: { place: TimelinePlace; record: WireSummary } | undefined): void {
    this.#steps.shift();
    if (at) {
      this.#place = at;
      this.#reveal(at.place);
    }
    if (this.#steps.length > 0) {
      this.#sendStep();
      return;
    }
    const seq = this.#place?.record.seq;
    const isOpen = this.#inspector.isDetailOpen;
    if (seq !== undefined && (this.#opensNext || (isOpen && this.openSeq !== seq))) this.#inspector.openRecord(seq);
    this.#opensNext = false;
  }

  /** All of the time, with some room at both ends. */
  get whole(): TimeRange {
    const { from, to } = this.#timeline?.extent ?? { from: 0, to: 1000 };
    const room = (to - from) * 0.01;
    return { from: from - room, to: to + room };
  }

  #receive(message: unknown): void {
    if (!isTimelineMessage(message)) return;
    if (message.type === 'timeline') {
      if (message.filter !== this.filter) return;
      this.#timeline = message;
      if (!message.extent) this.#sight = undefined;
    } else {
      this.#takeStep(message.at);
    }
    this.#changed();
  }

  /** Brings the call that the keyboard went to into sight. */
  #reveal({ start, end }: TimelinePlace): void {
    const { from, to } = this.sight;
    if (end >= from && start <= to) return;
    const span = to - from;
    this.show({ from: start - span * 0.1, to: start + span * 0.9 });
  }

  #ask(isAtOnce = false): void {
    const wait = isAtOnce ? 0 : Math.max(0, this.#lastAsked + minIntervalMs - performance.now());
    if (wait > 0) {
      this.#timer ??= window.setTimeout(() => this.#send(), wait);
    } else {
      this.#send();
    }
  }

  #send(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastAsked = performance.now();
    this.#askedFilter = this.#inspector.filter;
    const sight = this.#sight;
    const marked = timeRangeOf(this.#inspector.filter);
    const beside = sight ? (sight.to - sight.from) * overscan : 0;
    this.#host.post({
      type: 'watchTimeline',
      filter: this.filter,
      columns: Math.min(20_000, sight ? this.#columns * (1 + 2 * overscan) : this.#columns),
      ...(sight ? { from: sight.from - beside, to: sight.to + beside } : {}),
      ...(marked ? { marked } : {}),
    });
  }

  /** Sets what is said to those who hear the page. */
  say(text: string): void {
    this.#notice = text;
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function isTimelineMessage(message: unknown): message is TimelineHostMessage {
  if (!isRecord(message)) return false;
  if (message['type'] === 'timelinePlace') return true;
  const { drawn } = message;
  return (
    message['type'] === 'timeline' && isRecord(drawn) && Array.isArray(drawn['lanes']) && isRecord(message['overview'])
  );
}
