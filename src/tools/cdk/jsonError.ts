/** Where a JSON text breaks, both counted from 1 as editors do. */
export interface TextPosition {
  line: number;
  column: number;
}

const space = /[ \t\r\n]*/y;
const text = String.raw`"(?:[^"\\\u0000-\u001F]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"`;
const key = new RegExp(text, 'y');
const scalar = new RegExp(String.raw`${text}|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null`, 'y');

/**
 * Finds the first place where `json` is not JSON (RFC 8259), or `undefined` where all of it is.
 * `JSON.parse` names a position in some of its messages only, and which ones differs between versions of Node.js.
 */
export function findJsonError(json: string): TextPosition | undefined {
  const offset = errorOffset(json);
  if (offset === undefined) return undefined;
  const before = json.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function errorOffset(json: string): number | undefined {
  let at = 0;
  const open: ('{' | '[')[] = [];
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const matched = pattern.exec(json);
    if (!matched) return false;
    at = pattern.lastIndex;
    return true;
  };
  const skipSpace = (): string | undefined => {
    skip(space);
    return json[at];
  };
  const skipKey = (): boolean => {
    skipSpace();
    if (!skip(key) || skipSpace() !== ':') return false;
    at++;
    return true;
  };

  for (;;) {
    const start = skipSpace();
    let isComplete = true;
    if (start === '{' || start === '[') {
      at++;
      if (skipSpace() === (start === '{' ? '}' : ']')) at++;
      else {
        open.push(start);
        if (start === '{' && !skipKey()) return at;
        isComplete = false;
      }
    } else if (!skip(scalar)) return at;

    while (isComplete) {
      const next = skipSpace();
      const container = open.at(-1);
      if (container === undefined) return next === undefined ? undefined : at;
      if (next === ',') {
        at++;
        if (container === '{' && !skipKey()) return at;
        isComplete = false;
      } else if (next === (container === '{' ? '}' : ']')) {
        at++;
        open.pop();
      } else return at;
    }
  }
}
