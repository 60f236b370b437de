import type { GivenHeaders, KeptHeaders } from './headers';
import type { SessionFacts } from './sessionFacts';
import type { WireSummary } from './wireRecord';

/** A record as it lies in memory: the summary may still change, the body does not. */
export interface KeptRecord {
  readonly summary: WireSummary;
  readonly body: string;
  /** What its sender sent, where it was changed on the way. */
  readonly original?: string;
  headers?: KeptHeaders;
  /** Gives the headers where they were not known when the message was read. */
  lateHeaders?: GivenHeaders;
  /** The bytes as they came, in base64. */
  readonly raw?: string;
  /** What its session agreed on. */
  readonly session?: SessionFacts;
  /** Estimated bytes of memory. */
  size: number;
}

/** Records in the order of their `seq`, without gaps, the oldest dropped first. All steps take constant time. */
export class RecordRing {
  #records: (KeptRecord | undefined)[] = [];
  /** Where in `#records` the oldest record is. */
  #head = 0;
  #firstSeq: number;
  #bytes = 0;

  /** @param firstSeq number of the first record to come. */
  constructor(firstSeq = 1) {
    this.#firstSeq = firstSeq;
  }

  /** `seq` of the oldest record kept; of the next one to come where none is kept. */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** `seq` that the next record must have. */
  get nextSeq(): number {
    return this.#firstSeq + this.count;
  }

  get count(): number {
    return this.#records.length - this.#head;
  }

  /** Estimated bytes of memory that all records take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a record, whose `seq` must be `nextSeq`. */
  push(record: KeptRecord): void {
    this.#records.push(record);
    this.#bytes += record.size;
  }

  get(seq: number): KeptRecord | undefined {
    return seq < this.#firstSeq ? undefined : this.#records[seq - this.#firstSeq + this.#head];
  }

  /** Corrects the size of a record that is kept. */
  grow(record: KeptRecord, bytes: number): void {
    record.size += bytes;
    this.#bytes += bytes;
  }

  /** Drops the oldest record and gives it to who may still want it. */
  shift(): KeptRecord | undefined {
    const oldest = this.#records[this.#head];
    if (!oldest) return undefined;
    this.#bytes -= oldest.size;
    this.#records[this.#head] = undefined;
    this.#head += 1;
    this.#firstSeq += 1;
    if (this.#head > 1024 && this.#head * 2 > this.#records.length) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
    return oldest;
  }

  /** Drops all; numbering goes on. */
  clear(): void {
    this.#firstSeq = this.nextSeq;
    this.#records = [];
    this.#head = 0;
    this.#bytes = 0;
  }
}
