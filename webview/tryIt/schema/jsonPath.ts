import { isRecord } from '../../../src/core/json';

/** Where a value is: names of members and positions in lists, from the outside in. */
export type JsonPath = readonly (string | number)[];

/** The path as a JSON pointer (RFC 6901), which also names it in tables. */
export function pointerOf(path: JsonPath): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The value at a path; `undefined` where there is none. */
export function valueAt(value: unknown, path: JsonPath): unknown {
  let at = value;
  for (const part of path) {
    if (Array.isArray(at) ? typeof part !== 'number' : !isRecord(at)) return undefined;
    if (!Object.hasOwn(at as object, part)) return undefined;
    at = (at as Record<string | number, unknown>)[part];
  }
  return at;
}

/**
 * A copy with another value at a path; only what is on the way is copied. What is missing on the way is made.
 * @param next `undefined` takes the value away: a member goes, an item of a list goes and later ones move up
 */
export function withValueAt(value: unknown, path: JsonPath, next: unknown): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return next;
  if (typeof part === 'number') {
    const list: unknown[] = Array.isArray(value) ? [...(value as unknown[])] : [];
    const item = withValueAt(list[part], rest, next);
    if (item === undefined) list.splice(part, 1);
    else list[part] = item;
    return list;
  }
  const record: Record<string, unknown> = isRecord(value) && !Array.isArray(value) ? { ...value } : {};
  const before = Object.hasOwn(record, part) ? record[part] : undefined;
  const member = withValueAt(before, rest, next);
  if (member === undefined) {
    delete record[part];
    return record;
  }
  // A computed name, because assigning to `__proto__` would set the prototype.
  return { ...record, [part]: member };
}

/** A copy in which the member at `path` is called `name`, in the same place. */
export function withNameAt(value: unknown, path: JsonPath, name: string): unknown {
  const parent = path.slice(0, -1);
  const before = path.at(-1);
  const record = valueAt(value, parent);
  if (!isRecord(record) || typeof before !== 'string') return value;
  const entries = Object.entries(record).map(([key, member]) => [key === before ? name : key, member] as const);
  return withValueAt(value, parent, Object.fromEntries(entries));
}

/** A copy in which an item of the list at `path` stands elsewhere. */
export function withItemMoved(value: unknown, path: JsonPath, from: number, to: number): unknown {
  const list = valueAt(value, path);
  if (!Array.isArray(list) || to < 0 || to >= list.length) return value;
  const moved = [...(list as unknown[])];
  moved.splice(to, 0, ...moved.splice(from, 1));
  return withValueAt(value, path, moved);
}

/** Whether two JSON values are the same; the order of members does not matter. Deeper than 1,000 levels they are not. */
export function isSameJson(left: unknown, right: unknown, depth = 0): boolean {
  if (left === right) return true;
  if (depth > 1000 || typeof left !== 'object' || typeof right !== 'object' || !left || !right) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => isSameJson(item, (right as unknown[])[index], depth + 1))
    );
  }
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every(
      (name) =>
        Object.hasOwn(right, name) &&
        isSameJson((left as Record<string, unknown>)[name], (right as Record<string, unknown>)[name], depth + 1),
    )
  );
}
