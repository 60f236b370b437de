import { isRecord } from '../../core/json';
import { alignItems } from './alignItems';
import { JsonIdentity } from './jsonIdentity';
import { pathText, type JsonPath } from './jsonPath';
import { areVolatileValues, isVolatileName } from './volatile';

/** One line of a comparison of two JSON values, as it is shown. */
export interface DiffLine {
  /** `fold` stands for `count` lines that are the same on both sides. */
  kind: 'same' | 'added' | 'removed' | 'changed' | 'fold';
  /** How far it is indented. */
  depth: number;
  /** On the left side, and on the right one where that differs. */
  left?: string;
  right?: string;
  /** Where the difference is; on the first of its lines. */
  path?: string;
  /** Set where the difference is of a kind that says nothing: an id of a request, a time, a duration. */
  isVolatile?: true;
  count?: number;
}

/** Two JSON values compared. */
export interface JsonDiff {
  lines: DiffLine[];
  /** Differences, each counted once however many lines it has; `ignorable` are the volatile ones. */
  added: number;
  removed: number;
  changed: number;
  ignorable: number;
  /** Set where there are more lines than are given. */
  isCut?: true;
}

export interface DiffLimits {
  maxLines: number;
  /** Longest part of a text that is shown. */
  maxChars: number;
}

const defaultLimits: DiffLimits = { maxLines: 4000, maxChars: 400 };
/** Lines of what is the same that stay in sight before and after a difference. */
const context = 2;
const maxEmbedded = 512 * 1024;

/** Compares two JSON values, which must not nest deeper than some hundreds of levels (`comparable.ts`). */
export function diffJson(left: unknown, right: unknown, limits: Partial<DiffLimits> = {}): JsonDiff {
  const writer = new DiffWriter({ ...defaultLimits, ...limits });
  writer.compare(left, right, '', [], false);
  return writer.finish();
}

class DiffWriter {
  readonly #limits: DiffLimits;
  readonly #identity = new JsonIdentity();
  readonly #diff: JsonDiff = { lines: [], added: 0, removed: 0, changed: 0, ignorable: 0 };

  constructor(limits: DiffLimits) {
    this.#limits = limits;
  }

  finish(): JsonDiff {
    return this.#diff;
  }

  /** @param label what stands before the value: the name of the member, with its colon. */
  compare(left: unknown, right: unknown, label: string, path: JsonPath, isVolatile: boolean): void {
    const depth = path.length;
    if (this.#identity.isSame(left, right)) {
      this.#push({ kind: 'same', depth, left: label + this.#brief(left) });
    } else if (Array.isArray(left) && Array.isArray(right)) {
      this.#frame(label, '[', ']', depth, () => this.#items(left, right, path, isVolatile));
    } else if (isRecord(left) && isRecord(right)) {
      this.#frame(label, '{', '}', depth, () => this.#members(left, right, path, isVolatile));
    } else if (typeof left === 'string' && typeof right === 'string') {
      this.#texts(left, right, label, path, isVolatile);
    } else if (isScalar(left) && isScalar(right)) {
      this.#change(label + this.#brief(left), label + this.#brief(right), path, isVolatile);
    } else {
      this.#only('removed', left, label, path, isVolatile);
      this.#only('added', right, label, path, isVolatile);
    }
  }

  #members(
    left: Record<string, unknown>,
    right: Record<string, unknown>,
    path: JsonPath,
    isVolatileAbove: boolean,
  ): void {
    const compare = (name: string): void => {
      const label = `${this.#name(name)}: `;
      const isVolatile = isVolatileAbove || isVolatileName(name);
      const here = [...path, name];
      if (!Object.hasOwn(right, name)) this.#only('removed', left[name], label, here, isVolatile);
      else if (!Object.hasOwn(left, name)) this.#only('added', right[name], label, here, isVolatile);
      else this.compare(left[name], right[name], label, here, isVolatile);
    };
    for (const name of Object.keys(left)) compare(name);
    for (const name of Object.keys(right)) if (!Object.hasOwn(left, name)) compare(name);
  }

  #items(left: readonly unknown[], right: readonly unknown[], path: JsonPath, isVolatile: boolean): void {
    let same: unknown[] = [];
    const flush = (isLast: boolean): void => {
      this.#sameRun(
        same.map((value) => this.#brief(value)),
        path.length + 1,
        isLast,
      );
      same = [];
    };
    for (const [at, to] of alignItems(left, right, this.#identity)) {
      if (at !== undefined && to !== undefined && this.#identity.isSame(left[at], right[to])) {
        same.push(left[at]);
        continue;
      }
      flush(false);
      const here = [...path, to ?? at ?? 0];
      if (to === undefined) this.#only('removed', left[at ?? 0], '', here, isVolatile);
      else if (at === undefined) this.#only('added', right[to], '', here, isVolatile);
      else this.compare(left[at], right[to], '', here, isVolatile);
    }
    flush(true);
  }

  #texts(left: string, right: string, label: string, path: JsonPath, isVolatile: boolean): void {
    const [inLeft, inRight] = [embedded(left), embedded(right)];
    const depth = path.length;
    if (inLeft !== undefined && inRight !== undefined) {
      // The same value in other white space or order is no difference that anybody looks for.
      if (this.#identity.isSame(inLeft, inRight))
        this.#push({ kind: 'same', depth, left: `${label}${this.#brief(left)}` });
      else this.compare(inLeft, inRight, `${label}JSON in text `, path, isVolatile);
      return;
    }
    const isLong = left.includes('\n') || right.includes('\n');
    if (!isLong || left === '' || right === '') {
      const [from, to] = this.#apart(left, right);
      this.#change(label + from, label + to, path, isVolatile || areVolatileValues(left, right));
      return;
    }
    this.#count('changed', isVolatile);
    this.#push({ kind: 'same', depth, left: `${label}text`, path: pathText(path), ...mark(isVolatile) });
    let same: string[] = [];
    const flush = (isLast: boolean): void => {
      this.#sameRun(same, depth + 1, isLast);
      same = [];
    };
    const [before, after] = [left.split('\n'), right.split('\n')];
    for (const [at, to] of alignItems(before, after, this.#identity)) {
      const from = at === undefined ? undefined : this.#cut(before[at] ?? '');
      const into = to === undefined ? undefined : this.#cut(after[to] ?? '');
      if (at !== undefined && to !== undefined && before[at] === after[to]) {
        same.push(from ?? '');
        continue;
      }
      flush(false);
      const kind = from === undefined ? 'added' : into === undefined ? 'removed' : 'changed';
      this.#push({
        kind,
        depth: depth + 1,
        ...(from === undefined ? {} : { left: from }),
        ...(into === undefined ? {} : { right: into }),
        ...mark(isVolatile),
      });
    }
    flush(true);
  }

  #change(left: string, right: string, path: JsonPath, isVolatile: boolean): void {
    this.#count('changed', isVolatile);
    this.#push({ kind: 'changed', depth: path.length, left, right, path: pathText(path), ...mark(isVolatile) });
  }

  /** A value that only one side has, with all that is in it. */
  #only(kind: 'added' | 'removed', value: unknown, label: string, path: JsonPath, isVolatile: boolean): void {
    this.#count(kind, isVolatile);
    let isFirst = true;
    const side = kind === 'added' ? 'right' : 'left';
    const write = (text: string, depth: number): void => {
      const where = isFirst ? { path: pathText(path) } : {};
      isFirst = false;
      this.#push({ kind, depth, [side]: text, ...where, ...mark(isVolatile) });
    };
    const walk = (item: unknown, before: string, depth: number): void => {
      if (this.#diff.isCut) return;
      if (isScalar(item) || Object.keys(item as object).length === 0) {
        write(before + this.#brief(item), depth);
        return;
      }
      const isArray = Array.isArray(item);
      write(before + (isArray ? '[' : '{'), depth);
      for (const [name, member] of Object.entries(item as object) as [string, unknown][]) {
        if (this.#diff.isCut) return;
        walk(member, isArray ? '' : `${this.#name(name)}: `, depth + 1);
      }
      write(isArray ? ']' : '}', depth);
    };
    walk(value, label, path.length);
  }

  #frame(label: string, open: string, close: string, depth: number, write: () => void): void {
    this.#push({ kind: 'same', depth, left: label + open });
    write();
    this.#push({ kind: 'same', depth, left: close });
  }

  /** Lines that are the same on both sides: all of a few, of many those next to differences. */
  #sameRun(texts: readonly string[], depth: number, isLast: boolean): void {
    const isFirst = this.#diff.lines.at(-1)?.kind === 'same';
    const before = isFirst ? 0 : context;
    const after = isLast ? 0 : context;
    const push = (some: readonly string[]): void => {
      for (const text of some) this.#push({ kind: 'same', depth, left: text });
    };
    if (texts.length <= before + after + 1) {
      push(texts);
      return;
    }
    push(texts.slice(0, before));
    this.#push({ kind: 'fold', depth, count: texts.length - before - after });
    push(texts.slice(texts.length - after));
  }

  #count(kind: 'added' | 'removed' | 'changed', isVolatile: boolean): void {
    if (isVolatile) this.#diff.ignorable += 1;
    else this.#diff[kind] += 1;
  }

  #push(line: DiffLine): void {
    const { lines } = this.#diff;
    if (lines.length < this.#limits.maxLines) lines.push(line);
    else this.#diff.isCut = true;
  }

  #name(name: string): string {
    return /^[A-Za-z_$][\w$-]*$/.test(name) && name.length < 80 ? name : JSON.stringify(this.#cut(name));
  }

  /** A value on one line; of what has members only how many. */
  #brief(value: unknown): string {
    if (typeof value === 'string') return JSON.stringify(this.#cut(value));
    if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.length}]`;
    if (!isRecord(value)) return String(value);
    const entries = Object.entries(value);
    let text = '';
    for (const [index, [name, member]] of entries.slice(0, 8).entries()) {
      const part = `${this.#name(name)}: ${briefMember(member)}`;
      if (index > 0 && text.length + part.length > 72) return `{ ${text}, … }`;
      text += index === 0 ? part : `, ${part}`;
    }
    if (entries.length > 8) text += ', …';
    return entries.length === 0 ? '{}' : `{ ${text} }`;
  }

  #cut(text: string): string {
    const { maxChars } = this.#limits;
    return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1)}…`;
  }

  /** Two long texts from shortly before where they part. */
  #apart(left: string, right: string): [string, string] {
    const { maxChars } = this.#limits;
    let from = 0;
    if (left.length > maxChars || right.length > maxChars) {
      const shorter = Math.min(left.length, right.length);
      while (from < shorter && left.charCodeAt(from) === right.charCodeAt(from)) from += 1;
      from = Math.max(0, from - 40);
    }
    const quoted = (text: string): string => JSON.stringify((from > 0 ? '…' : '') + this.#cut(text.slice(from)));
    return [quoted(left), quoted(right)];
  }
}

function briefMember(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 39)}…` : value);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.length}]`;
  return isRecord(value) ? '{…}' : String(value);
}

function mark(isVolatile: boolean): { isVolatile?: true } {
  return isVolatile ? { isVolatile } : {};
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** The JSON that a text holds, as the text part of a tool result often does. */
function embedded(text: string): unknown {
  if (text.length < 2 || text.length > maxEmbedded || !/^\s*[[{]/.test(text)) return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    return isDeep(text) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Whether a JSON text opens more brackets one in another than is compared. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (const bracket of text.matchAll(/[[{\]}]/g)) {
    depth += '[{'.includes(bracket[0]) ? 1 : -1;
    if (depth > 200) return true;
  }
  return false;
}
