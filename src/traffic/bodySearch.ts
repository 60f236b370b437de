import { globTest, type BodyTest } from './query';
import type { TrafficSource } from './trafficSource';

/** How far a search is, in messages. */
export interface SearchProgress {
  done: number;
  total: number;
}

/**
 * Looks for texts in the bodies of all messages, in steps, and remembers where they are: 64 MB cannot be searched while
 * somebody types. New messages first, then from the newest to the oldest.
 */
export class BodySearch {
  readonly #source: TrafficSource;
  readonly #tests: readonly ((body: string) => boolean)[];
  readonly #hits: readonly Set<number>[];
  /** `seq` of the next message that came after the search began. */
  #above: number;
  /** `seq` of the next older message. */
  #below: number;
  readonly #start: number;

  /** @param texts as `Query.texts` gives them. */
  constructor(source: TrafficSource, texts: readonly string[]) {
    this.#source = source;
    this.#tests = texts.map(bodyTest);
    this.#hits = texts.map(() => new Set<number>());
    this.#start = this.#above = source.extent.nextSeq;
    this.#below = this.#start - 1;
  }

  /** Whether a text was found in the message with that `seq`, as far as it was searched. */
  readonly has: BodyTest = (text, seq) => this.#hits[text]?.has(seq) === true;

  get progress(): SearchProgress {
    const { firstSeq, nextSeq } = this.#source.extent;
    const left = Math.max(0, nextSeq - Math.max(firstSeq, this.#above)) + Math.max(0, this.#below - firstSeq + 1);
    const total = nextSeq - firstSeq;
    return { done: Math.max(0, total - left), total };
  }

  get isDone(): boolean {
    const { firstSeq, nextSeq } = this.#source.extent;
    return this.#tests.length === 0 || (this.#above >= nextSeq && this.#below < firstSeq);
  }

  /**
   * Goes on searching for about as long as `milliseconds`.
   * @returns the messages in which something was found.
   */
  step(milliseconds: number): number[] {
    const until = performance.now() + milliseconds;
    const found: number[] = [];
    const { firstSeq, nextSeq } = this.#source.extent;
    this.#above = Math.max(this.#above, firstSeq);
    while (this.#above < nextSeq && performance.now() < until) this.#look(this.#above++, found);
    while (this.#below >= firstSeq && performance.now() < until) this.#look(this.#below--, found);
    if (this.#below < firstSeq) this.#below = firstSeq - 1;
    return found;
  }

  /** Forgets where something was found in messages that are no longer kept. */
  forgetBefore(firstSeq: number): void {
    for (const hits of this.#hits) {
      if (hits.size === 0) continue;
      for (const seq of hits) if (seq < firstSeq) hits.delete(seq);
    }
  }

  #look(seq: number, found: number[]): void {
    const record = this.#source.get(seq);
    if (!record) return;
    const body = record.body.toLowerCase();
    let isFound = false;
    for (const [index, test] of this.#tests.entries()) {
      if (!test(body)) continue;
      this.#hits[index]?.add(seq);
      isFound = true;
    }
    if (isFound) found.push(seq);
  }
}

/** Finds a text in JSON, where it may stand escaped, and escaped again in JSON that stands in JSON. */
function bodyTest(text: string): (lowerCaseBody: string) => boolean {
  const lower = text.toLowerCase();
  if (/[*?]/.test(lower)) {
    const segments = lower.split('*').filter(Boolean);
    if (!lower.includes('?')) {
      return (body) => {
        let from = 0;
        for (const segment of segments) {
          const at = body.indexOf(segment, from);
          if (at < 0) return false;
          from = at + segment.length;
        }
        return true;
      };
    }
    const longest = lower.split(/[*?]+/).reduce((left, right) => (left.length >= right.length ? left : right), '');
    const whole = globTest(`*${lower}*`);
    return (body) => body.includes(longest) && body.length <= maxGlobChars && whole(body);
  }
  const once = JSON.stringify(lower).slice(1, -1);
  const twice = JSON.stringify(once).slice(1, -1);
  const forms = [...new Set([lower, once, twice])];
  return (body) => forms.some((form) => body.includes(form));
}

/** `?` in a free text is looked for character by character, which would take long in a larger body. */
const maxGlobChars = 256 * 1024;
