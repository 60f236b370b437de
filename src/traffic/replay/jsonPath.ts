import { isRecord } from '../../core/json';

/** Names of members and indexes of items, from the outermost in. */
export type JsonPath = readonly (string | number)[];

/** A path as one writes it in JavaScript: `result.items[3]["odd key"]`. */
export function pathText(path: JsonPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (plainName.test(step)) text += `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text.replace(/^\./, '');
}

/** Reads a path as `pathText` writes it; `undefined` where it is none. */
export function readPath(text: string): JsonPath | undefined {
  const path: (string | number)[] = [];
  let at = 0;
  // The first name has no dot before it.
  const whole = /^[A-Za-z_$]/.test(text) ? `.${text}` : text;
  while (at < whole.length) {
    pathStep.lastIndex = at;
    const step = pathStep.exec(whole);
    if (!step) return undefined;
    const [matched, name, index, quoted] = step;
    if (quoted === undefined) {
      path.push(name ?? Number(index));
    } else {
      const key = readQuoted(quoted);
      if (key === undefined) return undefined;
      path.push(key);
    }
    at += matched.length;
  }
  return path;
}

/** The value that a path leads to; `undefined` where it leads nowhere. Members that values inherit are not looked at. */
export function valueAt(root: unknown, path: JsonPath): unknown {
  let value = root;
  for (const step of path) {
    if (Array.isArray(value)) value = typeof step === 'number' ? (value as unknown[])[step] : undefined;
    else if (isRecord(value)) value = Object.hasOwn(value, String(step)) ? value[String(step)] : undefined;
    else return undefined;
  }
  return value;
}

const plainName = /^[A-Za-z_$][\w$]*$/;
const pathStep = /\.([\w$-]+)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]/y;

function readQuoted(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}
