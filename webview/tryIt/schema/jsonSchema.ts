import { isRecord } from '../../../src/core/json';

/** A JSON Schema as it came: an object of keywords, or a boolean. Nothing of it is known to be well formed. */
export type Schema = Readonly<Record<string, unknown>> | boolean;

/** The six types of JSON, and whole numbers. */
export const typeNames = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;

export type TypeName = (typeof typeNames)[number];

/** Schemas walked through to find what can be referred to. */
const maxIndexed = 50_000;
/** References followed one after the other before a schema counts as going in circles. */
const maxHops = 32;

/** Whether something can stand where a schema is expected. */
export function isSchema(value: unknown): value is Schema {
  return typeof value === 'boolean' || (isRecord(value) && !Array.isArray(value));
}

/** The type of a JSON value, `integer` for whole numbers. */
export function typeOf(value: unknown): TypeName {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'boolean' : 'object';
}

/** Whether a value of type `actual` is one of `type`: every integer is a number. */
export function isOfType(actual: TypeName, type: TypeName): boolean {
  return actual === type || (actual === 'integer' && type === 'number');
}

/** A whole schema, in which references are looked up. */
export class SchemaDocument {
  readonly root: Schema;
  #named: Map<string, Schema> | undefined;

  constructor(root: Schema) {
    this.root = root;
  }

  /**
   * What a `$ref` or `$dynamicRef` of this document leads to. A dynamic reference is taken as a plain one, which is
   * right where no schema is extended from outside.
   * @returns `undefined` for a schema that is not here, and nothing is fetched
   */
  resolve(reference: string): Schema | undefined {
    const [base, fragment] = splitReference(reference);
    const start = base === '' ? this.root : this.#names.get(base);
    if (start === undefined) return this.#names.get(reference);
    if (fragment === '') return start;
    if (!fragment.startsWith('/')) return this.#names.get(`${base}#${fragment}`) ?? this.#names.get(`#${fragment}`);
    let at: unknown = start;
    for (const part of fragment.slice(1).split('/')) {
      const step = unescapePointer(part);
      if (!(isRecord(at) || Array.isArray(at)) || !Object.hasOwn(at, step)) return undefined;
      at = (at as Record<string, unknown>)[step];
    }
    return isSchema(at) ? at : undefined;
  }

  /**
   * The schemas that hold together with one: itself, what it refers to, and the parts of `allOf`, flattened.
   * @param limit schemas at most; what is beyond is left out
   */
  conjuncts(schema: Schema, limit = 100): Readonly<Record<string, unknown>>[] {
    const found: Readonly<Record<string, unknown>>[] = [];
    const seen = new Set<Schema>();
    const waiting: { schema: Schema; hops: number }[] = [{ schema, hops: 0 }];
    for (let next = waiting.shift(); next && found.length < limit; next = waiting.shift()) {
      const { schema: each, hops } = next;
      if (typeof each === 'boolean' || seen.has(each)) continue;
      seen.add(each);
      found.push(each);
      if (hops >= maxHops) continue;
      for (const keyword of ['$ref', '$dynamicRef']) {
        const reference = each[keyword];
        const target = typeof reference === 'string' ? this.resolve(reference) : undefined;
        if (target !== undefined) waiting.push({ schema: target, hops: hops + 1 });
      }
      for (const part of listOf(each['allOf'])) waiting.push({ schema: part, hops });
    }
    return found;
  }

  get #names(): Map<string, Schema> {
    this.#named ??= indexNames(this.root);
    return this.#named;
  }
}

/** Members of a keyword that holds a list of schemas. */
export function listOf(value: unknown): Schema[] {
  return Array.isArray(value) ? (value as unknown[]).filter((part) => isSchema(part)) : [];
}

/** Members of a keyword that holds schemas by name. */
export function mapOf(value: unknown): [string, Schema][] {
  return isRecord(value) && !Array.isArray(value)
    ? Object.entries(value).filter((entry): entry is [string, Schema] => isSchema(entry[1]))
    : [];
}

/** Texts of a keyword that holds a list of them. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? (value as unknown[]).filter((part) => typeof part === 'string') : [];
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function splitReference(reference: string): [string, string] {
  const at = reference.indexOf('#');
  if (at < 0) return [reference, ''];
  const fragment = reference.slice(at + 1);
  try {
    return [reference.slice(0, at), decodeURIComponent(fragment)];
  } catch {
    return [reference.slice(0, at), fragment];
  }
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Schemas with an `$id` or an anchor, by what references call them. */
function indexNames(root: Schema): Map<string, Schema> {
  const names = new Map<string, Schema>();
  const waiting: { at: unknown; base: string }[] = [{ at: root, base: '' }];
  let left = maxIndexed;
  for (let next = waiting.pop(); next && left > 0; next = waiting.pop(), left -= 1) {
    const { at } = next;
    let { base } = next;
    if (Array.isArray(at)) {
      for (const part of at as unknown[]) if (typeof part === 'object') waiting.push({ at: part, base });
      continue;
    }
    if (!isRecord(at)) continue;
    const id = at['$id'];
    if (typeof id === 'string') {
      base = id.replace(/#$/, '');
      names.set(base, at);
    }
    for (const keyword of ['$anchor', '$dynamicAnchor']) {
      const anchor = at[keyword];
      if (typeof anchor !== 'string') continue;
      names.set(`${base}#${anchor}`, at);
      if (!names.has(`#${anchor}`)) names.set(`#${anchor}`, at);
    }
    for (const [keyword, part] of Object.entries(at)) {
      // What stands there is data, not a schema.
      if (keyword === 'const' || keyword === 'enum' || keyword === 'default' || keyword === 'examples') continue;
      if (typeof part === 'object' && part !== null) waiting.push({ at: part, base });
    }
  }
  return names;
}
