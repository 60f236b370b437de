import * as z from 'zod';
import type { WireSummary } from '../traffic/wireRecord';

/** What the inspector's host sends to its webview. */
export type InspectorHostMessage =
  /** The whole state: sent first, after a clear, and when the filter changed. */
  | { type: 'reset'; rows: WireSummary[]; dropped: number; isPaused: boolean; filter: string }
  /** New or changed rows, merged by `seq`; at most 500 a message, at most 60 messages a second. */
  | { type: 'rows'; rows: WireSummary[]; dropped: number }
  | { type: 'paused'; isPaused: boolean }
  /** The answer to `open`: the bodies of an exchange, or of one notification. */
  | { type: 'detail'; seq: number; request?: MessageDetail; response?: MessageDetail }
  /** The row asked for is no longer kept. */
  | { type: 'gone'; seq: number }
  /** Opens the row with that number, e.g. from a link. */
  | { type: 'reveal'; seq: number };

/** A message as the detail pane shows it. */
export interface MessageDetail {
  summary: WireSummary;
  /** Redacted JSON text. */
  body: string;
}

/** What the webview may send; every message is checked against this before it is acted on. */
export const inspectorWebviewMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('open'), seq: z.number().int().positive() }),
  z.object({ type: z.literal('filter'), text: z.string().max(1000) }),
  z.object({ type: z.literal('pause'), isPaused: z.boolean() }),
  z.object({ type: z.literal('clear') }),
  z.object({ type: z.literal('copy'), text: z.string().max(8 * 1024 * 1024) }),
]);

export type InspectorWebviewMessage = z.output<typeof inspectorWebviewMessage>;
