import type { Client, ClientCapabilities, ElicitRequestParams, ElicitResult } from '@modelcontextprotocol/client';

/**
 * Puts a server's question to the person who is calling it by hand.
 * @param server its name, as people see it
 * @param signal fires when the answer is no longer wanted
 */
export type AnswerElicitation = (
  question: ElicitRequestParams,
  server: string,
  signal: AbortSignal,
) => Promise<ElicitResult>;

/** What a client declares that can show a person a form, or open a page after they agreed to it. */
export const elicitationCapabilities: ClientCapabilities = { elicitation: { form: {}, url: {} } };

/**
 * Lets an SDK client answer questions of its server.
 * @param mayAsk whether a call by hand is in progress; questions at any other time have nobody whom they could concern
 */
export function answerElicitations(
  client: Client,
  server: string,
  mayAsk: () => boolean,
  answer: AnswerElicitation,
): void {
  client.setRequestHandler('elicitation/create', async ({ params }, context) =>
    mayAsk() ? answer(params, server, context.mcpReq.signal) : { action: 'cancel' },
  );
}
