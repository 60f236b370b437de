import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';

/** What the fake reads of a request to the Messages API; what a real one refuses is refused. */
const messagesRequest = z.object({
  model: z.string().min(1),
  max_tokens: z.number().int().positive(),
  stream: z.boolean().optional(),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant', 'system']), content: z.unknown() })).min(1),
  tools: z.array(z.looseObject({ name: z.string().regex(/^[\w-]{1,128}$/) })).optional(),
});

/** What the model asks for: a tool by the name that the agent gave it, and its input. */
export interface ToolUse {
  name: string;
  input: Record<string, unknown>;
}

/**
 * Stands in for the model behind an agent at the edge of the network (Messages API of Anthropic): asks for the tools it
 * was told to, one a turn, then says that it is done. Where an agent asks something on the side, without those tools, it
 * gets a word.
 */
export class ModelService {
  readonly #server: http.Server;
  readonly #uses: ToolUse[];
  /** The names of all tools that the agent offered. */
  readonly offered = new Set<string>();
  /** Why requests were refused. */
  readonly refusals: string[] = [];

  private constructor(uses: readonly ToolUse[]) {
    this.#uses = [...uses];
    this.#server = http.createServer((request, response) => void this.#answer(request, response));
  }

  static async start(uses: readonly ToolUse[]): Promise<ModelService> {
    const service = new ModelService(uses);
    await new Promise<void>((listening) => service.#server.listen(0, '127.0.0.1', listening));
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [path] = (request.url ?? '').split('?', 1);
    if (request.method !== 'POST' || path !== '/v1/messages') {
      response.writeHead(path === '/' ? 200 : 404).end();
      return;
    }
    const parsed = messagesRequest.safeParse(JSON.parse(Buffer.concat(chunks).toString()));
    if (!parsed.success || !request.headers['anthropic-version'] || !request.headers['x-api-key']) {
      const message = parsed.error?.message ?? 'A header is missing.';
      this.refusals.push(message);
      const body = { type: 'error', error: { type: 'invalid_request_error', message } };
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      return;
    }
    const { tools = [], model, stream } = parsed.data;
    for (const { name } of tools) this.offered.add(name);
    const [next] = this.#uses;
    const use = tools.some(({ name }) => name === next?.name) ? this.#uses.shift() : undefined;
    const id = `msg_${Date.now()}`;
    const block = use ? { type: 'tool_use', id: `toolu_${Date.now()}`, ...use } : { type: 'text', text: 'Done.' };
    const end = { stop_reason: use ? 'tool_use' : 'end_turn', stop_sequence: null };
    const usage = { input_tokens: 1, output_tokens: 1 };
    const message = { id, type: 'message', role: 'assistant', model, usage };
    if (stream !== true) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...message, ...end, content: [block] }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (type: string, data: object): void => {
      response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
    };
    const empty = { stop_reason: null, stop_sequence: null };
    send('message_start', { message: { ...message, ...empty, content: [] } });
    send('content_block_start', {
      index: 0,
      content_block: use ? { ...block, input: {} } : { type: 'text', text: '' },
    });
    send('content_block_delta', {
      index: 0,
      delta: use
        ? { type: 'input_json_delta', partial_json: JSON.stringify(use.input) }
        : { type: 'text_delta', text: 'Done.' },
    });
    send('content_block_stop', { index: 0 });
    send('message_delta', { delta: end, usage: { output_tokens: 1 } });
    send('message_stop', {});
    response.end();
  }
}
