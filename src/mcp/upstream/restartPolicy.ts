/** Crashes within this time, in milliseconds, count as one row. */
const rowMs = 60_000;
/** As many in a row are a loop: starting it again would only go on. */
const loopLength = 5;
const firstDelayMs = 250;
const maxDelayMs = 15_000;

/** Decides when a server that crashed may start again. */
export class RestartPolicy {
  #crashes: number[] = [];

  /** @param now milliseconds since the epoch */
  noteCrash(now: number): void {
    this.#crashes = this.#crashes.filter((time) => now - time < rowMs);
    this.#crashes.push(now);
  }

  /** Whether it crashed so often that only a person should start it again. */
  get isLooping(): boolean {
    return this.#crashes.length >= loopLength;
  }

  /** Milliseconds to wait before the next start. The first one after a long good time is immediate. */
  delayMs(now: number): number {
    const recent = this.#crashes.filter((time) => now - time < rowMs);
    const last = recent.at(-1);
    if (last === undefined || recent.length < 2) return 0;
    const delay = Math.min(maxDelayMs, firstDelayMs * 2 ** (recent.length - 2));
    return Math.max(0, last + delay - now);
  }

  reset(): void {
    this.#crashes = [];
  }
}
