import { canonicalJson } from '../../core/json';
import type { NameSource } from './nameSource';
import type { ReadRequest, ToolReads } from './toolReads';

/** Names that begin with what a person has typed. */
export interface Completion {
  /** At most a hundred. */
  values: string[];
  /** Whether there are more than `values`. */
  hasMore: boolean;
}

/** Names of one list that began with a prefix when they were read. */
interface KnownNames {
  names: readonly string[];
  /** Whether `names` are all that begin with the prefix. */
  isComplete: boolean;
  /** Milliseconds since the epoch. */
  readAt: number;
}

const maxValues = 100;
const maxKnownLists = 200;
/** As long as a person types: the next letter needs no new request, and a new stack is there the next time. */
const defaultKeepMs = 15_000;

/**
 * Completes names from live lists. Lists are remembered for moments only, for the connection that asked, and forgotten
 * when who we are or what is allowed changes.
 */
export class NameCompletion {
  readonly #reads: ToolReads;
  readonly #keepMs: number;
  /** By list, then by the prefix it was read for; the oldest first. */
  readonly #known = new Map<string, KnownNames>();
  #generation = 0;

  /** @param keepMs milliseconds for which a list is taken as still true. */
  constructor(reads: ToolReads, keepMs = defaultKeepMs) {
    this.#reads = reads;
    this.#keepMs = keepMs;
  }

  /**
   * The names that begin with `prefix`, in any case, in the order of the list.
   * @param others what is filled in already.
   * @throws WorkbenchError with the code that the list tool failed with.
   */
  async complete(
    source: NameSource,
    prefix: string,
    others: Readonly<Record<string, string>>,
    request: ReadRequest,
  ): Promise<Completion> {
    const whole = source.toArguments('', others);
    const input = source.toArguments(prefix, others);
    if (!whole || !input || !this.#reads.allowedTools().has(source.tool)) return { values: [], hasMore: false };
    const list = canonicalJson([request.caller.sessionId, source.tool, whole]);
    const known = this.#find(list, prefix);
    if (known) return toCompletion(known, prefix);
    const generation = this.#generation;
    const output = await this.#reads.output(source.tool, input, request);
    const read = {
      names: [...new Set(source.toNames(output))],
      isComplete: output['nextCursor'] === undefined,
      readAt: Date.now(),
    };
    if (generation === this.#generation) this.#keep(list, prefix, read);
    return toCompletion(read, prefix);
  }

  /** Forgets all lists. */
  clear(): void {
    this.#generation++;
    this.#known.clear();
  }

  /** What was read for this prefix, or all of what was read for a shorter one. */
  #find(list: string, prefix: string): KnownNames | undefined {
    const now = Date.now();
    for (let length = prefix.length; length >= 0; length--) {
      const known = this.#known.get(keyOf(list, prefix.slice(0, length)));
      if (!known || now - known.readAt >= this.#keepMs) continue;
      // A level of folders says nothing about the level below.
      const isSameLevel = !prefix.slice(length).includes('/');
      if (length === prefix.length || (known.isComplete && isSameLevel)) return known;
    }
    return undefined;
  }

  #keep(list: string, prefix: string, read: KnownNames): void {
    const key = keyOf(list, prefix);
    this.#known.delete(key);
    this.#known.set(key, read);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= maxKnownLists) break;
      this.#known.delete(oldest);
    }
  }
}

function keyOf(list: string, prefix: string): string {
  return `${list} ${prefix}`;
}

function toCompletion({ names, isComplete }: KnownNames, prefix: string): Completion {
  const start = prefix.toLowerCase();
  const matching = names.filter((name) => name.toLowerCase().startsWith(start));
  return { values: matching.slice(0, maxValues), hasMore: !isComplete || matching.length > maxValues };
}
