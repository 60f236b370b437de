import type { Query } from './query';
import type { TrafficChange, TrafficSource } from './trafficSource';
import type { WireSummary } from './wireRecord';

/** What one change did to a view, in positions. */
export interface ViewChange {
  /** Rows that are new or look different; ascending, without the rows from `movedFrom` on. */
  changed: number[];
  /** Rows from this position on are others than before; `undefined` where rows were only appended or dropped. */
  movedFrom: number | undefined;
}

/**
 * The records that a filter lets through, folded to exchanges: a request stands for its response too. Rows are
 * addressed by position, a number that stays the same while rows are appended at the end and dropped at the front.
 */
export class TrafficView {
  readonly #recorder: TrafficSource;
  readonly #query: Query;
  /** `seq` of each row, ascending; entries before `#head` are dropped. */
  #rows: number[] = [];
  #head = 0;
  /** Position of `#rows[0]`. */
  #base = 0;

  /** Lists what `recorder` holds now; `apply` keeps it up to date. */
  constructor(recorder: TrafficSource, query: Query) {
    this.#recorder = recorder;
    this.#query = query;
    recorder.forEach((summary) => {
      if (this.#shows(summary)) this.#rows.push(summary.seq);
    });
  }

  /** Position of the first row. */
  get first(): number {
    return this.#base + this.#head;
  }

  /** Position after the last row. */
  get end(): number {
    return this.#base + this.#rows.length;
  }

  /** The record of a row, with its response if it has one. */
  at(position: number): { record: WireSummary; response: WireSummary | undefined } | undefined {
    const seq = position < this.first ? undefined : this.#rows[position - this.#base];
    const record = seq === undefined ? undefined : this.#recorder.summary(seq);
    return record && { record, response: this.#responseOf(record) };
  }

  /** Position of the row that shows the record with that number. */
  positionOf(seq: number): number | undefined {
    const rowSeq = this.#rowSeqOf(seq);
    const index = this.#indexFrom(rowSeq);
    return this.#rows[index] === rowSeq ? this.#base + index : undefined;
  }

  /** Takes over what the recorder reports. After a `clear` make a new view instead. */
  apply({ changed }: TrafficChange): ViewChange {
    this.#dropGone();
    const positions = new Set<number>();
    let movedFrom = Infinity;
    for (const summary of changed) {
      const seq = this.#rowSeqOf(summary.seq);
      const row = this.#recorder.summary(seq);
      if (!row) continue;
      const isShown = this.#shows(row);
      const index = this.#indexFrom(seq);
      if (this.#rows[index] === seq) {
        if (isShown) {
          positions.add(this.#base + index);
        } else {
          this.#rows.splice(index, 1);
          movedFrom = Math.min(movedFrom, this.#base + index);
        }
      } else if (isShown) {
        if (index < this.#rows.length) movedFrom = Math.min(movedFrom, this.#base + index);
        this.#rows.splice(index, 0, seq);
        positions.add(this.#base + index);
      }
    }
    return {
      changed: [...positions].filter((position) => position < movedFrom).sort((left, right) => left - right),
      movedFrom: movedFrom === Infinity ? undefined : movedFrom,
    };
  }

  /** The number of the row that shows a record: a response is shown by its request. */
  #rowSeqOf(seq: number): number {
    const summary = this.#recorder.summary(seq);
    return summary?.kind === 'response' ? (summary.pair ?? seq) : seq;
  }

  #responseOf(record: WireSummary): WireSummary | undefined {
    return record.kind === 'request' && record.pair !== undefined ? this.#recorder.summary(record.pair) : undefined;
  }

  #shows(summary: WireSummary): boolean {
    if (summary.kind === 'response' && summary.pair !== undefined) return false;
    return this.#query.isEmpty || this.#query.matches(summary, this.#responseOf(summary));
  }

  #dropGone(): void {
    const { firstSeq } = this.#recorder.extent;
    while (this.#head < this.#rows.length && (this.#rows[this.#head] ?? 0) < firstSeq) this.#head += 1;
    if (this.#head > 1024 && this.#head * 2 > this.#rows.length) {
      this.#rows = this.#rows.slice(this.#head);
      this.#base += this.#head;
      this.#head = 0;
    }
  }

  /** Index of the first row whose number is not less than `seq`. */
  #indexFrom(seq: number): number {
    let low = this.#head;
    let high = this.#rows.length;
    if (high === low || seq > (this.#rows[high - 1] ?? 0)) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#rows[middle] ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
