import type { Logger } from '../../core/logger';
import type { Clock } from './clock';
import { describeFailure, isThrottle, isTransient } from './ssoError';

/** How often and after what pauses a request is repeated. */
export interface RetryPolicy {
  /** All attempts at a request that fails for network and server faults, the first included. */
  attempts: number;
  /** All attempts at a request that is throttled: the portal's limits are low, and waiting is all it takes. */
  throttledAttempts: number;
  /** Pause before the first repetition, doubled each time, in milliseconds. Half of it is random. */
  firstPauseMs: number;
  longestPauseMs: number;
}

/** For requests somebody waits for. */
export const interactiveRetries: RetryPolicy = {
  attempts: 3,
  throttledAttempts: 6,
  firstPauseMs: 300,
  longestPauseMs: 5_000,
};

/** For lists, where throttling is part of the normal course. */
export const listRetries: RetryPolicy = {
  attempts: 4,
  throttledAttempts: 10,
  firstPauseMs: 250,
  longestPauseMs: 8_000,
};

/**
 * Repeats a request that fails for a transient reason. The SDK's own retries are off, because they know neither our
 * clock nor our signal's reason.
 * @throws what the last attempt threw, or the signal's reason.
 */
export async function withRetries<T>(
  request: () => Promise<T>,
  options: { policy: RetryPolicy; clock: Clock; logger: Logger; what: string; signal?: AbortSignal | undefined },
): Promise<T> {
  const { policy } = options;
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      return await request();
    } catch (error) {
      options.signal?.throwIfAborted();
      const limit = isThrottle(error) ? policy.throttledAttempts : policy.attempts;
      if (!isTransient(error) || attempt >= limit) throw error;
      const ceiling = Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** (attempt - 1));
      const pause = ceiling / 2 + Math.random() * (ceiling / 2);
      options.logger.debug(`${options.what}: ${describeFailure(error)}; trying again in ${Math.round(pause)} ms.`);
      await options.clock.delay(pause, options.signal);
    }
  }
}
