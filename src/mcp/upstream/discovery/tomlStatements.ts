import type { TextSpan } from './sourceText';

/** A value of a TOML text: only where it and its parts stand. */
export interface TomlValuePlace {
  span: TextSpan;
  /** Of an inline table: the pairs as they stand, keys not joined. */
  pairs?: TomlPairPlace[];
}

/** A key and its value. */
export interface TomlPairPlace {
  /** The parts of the key, without those of the table it is in. */
  key: string[];
  /** From the key to the end of the value. */
  span: TextSpan;
  value: TomlValuePlace;
}

/** A `[table]` header or a pair at the top level, with the lines it takes. */
export type TomlStatement =
  | { kind: 'header'; path: string[]; isArray: boolean; span: TextSpan; lines: TextSpan }
  | { kind: 'pair'; path: string[]; pair: TomlPairPlace; lines: TextSpan };

/**
 * Finds where the tables and pairs of a TOML text stand, so that some can be changed and all others left as they are.
 * The text must be valid TOML: whoever calls this has parsed it.
 * @returns `undefined` where the scanner does not understand the text.
 */
export function scanToml(text: string): TomlStatement[] | undefined {
  try {
    return new TomlScanner(text).statements();
  } catch (error) {
    if (error instanceof UnexpectedText || error instanceof RangeError) return undefined;
    throw error;
  }
}

class UnexpectedText extends Error {}

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  e: '\u001B',
  '"': '"',
  '\\': '\\',
};

class TomlScanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  statements(): TomlStatement[] {
    const statements: TomlStatement[] = [];
    let table: string[] = [];
    for (this.#skip(true); this.#at < this.#text.length; this.#skip(true)) {
      const start = this.#at;
      if (this.#text[start] === '[') {
        const isArray = this.#text[start + 1] === '[';
        this.#at += isArray ? 2 : 1;
        const path = this.#key();
        this.#expect(isArray ? ']]' : ']');
        const span = { start, end: this.#at };
        table = path;
        statements.push({ kind: 'header', path, isArray, span, lines: this.#lines(span) });
      } else {
        const pair = this.#pair();
        statements.push({ kind: 'pair', path: [...table, ...pair.key], pair, lines: this.#lines(pair.span) });
      }
    }
    return statements;
  }

  /** The whole lines of a statement; moves behind them. */
  #lines(span: TextSpan): TextSpan {
    const start = this.#text.lastIndexOf('\n', span.start - 1) + 1;
    const lineEnd = this.#text.indexOf('\n', span.end);
    const end = lineEnd === -1 ? this.#text.length : lineEnd + 1;
    const rest = this.#text.slice(span.end, end).trim();
    if (rest !== '' && !rest.startsWith('#')) throw new UnexpectedText();
    this.#at = end;
    return { start, end };
  }

  #pair(): TomlPairPlace {
    const start = this.#at;
    const key = this.#key();
    this.#expect('=');
    this.#skip(false);
    const value = this.#value();
    return { key, span: { start, end: value.span.end }, value };
  }

  #key(): string[] {
    const parts: string[] = [];
    do {
      this.#skip(false);
      parts.push(this.#keyPart());
      this.#skip(false);
    } while (this.#take('.'));
    return parts;
  }

  #keyPart(): string {
    const quote = this.#text[this.#at];
    if (quote === '"' || quote === "'") {
      const start = this.#at + 1;
      this.#string(quote);
      const inner = this.#text.slice(start, this.#at - 1);
      return quote === "'" ? inner : unescapeToml(inner);
    }
    const bare = /[A-Za-z0-9_-]+/y;
    bare.lastIndex = this.#at;
    const match = bare.exec(this.#text);
    if (!match) throw new UnexpectedText();
    this.#at += match[0].length;
    return match[0];
  }

  #value(): TomlValuePlace {
    const start = this.#at;
    const first = this.#text[start];
    if (first === '"' || first === "'") {
      const isLong = this.#text.startsWith(first.repeat(3), start);
      if (isLong) this.#longString(first);
      else this.#string(first);
      return { span: { start, end: this.#at } };
    }
    if (first === '[') {
      this.#at++;
      for (this.#skip(true); !this.#take(']'); this.#skip(true)) {
        this.#value();
        this.#skip(true);
        if (!this.#take(',') && this.#text[this.#at] !== ']') throw new UnexpectedText();
      }
      return { span: { start, end: this.#at } };
    }
    if (first === '{') {
      this.#at++;
      const pairs: TomlPairPlace[] = [];
      for (this.#skip(true); !this.#take('}'); this.#skip(true)) {
        pairs.push(this.#pair());
        this.#skip(true);
        if (!this.#take(',') && this.#text[this.#at] !== '}') throw new UnexpectedText();
      }
      return { span: { start, end: this.#at }, pairs };
    }
    const plain = /[^\s,\]}#][^,\]}#\r\n]*/y;
    plain.lastIndex = start;
    const match = plain.exec(this.#text);
    if (!match) throw new UnexpectedText();
    this.#at += match[0].trimEnd().length;
    return { span: { start, end: this.#at } };
  }

  /** A text on one line. */
  #string(quote: string): void {
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at];
      if (character === '\n') break;
      if (character === '\\' && quote === '"') this.#at++;
      else if (character === quote) {
        this.#at++;
        return;
      }
    }
    throw new UnexpectedText();
  }

  /** A text between three quotes, which may end with up to two more of them. */
  #longString(quote: string): void {
    for (this.#at += 3; this.#at < this.#text.length; this.#at++) {
      if (this.#text[this.#at] === '\\' && quote === '"') this.#at++;
      else if (this.#text.startsWith(quote.repeat(3), this.#at)) {
        this.#at += 3;
        for (let more = 0; more < 2 && this.#text[this.#at] === quote; more++) this.#at++;
        return;
      }
    }
    throw new UnexpectedText();
  }

  #skip(overLines: boolean): void {
    const space = overLines ? /(?:[ \t\r\n]|#[^\n]*)*/y : /[ \t]*/y;
    space.lastIndex = this.#at;
    this.#at += space.exec(this.#text)?.[0].length ?? 0;
  }

  #take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #expect(token: string): void {
    this.#skip(false);
    if (!this.#take(token)) throw new UnexpectedText();
  }
}

function unescapeToml(text: string): string {
  return text.replace(
    /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|(.))/g,
    (_match, four?: string, eight?: string, two?: string, single?: string) => {
      const hex = four ?? eight ?? two;
      return hex === undefined ? (escapes[single ?? ''] ?? '') : String.fromCodePoint(Number.parseInt(hex, 16));
    },
  );
}
