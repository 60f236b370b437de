import type { HostConnection } from '../hostConnection';

const maxKnown = 5000;
const maxAsked = 500;
const maxPattern = 10_000;
const maxText = 100_000;
const askDelayMs = 30;

/** What is known of patterns and texts. The editor finds it out, because a pattern may take for ever. */
export class PatternCache {
  readonly #host: HostConnection;
  readonly #onLearn: () => void;
  readonly #known = new Map<string, boolean | undefined>();
  readonly #asked = new Map<string, { pattern: string; text: string }>();
  #isAsking = false;

  constructor(host: HostConnection, onLearn: () => void) {
    this.#host = host;
    this.#onLearn = onLearn;
  }

  /** @returns `undefined` where it is not known yet, or cannot be */
  readonly matches = (pattern: string, text: string): boolean | undefined => {
    const key = keyOf(pattern, text);
    if (this.#known.has(key)) return this.#known.get(key);
    if (pattern.length > maxPattern || text.length > maxText || this.#asked.size >= maxAsked) return undefined;
    this.#asked.set(key, { pattern, text });
    if (!this.#isAsking) setTimeout(() => this.#ask(), askDelayMs);
    this.#isAsking = true;
    return undefined;
  };

  /** Takes what the editor found out. */
  learn(results: readonly { pattern: string; text: string; isMatch?: boolean }[]): void {
    if (this.#known.size > maxKnown) this.#known.clear();
    for (const { pattern, text, isMatch } of results) this.#known.set(keyOf(pattern, text), isMatch);
    if (results.length > 0) this.#onLearn();
  }

  #ask(): void {
    this.#isAsking = false;
    const tests = [...this.#asked.values()];
    this.#asked.clear();
    this.#host.post({ type: 'matchTryIt', tests });
  }
}

function keyOf(pattern: string, text: string): string {
  return `${pattern.length} ${pattern}${text}`;
}
