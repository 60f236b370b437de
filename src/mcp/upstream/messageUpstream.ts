/** Why an upstream is no more. */
export interface UpstreamEnd {
  /** `stopped` where we ended it ourselves. */
  kind: 'stopped' | 'exited' | 'failed';
  /** A sentence for people, without secrets. */
  message: string;
}

/** One message of a server as it was sent, and what `JSON.parse` makes of it. */
export interface UpstreamMessage {
  /** UTF-8 JSON without line ends. */
  raw: Buffer;
  /** The same, parsed: an object, or an array for a batch. */
  parsed: object;
}

/** Who hears what comes from an upstream. */
export interface UpstreamListener {
  onMessage(message: UpstreamMessage): void;
  /** Told of what a server sent in place of a message. */
  onUnreadable?(raw: Buffer): void;
  /** Called once; nothing comes after it. */
  onEnd(end: UpstreamEnd): void;
}

/**
 * A connection on which messages go both ways one by one: a process over stdio, or a server of the HTTP+SSE transport.
 * It carries messages and does not understand them.
 */
export interface MessageUpstream {
  /** Process id, where it is a process of ours. */
  readonly pid: number | undefined;
  readonly isEnded: boolean;
  /**
   * Sends one message.
   * @param message UTF-8 JSON
   * @returns a promise where the server reads slower than we write; it resolves when there is room again or it ended.
   */
  send(message: Buffer): Promise<void> | undefined;
  /** Stops reading, so that a server that sends faster than a client reads has to wait. */
  pause(): void;
  resume(): void;
  /** Ends it and everything it started. Safe to call twice. */
  close(): Promise<void>;
}

/** Parses what a server sent; `undefined` where it is no JSON object or array. */
export function parseMessage(raw: Buffer): object | undefined {
  try {
    const parsed = JSON.parse(raw.toString('utf8')) as unknown;
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
