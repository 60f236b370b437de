import { isRecord } from '../../core/json';

/**
 * Gives JSON values numbers, equal ones the same, whatever the order of their members. Every value is looked at once,
 * however often it is compared: a comparison that began anew at each level would take the square of what is nested.
 */
export class JsonIdentity {
  readonly #numbers = new Map<string, number>();
  readonly #known = new WeakMap<object, number>();

  of(value: unknown): number {
    if (typeof value !== 'object' || value === null) return this.#number(JSON.stringify(value) ?? 'undefined');
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const number = this.#number(this.#textOf(value));
    this.#known.set(value, number);
    return number;
  }

  /** Two values are equal. */
  isSame(left: unknown, right: unknown): boolean {
    return left === right || this.of(left) === this.of(right);
  }

  /** What is in it, with the numbers of its members in place of them. */
  #textOf(value: object): string {
    if (Array.isArray(value)) return `[${(value as unknown[]).map((item) => this.of(item)).join()}]`;
    if (!isRecord(value)) return '{}';
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${this.of(value[name])}`).join()}}`;
  }

  #number(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }
}
