import { createScanner } from 'jsonc-parser';
import type { JsonValue } from '../../../../core/json';
import { nodeAt, type ArrayNode, type ConfigMember, type ConfigNode, type ObjectNode } from '../configNode';
import type { TextSpan } from '../sourceText';
import { indentAt, lineEndOf, lineStartOf, type TextEdit } from './textEdit';

/** Tokens of `jsonc-parser`, whose own names are a const enum that a bundler cannot read. */
const commaToken = 5;
const lineCommentToken = 12;
const blockCommentToken = 13;
const lineBreakToken = 14;
const spaceToken = 15;

/** A JSON text that is to be edited, parsed whole. */
export class JsonEditor {
  readonly #text: string;
  readonly #root: ConfigNode | undefined;
  readonly #lineEnd: string;
  readonly #unit: string;

  constructor(text: string, root: ConfigNode | undefined) {
    this.#text = text;
    this.#root = root;
    this.#lineEnd = lineEndOf(text);
    this.#unit = /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';
  }

  /** Sets a member that does not exist yet; objects on the way to it are made. */
  insertMember(path: readonly string[], value: JsonValue): TextEdit[] {
    return this.#insert(path, (style) => this.#serialize(value, style));
  }

  /** As `insertMember`, with a value as it stood in a text before. */
  insertSource(path: readonly string[], source: string): TextEdit[] {
    return this.#insert(path, () => source);
  }

  /** Replaces the value of a member. */
  replaceValue(member: ConfigMember, value: JsonValue): TextEdit[] {
    const { start, end } = member.value.span;
    const isOneLine = !this.#text.slice(start, end).includes('\n');
    const style = isOneLine ? undefined : indentAt(this.#text, member.span.start);
    return [{ offset: start, length: end - start, text: this.#serialize(value, style) }];
  }

  /** Removes a member with its comma, and its line where nothing else stands there. */
  removeMember(parent: ObjectNode, name: string): TextEdit[] {
    const members = membersOf(parent);
    const member = parent.members.get(name);
    if (!member) return [];
    const index = members.indexOf(member);
    const comma = this.#commaAfter(member.span.end);
    const end = comma === undefined ? member.span.end : comma + 1;
    const removed = this.#widened({ start: member.span.start, end });
    const edits: TextEdit[] = [{ offset: removed.start, length: removed.end - removed.start, text: '' }];
    const previous = members[index - 1];
    if (comma === undefined && previous) {
      const before = this.#commaAfter(previous.span.end);
      if (before !== undefined) edits.unshift({ offset: before, length: 1, text: '' });
    }
    return edits;
  }

  /** Adds an item at the end of a list. */
  appendItem(list: ArrayNode, value: JsonValue): TextEdit[] {
    return this.#append(list.span, list.items.at(-1)?.span, (style) => this.#serialize(value, style));
  }

  #insert(path: readonly string[], serialize: (indent: string | undefined) => string): TextEdit[] {
    if (this.#root === undefined) {
      const [first = '', ...rest] = path;
      const inner = this.#nest(rest, serialize, this.#unit);
      const text = `{${this.#lineEnd}${this.#unit}${JSON.stringify(first)}: ${inner}${this.#lineEnd}}${this.#lineEnd}`;
      return [{ offset: this.#text.length, length: 0, text }];
    }
    let depth = path.length - 1;
    while (depth > 0 && nodeAt(this.#root, path.slice(0, depth))?.kind !== 'object') depth--;
    const parent = nodeAt(this.#root, path.slice(0, depth));
    if (parent?.kind !== 'object') return [];
    const [first = '', ...rest] = path.slice(depth);
    return this.#append(parent.span, membersOf(parent).at(-1)?.span, (indent) => {
      return `${JSON.stringify(first)}: ${this.#nest(rest, serialize, indent)}`;
    });
  }

  /** Objects around a value; without an indent all on one line. */
  #nest(
    names: readonly string[],
    serialize: (indent: string | undefined) => string,
    indent: string | undefined,
  ): string {
    const [name, ...rest] = names;
    if (name === undefined) return serialize(indent);
    const inner = indent === undefined ? undefined : indent + this.#unit;
    const member = `${JSON.stringify(name)}: ${this.#nest(rest, serialize, inner)}`;
    if (inner === undefined) return `{ ${member} }`;
    return `{${this.#lineEnd}${inner}${member}${this.#lineEnd}${indent ?? ''}}`;
  }

  /** Adds a piece at the end of an object or list. */
  #append(container: TextSpan, last: TextSpan | undefined, piece: (indent: string | undefined) => string): TextEdit[] {
    const text = this.#text;
    if (!last) {
      const outer = indentAt(text, this.#contentStart(container.start));
      const indent = outer + this.#unit;
      const inner = text.slice(container.start + 1, container.end - 1);
      const before = this.#lineEnd + indent + piece(indent);
      // What is in there can only be comments and white space, which stay behind the new piece.
      const after = inner.trim() === '' ? this.#lineEnd + outer : '';
      const length = inner.trim() === '' ? inner.length : 0;
      const needsLine = after === '' && !/^\s*\n/.test(inner) ? this.#lineEnd + indent : '';
      return [{ offset: container.start + 1, length, text: before + after + needsLine }];
    }
    const comma = this.#commaAfter(last.end);
    const from = comma === undefined ? last.end : comma + 1;
    const isOneLine = !text.slice(container.start, container.end).includes('\n');
    if (isOneLine) {
      const lead = comma === undefined ? ', ' : ' ';
      return [{ offset: from, length: 0, text: lead + piece(undefined) + (comma === undefined ? '' : ',') }];
    }
    const indent = indentAt(text, last.start);
    const at = this.#afterTrailingComment(from);
    const added = this.#lineEnd + indent + piece(indent) + (comma === undefined ? '' : ',');
    if (comma !== undefined) return [{ offset: at, length: 0, text: added }];
    if (at === last.end) return [{ offset: at, length: 0, text: `,${added}` }];
    return [
      { offset: last.end, length: 0, text: ',' },
      { offset: at, length: 0, text: added },
    ];
  }

  /** The member that a container belongs to begins its line, not the brace. */
  #contentStart(offset: number): number {
    const start = lineStartOf(this.#text, offset);
    return start + (/^[ \t]*/.exec(this.#text.slice(start, offset))?.[0].length ?? 0);
  }

  /** Where the comma after a value stands; only white space and comments may be between. */
  #commaAfter(offset: number): number | undefined {
    for (const token of this.#tokensFrom(offset)) {
      if (token.kind === commaToken) return token.offset;
      if (!isTrivia(token.kind)) return undefined;
    }
    return undefined;
  }

  /** The end of a comment that stands on the same line, or `offset`. */
  #afterTrailingComment(offset: number): number {
    let end = offset;
    for (const token of this.#tokensFrom(offset)) {
      if (token.kind === lineBreakToken || !isTrivia(token.kind)) break;
      if (token.kind === blockCommentToken || token.kind === lineCommentToken) end = token.offset + token.length;
      if (token.kind === lineCommentToken) break;
    }
    return end;
  }

  *#tokensFrom(offset: number): Generator<{ kind: number; offset: number; length: number }> {
    const scanner = createScanner(this.#text, false);
    scanner.setPosition(offset);
    for (let kind: number = scanner.scan(); kind !== 17; kind = scanner.scan()) {
      yield { kind, offset: scanner.getTokenOffset(), length: scanner.getTokenLength() };
    }
  }

  /** With the whole line where nothing else stands there, else with the space before it. */
  #widened(span: TextSpan): TextSpan {
    const text = this.#text;
    const lineStart = lineStartOf(text, span.start);
    const isFirst = text.slice(lineStart, span.start).trim() === '';
    const rest = /^[ \t]*(\r?\n|$)/.exec(text.slice(span.end));
    if (isFirst && rest) return { start: lineStart, end: span.end + rest[0].length };
    if (isFirst) return { start: span.start, end: span.end + (/^[ \t]*/.exec(text.slice(span.end))?.[0].length ?? 0) };
    const space = /[ \t]*$/.exec(text.slice(lineStart, span.start))?.[0].length ?? 0;
    return { start: span.start - space, end: span.end };
  }

  #serialize(value: JsonValue, indent: string | undefined): string {
    if (indent === undefined) return oneLine(value);
    return JSON.stringify(value, null, this.#unit).replaceAll('\n', this.#lineEnd + indent);
  }
}

function isTrivia(kind: number): boolean {
  return kind >= lineCommentToken && kind <= spaceToken;
}

/** Members in the order of the text, which differs from the map's where a name stands twice. */
function membersOf(node: ObjectNode): ConfigMember[] {
  return [...node.members.values()].sort((left, right) => left.span.start - right.span.start);
}

function oneLine(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map((item) => oneLine(item)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${oneLine(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}
