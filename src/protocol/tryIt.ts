import * as z from 'zod';

/** What the host sends to this view. */
export type TryItHostMessage = { type: 'tryIt' };

/** What the view may send; every message is checked against this before it is acted on. */
export const tryItWebviewMessage = z.discriminatedUnion('type', [z.object({ type: z.literal('watchTryIt') })]);

export type TryItWebviewMessage = z.output<typeof tryItWebviewMessage>;
