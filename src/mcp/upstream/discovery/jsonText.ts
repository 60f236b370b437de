import { printParseErrorCode, visit } from 'jsonc-parser';
import type { ArrayNode, ConfigNode, ObjectNode } from './configNode';
import { quoteName } from './configProblem';
import type { TextSpan } from './sourceText';

/** Something wrong with the syntax. The sentence holds nothing of the text. */
export interface SyntaxProblem {
  /** `tolerated`: strict JSON forbids it, and only some programs mind. `warning`: it surely is a mistake. */
  severity: 'error' | 'tolerated' | 'warning';
  message: string;
  offset: number;
}

export interface ParsedText {
  /** `undefined` where the text is broken or empty. */
  root: ConfigNode | undefined;
  problems: SyntaxProblem[];
}

export interface ParseJsonOptions {
  /**
   * Which members are of interest, by their path. Others are left out, which keeps a file of many megabytes cheap.
   * Default: all.
   */
  keeps?: (path: readonly string[]) => boolean;
}

/** A broken file can have an error at every character. */
const maxProblems = 10;
/** No config nests so far; the parser and all that walk the tree call themselves for every level. */
const maxDepth = 200;

/**
 * Reads JSON with comments and trailing commas. Never throws. Where a member stands twice the last one counts, as in
 * `JSON.parse`.
 */
export function parseJsonText(text: string, options: ParseJsonOptions = {}): ParsedText {
  const problems: SyntaxProblem[] = [];
  const builder = new TreeBuilder(options.keeps, (name, offset) => {
    if (problems.length >= maxProblems) return;
    const message = `${quoteName(name)} stands twice; the last one counts.`;
    problems.push({ severity: 'warning', message, offset });
  });
  const tolerated = new Set<string>();
  const tolerate = (message: string, offset: number): void => {
    if (tolerated.has(message)) return;
    tolerated.add(message);
    problems.push({ severity: 'tolerated', message, offset });
  };
  let lastComma: number | undefined;
  const endsList = (): void => {
    if (lastComma !== undefined) tolerate('There is a comma after the last item.', lastComma);
    lastComma = undefined;
  };
  const isEmpty = isBlank(text);
  try {
    visit(
      text,
      {
        onObjectBegin: (offset) => {
          lastComma = undefined;
          builder.beginObject(offset);
        },
        onObjectProperty: (name, offset) => {
          lastComma = undefined;
          builder.name(name, offset);
        },
        onObjectEnd: (offset, length) => {
          endsList();
          builder.end(offset + length);
        },
        onArrayBegin: (offset) => {
          lastComma = undefined;
          builder.beginArray(offset);
        },
        onArrayEnd: (offset, length) => {
          endsList();
          builder.end(offset + length);
        },
        onLiteralValue: (value, offset, length) => {
          lastComma = undefined;
          builder.scalar(value as string | number | boolean | null, { start: offset, end: offset + length });
        },
        onSeparator: (character, offset) => {
          if (character === ',') lastComma = offset;
        },
        onComment: (offset) => tolerate('There is a comment.', offset),
        onError: (code, offset) => {
          if (problems.length < maxProblems) {
            problems.push({ severity: 'error', message: sentenceOf(printParseErrorCode(code)), offset });
          }
        },
      },
      { allowTrailingComma: true, disallowComments: false, allowEmptyContent: isEmpty },
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.push({ severity: 'error', message: 'The values are nested too deep.', offset: 0 });
  }
  const isBroken = problems.some(({ severity }) => severity === 'error');
  return { root: isBroken ? undefined : builder.root, problems };
}

function isBlank(text: string): boolean {
  return !/\S/.test(text);
}

function sentenceOf(code: string): string {
  switch (code) {
    case 'CommaExpected':
      return 'A comma is missing.';
    case 'ColonExpected':
      return 'A colon is missing.';
    case 'ValueExpected':
      return 'A value is missing.';
    case 'PropertyNameExpected':
      return 'A name in double quotes is missing.';
    case 'CloseBraceExpected':
      return 'A closing brace is missing.';
    case 'CloseBracketExpected':
      return 'A closing bracket is missing.';
    case 'EndOfFileExpected':
      return 'There is more text after the end of the value.';
    case 'UnexpectedEndOfString':
      return 'A text has no closing quote.';
    case 'UnexpectedEndOfComment':
      return 'A comment has no end.';
    case 'InvalidEscapeCharacter':
      return 'A text has a backslash before a character that needs none.';
    case 'InvalidUnicode':
      return 'A text has an escape that is not complete.';
    case 'InvalidCharacter':
      return 'A text has a control character that must be escaped.';
    default:
      return 'This is not valid JSON.';
  }
}

interface OpenNode {
  node: ObjectNode | ArrayNode;
  path: readonly string[];
  /** The member whose value comes next. */
  pending?: { name: string; offset: number };
}

/** Builds the tree, without the members that nobody wants. */
class TreeBuilder {
  root: ConfigNode | undefined;
  readonly #keeps: ((path: readonly string[]) => boolean) | undefined;
  readonly #onRepeat: (name: string, offset: number) => void;
  readonly #open: OpenNode[] = [];
  /** How many levels we are inside a member that is left out. */
  #skipped = 0;
  #skipNext = false;

  constructor(
    keeps: ((path: readonly string[]) => boolean) | undefined,
    onRepeat: (name: string, offset: number) => void,
  ) {
    this.#keeps = keeps;
    this.#onRepeat = onRepeat;
  }

  name(name: string, offset: number): void {
    const parent = this.#open.at(-1);
    if (this.#skipped > 0 || !parent) return;
    parent.pending = { name, offset };
    this.#skipNext = this.#keeps !== undefined && !this.#keeps([...parent.path, name]);
  }

  beginObject(offset: number): void {
    this.#begin({ kind: 'object', span: { start: offset, end: offset }, members: new Map() });
  }

  beginArray(offset: number): void {
    this.#begin({ kind: 'array', span: { start: offset, end: offset }, items: [] });
  }

  end(offset: number): void {
    if (this.#skipped > 0) {
      this.#skipped--;
      return;
    }
    const closed = this.#open.pop();
    if (!closed) return;
    closed.node.span.end = offset;
    this.#attach(closed.node);
  }

  scalar(value: string | number | boolean | null, span: TextSpan): void {
    if (this.#skipped > 0) return;
    if (this.#skipNext) this.#skipNext = false;
    else this.#attach({ kind: 'scalar', span, value });
  }

  #begin(node: ObjectNode | ArrayNode): void {
    if (this.#skipped > 0 || this.#skipNext) {
      this.#skipNext = false;
      this.#skipped++;
      return;
    }
    if (this.#open.length >= maxDepth) throw new RangeError();
    const parent = this.#open.at(-1);
    const path = parent ? [...parent.path, parent.pending?.name ?? ''] : [];
    this.#open.push({ node, path });
  }

  #attach(value: ConfigNode): void {
    const parent = this.#open.at(-1);
    if (!parent) {
      this.root ??= value;
    } else if (parent.node.kind === 'array') {
      parent.node.items.push(value);
    } else if (parent.pending) {
      const { name, offset } = parent.pending;
      if (parent.node.members.has(name)) this.#onRepeat(name, offset);
      parent.node.members.set(name, { span: { start: offset, end: value.span.end }, value });
      delete parent.pending;
    }
  }
}
