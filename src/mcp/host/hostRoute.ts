import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConnectionTransport } from './clientConnection';
import type { Refusal } from './requestGuard';

/** What a request takes while it is answered: a call ends by itself, a stream when the client wants. */
export type RequestKind = 'call' | 'stream';

/** A request that passed every guard: its credential, host, origin and content type are right and its body was read. */
export interface AdmittedRequest {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** Upper case. */
  readonly method: string;
  readonly path: string;
  readonly transport: ConnectionTransport;
  /** The body's parsed JSON; `undefined` where the method carries none. */
  readonly body: unknown;
  /** The body as it was sent: valid JSON in UTF-8; empty where the method carries none. */
  readonly rawBody: Buffer;
  /** UTF-8 bytes of the body. */
  readonly bodyBytes: number;
  /** Fires when the client goes away before the answer is complete. */
  readonly signal: AbortSignal;
  /**
   * Takes one of the places there are for requests of that kind, until the answer is complete. Answers and
   * notifications from clients need none: calls in progress may be waiting for them.
   * @returns false where there is none left, after answering 503.
   */
  takePlace(kind: RequestKind): boolean;
}

/** A request that passed every guard, but whose body is no message. */
export interface UnreadableRequest {
  readonly message: IncomingMessage;
  /** The whole body. */
  readonly raw: Buffer;
  /** How it is answered. */
  readonly refusal: Refusal;
}

/** What is served under one path of the host. */
export interface HostRoute {
  /** Answers the request completely. A rejection is answered 500. */
  handle(request: AdmittedRequest): Promise<void>;
  /** Told of a request that is refused because its body is no message. */
  unreadable?(request: UnreadableRequest): void;
  /** Ends everything that came over one transport, as when its token changes; without one, everything for good. */
  close(transport?: ConnectionTransport): Promise<void>;
  /** Called now and then to let go of what nobody uses any more. @param now milliseconds since the epoch. */
  sweep?(now: number): void;
}
