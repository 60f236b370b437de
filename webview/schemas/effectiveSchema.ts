import { isRecord } from '../../src/core/json';
import { pointerSteps } from '../../src/core/jsonPointer';
import { joinPath } from '../../src/traffic/finding';

/** Under this key a schema says where properties stand that come from another part of the item. No JSON has it. */
export const places = Symbol('places');

/** A schema with what it refers to put in its place. */
export interface Schema extends Record<string, unknown> {
  [places]?: ReadonlyMap<string, string>;
}

export interface EffectiveSchema {
  schema: Schema | boolean;
  /** The definition that it refers to. */
  definition?: unknown;
  refName?: string;
  /** Where its members stand in the item. */
  path: string;
}

/** References followed one after the other. */
const maxHops = 16;
/** Parts of an `allOf` put together, those inside them counted. */
const maxParts = 100;

/**
 * What a schema says once its references are followed and the parts of an `allOf` are put together. References that lead
 * outside, nowhere or round in a circle are left as they are: nothing is fetched.
 * @param root the schema that pointers (`#/$defs/a`) start from
 * @param path where `given` stands in the item
 */
export function effectiveSchema(given: unknown, root: unknown, path: string): EffectiveSchema {
  if (typeof given === 'boolean') return { schema: given, path };
  if (!isRecord(given)) return { schema: {}, path };
  let schema: Schema = given;
  let place = path;
  let definition: unknown;
  let refName: string | undefined;
  for (let hop = 0; hop < maxHops; hop += 1) {
    const reference = schema['$ref'] ?? schema['$dynamicRef'];
    if (typeof reference !== 'string') break;
    const found = resolve(root, reference, rootPathOf(path));
    refName = reference === '#' ? 'the whole' : nameOfReference(reference);
    if (!found) break;
    definition = found.node;
    if (typeof found.node === 'boolean') return { schema: found.node, definition, refName, path: found.path };
    // What stands beside the reference holds as well (2020-12), as a description often does.
    const { $ref: _, $dynamicRef: _dynamic, ...beside } = schema;
    schema = { ...(found.node as Schema), ...beside };
    place = found.path;
  }
  const isUnion = [schema['anyOf'], schema['oneOf']].some(Array.isArray);
  if (Array.isArray(schema['allOf'])) schema = mergeAll(schema, root, place, { left: maxParts });
  else if (isUnion) schema = unwrapNullable(schema, place) ?? schema;
  return {
    schema,
    path: place,
    ...(definition === undefined ? {} : { definition }),
    ...(refName === undefined ? {} : { refName }),
  };
}

/** A union of one kind with null is that kind, or null. */
function unwrapNullable(schema: Schema, path: string): Schema | undefined {
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const variants: unknown = schema[keyword];
    if (!Array.isArray(variants) || variants.length > 2) continue;
    const index = (variants as unknown[]).findIndex((one) => !(isRecord(one) && one['type'] === 'null'));
    const only: unknown = variants[index];
    const hasNull =
      variants.length === 2 && isRecord(variants[1 - index]) && (variants[1 - index] as Schema)['type'] === 'null';
    if (
      !isRecord(only) ||
      (variants.length === 2 && !hasNull) ||
      only['$ref'] !== undefined ||
      only['type'] === undefined
    )
      continue;
    const { [keyword]: _, ...beside } = schema;
    const types = [only['type']].flat();
    return {
      ...only,
      ...beside,
      type: hasNull ? [...types, 'null'] : only['type'],
      [places]: placesOf(only, joinPath(joinPath(path, keyword), index)),
    };
  }
  return undefined;
}

function mergeAll(schema: Schema, root: unknown, path: string, parts: { left: number }): Schema {
  const { allOf, ...beside } = schema;
  const properties: Record<string, unknown> = {};
  const from = new Map<string, string>();
  const required = new Set<unknown>();
  let merged: Schema = {};
  const add = (part: Schema, place: string): void => {
    const own = part['properties'];
    if (isRecord(own)) {
      for (const [name, one] of Object.entries(own)) {
        Object.defineProperty(properties, name, { value: one, enumerable: true, configurable: true, writable: true });
      }
      for (const [name, where] of part[places] ?? placesOf(part, place)) from.set(name, where);
    }
    if (Array.isArray(part['required'])) for (const name of part['required'] as unknown[]) required.add(name);
    merged = { ...merged, ...part };
  };
  for (const [index, part] of (allOf as unknown[]).entries()) {
    // Parts may contain themselves, so they are counted over all of them.
    if (parts.left <= 0) break;
    parts.left -= 1;
    let place = joinPath(joinPath(path, 'allOf'), index);
    let one: unknown = part;
    for (let follow = 0; follow < maxHops && isRecord(one) && typeof one['$ref'] === 'string'; follow += 1) {
      const found = resolve(root, one['$ref'], rootPathOf(path));
      if (!found) break;
      one = found.node;
      place = found.path;
    }
    if (!isRecord(one)) continue;
    add(Array.isArray(one['allOf']) ? mergeAll(one, root, place, parts) : one, place);
  }
  add(beside, path);
  return {
    ...merged,
    ...(from.size > 0 ? { properties, [places]: from } : {}),
    ...(required.size > 0 ? { required: [...required] } : {}),
  };
}

function placesOf({ properties }: Schema, path: string): Map<string, string> {
  const names = isRecord(properties) ? Object.keys(properties) : [];
  return new Map(names.map((name) => [name, joinPath(joinPath(path, 'properties'), name)]));
}

/** The member of the item that a path starts with: `inputSchema` of `inputSchema.properties.a`. */
function rootPathOf(path: string): string {
  return /^\w*/.exec(path)?.[0] ?? '';
}

function resolve(root: unknown, reference: string, rootPath: string): { node: unknown; path: string } | undefined {
  if (reference === '#') return { node: root, path: rootPath };
  if (!reference.startsWith('#/')) return anchored(root, reference, rootPath);
  let node = root;
  let path = rootPath;
  for (const name of pointerSteps(reference)) {
    if (Array.isArray(node)) {
      node = (node as unknown[])[Number(name)];
      path = joinPath(path, Number(name));
    } else {
      node = isRecord(node) && Object.hasOwn(node, name) ? node[name] : undefined;
      path = joinPath(path, name);
    }
  }
  return isRecord(node) || typeof node === 'boolean' ? { node, path } : undefined;
}

/** A definition that says its own name (`$anchor`), among those at the top. */
function anchored(root: unknown, reference: string, rootPath: string): { node: unknown; path: string } | undefined {
  const wanted = reference.slice(1);
  if (!reference.startsWith('#') || !isRecord(root)) return undefined;
  if (root['$anchor'] === wanted || root['$dynamicAnchor'] === wanted) return { node: root, path: rootPath };
  for (const keyword of ['$defs', 'definitions']) {
    const definitions = root[keyword];
    if (!isRecord(definitions)) continue;
    for (const [name, node] of Object.entries(definitions)) {
      if (isRecord(node) && (node['$anchor'] === wanted || node['$dynamicAnchor'] === wanted)) {
        return { node, path: joinPath(joinPath(rootPath, keyword), name) };
      }
    }
  }
  return undefined;
}

function nameOfReference(reference: string): string {
  return (pointerSteps(reference).at(-1) ?? reference.replace(/^#/, '')).slice(0, 100);
}

const maxValueChars = 200;

/** A value of a schema as JSON, cut where it is long. */
export function valueText(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > maxValueChars ? `${text.slice(0, maxValueChars)}…` : text;
}
