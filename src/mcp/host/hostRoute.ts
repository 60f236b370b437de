import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConnectionTransport } from './clientConnection';

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
  /** UTF-8 bytes of the body. */
  readonly bodyBytes: number;
  /** Fires when the client goes away before the answer is complete. */
  readonly signal: AbortSignal;
  /** Says that the answer is a stream, which counts against the limit of streams instead of that of requests. */
  becomeStream(): boolean;
}

/** What is served under one path of the host. */
export interface HostRoute {
  /** Answers the request completely. A rejection is answered 500. */
  handle(request: AdmittedRequest): Promise<void>;
  /** Ends everything that came over one transport, as when its token changes; without one, everything for good. */
  close(transport?: ConnectionTransport): Promise<void>;
}
