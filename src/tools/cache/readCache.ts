import { createHash } from 'node:crypto';
import { byteLength } from '../../core/byteLength';
import { canonicalJson } from '../../core/json';

export interface ReadCacheOptions {
  /** UTF-8 bytes that all remembered answers may take together. Default 8 MB. */
  maxBytes?: number;
  /** Milliseconds that never go back. */
  now?: () => number;
}

/** An answer that was remembered. */
export interface CachedAnswer {
  /** JSON text. */
  json: string;
  /** Whole seconds since it was given. */
  ageSeconds: number;
}

interface Entry {
  json: string;
  bytes: number;
  storedAt: number;
  expiresAt: number;
}

/** A promise to remember one answer, kept only if nothing was changed since it was made. */
export interface PendingAnswer {
  /** Remembers the answer for `ttlSeconds`. Does nothing where the cache was emptied in the meantime. */
  keep(json: string, ttlSeconds: number): void;
}

/**
 * Remembers answers of reads for a short time, in memory. Whatever changes something empties it: a change through one
 * service shows in others (a stack makes functions), and asking again costs little.
 */
export class ReadCache {
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #maxBytes: number;
  readonly #now: () => number;
  #bytes = 0;
  #generation = 0;

  constructor({ maxBytes = 8 * 1024 * 1024, now = () => performance.now() }: ReadCacheOptions = {}) {
    this.#maxBytes = maxBytes;
    this.#now = now;
  }

  /** UTF-8 bytes in use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The key of an answer: everything that it depends on. */
  static keyOf(question: unknown): string {
    return createHash('sha256').update(canonicalJson(question)).digest('base64url');
  }

  find(key: string): CachedAnswer | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const now = this.#now();
    this.#remove(key);
    if (entry.expiresAt <= now) return undefined;
    this.#add(key, entry);
    return { json: entry.json, ageSeconds: Math.floor((now - entry.storedAt) / 1000) };
  }

  /** To be called before AWS is asked, so that an answer from before a change is never remembered after it. */
  prepare(key: string): PendingAnswer {
    const generation = this.#generation;
    return {
      keep: (json, ttlSeconds) => {
        const bytes = byteLength(json);
        if (generation !== this.#generation || bytes > this.#maxBytes / 4) return;
        this.#remove(key);
        const storedAt = this.#now();
        this.#add(key, { json, bytes, storedAt, expiresAt: storedAt + ttlSeconds * 1000 });
        for (const oldest of this.#entries.keys()) {
          if (this.#bytes <= this.#maxBytes) break;
          this.#remove(oldest);
        }
      },
    };
  }

  /** Forgets everything, and whatever is being asked right now. */
  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
    this.#generation++;
  }

  #add(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
