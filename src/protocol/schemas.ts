import * as z from 'zod';

/** What the host sends to this view. */
export type SchemaHostMessage = { type: 'schemas' };

/** What the view may send; every message is checked against this before it is acted on. */
export const schemasWebviewMessage = z.discriminatedUnion('type', [z.object({ type: z.literal('watchSchema') })]);

export type SchemaWebviewMessage = z.output<typeof schemasWebviewMessage>;
