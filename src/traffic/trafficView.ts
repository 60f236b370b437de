import type { BodyTest, Query } from './query';
import { sortKey, type SortKey, type TrafficSort } from './trafficSort';
import type { TrafficChange, TrafficSource } from './trafficSource';
import type { WireSummary } from './wireRecord';

/** What one change did to a view, in positions. */
export interface ViewChange {
  /** Rows that are new or look different; ascending, without the rows from `movedFrom` on. */
  changed: number[];
  /** Rows from this position on are others than before; `undefined` where rows were only appended or dropped. */
  movedFrom: number | undefined;
}

/** `exchanges` folds a response, progress, logs and nested requests under their request; `messages` lists each. */
export type ViewMode = 'exchanges' | 'messages';

export interface ViewOptions {
  mode?: ViewMode;
  /** By default in the order of capture. */
  sort?: TrafficSort;
  /** `seq` of the requests whose parts are shown. */
  expanded?: Iterable<number>;
  /** What is known of the bodies. */
  inBody?: BodyTest;
}

/** A row of a view. */
export interface ViewRow {
  record: WireSummary;
  response: WireSummary | undefined;
  /** How many messages are folded under it. */
  parts: number;
  isExpanded: boolean;
  /** Whether it is one of those under a request. */
  isPart: boolean;
}

/** Parts of one request that a filter looks at; a stream of notifications may have any number. */
const maxPartsAsked = 200;

/**
 * The records that a filter lets through, in an order. Rows are addressed by position, a number that stays the same
 * while rows are appended at the end and dropped at the front.
 */
export class TrafficView {
  readonly #source: TrafficSource;
  readonly #query: Query;
  readonly #mode: ViewMode;
  readonly #sort: TrafficSort | undefined;
  readonly #inBody: BodyTest | undefined;
  readonly #expanded: Set<number>;
  /** `seq` of each row that is no part, in order; entries before `#head` are dropped. */
  #rows: number[] = [];
  #head = 0;
  /** Position of the first row that is not dropped. */
  #first = 0;
  /** Parts by the `seq` of their request, ascending. */
  readonly #parts = new Map<number, number[]>();
  /** By what each row was sorted in, where it is not by `seq`. */
  readonly #keys = new Map<number, SortKey>();
  /** The expanded rows: where they are in `#rows`, and how many parts are shown before each. Made when needed. */
  #spans: { index: number; parts: readonly number[]; before: number }[] | undefined;
  /** `seq` of the oldest record at the last change. */
  #firstSeq: number;

  /** Lists what `source` holds now; `apply` keeps it up to date. */
  constructor(source: TrafficSource, query: Query, { mode, sort, expanded, inBody }: ViewOptions = {}) {
    this.#source = source;
    this.#query = query;
    this.#mode = mode ?? 'exchanges';
    this.#sort = sort === undefined || (sort.column === 'time' && !sort.isDescending) ? undefined : sort;
    this.#expanded = new Set(expanded);
    this.#inBody = inBody;
    this.#firstSeq = source.extent.firstSeq;
    const tops: WireSummary[] = [];
    source.forEach((summary) => {
      if (this.#isPart(summary)) this.#addPart(summary);
      else if (this.#isTop(summary)) tops.push(summary);
    });
    for (const summary of tops) if (this.#shows(summary)) this.#rows.push(summary.seq);
    if (this.#sort) {
      for (const seq of this.#rows) this.#keys.set(seq, this.#keyOf(seq));
      this.#rows.sort(this.#compare);
    }
  }

  /** Position of the first row. */
  get first(): number {
    return this.#first;
  }

  /** Position after the last row. */
  get end(): number {
    const last = this.#expandedRows().at(-1);
    return this.#first + (this.#rows.length - this.#head) + (last ? last.before + last.parts.length : 0);
  }

  /** Number of rows that are no parts. */
  get matched(): number {
    return this.#rows.length - this.#head;
  }

  at(position: number): ViewRow | undefined {
    if (position < this.#first) return undefined;
    let offset = position - this.#first;
    const spans = this.#expandedRows();
    // The last expanded row at or before the position.
    let low = 0;
    let high = spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const span = spans[middle]!;
      if (span.index - this.#head + span.before <= offset) low = middle + 1;
      else high = middle;
    }
    const span = spans[low - 1];
    if (span) {
      const inside = offset - (span.index - this.#head + span.before);
      if (inside > 0 && inside <= span.parts.length) return this.#row(span.parts[inside - 1], true);
      offset -= span.before + (inside > 0 ? span.parts.length : 0);
    }
    return this.#row(this.#rows[this.#head + offset], false);
  }

  /** Position of the row that shows the record with that number: for a part that is folded, the row of its request. */
  positionOf(seq: number): number | undefined {
    const summary = this.#source.summary(seq);
    if (!summary) return undefined;
    const own = this.#requestOf(summary);
    const top = this.#topOf(own);
    const index = this.#indexOf(top.seq);
    if (index === undefined) return undefined;
    const position = this.#positionAt(index);
    if (top.seq === own.seq || !this.#expanded.has(top.seq)) return position;
    const place = this.#parts.get(top.seq)?.indexOf(own.seq) ?? -1;
    return place < 0 ? position : position + 1 + place;
  }

  /** Shows or folds the parts of a request. */
  expand(seq: number, isExpanded: boolean): ViewChange {
    if (this.#expanded.has(seq) === isExpanded) return { changed: [], movedFrom: undefined };
    if (isExpanded) this.#expanded.add(seq);
    else this.#expanded.delete(seq);
    this.#spans = undefined;
    const position = this.#parts.has(seq) ? this.positionOf(seq) : undefined;
    return position === undefined
      ? { changed: [], movedFrom: undefined }
      : { changed: [position], movedFrom: position + 1 };
  }

  /** The requests whose parts are shown. */
  get expanded(): ReadonlySet<number> {
    return this.#expanded;
  }

  /** The parts of a request, oldest first. */
  partsOf(seq: number): readonly number[] {
    return this.#parts.get(seq) ?? [];
  }

  /** Takes over what the source reports. After a `clear` make a new view instead. */
  apply({ changed }: Pick<TrafficChange, 'changed'>): ViewChange {
    const step = new Step();
    this.#dropGone(step);
    for (const summary of changed) this.#take(summary, step);
    const positions = new Set<number>();
    for (const seq of step.touched) {
      const position = this.positionOf(seq);
      if (position !== undefined && position < step.movedFrom) positions.add(position);
    }
    return {
      changed: [...positions].sort((left, right) => left - right),
      movedFrom: step.movedFrom === Infinity ? undefined : step.movedFrom,
    };
  }

  #take(summary: WireSummary, step: Step): void {
    const own = this.#source.summary(summary.seq) && this.#requestOf(summary);
    if (!own) return;
    if (this.#isPart(own)) {
      const isNew = this.#addPart(own);
      const top = this.#topOf(own);
      const isShown = this.#expanded.has(top.seq) && this.#indexOf(top.seq) !== undefined;
      if (isShown && isNew) {
        this.#spans = undefined;
        const position = this.positionOf(own.seq);
        // The last row of all is appended, and nothing moves.
        if (position !== undefined && position < this.end - 1) step.moved(position);
      }
      if (isShown) step.touched.add(own.seq);
      this.#takeTop(top, step);
    } else if (this.#isTop(own)) {
      this.#takeTop(own, step);
    }
  }

  #takeTop(top: WireSummary, step: Step): void {
    const { seq } = top;
    let index = this.#indexOf(seq);
    const isShown = this.#shows(top);
    if (index !== undefined && this.#sort) {
      const key = this.#keyOf(seq);
      if (!isShown || key !== this.#keys.get(seq)) {
        step.moved(this.#positionAt(index));
        this.#removeAt(index);
        index = undefined;
      }
    }
    if (index !== undefined) {
      if (isShown) {
        step.touched.add(seq);
      } else {
        step.moved(this.#positionAt(index));
        this.#removeAt(index);
      }
    } else if (isShown) {
      if (this.#sort) this.#keys.set(seq, this.#keyOf(seq));
      const at = this.#indexFrom(seq);
      if (at < this.#rows.length) step.moved(this.#positionAt(at));
      this.#rows.splice(at, 0, seq);
      this.#spans = undefined;
      step.touched.add(seq);
    }
  }

  #removeAt(index: number): void {
    const [seq] = this.#rows.splice(index, 1);
    if (seq !== undefined) this.#keys.delete(seq);
    this.#spans = undefined;
  }

  #row(seq: number | undefined, isPart: boolean): ViewRow | undefined {
    const record = seq === undefined ? undefined : this.#source.summary(seq);
    if (!record) return undefined;
    const isFolding = !isPart && this.#mode === 'exchanges';
    return {
      record,
      response: this.#responseOf(record),
      parts: isFolding ? (this.#parts.get(record.seq)?.length ?? 0) : 0,
      isExpanded: isFolding && this.#expanded.has(record.seq),
      isPart,
    };
  }

  /** The request that stands for a record: a response is shown by its request. */
  #requestOf(summary: WireSummary): WireSummary {
    if (this.#mode === 'messages' || summary.kind !== 'response' || summary.pair === undefined) return summary;
    return this.#source.summary(summary.pair) ?? summary;
  }

  /** The row under which a record is shown, itself where it is no part. */
  #topOf(summary: WireSummary): WireSummary {
    let top = summary;
    // What belongs to a nested request is shown under the request that this one belongs to.
    while (this.#mode === 'exchanges' && top.parent !== undefined) {
      const parent = this.#source.summary(top.parent);
      if (!parent || parent.seq >= top.seq) break;
      top = parent;
    }
    return top;
  }

  /** Whether it is shown under the request that it belongs to. */
  #isPart(summary: WireSummary): boolean {
    return summary.parent !== undefined && this.#topOf(summary) !== summary;
  }

  #isTop({ kind, pair }: WireSummary): boolean {
    return this.#mode === 'messages' || kind !== 'response' || pair === undefined;
  }

  /** @returns whether it was not known yet. */
  #addPart(summary: WireSummary): boolean {
    const { seq } = summary;
    const parent = this.#topOf(summary).seq;
    let parts = this.#parts.get(parent);
    if (!parts) this.#parts.set(parent, (parts = []));
    const last = parts.at(-1);
    if (last === undefined || last < seq) {
      parts.push(seq);
      return true;
    }
    return false;
  }

  #responseOf(record: WireSummary): WireSummary | undefined {
    return this.#mode === 'exchanges' && record.kind === 'request' && record.pair !== undefined
      ? this.#source.summary(record.pair)
      : undefined;
  }

  #shows(summary: WireSummary): boolean {
    if (this.#query.isEmpty) return true;
    const response = this.#responseOf(summary);
    if (this.#query.matches(summary, response, this.#inBody)) return true;
    const parts = this.#parts.get(summary.seq);
    if (!parts) return false;
    for (const seq of parts.slice(-maxPartsAsked)) {
      const part = this.#source.summary(seq);
      if (part && this.#query.matches(summary, response, this.#inBody, part)) return true;
    }
    return false;
  }

  #keyOf(seq: number): SortKey {
    const record = this.#source.summary(seq);
    return record && this.#sort ? sortKey(record, this.#responseOf(record), this.#sort.column) : undefined;
  }

  readonly #compare = (left: number, right: number): number => {
    if (!this.#sort) return left - right;
    const leftKey = this.#keys.get(left);
    const rightKey = this.#keys.get(right);
    if (leftKey === rightKey) return left - right;
    // What has no value comes last, whichever way the others go.
    if (leftKey === undefined) return 1;
    if (rightKey === undefined) return -1;
    return leftKey < rightKey === this.#sort.isDescending ? 1 : -1;
  };

  #dropGone(step: Step): void {
    const { firstSeq } = this.#source.extent;
    if (firstSeq === this.#firstSeq) return;
    this.#firstSeq = firstSeq;
    if (this.#sort) {
      const kept = this.#rows.filter((seq) => seq >= firstSeq);
      if (kept.length < this.#rows.length) {
        for (const seq of this.#rows) if (seq < firstSeq) this.#keys.delete(seq);
        this.#rows = kept;
        this.#spans = undefined;
        step.moved(0);
      }
    } else {
      const spans = this.#expandedRows();
      let next = 0;
      while (this.#head < this.#rows.length && (this.#rows[this.#head] ?? 0) < firstSeq) {
        this.#first += 1;
        const span = spans[next];
        if (span?.index === this.#head) {
          this.#first += span.parts.length;
          next += 1;
        }
        this.#head += 1;
      }
      this.#spans = undefined;
      if (this.#head > 1024 && this.#head * 2 > this.#rows.length) {
        this.#rows = this.#rows.slice(this.#head);
        this.#head = 0;
      }
    }
    for (const [parent, parts] of this.#parts) {
      // Requests are visited in the order in which they got their first part, which is nearly their own.
      if (parent >= firstSeq) continue;
      this.#parts.delete(parent);
      this.#expanded.delete(parent);
      // What belonged to a request that is gone stands for itself.
      for (const seq of parts) {
        const summary = this.#source.summary(seq);
        if (summary) this.#take(summary, step);
      }
    }
  }

  #expandedRows(): readonly { index: number; parts: readonly number[]; before: number }[] {
    if (this.#spans) return this.#spans;
    const spans: { index: number; parts: readonly number[]; before: number }[] = [];
    if (this.#mode === 'exchanges') {
      for (const seq of this.#expanded) {
        const parts = this.#parts.get(seq);
        const index = parts && this.#indexOf(seq);
        if (index !== undefined && parts) spans.push({ index, parts, before: 0 });
      }
      spans.sort((left, right) => left.index - right.index);
      let before = 0;
      for (const span of spans) {
        span.before = before;
        before += span.parts.length;
      }
    }
    this.#spans = spans;
    return spans;
  }

  #positionAt(index: number): number {
    let before = 0;
    for (const span of this.#expandedRows()) {
      if (span.index >= index) break;
      before = span.before + span.parts.length;
    }
    return this.#first + (index - this.#head) + before;
  }

  #indexOf(seq: number): number | undefined {
    if (this.#sort && !this.#keys.has(seq)) return undefined;
    const index = this.#indexFrom(seq);
    return this.#rows[index] === seq ? index : undefined;
  }

  /** Index of the first row that does not come before `seq`. */
  #indexFrom(seq: number): number {
    let low = this.#head;
    let high = this.#rows.length;
    if (high === low || this.#compare(seq, this.#rows[high - 1] ?? 0) > 0) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(this.#rows[middle] ?? 0, seq) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What happens to the rows while one change is taken over. */
class Step {
  movedFrom = Infinity;
  /** `seq` of the rows that are new or look different. */
  readonly touched = new Set<number>();

  moved(position: number): void {
    this.movedFrom = Math.min(this.movedFrom, position);
  }
}
