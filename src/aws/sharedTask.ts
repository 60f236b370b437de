import { WorkbenchError } from '../core/errors';

/** The error of a call whose caller does not want it any more. */
export function cancelled(cause?: unknown): WorkbenchError {
  return new WorkbenchError('Cancelled', 'The call was cancelled.', {
    remedy: 'Call again if it is still wanted.',
    cause,
  });
}

/**
 * Work that several callers wait for. Each may leave when its own signal fires; the work itself is aborted only when
 * the last of them left, so that one cancelled call does not fail the others.
 */
export class SharedTask<T> {
  readonly #controller = new AbortController();
  readonly #result: Promise<T>;
  #waiters = 0;

  /** Starts `work` at once. Its signal fires when nobody waits any more. */
  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#result = work(this.#controller.signal);
    // Everybody may have left before it fails.
    this.#result.catch(() => undefined);
  }

  /** Whether everybody left before it was done; a newcomer must start again. */
  get isAbandoned(): boolean {
    return this.#controller.signal.aborted;
  }

  /**
   * Waits for the result.
   * @throws WorkbenchError `Cancelled` as soon as `signal` fires, else what the work throws.
   */
  async join(signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) throw cancelled(signal.reason);
    this.#waiters++;
    let onAbort: (() => void) | undefined;
    const left = new Promise<never>((_resolve, reject) => {
      onAbort = () => {
        if (--this.#waiters === 0) this.#controller.abort();
        reject(cancelled(signal?.reason));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([this.#result, left]);
    } finally {
      if (onAbort) signal?.removeEventListener('abort', onAbort);
    }
  }
}

/** At most one `SharedTask` per key at a time. */
export class SharedTasks<T> {
  readonly #tasks = new Map<string, SharedTask<T>>();

  /** Joins the task of that key that is under way, or starts `work`. Errors as `SharedTask.join`. */
  run(key: string, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    let task = this.#tasks.get(key);
    if (!task || task.isAbandoned) {
      const forget = (): void => {
        if (this.#tasks.get(key) === started) this.#tasks.delete(key);
      };
      const started = new SharedTask<T>(async (shared) => {
        // Never done before it is in the map.
        await Promise.resolve();
        try {
          return await work(shared);
        } finally {
          forget();
        }
      });
      this.#tasks.set(key, started);
      task = started;
    }
    return task.join(signal);
  }

  /** Lets what is under way finish for those who wait, but nobody joins it any more. */
  clear(): void {
    this.#tasks.clear();
  }
}
