/** What a host grants its clients. Every value can be given; the defaults suit one person's editor. */
export interface HostLimits {
  /** Bytes of one request body; more is answered 413. */
  maxBodyBytes: number;
  /** Sessions of the legacy era at a time; a new one takes the place of the one that is idle longest. */
  maxSessions: number;
  /** Milliseconds after the last request, with no stream open, when a session of the legacy era ends. */
  sessionIdleMs: number;
  /** Milliseconds after the last request for which a client of the modern era, which has no session, is still listed. */
  modernLingerMs: number;
  /** Requests being answered at a time, streams not counted; more are answered 503. */
  maxConcurrentRequests: number;
  /** Event streams (legacy GET, `subscriptions/listen`) open at a time; more are refused. */
  maxStreams: number;
  /** TCP or socket connections at a time; more are dropped. */
  maxConnections: number;
  /** Milliseconds for a client to send its request headers. */
  headersTimeoutMs: number;
  /** Milliseconds for a client to send a whole request. */
  requestTimeoutMs: number;
  /** Milliseconds after which a kept-alive connection without a request is closed. */
  keepAliveTimeoutMs: number;
  /** Milliseconds between comment frames on open streams, so that nothing in between closes them. */
  streamKeepAliveMs: number;
  /** Milliseconds for which a question put to a person through the client stays answerable. */
  consentTimeoutMs: number;
}

export const defaultHostLimits: HostLimits = {
  maxBodyBytes: 4 * 1024 * 1024,
  maxSessions: 64,
  sessionIdleMs: 60 * 60 * 1000,
  modernLingerMs: 5 * 60 * 1000,
  maxConcurrentRequests: 64,
  maxStreams: 128,
  maxConnections: 256,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 60_000,
  streamKeepAliveMs: 15_000,
  consentTimeoutMs: 5 * 60 * 1000,
};
