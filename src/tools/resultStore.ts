import { randomUUID } from 'node:crypto';
import { byteLength } from '../core/byteLength';

const scheme = 'workbench://results/';

/** Keeps the whole of results that were cut, for as long as memory allows; the oldest go first. */
export class ResultStore {
  readonly #results = new Map<string, string>();
  readonly #maxBytes: number;
  #bytes = 0;

  /** @param maxBytes UTF-8 bytes that all kept results may take together. */
  constructor(maxBytes = 16 * 1024 * 1024) {
    this.#maxBytes = maxBytes;
  }

  /** Keeps a result's JSON text and returns the URI that reads it, or `undefined` where it is too large to keep. */
  keep(json: string): string | undefined {
    const size = byteLength(json);
    if (size > this.#maxBytes) return undefined;
    for (const [uri, old] of this.#results) {
      if (this.#bytes + size <= this.#maxBytes) break;
      this.#results.delete(uri);
      this.#bytes -= byteLength(old);
    }
    const uri = scheme + randomUUID();
    this.#results.set(uri, json);
    this.#bytes += size;
    return uri;
  }

  /** The JSON text behind a URI, while it is still kept. */
  read(uri: string): string | undefined {
    return this.#results.get(uri);
  }

  /** What is kept now, newest first, with its size in UTF-8 bytes. */
  get kept(): readonly { uri: string; bytes: number }[] {
    return [...this.#results].map(([uri, json]) => ({ uri, bytes: byteLength(json) })).toReversed();
  }

  /** Forgets everything, as when the user signs out. */
  clear(): void {
    this.#results.clear();
    this.#bytes = 0;
  }
}
