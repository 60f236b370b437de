import * as z from 'zod';
import type { TimelineOverview, TimelinePlace, TimelineWindow } from '../traffic/timeline';
import type { WireSummary } from '../traffic/wireRecord';

/** Parts of the overview above the lanes. */
export const overviewParts = 240;
/** Lanes that are sent; more clients and servers than that are better told apart by a filter. */
export const maxTimelineLanes = 40;

/** What the host sends to a page that shows the timeline. */
export type TimelineHostMessage =
  /** The answer to `watchTimeline`, and again at most four times a second while the traffic changes. */
  | {
      type: 'timeline';
      filter: string;
      /** The whole time, in milliseconds since the epoch; `undefined` where no call matches. */
      extent?: { from: number; to: number };
      /** The part that `drawn` is about. */
      from: number;
      to: number;
      drawn: TimelineWindow;
      /** Lanes left out. */
      hiddenLanes: number;
      overview: TimelineOverview;
      /** What the marked range holds. */
      marked?: { calls: number; errors: number };
    }
  /** The answer to `stepTimeline`: the call that the keyboard is on now; without one where there is no such call. */
  | { type: 'timelinePlace'; at?: { place: TimelinePlace; record: WireSummary } };

const time = z.number().min(-8.64e15).max(8.64e15);
const seq = z.number().int().positive();

/** What the page may send about the timeline; every message is checked against this before it is acted on. */
export const timelineWebviewMessage = z.discriminatedUnion('type', [
  /** Send this part of the timeline, all of it without `from` and `to`, and keep it up to date until `unwatchTimeline`. */
  z.object({
    type: z.literal('watchTimeline'),
    filter: z.string().max(1000),
    from: time.optional(),
    to: time.optional(),
    /** Columns of pixels that the part takes. */
    columns: z.number().int().min(1).max(20_000),
    marked: z.object({ from: time, to: time }).optional(),
  }),
  z.object({ type: z.literal('unwatchTimeline') }),
  /** Moves the keyboard from one call to another. */
  z.object({
    type: z.literal('stepTimeline'),
    filter: z.string().max(1000),
    seq: seq.optional(),
    to: z.enum(['next', 'previous', 'first', 'last', 'below', 'above', 'here']),
  }),
]);

export type TimelineWebviewMessage = z.output<typeof timelineWebviewMessage>;
