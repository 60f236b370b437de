import { isRecord } from '../../src/core/json';
import { joinPath } from '../../src/traffic/finding';
import { effectiveSchema, places, valueText, type Schema } from './effectiveSchema';

/** What a line of a schema stands for. */
export type NodeRole = 'property' | 'pattern' | 'others' | 'items' | 'item' | 'variant' | 'condition';

/** Children shown before more are asked for, and how many more each time. */
export const childrenStep = 100;
/** Deeper parts are not unfolded: nothing real nests so far. */
const maxDepth = 60;
/** Kinds of a union that are looked at, and named, before they are only counted. */
const maxVariants = 8;
const maxListed = 3;

interface ChildSource {
  role: NodeRole;
  name: string;
  schema: unknown;
  path: string;
  isRequired?: boolean;
}

/** A part of a JSON Schema as a line of a table. Children are made when it is unfolded, so recursion does no harm. */
export class SchemaNode {
  readonly role: NodeRole;
  readonly name: string;
  readonly isRequired: boolean;
  /** Where it is in the item, as one writes it in JavaScript. */
  readonly path: string;
  readonly depth: number;
  readonly parent: SchemaNode | undefined;
  /** Name of the definition that it refers to. */
  readonly refName: string | undefined;
  /** Whether it is of the same definition as something around it. */
  readonly isRecursive: boolean;
  isExpanded = false;
  shownChildren = childrenStep;
  readonly #schema: Schema | boolean;
  /** Where its members are in the item: elsewhere, if it refers to a definition. */
  readonly #place: string;
  readonly #root: unknown;
  /** Definitions that it and what is around it are made of. */
  readonly #definitions: ReadonlySet<unknown>;
  #sources: ChildSource[] | undefined;
  readonly #children: SchemaNode[] = [];

  private constructor(source: ChildSource, root: unknown, parent: SchemaNode | undefined) {
    this.role = source.role;
    this.name = source.name;
    this.isRequired = source.isRequired === true;
    this.parent = parent;
    this.depth = parent ? parent.depth + 1 : -1;
    this.#root = root;
    const { schema, definition, refName, path } = effectiveSchema(source.schema, root, source.path);
    this.#schema = schema;
    this.path = source.path;
    this.#place = path;
    this.refName = refName;
    this.isRecursive = definition !== undefined && parent !== undefined && parent.#definitions.has(definition);
    const around = parent ? parent.#definitions : new Set([root]);
    this.#definitions = definition === undefined ? around : new Set([...around, definition]);
  }

  /** @param path of the schema in its item, e.g. `inputSchema`. */
  static of(schema: unknown, path: string): SchemaNode {
    return new SchemaNode({ role: 'property', name: '', schema, path }, schema, undefined);
  }

  get #members(): Schema {
    return typeof this.#schema === 'boolean' ? {} : this.#schema;
  }

  get title(): string | undefined {
    return textOf(this.#members['title']);
  }

  get description(): string | undefined {
    return textOf(this.#members['description']);
  }

  /** Its default as JSON. */
  get preset(): string | undefined {
    const { default: preset } = this.#members;
    return preset === undefined ? undefined : valueText(preset);
  }

  /** The values that it allows, where only these are. */
  get values(): readonly unknown[] | undefined {
    const { enum: values, const: only } = this.#members;
    if (Array.isArray(values)) return values as unknown[];
    return only === undefined ? undefined : [only];
  }

  get isDeprecated(): boolean {
    return this.#members['deprecated'] === true;
  }

  /** What kind of value it is, in words. */
  get type(): string {
    if (this.#schema === true) return 'anything';
    if (this.#schema === false) return 'nothing';
    return typeText(this.#members, this.#root, 0);
  }

  /** What a value must be besides of its type, in words. */
  get constraints(): string[] {
    return constraintTexts(this.#members);
  }

  get childCount(): number {
    return this.#childSources.length;
  }

  get isExpandable(): boolean {
    return this.depth < maxDepth && this.childCount > 0;
  }

  /** The children that are shown when it is unfolded. */
  get children(): readonly SchemaNode[] {
    const wanted = Math.min(this.childCount, this.shownChildren);
    const sources = this.#childSources;
    for (let index = this.#children.length; index < wanted; index += 1) {
      this.#children.push(new SchemaNode(sources[index]!, this.#root, this));
    }
    return this.#children.slice(0, wanted);
  }

  get #childSources(): ChildSource[] {
    return (this.#sources ??=
      typeof this.#schema === 'boolean' ? [] : childSources(this.#schema, this.#place, this.#root));
  }
}

function childSources(schema: Schema, path: string, root: unknown): ChildSource[] {
  const sources: ChildSource[] = [];
  const { properties, patternProperties, additionalProperties, items, prefixItems } = schema;
  const required = new Set(Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : []);
  const from = schema[places];
  if (isRecord(properties)) {
    for (const [name, one] of Object.entries(properties)) {
      const place = from?.get(name) ?? joinPath(joinPath(path, 'properties'), name);
      sources.push({ role: 'property', name, schema: one, path: place, isRequired: required.has(name) });
      required.delete(name);
    }
  }
  if (isRecord(patternProperties)) {
    for (const [name, one] of Object.entries(patternProperties)) {
      sources.push({ role: 'pattern', name, schema: one, path: joinPath(joinPath(path, 'patternProperties'), name) });
    }
  }
  if (isRecord(additionalProperties) && Object.keys(additionalProperties).length > 0) {
    sources.push({
      role: 'others',
      name: 'any other member',
      schema: additionalProperties,
      path: joinPath(path, 'additionalProperties'),
    });
  }
  if (Array.isArray(prefixItems)) {
    for (const [index, one] of (prefixItems as unknown[]).entries()) {
      sources.push({
        role: 'item',
        name: `item ${index + 1}`,
        schema: one,
        path: joinPath(joinPath(path, 'prefixItems'), index),
      });
    }
  }
  if (isRecord(items) && saysMore(items, root, joinPath(path, 'items'))) {
    sources.push({ role: 'items', name: 'each item', schema: items, path: joinPath(path, 'items') });
  }
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const variants = schema[keyword];
    if (!Array.isArray(variants)) continue;
    for (const [index, one] of (variants as unknown[]).entries()) {
      if (isNull(one)) continue;
      sources.push({
        role: 'variant',
        name: variantName(one, root, index),
        schema: one,
        path: joinPath(joinPath(path, keyword), index),
      });
    }
  }
  for (const [keyword, name] of conditions) {
    if (isRecord(schema[keyword])) {
      sources.push({ role: 'condition', name, schema: schema[keyword], path: joinPath(path, keyword) });
    }
  }
  return sources;
}

const conditions = [
  ['if', 'if it is'],
  ['then', 'then it must be'],
  ['else', 'else it must be'],
  ['not', 'it must not be'],
  ['contains', 'one item must be'],
  ['propertyNames', 'each name must be'],
] as const;

/** Whether the items of a list say more than their type, which stands beside the list already. */
function saysMore(items: unknown, root: unknown, path: string): boolean {
  const { schema } = effectiveSchema(items, root, path);
  if (typeof schema === 'boolean') return false;
  return Object.keys(schema).some((name) => !['type', 'title', 'format'].includes(name));
}

function variantName(variant: unknown, root: unknown, index: number): string {
  const { schema, refName } = effectiveSchema(variant, root, '');
  const title = typeof schema === 'boolean' ? undefined : textOf(schema['title']);
  return refName ?? title ?? `choice ${index + 1}`;
}

function isNull(schema: unknown): boolean {
  return isRecord(schema) && schema['type'] === 'null';
}

function typeText(schema: Schema, root: unknown, depth: number): string {
  const { type, format } = schema;
  const variants = [schema['anyOf'], schema['oneOf']].find(Array.isArray) as unknown[] | undefined;
  if (variants && type === undefined) {
    if (variants.length > maxVariants || depth > 2) return `one of ${variants.length} kinds`;
    const texts = new Set<string>();
    for (const variant of variants) {
      const { schema: one, refName } = effectiveSchema(variant, root, '');
      texts.add(refName ?? (typeof one === 'boolean' ? 'anything' : typeText(one, root, depth + 1)));
    }
    return texts.size <= maxListed ? [...texts].join(' or ') : `one of ${variants.length} kinds`;
  }
  const types = Array.isArray(type)
    ? (type as unknown[]).map(String)
    : typeof type === 'string'
      ? [type]
      : impliedTypes(schema);
  if (types.length === 0) return 'anything';
  return types
    .map((one) => {
      if (one === 'array') return listText(schema, root, depth);
      return one === 'string' && typeof format === 'string' ? `string (${format})` : one;
    })
    .join(' or ');
}

function listText({ items }: Schema, root: unknown, depth: number): string {
  if (!isRecord(items) || depth > 3) return 'list';
  const { schema, refName } = effectiveSchema(items, root, '');
  return `list of ${refName ?? (typeof schema === 'boolean' ? 'anything' : typeText(schema, root, depth + 1))}`;
}

/** Types of a schema that does not name one, from what it says besides. */
function impliedTypes(schema: Schema): string[] {
  const values: unknown[] = Array.isArray(schema['enum'])
    ? (schema['enum'] as unknown[])
    : schema['const'] === undefined
      ? []
      : [schema['const']];
  if (values.length > 0) {
    const kinds = values.slice(0, 100).map((value) => {
      if (value === null) return 'null';
      return Array.isArray(value) ? 'array' : typeof value;
    });
    return [...new Set(kinds)];
  }
  if (schema['properties'] !== undefined || schema['patternProperties'] !== undefined) return ['object'];
  if (schema['items'] !== undefined || schema['prefixItems'] !== undefined) return ['array'];
  return [];
}

function constraintTexts(schema: Schema): string[] {
  const texts: string[] = [];
  const number = (name: string): number | undefined => (typeof schema[name] === 'number' ? schema[name] : undefined);
  const span = (least: string, most: string, one: string, many = `${one}s`): void => {
    const low = number(least);
    const high = number(most);
    const unit = (value: number): string => (value === 1 ? one : many);
    if (low !== undefined && low === high) texts.push(`exactly ${low} ${unit(low)}`);
    else if (low !== undefined && high !== undefined) texts.push(`${low} to ${high} ${many}`);
    else if (low !== undefined && low > 0) texts.push(`at least ${low} ${unit(low)}`);
    else if (high !== undefined) texts.push(`at most ${high} ${unit(high)}`);
  };
  const low = number('minimum');
  const high = number('maximum');
  if (low !== undefined && high !== undefined) texts.push(`${low} to ${high}`);
  else if (low !== undefined) texts.push(`at least ${low}`);
  else if (high !== undefined) texts.push(`at most ${high}`);
  const above = number('exclusiveMinimum');
  const below = number('exclusiveMaximum');
  if (above !== undefined) texts.push(`more than ${above}`);
  if (below !== undefined) texts.push(`less than ${below}`);
  const step = number('multipleOf');
  if (step !== undefined) texts.push(`a multiple of ${step}`);
  span('minLength', 'maxLength', 'character');
  span('minItems', 'maxItems', 'item');
  span('minProperties', 'maxProperties', 'member');
  const pattern = textOf(schema['pattern']);
  if (pattern !== undefined) texts.push(`matches ${pattern}`);
  if (schema['uniqueItems'] === true) texts.push('no item twice');
  if (schema['additionalProperties'] === false) texts.push('no other members');
  if (schema['readOnly'] === true) texts.push('read only');
  if (schema['writeOnly'] === true) texts.push('write only');
  const encoding = textOf(schema['contentEncoding']);
  if (encoding !== undefined) texts.push(`encoded as ${encoding}`);
  const media = textOf(schema['contentMediaType']);
  if (media !== undefined) texts.push(`holds ${media}`);
  const { examples } = schema;
  if (Array.isArray(examples) && examples.length > 0) {
    texts.push(`e.g. ${(examples as unknown[]).slice(0, 3).map(valueText).join(', ')}`);
  }
  return texts;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A line of the table as it is drawn. */
export type SchemaLine =
  | { kind: 'node'; node: SchemaNode }
  /** Stands for the children of `node` that are not shown yet. */
  | { kind: 'more'; node: SchemaNode; left: number };

/** The lines of all unfolded nodes, without the root itself. */
export function schemaLines(root: SchemaNode): SchemaLine[] {
  const lines: SchemaLine[] = [];
  const pending: SchemaLine[] = [];
  const unfold = (node: SchemaNode): void => {
    const { children } = node;
    const left = node.childCount - children.length;
    if (left > 0) pending.push({ kind: 'more', node, left });
    for (let index = children.length - 1; index >= 0; index -= 1)
      pending.push({ kind: 'node', node: children[index]! });
  };
  unfold(root);
  for (let line = pending.pop(); line; line = pending.pop()) {
    lines.push(line);
    if (line.kind === 'node' && line.node.isExpanded && line.node.isExpandable) unfold(line.node);
  }
  return lines;
}

/** Unfolds level by level as long as it stays within `maxLines`; what is of the same definition again stays folded. */
export function unfoldToFit(root: SchemaNode, maxLines: number): void {
  let lines = Math.min(root.childCount, childrenStep);
  let level: readonly SchemaNode[] = root.children;
  while (level.length > 0) {
    const next: SchemaNode[] = [];
    for (const node of level) {
      if (!node.isExpandable || node.isRecursive || lines + node.childCount > maxLines) continue;
      lines += node.childCount;
      node.isExpanded = true;
      next.push(...node.children);
    }
    level = next;
  }
}
