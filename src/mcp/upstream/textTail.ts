/** The end of a text that grows without bound. */
export class TextTail {
  readonly #maxChars: number;
  #pieces: string[] = [];
  #chars = 0;
  #dropped = 0;

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  /** Characters that were dropped so far. */
  get droppedChars(): number {
    return this.#dropped;
  }

  append(text: string): void {
    const kept = text.length > this.#maxChars ? text.slice(-this.#maxChars) : text;
    this.#dropped += text.length - kept.length;
    this.#pieces.push(kept);
    this.#chars += kept.length;
    // Joined only now and then, so that a flood of short pieces costs no more than it must.
    if (this.#chars > 2 * this.#maxChars || this.#pieces.length > 1000) this.#join();
  }

  /** What is kept. */
  toString(): string {
    this.#join();
    return this.#pieces[0] ?? '';
  }

  /** The last line that says something, at most `maxChars` long. */
  lastLine(maxChars: number): string {
    const lines = this.toString().trimEnd().split(/\r?\n/);
    return (lines.at(-1) ?? '').trim().slice(0, maxChars);
  }

  #join(): void {
    const text = this.#pieces.join('');
    const kept = text.slice(-this.#maxChars);
    this.#dropped += text.length - kept.length;
    this.#pieces = [kept];
    this.#chars = kept.length;
  }
}
