import type { ServerResponse } from 'node:http';
import { drained } from './drained';
import type { Refusal } from './requestGuard';

/** Answers with a JSON-RPC error that belongs to no request, or to the one with that id. */
export function answerRefusal(response: ServerResponse, refusal: Refusal, id: string | number | null = null): void {
  if (response.headersSent || response.destroyed) return;
  const { status, code, message, headers } = refusal;
  const body = JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id });
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/**
 * Writes a web response to a Node response, as fast as the client reads.
 * @param onEvent told of each server-sent event's data, where the response is an event stream.
 */
export async function answerWith(
  response: ServerResponse,
  answer: Response,
  signal: AbortSignal,
  onEvent?: (data: string) => void,
): Promise<void> {
  const headers = Object.fromEntries(answer.headers);
  if (answer.body === null) {
    response.writeHead(answer.status, headers).end();
    return;
  }
  if (!isEventStream(answer)) {
    const body = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, { ...headers, 'content-length': body.length }).end(body);
    return;
  }
  response.writeHead(answer.status, headers);
  response.flushHeaders();
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      if (onEvent) for (const data of eventDataOf(read.value)) onEvent(data);
      if (!response.write(read.value)) await drained(response);
      if (signal.aborted) break;
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    response.end();
  }
}

export function isEventStream(answer: Response): boolean {
  return answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
}

/** The data of the events in a chunk. The SDK writes whole events, so none is spread over two chunks. */
function eventDataOf(chunk: Uint8Array): string[] {
  return [
    ...Buffer.from(chunk)
      .toString('utf8')
      .matchAll(/^data: (.+)$/gm),
  ].map(([, data]) => data ?? '');
}
