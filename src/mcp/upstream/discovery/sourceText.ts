/** A place in a text. Lines and columns count from 1, columns in UTF-16 units, as editors show them. */
export interface TextPlace {
  line: number;
  column: number;
}

/** A piece of a text: UTF-16 offsets, `end` excluded. */
export interface TextSpan {
  start: number;
  end: number;
}

export interface DecodedText {
  /** The text without its byte order mark, as an editor has it in its buffer. */
  text: string;
  hasByteOrderMark: boolean;
  /** Where the first bytes stand that are no UTF-8; they are replaced by U+FFFD. */
  invalidAt?: number;
}

/** Decodes a config file. Never throws: what is wrong with it is said in the result. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const hasByteOrderMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), hasByteOrderMark };
  } catch {
    const text = new TextDecoder('utf-8').decode(bytes);
    return { text, hasByteOrderMark, invalidAt: Math.max(0, text.indexOf('\uFFFD')) };
  }
}

/** Turns offsets into lines and columns. Line ends are LF, CRLF and CR, as in the editor. */
export class LineIndex {
  readonly #starts: number[] = [0];
  readonly #length: number;

  constructor(text: string) {
    this.#length = text.length;
    for (const match of text.matchAll(/\r\n|\n|\r/g)) this.#starts.push(match.index + match[0].length);
  }

  placeOf(offset: number): TextPlace {
    const inside = Math.min(Math.max(offset, 0), this.#length);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= inside) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: inside - (this.#starts[low] ?? 0) + 1 };
  }
}
