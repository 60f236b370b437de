import { setTimeout as wait } from 'node:timers/promises';

/** Time as sign-in code sees it, so that tests can let an hour pass at once. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Resolves after `milliseconds`.
   * @throws the signal's reason, or an `AbortError`, as soon as `signal` fires.
   */
  delay(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  delay: (milliseconds, signal) => wait(milliseconds, undefined, signal === undefined ? {} : { signal }),
};
