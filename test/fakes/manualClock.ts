import { setTimeout as realDelay } from 'node:timers/promises';
import type { Clock } from '../../src/aws/sso/clock';

interface Timer {
  due: number;
  resolve: () => void;
}

const longestStepMs = 3_000;

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = (): void => {
        this.#timers.delete(timer);
        reject(signal?.reason as Error);
      };
      const timer: Timer = {
        due: this.#now + milliseconds,
        resolve: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#timers.add(timer);
    });
  }

  /** How many delays are under way: none may be left when a test is over. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass; what was due meanwhile happens in order. */
  advance(milliseconds: number): void {
    const until = this.#now + milliseconds;
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.due > until) break;
      this.#fire(next);
    }
    this.#now = until;
  }

  /**
   * Lets time pass until `promise` is settled, whenever nothing else seems to be waited for: to the next delay's end,
   * but in small steps, because work on the disk does not show here.
   * @param isIdle whether no request is under way.
   */
  async runUntil<T>(promise: Promise<T>, isIdle: () => boolean = () => true): Promise<T> {
    const progress = { isSettled: false };
    const settled = promise.finally(() => (progress.isSettled = true));
    settled.catch(() => undefined);
    let idleLooks = 0;
    while (!progress.isSettled) {
      await realDelay(1);
      idleLooks = isIdle() ? idleLooks + 1 : 0;
      const next = this.#next();
      if (idleLooks < 3 || next === undefined) continue;
      idleLooks = 0;
      this.advance(Math.min(longestStepMs, Math.max(0, next.due - this.#now)));
    }
    return settled;
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (first === undefined || timer.due < first.due) first = timer;
    return first;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#now = Math.max(this.#now, timer.due);
    timer.resolve();
  }
}
