import * as z from 'zod';

/** What the page may send about traces; every message is checked against this before it is acted on. */
export const traceWebviewMessage = z.object({
  /** Lets the person save the traffic, all of it or what the filter lets through. */
  type: z.literal('saveTraffic'),
  filter: z.string().max(1000),
});

export type TraceWebviewMessage = z.output<typeof traceWebviewMessage>;
