import type { Disposable } from '../core/disposable';

/** A time limit that stands still while a person is asked, since how long people think is not the tool's doing. */
export class Deadline implements Disposable {
  readonly #onPassed: () => void;
  #remainingMs: number;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #pauses = 0;
  #isDisposed = false;

  /** Starts at once. @param ms milliseconds until `onPassed` is called, pauses not counted. */
  constructor(ms: number, onPassed: () => void) {
    this.#remainingMs = ms;
    this.#onPassed = onPassed;
    this.#start();
  }

  /** Runs `body` with the time standing still. */
  async pauseDuring<T>(body: () => Promise<T>): Promise<T> {
    if (this.#pauses++ === 0) {
      clearTimeout(this.#timer);
      this.#remainingMs -= performance.now() - this.#startedAt;
    }
    try {
      return await body();
    } finally {
      if (--this.#pauses === 0) this.#start();
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
  }

  #start(): void {
    if (this.#isDisposed) return;
    this.#startedAt = performance.now();
    this.#timer = setTimeout(this.#onPassed, Math.max(0, this.#remainingMs));
  }
}
