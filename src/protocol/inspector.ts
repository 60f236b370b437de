import * as z from 'zod';
import type { Finding } from '../traffic/finding';
import type { QueryProblem } from '../traffic/query';
import type { QueryVocabulary } from '../traffic/queryCompletion';
import { sortColumns, type TrafficSort } from '../traffic/trafficSort';
import type { EarlierState } from '../traffic/trafficSource';
import type { ViewMode } from '../traffic/trafficView';
import type { WireSummary } from '../traffic/wireRecord';

/**
 * The inspector's host keeps the whole list; its webview shows a window of it. Both name rows by their *position*:
 * a number that stays with a row while others are appended at the end or dropped at the front. Positions are valid
 * within one `generation`, which changes when the host makes the list anew (other filter, cleared).
 */

/** One line of the list: an exchange, or a message that belongs to none. */
export interface InspectorRow extends WireSummary {
  /** What is known of the response, where the row is a request that has one. */
  response?: { seq: number; bytes: number; tokens: number };
  /** How many messages are folded under it. */
  parts?: number;
  /** Set where those are shown. */
  isExpanded?: true;
  /** Set for one of those. */
  isPart?: true;
  /** Set where it was recorded before this window was loaded. */
  isEarlier?: true;
}

/** The extent of the list: rows have the positions `first` up to but not including `end`. */
export interface ListExtent {
  generation: number;
  first: number;
  end: number;
  /** Rows without the parts that are shown under some of them. */
  matched: number;
  /** Messages kept, whatever the filter. */
  kept: number;
  /** Messages dropped because the memory for traffic was full. */
  dropped: number;
  /** Whether older ones can be read from disk. */
  earlier?: EarlierState;
}

/** Where the row is that the webview said is active; without `position` the list does not have it. */
export interface ActiveRow {
  seq: number;
  position?: number;
}

/** What the inspector's host sends to its webview; at most 60 messages a second, at most 500 rows in each. */
export type InspectorHostMessage =
  /** A list made anew: sent first, after a clear, and when the filter changed. */
  | {
      type: 'reset';
      extent: ListExtent;
      filter: string;
      mode: ViewMode;
      sort: TrafficSort;
      /** What is wrong with the filter; those terms are left out. */
      filterProblems: QueryProblem[];
      /** What to mark in bodies. */
      marks: readonly string[];
      isPaused: boolean;
      /** Position of `rows[0]`. */
      start: number;
      rows: InspectorRow[];
      active?: ActiveRow;
    }
  /** New, changed or asked-for rows. */
  | {
      type: 'rows';
      extent: ListExtent;
      start: number;
      rows: InspectorRow[];
      /** Rows from this position on have moved: forget them. */
      movedFrom?: number;
      active?: ActiveRow;
    }
  | { type: 'paused'; isPaused: boolean }
  /** How far the search for free text in bodies is; it is over when `done` is `total`. */
  | { type: 'searching'; done: number; total: number }
  /** Values that occur in what is kept, for completing a filter. */
  | { type: 'vocabulary'; values: QueryVocabulary }
  /** The filters that somebody saved, whenever they change. */
  | { type: 'savedFilters'; filters: readonly string[] }
  /** Shows the list with another filter, e.g. from a link. */
  | { type: 'show'; filter: string; mode: ViewMode }
  /** The answer to `open`, and again whenever something in it changed: both bodies of an exchange, or a notification. */
  | {
      type: 'detail';
      seq: number;
      request?: MessageDetail;
      response?: MessageDetail;
      /** What came with the request: progress, logs, nested requests. */
      related: WireSummary[];
      /** How many of those there are in all. */
      relatedCount: number;
    }
  /** What checks found out about what is open; comes after `detail`. */
  | { type: 'findings'; seq: number; findings: Finding[] }
  /** The row asked for is no longer kept. */
  | { type: 'gone'; seq: number }
  /** Opens the row with that number, e.g. from a link; without `position` the filter hides it. */
  | { type: 'reveal'; seq: number; position?: number };

/** A message as the detail pane shows it. */
export interface MessageDetail {
  summary: WireSummary;
  /** Redacted JSON text; the beginning of it where `omittedChars` is set, which then is not valid JSON. */
  body: string;
  /** How many characters of the text the host left out of this message; all are shown by `openBody`. */
  omittedChars?: number;
  /** What its sender sent, where a filter changed it on the way; left out where it is too long. */
  original?: string;
  headers?: Readonly<Record<string, string>>;
  /** The bytes as they came, in base64; the beginning of them where they are many. */
  raw?: string;
}

const seq = z.number().int().positive();
const position = z.number().int().nonnegative();

const list = {
  filter: z.string().max(1000),
  mode: z.enum(['exchanges', 'messages']).optional(),
  sort: z.object({ column: z.enum(sortColumns), isDescending: z.boolean() }).optional(),
  active: seq.optional(),
};

/** What the webview may send; every message is checked against this before it is acted on. */
export const inspectorWebviewMessage = z.discriminatedUnion('type', [
  /** The page is listening. Carries what it remembers from before it was hidden. */
  z.object({
    type: z.literal('ready'),
    ...list,
    follow: z.boolean(),
    /** Requests whose parts are shown. */
    expanded: z.array(seq).max(1000).optional(),
    /** What the clock of the person is ahead of UTC. */
    utcOffsetMinutes: z.number().int().min(-1440).max(1440).optional(),
  }),
  /** Which rows to send and keep up to date; with `follow` also the newest. */
  z.object({
    type: z.literal('window'),
    generation: z.number().int().nonnegative(),
    start: position,
    end: position,
    follow: z.boolean(),
    active: seq.optional(),
  }),
  /** Makes the list anew; what is left out stays as it is. */
  z.object({ type: z.literal('list'), ...list }),
  /** Shows or folds the parts of a request. */
  z.object({ type: z.literal('expand'), seq, isExpanded: z.boolean() }),
  /** Asks for what completion offers. */
  z.object({ type: z.literal('vocabulary') }),
  z.object({ type: z.literal('saveFilter'), text: z.string().min(1).max(1000) }),
  z.object({ type: z.literal('removeFilter'), text: z.string().max(1000) }),
  /** Copies an address that opens the inspector with the filter that is set. */
  z.object({ type: z.literal('copyLink') }),
  /** Shows the detail of a row and keeps it up to date; `close` ends that. */
  z.object({ type: z.literal('open'), seq }),
  z.object({ type: z.literal('close') }),
  z.object({ type: z.literal('pause'), isPaused: z.boolean() }),
  z.object({ type: z.literal('clear') }),
  /** Reads older messages from disk. */
  z.object({ type: z.literal('showEarlier') }),
  z.object({ type: z.literal('copy'), text: z.string().max(8 * 1024 * 1024) }),
  /** Opens the whole body of a message as a document in an editor, or its bytes where they were kept. */
  z.object({ type: z.literal('openBody'), seq, isBytes: z.boolean().optional() }),
  /** Copies the whole body of a message. */
  z.object({ type: z.literal('copyBody'), seq }),
]);

export type InspectorWebviewMessage = z.output<typeof inspectorWebviewMessage>;
