import { textFormOf, type TextForm } from './textForms';

/** One value in a JSON text, with what is shown of it. Children are made when the node is opened first. */
export class JsonNode {
  readonly value: unknown;
  /** Name or index in its parent; `undefined` for the root. */
  readonly key: string | number | undefined;
  readonly parent: JsonNode | undefined;
  readonly depth: number;
  isExpanded = false;
  /** For a long string: how many of its characters are shown. */
  shownChars = foldedChars;
  /** For a long list: how many of its children are shown. */
  shownChildren = childrenStep;
  /** Whether a string is shown as what it is: a picture, Markdown, lines of text. */
  isShownAsForm = false;
  readonly #children: JsonNode[] = [];
  #form: TextForm | undefined | 'unknown' = 'unknown';
  #childCount: number | undefined;
  #inner: { value: unknown } | undefined | 'none';

  constructor(value: unknown, key?: string | number, parent?: JsonNode) {
    this.value = value;
    this.key = key;
    this.parent = parent;
    this.depth = parent ? parent.depth + 1 : 0;
  }

  /** Whether it has children to show. */
  get isExpandable(): boolean {
    const { content } = this;
    return typeof content === 'object' && content !== null && this.childCount > 0;
  }

  /** Number of items or members. */
  get childCount(): number {
    if (this.#childCount === undefined) {
      const { content } = this;
      if (typeof content !== 'object' || content === null) this.#childCount = 0;
      else this.#childCount = Array.isArray(content) ? content.length : Object.keys(content).length;
    }
    return this.#childCount;
  }

  /** The JSON that a string holds, as the text of a tool result often does; else the value itself. */
  get content(): unknown {
    if (typeof this.value !== 'string') return this.value;
    this.#inner ??= parseInner(this.value) ?? 'none';
    return this.#inner === 'none' ? this.value : this.#inner.value;
  }

  /** What a string is besides JSON. */
  get form(): TextForm | undefined {
    if (this.#form === 'unknown') {
      this.#form = typeof this.value === 'string' && !this.isEmbedded ? textFormOf(this.value) : undefined;
    }
    return this.#form;
  }

  /** Whether it is a string that holds JSON. */
  get isEmbedded(): boolean {
    return typeof this.value === 'string' && typeof this.content === 'object';
  }

  /** The children that are shown when it is open: the first `shownChildren`. */
  get children(): readonly JsonNode[] {
    return this.#makeChildren(Math.min(this.childCount, this.shownChildren));
  }

  /** A child, whether it is shown or not. */
  childAt(index: number): JsonNode | undefined {
    return index >= 0 && index < this.childCount ? this.#makeChildren(index + 1)[index] : undefined;
  }

  /** The child with that name or index. */
  childWith(key: string | number): JsonNode | undefined {
    const { content } = this;
    if (Array.isArray(content)) return this.childAt(typeof key === 'number' ? key : -1);
    return typeof content === 'object' && content !== null
      ? this.childAt(Object.keys(content).indexOf(String(key)))
      : undefined;
  }

  #makeChildren(wanted: number): readonly JsonNode[] {
    const { content } = this;
    if (this.#children.length < wanted && typeof content === 'object' && content !== null) {
      const keys = Array.isArray(content) ? undefined : Object.keys(content);
      for (let index = this.#children.length; index < wanted; index += 1) {
        const key = keys ? (keys[index] ?? '') : index;
        this.#children.push(new JsonNode((content as Record<string | number, unknown>)[key], key, this));
      }
    }
    return this.#children.length === wanted ? this.#children : this.#children.slice(0, wanted);
  }

  /** Where the value is, as one writes it in JavaScript: `result.items[3]["odd key"]`. */
  get path(): string {
    let path = '';
    let { key, parent } = this as JsonNode;
    while (parent) {
      let step: string;
      if (typeof key === 'number') step = `[${key}]`;
      else if (/^[A-Za-z_$][\w$]*$/.test(key ?? '')) step = `.${key}`;
      else step = `[${JSON.stringify(key)}]`;
      path = step + path;
      ({ key, parent } = parent);
    }
    return path.replace(/^\./, '');
  }

  /** The value as text to copy: a string as it is, else indented JSON; `undefined` where it nests too deep for that. */
  get copyText(): string | undefined {
    if (typeof this.value === 'string') return this.value;
    try {
      return JSON.stringify(this.value, undefined, 2);
    } catch {
      return undefined;
    }
  }
}

/** The value that a path leads to, as `JsonNode.path` gives it. */
export function nodeAt(root: JsonNode, path: string): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  for (const [, name, index, quoted] of path.matchAll(pathStep)) {
    if (quoted !== undefined) node = node?.childWith(JSON.parse(quoted) as string);
    else node = node?.childWith(index === undefined ? (name ?? '') : Number(index));
  }
  return node;
}

const pathStep = /\.?([A-Za-z_$][\w$]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g;

/** Characters of a string that are shown before it is unfolded, and how many more each time. */
const foldedChars = 240;
export const unfoldStep = 20_000;
/** Children that are shown before more are asked for, and how many more each time. */
export const childrenStep = 100;

const maxInnerChars = 1024 * 1024;

function parseInner(text: string): { value: unknown } | undefined {
  if (text.length < 2 || text.length > maxInnerChars || !/^\s*[[{]/.test(text) || !/[\]}]\s*$/.test(text))
    return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** A line of the tree as it is drawn. */
export type TreeLine =
  | { kind: 'node'; node: JsonNode }
  /** Stands for the children of `node` that are not shown yet. */
  | { kind: 'more'; node: JsonNode; left: number };

/** The lines of all opened nodes, in order. Takes no stack, however deep they are. */
export function treeLines(root: JsonNode): TreeLine[] {
  const lines: TreeLine[] = [];
  const pending: TreeLine[] = [{ kind: 'node', node: root }];
  for (let line = pending.pop(); line; line = pending.pop()) {
    lines.push(line);
    if (line.kind === 'more' || !line.node.isExpanded || !line.node.isExpandable) continue;
    const { node } = line;
    const { children } = node;
    const left = node.childCount - children.length;
    if (left > 0) pending.push({ kind: 'more', node, left });
    for (let index = children.length - 1; index >= 0; index -= 1) {
      const child = children[index];
      if (child) pending.push({ kind: 'node', node: child });
    }
  }
  return lines;
}

/** Opens the tree level by level as long as it stays within `maxLines`, so that what matters is seen at once. */
export function expandToFit(root: JsonNode, maxLines: number): void {
  let lines = 1;
  let level: JsonNode[] = [root];
  while (level.length > 0) {
    const next: JsonNode[] = [];
    for (const node of level) {
      if (!node.isExpandable || node.isEmbedded) continue;
      const { childCount } = node;
      if (node !== root && lines + childCount > maxLines) continue;
      lines += Math.min(childCount, childrenStep);
      node.isExpanded = true;
      if (lines >= maxLines) return;
      next.push(...node.children);
    }
    level = next;
  }
}

const previewChars = 72;

/** What is shown of a closed node: the beginning of what is in it, on one line. */
export function preview(node: JsonNode): string {
  const { content } = node;
  const open = Array.isArray(content) ? '[' : '{';
  const close = Array.isArray(content) ? ']' : '}';
  if (node.childCount === 0) return open + close;
  let text = '';
  let shownCount = 0;
  for (const [key, member] of Object.entries(content as object).slice(0, 8) as [string, unknown][]) {
    const part = `${Array.isArray(content) ? '' : `${key}: `}${scalarPreview(member)}`;
    if (shownCount > 0 && text.length + part.length > previewChars) break;
    text += `${shownCount === 0 ? '' : ', '}${part}`;
    shownCount += 1;
  }
  return `${open}${shownCount === node.childCount ? text : `${text}, …`}${close}`;
}

function scalarPreview(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 32 ? `${value.slice(0, 31)}…` : value);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.length}]`;
  if (typeof value === 'object' && value !== null) return '{…}';
  return String(value);
}

const maxSearched = 200_000;
const maxFound = 1000;

/** The nodes whose name or value has a text in it, in their order; looks through a bounded number. */
export function findNodes(root: JsonNode, text: string): JsonNode[] {
  const wanted = text.toLowerCase();
  const found: JsonNode[] = [];
  if (wanted === '') return found;
  const pending: { node: JsonNode; next: number }[] = [{ node: root, next: 0 }];
  let searched = 0;
  while (pending.length > 0 && searched < maxSearched && found.length < maxFound) {
    const top = pending.at(-1)!;
    if (top.next === 0 && holds(top.node, wanted)) found.push(top.node);
    const child = top.node.isExpandable ? top.node.childAt(top.next) : undefined;
    top.next += 1;
    if (child) pending.push({ node: child, next: 0 });
    else pending.pop();
    searched += 1;
  }
  return found;
}

function holds({ key, value, isExpandable }: JsonNode, wanted: string): boolean {
  if (key !== undefined && String(key).toLowerCase().includes(wanted)) return true;
  if (isExpandable || value === undefined) return false;
  return (typeof value === 'string' ? value : JSON.stringify(value)).toLowerCase().includes(wanted);
}

/** Opens all that is above a node, so that it has a line. */
export function openUpTo(node: JsonNode): void {
  for (let child = node, parent = node.parent; parent; child = parent, parent = parent.parent) {
    parent.isExpanded = true;
    const { content } = parent;
    const index = Array.isArray(content)
      ? Number(child.key)
      : Object.keys(content as object).indexOf(String(child.key));
    if (index >= parent.shownChildren) parent.shownChildren = Math.ceil((index + 1) / childrenStep) * childrenStep;
  }
}
