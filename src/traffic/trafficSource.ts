import type { Event } from '../core/emitter';
import type { ToolSchemas } from './serverTools';
import type { SessionFacts } from './sessionFacts';
import type { WireRecord, WireSummary } from './wireRecord';

/** What happened since the last event. */
export interface TrafficChange {
  /** New and changed records, oldest first within each; the objects are the recorder's own and must not be changed. */
  changed: readonly WireSummary[];
  /** Whether all records from before were removed by `clear`. */
  wasCleared: boolean;
}

/** How much is kept. */
export interface TrafficExtent {
  /** `seq` of the oldest record kept. */
  firstSeq: number;
  /** `seq` that the next record will get. */
  nextSeq: number;
  /** Records dropped since the last `clear` because the memory was full. */
  dropped: number;
  /** Estimated bytes of memory. */
  bytes: number;
  /** Records below this number are from before this window was loaded; only where there may be some. */
  windowStart?: number;
}

/** Whether more is on disk than is shown: nothing more, some that can be shown, or some that are being read. */
export type EarlierState = 'none' | 'some' | 'reading';

/** What is known around an exchange besides its messages. */
export interface ExchangeFacts {
  session: SessionFacts;
  /** What the server's latest `tools/list` says of the tool that is called. */
  schemas?: ToolSchemas;
}

/** Where lists, statistics and timelines read from: the recorder of this window, or a trace file. */
export interface TrafficSource {
  /** Fires after records came, changed or went; never inside a call of this interface. */
  readonly onDidChange: Event<TrafficChange>;
  readonly extent: TrafficExtent;
  readonly isPaused: boolean;
  /** What time it is where the traffic is live; a source that is over has none. */
  readonly clock?: { now(): number };
  /** The record with that number, with its body; `undefined` where it is not or no longer kept. */
  get(seq: number): WireRecord | undefined;
  /** The summary of the record with that number. It is the source's own and must not be changed. */
  summary(seq: number): WireSummary | undefined;
  /** Calls `visit` with the summary of every record kept, oldest first. */
  forEach(visit: (summary: WireSummary) => void): void;
  /** What is known around the exchange of that record; nothing for a source that does not know. */
  factsOf?(seq: number): ExchangeFacts | undefined;
  /** Stops or resumes recording; nothing for a source that does not record. */
  pause(isPaused: boolean): void;
  /** Forgets all records; nothing for a source that does not record. */
  clear(): void;
  /** What is on disk of traffic from before the oldest record; for a source that keeps some there. */
  readonly earlier?: EarlierState;
  /** Reads some of that, so that the source has it too. What goes wrong is told by the source's owner. */
  showEarlier?(): void;
}
