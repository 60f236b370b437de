import { canonicalJson } from '../../core/json';

const maxEntries = 4;
const maxAgeMs = 10 * 60_000;

/**
 * Keeps what the first page of a result was cut from, so that the pages after it come from the same synthesis and cost no
 * other one. Only a call with a cursor looks here: a call without one always runs the app as it is now.
 */
export class Continuations<T> {
  readonly #entries = new Map<string, { value: T; keptAt: number }>();

  /** Keeps the value for calls that have the same `arguments`, cursor and limit left out. */
  keep(callArguments: object, value: T): void {
    const key = canonicalJson(callArguments);
    this.#entries.delete(key);
    this.#entries.set(key, { value, keptAt: Date.now() });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= maxEntries) break;
      this.#entries.delete(oldest);
    }
  }

  find(callArguments: object): T | undefined {
    const entry = this.#entries.get(canonicalJson(callArguments));
    return entry !== undefined && Date.now() - entry.keptAt <= maxAgeMs ? entry.value : undefined;
  }
}
