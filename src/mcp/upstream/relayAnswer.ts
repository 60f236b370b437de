import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { WorkbenchError, messageOf } from '../../core/errors';
import { redactText } from '../../core/redact';
import { drained } from '../host/drained';
import { ResponseHead } from '../host/responseHead';

/** JSON-RPC leaves this code to servers; ours are told from the server's own by `data.relay`. */
const relayErrorCode = -32_000;

/** Bytes waiting for a client beyond which its server has to wait. */
const highWaterBytes = 4 * 1024 * 1024;

/** Answers up to this length are copied, because that is cheaper than to write head and body apart. */
const oneWriteBytes = 16 * 1024;

/** How an answer that came from no server looks. */
export interface RelayError {
  code: number;
  message: string;
  data?: unknown;
}

/** An error of ours as JSON-RPC. */
export function relayErrorOf(error: unknown): RelayError {
  const report = WorkbenchError.is(error) ? error.toReport() : undefined;
  const text = redactText(messageOf(error));
  return {
    code: relayErrorCode,
    message: report ? `${text} ${report.remedy}` : text,
    data: { relay: true, code: report?.code ?? 'Internal' },
  };
}

/**
 * An error response.
 * @param idToken the JSON text of the request's id, which is put in as it was sent.
 */
export function errorResponse(idToken: string, error: RelayError): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","id":${idToken},"error":${JSON.stringify(error)}}`);
}

/** The answer to one HTTP request: a JSON body, or a stream of events once there is more to say than one message. */
export class RelayAnswer {
  readonly #response: ServerResponse;
  readonly #headers: Readonly<Record<string, string>>;
  /** What the head said, for the record. */
  readonly head = new ResponseHead();
  #isStream = false;
  #isEnded = false;

  /** @param headers sent with whatever the answer becomes */
  constructor(response: ServerResponse, headers: Readonly<Record<string, string>> = {}) {
    this.#response = response;
    this.#headers = headers;
  }

  /** Whether the client can still be told something. */
  get isOpen(): boolean {
    return !this.#isEnded && !this.#response.destroyed;
  }

  get isStream(): boolean {
    return this.#isStream;
  }

  /** Answers with one message and nothing else. */
  json(message: Buffer, status = 200): void {
    if (!this.isOpen) return;
    this.#isEnded = true;
    this.#writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': message.length });
    // As text it goes out in one piece with the head; in Latin-1 every byte stays what it is.
    if (message.length <= oneWriteBytes) this.#response.end(message.toString('latin1'), 'latin1');
    else this.#response.end(message);
  }

  /** Answers that there is nothing to say. */
  accepted(): void {
    if (!this.isOpen) return;
    this.#isEnded = true;
    this.#writeHead(202, {}).end();
  }

  /** Begins a stream of events, if it has not begun. */
  beginStream(): void {
    if (this.#isStream || !this.isOpen) return;
    this.#isStream = true;
    this.#writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
    });
    this.#response.flushHeaders();
  }

  /**
   * Sends one message on the stream.
   * @param message UTF-8 JSON without line ends; empty for an event that only carries its id
   */
  event(message: Buffer, id?: string): void {
    this.beginStream();
    if (!this.isOpen) return;
    const head = message.length === 0 ? '' : 'event: message\n';
    const frame = `${head}${id === undefined ? '' : `id: ${id}\n`}data: `;
    const framed = Buffer.allocUnsafe(frame.length + message.length + 2);
    framed.write(frame, 'latin1');
    message.copy(framed, frame.length);
    framed.write('\n\n', frame.length + message.length, 'latin1');
    this.#response.write(framed);
  }

  /** Keeps what is between us and the client from closing the stream. */
  keepAlive(): void {
    if (this.#isStream && this.isOpen) this.#response.write(': keep-alive\n\n');
  }

  /** Whether the client reads so slowly that its server should wait. */
  get isFull(): boolean {
    return this.isOpen && this.#response.writableLength > highWaterBytes;
  }

  /** Resolves when the client has read what waits for it, or is gone. */
  drained(): Promise<void> {
    const response = this.#response;
    if (!this.isOpen || response.writableLength === 0) return Promise.resolve();
    return drained(response);
  }

  end(): void {
    if (this.#isEnded) return;
    this.beginStream();
    this.#isEnded = true;
    this.#response.end();
  }

  #writeHead(status: number, headers: OutgoingHttpHeaders): ServerResponse {
    const all = { ...this.#headers, ...headers };
    this.head.note(status, all);
    return this.#response.writeHead(status, all);
  }
}
