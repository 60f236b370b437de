import { createContext, Script, type Context } from 'node:vm';

/** Whether a text matches a pattern; left open where the pattern is none, or takes too long. */
export interface PatternResult {
  pattern: string;
  text: string;
  isMatch?: boolean;
}

/** For one match, in milliseconds; honest patterns take a thousandth of it. */
const maxMatchMs = 25;
/** For all matches of one question: the editor's other extensions wait meanwhile. */
const maxTotalMs = 150;
const maxSlowPatterns = 1000;

/** Runs patterns of schemas, which come from servers, with an end even where a pattern does not come to one itself. */
export class PatternTests {
  readonly #script = new Script('new RegExp(pattern, "u").test(text)');
  readonly #sandbox: { pattern: string; text: string } = { pattern: '', text: '' };
  /** Patterns that took too long once: they are not tried again. */
  readonly #slow = new Set<string>();
  #context: Context | undefined;

  /** @returns a result for each test, in their order */
  run(tests: readonly { pattern: string; text: string }[]): PatternResult[] {
    const end = performance.now() + maxTotalMs;
    return tests.map(({ pattern, text }) => {
      const isMatch = performance.now() < end ? this.#test(pattern, text) : undefined;
      return { pattern, text, ...(isMatch === undefined ? {} : { isMatch }) };
    });
  }

  #test(pattern: string, text: string): boolean | undefined {
    if (this.#slow.has(pattern)) return undefined;
    this.#context ??= createContext(this.#sandbox);
    Object.assign(this.#sandbox, { pattern, text });
    try {
      // Stopped by V8 itself, also in the middle of a match (`vm`, option `timeout`).
      return this.#script.runInContext(this.#context, { timeout: maxMatchMs }) === true;
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' && this.#slow.size < maxSlowPatterns) {
        this.#slow.add(pattern);
      }
      return undefined;
    }
  }
}
