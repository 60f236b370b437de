import * as z from 'zod';

/** What the host sends to this view. */
export type ReplayHostMessage = { type: 'replay' };

/** What the view may send; every message is checked against this before it is acted on. */
export const replayWebviewMessage = z.discriminatedUnion('type', [z.object({ type: z.literal('watchReplay') })]);

export type ReplayWebviewMessage = z.output<typeof replayWebviewMessage>;
