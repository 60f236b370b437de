import type { JsonObject, JsonValue } from '../../../../core/json';
import type { TextSpan } from '../sourceText';
import { scanToml, type TomlPairPlace, type TomlStatement } from '../tomlStatements';
import { lineEndOf, type TextEdit } from './textEdit';

/** A table as text: lines that stand for themselves, or the value of a pair. */
export interface TomlSource {
  kind: 'lines' | 'value';
  text: string;
}

/** A TOML text that is to be edited. It must be valid. */
export class TomlEditor {
  readonly #text: string;
  readonly #lineEnd: string;
  readonly #statements: readonly TomlStatement[];

  constructor(text: string) {
    this.#text = text;
    this.#lineEnd = lineEndOf(text);
    this.#statements = scanToml(text) ?? [];
  }

  /** Adds a table at the end. */
  appendTable(path: readonly string[], value: JsonObject): TextEdit[] {
    const lines = [`[${tomlKey(path)}]`, ...Object.entries(value).map(([name, member]) => tomlPair([name], member))];
    return this.appendSource(lines.map((line) => line + this.#lineEnd).join(''));
  }

  /** Adds lines at the end. */
  appendSource(source: string): TextEdit[] {
    const text = this.#text;
    const isEmpty = text.trim() === '';
    const hasLineEnd = text === '' || text.endsWith('\n');
    const gap = (hasLineEnd ? '' : this.#lineEnd) + (isEmpty || /\n\r?\n$/.test(text) ? '' : this.#lineEnd);
    return [{ offset: text.length, length: 0, text: gap + source }];
  }

  /** Removes everything about a table, wherever it stands. */
  removeTable(path: readonly string[]): TextEdit[] | undefined {
    const inline = this.#inlinePlace(path);
    if (inline)
      return inline.siblings
        ? removeInline(this.#text, inline.pair, inline.siblings)
        : this.#removeSpans([inline.lines]);
    const spans = this.#blocks(path);
    return spans.length === 0 ? undefined : this.#removeSpans(spans);
  }

  /** A table as it stands, or `undefined` where its text means something else elsewhere. */
  sourceOf(path: readonly string[]): TomlSource | undefined {
    const inline = this.#inlinePlace(path);
    if (inline) {
      const { start, end } = inline.pair.value.span;
      return { kind: 'value', text: this.#text.slice(start, end) };
    }
    // Pairs of the parent's section have shorter keys than they would have elsewhere.
    const own = this.#statements.filter((statement) => startsWith(statement.path, path));
    if (own[0]?.kind !== 'header') return undefined;
    const blocks = this.#blocks(path).map(({ start, end }) => withLineEnd(this.#text.slice(start, end), this.#lineEnd));
    return { kind: 'lines', text: blocks.join('') };
  }

  /** Puts a table in the place of what it is now. */
  replaceSource(path: readonly string[], source: TomlSource): TextEdit[] | undefined {
    const inline = this.#inlinePlace(path);
    if (source.kind === 'value') {
      if (!inline) return undefined;
      const { start, end } = inline.pair.value.span;
      return [{ offset: start, length: end - start, text: source.text }];
    }
    const first = this.#statements.find((statement) => startsWith(statement.path, path));
    if (inline || first?.kind !== 'header') return undefined;
    const [block, ...others] = this.#removeSpans(this.#blocks(path));
    return block && [{ ...block, text: source.text }, ...others];
  }

  /** Sets some members of a table and takes others away; all others, and their comments, stay. */
  replaceMembers(path: readonly string[], removed: ReadonlySet<string>, value: JsonObject): TextEdit[] | undefined {
    const inline = this.#inlinePlace(path);
    if (inline) return this.#replaceInline(inline.pair, removed, value);
    const pairs = Object.entries(value);
    const header = this.#statements.find((statement) => statement.kind === 'header' && isSame(statement.path, path));
    const gone = this.#statements.filter((statement) => {
      return startsWith(statement.path, path) && removed.has(statement.path[path.length] ?? '');
    });
    const spans = this.#spansOf(gone);
    let offset: number;
    let prefix: readonly string[];
    if (header) {
      offset = header.lines.end;
      prefix = [];
    } else {
      const [anchor] = gone;
      if (anchor?.kind !== 'pair') return undefined;
      offset = anchor.lines.start;
      prefix = anchor.pair.key.slice(0, anchor.pair.key.length - (anchor.path.length - path.length));
    }
    const lines = pairs.map(([name, member]) => tomlPair([...prefix, name], member) + this.#lineEnd).join('');
    const needsLine = header && !this.#text.slice(0, offset).endsWith('\n') ? this.#lineEnd : '';
    return [{ offset, length: 0, text: needsLine + lines }, ...this.#removeSpans(spans)];
  }

  #replaceInline(pair: TomlPairPlace, removed: ReadonlySet<string>, value: JsonObject): TextEdit[] | undefined {
    if (!pair.value.pairs) return undefined;
    const kept = pair.value.pairs.filter(({ key }) => !removed.has(key[0] ?? ''));
    const members = [
      ...Object.entries(value).map(([name, member]) => tomlPair([name], member)),
      ...kept.map(({ span }) => this.#text.slice(span.start, span.end)),
    ];
    const { start, end } = pair.value.span;
    return [{ offset: start, length: end - start, text: `{ ${members.join(', ')} }` }];
  }

  /** Where a table is written as a value: `name = { … }`, maybe inside another one. */
  #inlinePlace(
    path: readonly string[],
  ): { pair: TomlPairPlace; siblings?: TomlPairPlace[]; lines: TextSpan } | undefined {
    for (const statement of this.#statements) {
      if (statement.kind !== 'pair' || !startsWith(path, statement.path)) continue;
      const found = findInline(statement.pair, path.slice(statement.path.length));
      if (found) return { ...found, lines: statement.lines };
    }
    return undefined;
  }

  #blocks(path: readonly string[]): TextSpan[] {
    return this.#spansOf(this.#statements.filter((statement) => startsWith(statement.path, path)));
  }

  /** Lines of statements; of those that follow each other with all between them. */
  #spansOf(wanted: readonly TomlStatement[]): TextSpan[] {
    const spans: TextSpan[] = [];
    let previous = -2;
    for (const statement of wanted) {
      const index = this.#statements.indexOf(statement);
      const last = spans.at(-1);
      // Comments above a header are about that table.
      const joins = last !== undefined && index === previous + 1;
      if (joins) last.end = statement.lines.end;
      else spans.push({ ...statement.lines });
      previous = index;
    }
    return spans;
  }

  #removeSpans(spans: readonly TextSpan[]): TextEdit[] {
    return spans.map(({ start, end }) => ({ offset: start, length: end - start, text: '' }));
  }
}

function findInline(
  pair: TomlPairPlace,
  rest: readonly string[],
  siblings?: TomlPairPlace[],
): { pair: TomlPairPlace; siblings?: TomlPairPlace[] } | undefined {
  if (rest.length === 0) return pair.value.pairs ? { pair, ...(siblings ? { siblings } : {}) } : undefined;
  for (const inner of pair.value.pairs ?? []) {
    if (!startsWith(rest, inner.key)) continue;
    const found = findInline(inner, rest.slice(inner.key.length), pair.value.pairs);
    if (found) return found;
  }
  return undefined;
}

function removeInline(text: string, pair: TomlPairPlace, siblings: readonly TomlPairPlace[]): TextEdit[] {
  const index = siblings.indexOf(pair);
  const next = siblings[index + 1];
  const previous = siblings[index - 1];
  const start = next || !previous ? pair.span.start : previous.span.end;
  let end = next ? next.span.start : pair.span.end;
  // A comma after the last one is allowed, and must not stay alone.
  if (!next && !previous) end += /^\s*,/.exec(text.slice(end))?.[0].length ?? 0;
  return [{ offset: start, length: end - start, text: '' }];
}

function startsWith(path: readonly string[], beginning: readonly string[]): boolean {
  return path.length >= beginning.length && beginning.every((name, index) => path[index] === name);
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && startsWith(left, right);
}

function withLineEnd(text: string, lineEnd: string): string {
  return text.endsWith('\n') ? text : text + lineEnd;
}

function tomlPair(key: readonly string[], value: JsonValue): string {
  return `${tomlKey(key)} = ${tomlValue(value)}`;
}

/** A dotted key, quoted where it must be. */
export function tomlKey(path: readonly string[]): string {
  return path.map((name) => (/^[A-Za-z0-9_-]+$/.test(name) ? name : tomlString(name))).join('.');
}

/** A value on one line. TOML has no null: such members are left out. */
export function tomlValue(value: JsonValue): string {
  if (typeof value === 'string') return tomlString(value);
  if (Array.isArray(value)) return `[${value.map((item) => tomlValue(item)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value ?? '""');
  const members = Object.entries(value).filter(([, member]) => member !== null);
  if (members.length === 0) return '{}';
  return `{ ${members.map(([name, member]) => tomlPair([name], member)).join(', ')} }`;
}

function tomlString(text: string): string {
  // JSON's escapes are TOML's; DEL must be escaped too, and lone surrogates cannot be written.
  return JSON.stringify(text.replaceAll(/[\uD800-\uDFFF]/gu, '\uFFFD')).replaceAll('\u007F', '\\u007F');
}
