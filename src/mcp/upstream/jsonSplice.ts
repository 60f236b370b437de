/** Where a value stands in a JSON text: from `start` up to but not including `end`. */
export interface ValueRange {
  start: number;
  end: number;
}

/** A piece of text to put in place of a value. */
export interface Replacement extends ValueRange {
  text: string;
}

/**
 * Finds members of a JSON object by their paths without building any value, so that a message can be changed in one
 * place while every other byte of it, big numbers and the order of members included, stays as it was sent. Where a member
 * stands twice, the last one counts, as it does for `JSON.parse`.
 * @param text valid JSON
 * @param paths names of members from the outermost in; each path must differ from and not be the start of another
 * @returns the range of each path in the order of `paths`; `undefined` where there is no such member
 */
export function findValues(text: string, paths: readonly (readonly string[])[]): (ValueRange | undefined)[] {
  const found: (ValueRange | undefined)[] = paths.map(() => undefined);
  const scan = (from: number, depth: number, open: readonly number[]): number => {
    const start = skipSpace(text, from);
    if (text.charCodeAt(start) !== openBrace || open.length === 0) return skipValue(text, start);
    let at = skipSpace(text, start + 1);
    while (text.charCodeAt(at) === quote) {
      const nameEnd = skipString(text, at);
      const valueStart = skipSpace(text, skipSpace(text, nameEnd) + 1);
      const name = open.length > 0 ? nameOf(text, at, nameEnd) : '';
      const matching = open.filter((index) => paths[index]?.[depth] === name);
      const ending = matching.find((index) => paths[index]?.length === depth + 1);
      const deeper = matching.filter((index) => index !== ending);
      // What an earlier member of the same name had is void.
      for (const index of deeper) found[index] = undefined;
      const valueEnd = deeper.length > 0 ? scan(valueStart, depth + 1, deeper) : skipValue(text, valueStart);
      if (ending !== undefined) found[ending] = { start: valueStart, end: valueEnd };
      at = skipSpace(text, valueEnd);
      if (text.charCodeAt(at) !== comma) break;
      at = skipSpace(text, at + 1);
    }
    return at + 1;
  };
  scan(
    0,
    0,
    paths.map((_path, index) => index),
  );
  return found;
}

/** The text with the values in these ranges replaced. Ranges must not overlap; their order does not matter. */
export function replaceValues(text: string, replacements: readonly Replacement[]): string {
  let result = '';
  let from = 0;
  for (const { start, end, text: replacement } of [...replacements].sort((left, right) => left.start - right.start)) {
    result += text.slice(from, start) + replacement;
    from = end;
  }
  return result + text.slice(from);
}

function nameOf(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : inner;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (code !== space && code !== newline && code !== carriageReturn && code !== tab) return at;
  }
}

/** @param from where the opening quote is */
function skipString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}

function skipValue(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === quote) return skipString(text, from);
  if (first !== openBrace && first !== openBracket) {
    let at = from;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === comma || code === closeBrace || code === closeBracket || code <= space) break;
    }
    return at;
  }
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = skipString(text, at) - 1;
    else if (code === openBrace || code === openBracket) depth++;
    else if (code === closeBrace || code === closeBracket) {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

const tab = 0x09;
const newline = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
