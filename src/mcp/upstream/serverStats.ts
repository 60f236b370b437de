/** How a managed server has done so far. */
export interface ServerFigures {
  /** Requests answered or failed. */
  requestCount: number;
  /** `tools/call` among them. */
  callCount: number;
  /** Answers with an error, error results of tools included, and requests that the server never answered. */
  errorCount: number;
  /** Requests waiting for their answers now. */
  pendingCount: number;
  /**
   * Milliseconds for which requests have waited and nothing at all was heard from the server: a sign that it hangs.
   * 0 while nothing waits.
   */
  silentMs: number;
  /** Median of the latest answers in milliseconds; `undefined` before the first. */
  latencyMs: number | undefined;
  /** Milliseconds since the epoch; `undefined` before the first answer. */
  lastAnswerAt: number | undefined;
}

const keptLatencies = 64;
/** Stays open as long as the client likes (2026-07-28), so that it is no request that waits. */
const streamMethod = 'subscriptions/listen';

/** Counts the requests of a managed server. */
export class ServerStats {
  readonly #latencies: number[] = [];
  #next = 0;
  #requestCount = 0;
  #callCount = 0;
  #errorCount = 0;
  #pendingCount = 0;
  #lastAnswerAt: number | undefined;
  /** When the server was last heard, or the first of the requests that wait was sent. */
  #heardAt = 0;

  begin(method: string): void {
    if (method === streamMethod) return;
    this.#requestCount++;
    if (this.#pendingCount++ === 0) this.#heardAt = performance.now();
    if (method === 'tools/call') this.#callCount++;
  }

  /** @param milliseconds since it was sent; `undefined` where no answer came. */
  end(milliseconds: number | undefined, isError: boolean, method = ''): void {
    if (method === streamMethod) return;
    this.#pendingCount--;
    if (isError) this.#errorCount++;
    if (milliseconds === undefined) return;
    this.heard();
    this.#latencies[this.#next] = milliseconds;
    this.#next = (this.#next + 1) % keptLatencies;
    this.#lastAnswerAt = Date.now();
  }

  /** Notes that the server said something, whatever it was. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  get pendingCount(): number {
    return this.#pendingCount;
  }

  get figures(): ServerFigures {
    const sorted = [...this.#latencies].sort((left, right) => left - right);
    return {
      requestCount: this.#requestCount,
      callCount: this.#callCount,
      errorCount: this.#errorCount,
      pendingCount: this.#pendingCount,
      silentMs: this.#pendingCount === 0 ? 0 : performance.now() - this.#heardAt,
      latencyMs: sorted[Math.floor(sorted.length / 2)],
      lastAnswerAt: this.#lastAnswerAt,
    };
  }
}
