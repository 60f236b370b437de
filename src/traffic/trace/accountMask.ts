/** Twelve digits alone, also inside an ARN or a bucket's name; not the fraction of a number. */
const accountId = /(?<!\d)(?<!\d\.)\d{12}(?!\d)/g;

/**
 * Replaces AWS account ids by others that nobody has to know, the same one always by the same: `100000000001` and so
 * on, which stay valid where an id must be twelve digits and where JSON wants a number. Any twelve digits count, since
 * an id looks like nothing else.
 */
export class AccountMask {
  readonly #masks = new Map<string, string>();

  /** Account ids met so far. */
  get count(): number {
    return this.#masks.size;
  }

  /** `text` with every account id replaced. */
  apply(text: string): string {
    return text.replace(accountId, (id) => {
      let mask = this.#masks.get(id);
      if (mask === undefined) {
        mask = `1${String(this.#masks.size + 1).padStart(11, '0')}`;
        this.#masks.set(id, mask);
      }
      return mask;
    });
  }
}
