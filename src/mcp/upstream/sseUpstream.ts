import type { IncomingMessage } from 'node:http';
import { messageOf, WorkbenchError } from '../../core/errors';
import { EventStreamReader } from './eventStreamReader';
import type { HttpUpstream } from './httpUpstream';
import { onOneLine } from './lineSplitter';
import { parseMessage, type MessageUpstream, type UpstreamEnd, type UpstreamListener } from './messageUpstream';

export interface SseUpstreamOptions {
  http: HttpUpstream;
  listener: UpstreamListener;
  /** Told of events that are no messages. */
  onLog(text: string): void;
  /** Milliseconds for the server to name its endpoint. Default 30 s. */
  connectTimeoutMs?: number;
}

const noBody = Buffer.alloc(0);

/**
 * Connects to a server of the HTTP+SSE transport (2024-11-05): one stream of events on which everything arrives, and an
 * address, named by its first event, that takes what we send.
 * @throws WorkbenchError `Timeout`, `SignInRequired`, `Unsupported` where the address answers with something else.
 */
export async function openSseUpstream(options: SseUpstreamOptions): Promise<MessageUpstream> {
  const { http, connectTimeoutMs = 30_000 } = options;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), connectTimeoutMs);
  try {
    const stream = await http.send({
      method: 'GET',
      headers: { accept: 'text/event-stream', 'cache-control': 'no-cache' },
      body: noBody,
      signal: abort.signal,
      isRepeatable: true,
    });
    const type = stream.headers['content-type'] ?? '';
    if (stream.statusCode !== 200 || !type.startsWith('text/event-stream')) {
      stream.destroy();
      const remedy = 'Check the address, or choose Streamable HTTP as its transport.';
      throw new WorkbenchError(
        'Unsupported',
        `${http.url.origin} does not speak HTTP with SSE here: it answered ${stream.statusCode} with ${type || 'no content type'}.`,
        { remedy },
      );
    }
    const upstream = new SseUpstream(stream, abort, options);
    await upstream.connected;
    return upstream;
  } catch (error) {
    const wasLate = abort.signal.aborted;
    abort.abort();
    if (!wasLate || !WorkbenchError.is(error, 'Cancelled')) throw error;
    throw new WorkbenchError('Timeout', `${http.url.origin} did not open its stream in time.`, {
      remedy: 'Check that the server is running.',
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

class SseUpstream implements MessageUpstream {
  readonly pid = undefined;
  readonly connected: Promise<void>;
  readonly #stream: IncomingMessage;
  readonly #abort: AbortController;
  readonly #options: SseUpstreamOptions;
  readonly #events = new EventStreamReader();
  #onConnected!: { resolve: () => void; reject: (error: unknown) => void };
  #endpoint: URL | undefined;
  #end: UpstreamEnd | undefined;

  constructor(stream: IncomingMessage, abort: AbortController, options: SseUpstreamOptions) {
    this.#stream = stream;
    this.#abort = abort;
    this.#options = options;
    this.connected = new Promise((resolve, reject) => {
      this.#onConnected = { resolve, reject };
    });
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
    stream.once('end', () => this.#finish({ kind: 'exited', message: 'The server closed the stream.' }));
    stream.once('error', (error) => this.#finish({ kind: 'failed', message: `The stream broke: ${messageOf(error)}` }));
    stream.once('close', () => this.#finish({ kind: 'exited', message: 'The stream broke.' }));
  }

  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Rejects where the server does not take the message. */
  async send(message: Buffer): Promise<void> {
    if (this.#end || !this.#endpoint) return;
    const answer = await this.#options.http.send({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: onOneLine(message),
      signal: this.#abort.signal,
      isRepeatable: false,
      url: this.#endpoint,
    });
    answer.resume();
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return;
    throw new WorkbenchError('Internal', `The server refused the message with HTTP ${status}.`, {
      remedy: 'Read the log of the server.',
    });
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  close(): Promise<void> {
    this.#finish({ kind: 'stopped', message: 'The connection was closed.' });
    return Promise.resolve();
  }

  #read(chunk: Buffer): void {
    if (this.#end) return;
    try {
      for (const { event, data } of this.#events.push(chunk)) {
        if (event === 'endpoint') this.#setEndpoint(data.toString('utf8').trim());
        else if (event === 'message') this.#deliver(data);
      }
    } catch (error) {
      this.#finish({ kind: 'failed', message: `The stream cannot be read: ${messageOf(error)}` });
    }
  }

  #deliver(data: Buffer): void {
    const raw = onOneLine(data);
    const parsed = parseMessage(raw);
    if (parsed) {
      this.#options.listener.onMessage({ raw, parsed });
      return;
    }
    this.#options.listener.onUnreadable?.(raw);
    this.#options.onLog(`[not a message] ${raw.subarray(0, 2000).toString('utf8')}\n`);
  }

  #setEndpoint(text: string): void {
    const { url } = this.#options.http;
    const endpoint = URL.canParse(text, url.href) ? new URL(text, url) : undefined;
    // Credentials go where the user sent them and nowhere else.
    if (endpoint?.origin !== url.origin) {
      this.#finish({ kind: 'failed', message: 'The server names an endpoint of another origin.' });
      return;
    }
    this.#endpoint = endpoint;
    this.#onConnected.resolve();
  }

  #finish(end: UpstreamEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.#abort.abort();
    this.#stream.destroy();
    this.#onConnected.reject(
      new WorkbenchError('Internal', end.message, { remedy: 'Check that the server is running.' }),
    );
    if (this.#endpoint) this.#options.listener.onEnd(end);
  }
}
