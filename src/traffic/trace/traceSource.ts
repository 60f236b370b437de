import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import type { ExchangeFacts, TrafficChange, TrafficExtent, TrafficSource } from '../trafficSource';
import type { WireRecord, WireSummary } from '../wireRecord';
import { TraceFacts } from './traceFacts';

/** A record of a trace as it is kept: `seq` counts from 1 without gaps. */
export interface TraceRecord {
  summary: WireSummary;
  body: string;
  original?: string;
  headers?: Readonly<Record<string, string>>;
  raw?: string;
}

/** The records of a trace file, to be shown like those of the recorder. Grows while the file is read. */
export class TraceSource implements TrafficSource, Disposable {
  readonly #changeEmitter = new Emitter<TrafficChange>();
  #records: readonly TraceRecord[] = [];
  #told = 0;
  #facts: TraceFacts | undefined;

  readonly onDidChange: Event<TrafficChange> = this.#changeEmitter.event;

  /** Nothing is recorded here. */
  readonly isPaused = false;

  get extent(): TrafficExtent {
    return { firstSeq: 1, nextSeq: this.#told + 1, dropped: 0, bytes: 0 };
  }

  get(seq: number): WireRecord | undefined {
    const record = this.#at(seq);
    if (!record) return undefined;
    const { summary, ...rest } = record;
    return { ...summary, ...rest };
  }

  summary(seq: number): WireSummary | undefined {
    return this.#at(seq)?.summary;
  }

  forEach(visit: (summary: WireSummary) => void): void {
    for (let index = 0; index < this.#told; index += 1) visit(this.#records[index]!.summary);
  }

  factsOf(seq: number): ExchangeFacts | undefined {
    const record = this.#at(seq);
    this.#facts ??= new TraceFacts(this.#records.slice(0, this.#told));
    return record && this.#facts.of(record.summary);
  }

  pause(): void {}

  clear(): void {}

  /**
   * Shows what has been read so far.
   * @param records all of them; the first ones must be those shown before unless `isAnew`.
   * @param updated earlier records of which more is known now.
   */
  show(records: readonly TraceRecord[], updated: Iterable<WireSummary> = [], isAnew = false): void {
    this.#facts = undefined;
    const told = isAnew ? 0 : this.#told;
    this.#records = records;
    this.#told = records.length;
    const added = records.slice(told).map(({ summary }) => summary);
    const earlier = [...updated].filter(({ seq }) => seq <= told);
    this.#changeEmitter.fire({ changed: [...earlier, ...added], wasCleared: isAnew });
  }

  /** Shows a trace that has been read to its end; nothing comes after it. */
  finish({ records, wasSorted }: { records: readonly TraceRecord[]; wasSorted: boolean }): void {
    // References between records may have been settled only now, so all of them are shown again.
    this.show(records, wasSorted ? [] : records.slice(0, this.#told).map(({ summary }) => summary), wasSorted);
  }

  dispose(): void {
    this.#changeEmitter.dispose();
    this.#records = [];
    this.#told = 0;
  }

  #at(seq: number): TraceRecord | undefined {
    return seq <= this.#told ? this.#records[seq - 1] : undefined;
  }
}
