import { Agent, request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { FetchLike } from '@modelcontextprotocol/client';

/** A `fetch` over a Unix socket or named pipe, which the platform's own does not do. */
export function socketFetch(socketPath: string): FetchLike {
  // One connection for each request, so that none outlives whoever asked.
  const agent = new Agent({ keepAlive: false });
  return async (url, init = {}) => {
    const headers = Object.fromEntries(new Headers(init.headers));
    const { method = 'GET', signal } = init;
    const body = typeof init.body === 'string' ? init.body : undefined;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request(url, { method, headers, socketPath, agent, ...(signal ? { signal } : {}) });
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
      outgoing.end(body);
    });
    const status = answer.statusCode ?? 502;
    const hasBody = ![204, 205, 304].includes(status);
    if (!hasBody) answer.resume();
    const given = Object.entries(answer.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [value].flat().map((text) => [name, text]),
    );
    const stream = hasBody ? (Readable.toWeb(answer) as ReadableStream<Uint8Array>) : null;
    return new Response(stream, { status, headers: given });
  };
}
