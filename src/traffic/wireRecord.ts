import type { AwsRequest } from '../core/awsRequest';

/** Which family of protocol revisions a message belongs to: `legacy` up to 2025-11-25, `modern` from 2026-07-28. */
export type ProtocolEra = 'legacy' | 'modern';

export type WireDirection = 'clientToServer' | 'serverToClient';

/** How an exchange stands. Notifications and responses have the status of what they are part of. */
export type ExchangeStatus = 'pending' | 'ok' | 'error' | 'cancelled';

/**
 * Something that the protocol forbids and that only shows when messages pass: a request id that was used before, a
 * response to nothing, progress for nothing, a request before `initialize` was answered.
 */
export type WireOddity = 'reusedId' | 'unknownId' | 'unknownToken' | 'beforeInitialize';

/** What is known of a message without its body: what lists, filters and statistics work on. */
export interface WireSummary {
  /** Counts up by one in the order of capture, from 1 unless there are records of before; never reused while the recorder lives. */
  seq: number;
  /** Milliseconds since the epoch. */
  time: number;
  direction: WireDirection;
  kind: 'request' | 'response' | 'notification';
  /** Display name of the server, e.g. `AWS tools`. */
  server: string;
  /** Name the client gave itself. */
  client: string;
  /** A short label of the session; never the session id itself, which is a secret. */
  session: string;
  era: ProtocolEra;
  /** For a response: the method of its request. Empty for a response to nothing we saw. */
  method: string;
  /** Tool, prompt or resource that the message is about. */
  target?: string;
  /** JSON-RPC id, as text. */
  id?: string;
  /** UTF-8 bytes as sent, before redaction. */
  bytes: number;
  /** Estimated model tokens. */
  tokens: number;
  /** `seq` of the response for a request, of the request for a response. */
  pair?: number;
  /** For a notification and for a server's request: `seq` of the client's request that it belongs to. */
  parent?: number;
  /** For requests and responses. */
  status?: ExchangeStatus;
  /** From request to response, in milliseconds; on both. */
  durationMs?: number;
  /** AWS requests made for it; on the request. */
  awsRequests?: AwsRequest[];
  /** `seq` of the request that was answered with a demand for input, which this one gives (2026-07-28). */
  previousRound?: number;
  /** `seq` of the request that gives the input which the answer to this one demands. */
  nextRound?: number;
  oddities?: WireOddity[];
  /** One line about it, redacted: what an error says (on both of a pair), how far a progress is, what a log tells. */
  note?: string;
  /** Set where the body kept is not the whole message, because it was longer than the recorder keeps. */
  isCut?: true;
  /** Set where it came as bytes that no text stands for, or that are no message; the record then has the bytes, too. */
  isRaw?: true;
  /** Set where a filter changed the message on its way; the record then has what was sent as well. */
  isChanged?: true;
}

/** A message with its body, after redaction. */
export interface WireRecord extends WireSummary {
  /** The JSON text of the message; for bytes that are no message what they say, as a JSON string. */
  body: string;
  /** The JSON text of what its sender sent, where it was changed on the way; redacted and cut as `body` is. */
  original?: string;
  /** The HTTP headers that it came with, names in lower case, secrets redacted; only where they were recorded. */
  headers?: Readonly<Record<string, string>>;
  /** The bytes as they came, in base64, secrets replaced; only where `isRaw` is set and they could be kept. */
  raw?: string;
}
