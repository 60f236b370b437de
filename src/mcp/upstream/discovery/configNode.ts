import type { TextSpan } from './sourceText';

/**
 * A value of a config file with its place in the text, whatever the syntax. Members are in a `Map`, so that a file can
 * use any name, `__proto__` included.
 */
export type ConfigNode = ObjectNode | ArrayNode | ScalarNode;

export interface ObjectNode {
  kind: 'object';
  span: TextSpan;
  members: Map<string, ConfigMember>;
}

export interface ArrayNode {
  kind: 'array';
  span: TextSpan;
  items: ConfigNode[];
}

export interface ScalarNode {
  kind: 'scalar';
  span: TextSpan;
  /** `undefined` for what neither JSON nor our readers know, e.g. a TOML date. */
  value: string | number | boolean | null | undefined;
}

export interface ConfigMember {
  /** From the name to the end of the value. */
  span: TextSpan;
  value: ConfigNode;
}

/** The node at `path`, or `undefined` where there is none. */
export function nodeAt(root: ConfigNode | undefined, path: readonly string[]): ConfigNode | undefined {
  let node = root;
  for (const name of path) {
    if (node?.kind !== 'object') return undefined;
    node = node.members.get(name)?.value;
  }
  return node;
}

/** The member at `path`; the path must not be empty. */
export function memberAt(root: ConfigNode | undefined, path: readonly string[]): ConfigMember | undefined {
  const parent = nodeAt(root, path.slice(0, -1));
  return parent?.kind === 'object' ? parent.members.get(path.at(-1) ?? '') : undefined;
}

/** The plain value of a node: objects without a prototype, so that no name means anything. */
export function valueOf(node: ConfigNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'array') return node.items.map((item) => valueOf(item));
  const value = Object.create(null) as Record<string, unknown>;
  for (const [name, member] of node.members) value[name] = valueOf(member.value);
  return value;
}

/** A node for a value that stands in no text, e.g. a setting; all places are the beginning. */
export function nodeOf(value: unknown, depth = 0): ConfigNode {
  const span: TextSpan = { start: 0, end: 0 };
  if (depth > 100) return { kind: 'scalar', span, value: undefined };
  if (Array.isArray(value)) return { kind: 'array', span, items: value.map((item) => nodeOf(item, depth + 1)) };
  if (typeof value === 'object' && value !== null) {
    const members = new Map<string, ConfigMember>();
    for (const [name, member] of Object.entries(value)) {
      if (member !== undefined) members.set(name, { span, value: nodeOf(member, depth + 1) });
    }
    return { kind: 'object', span, members };
  }
  const isScalar = value === null || ['string', 'number', 'boolean'].includes(typeof value);
  return { kind: 'scalar', span, value: isScalar ? (value as ScalarNode['value']) : undefined };
}
