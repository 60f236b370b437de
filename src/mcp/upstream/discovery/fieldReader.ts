import type { ConfigNode, ObjectNode } from './configNode';
import { quoteName, type ConfigProblem, type ConfigProblemCode } from './configProblem';
import type { TextSpan } from './sourceText';

/** Takes a problem and where in the text it is. */
export type ReportProblem = (
  severity: ConfigProblem['severity'],
  code: ConfigProblemCode,
  message: string,
  span: TextSpan,
) => void;

/** Reads the fields of one server entry and reports what has the wrong type, with its place. */
export class FieldReader {
  readonly node: ObjectNode;
  readonly #report: ReportProblem;
  readonly #parent: FieldReader | undefined;
  #hasErrors = false;

  /** @param parent the fields that these are a part of: what is wrong here is wrong there */
  constructor(node: ObjectNode, report: ReportProblem, parent?: FieldReader) {
    this.node = node;
    this.#report = report;
    this.#parent = parent;
  }

  /** Whether an error was reported, so that the entry cannot be used. */
  get hasErrors(): boolean {
    return this.#hasErrors;
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  error(code: ConfigProblemCode, message: string, field?: string): void {
    this.#fail();
    this.#report('error', code, message, this.#spanOf(field));
  }

  warn(code: ConfigProblemCode, message: string, field?: string): void {
    this.#report('warning', code, message, this.#spanOf(field));
  }

  string(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (value.kind === 'scalar' && typeof value.value === 'string') return value.value;
    this.#wrong(name, 'a text');
    return undefined;
  }

  boolean(name: string): boolean | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (value.kind === 'scalar' && typeof value.value === 'boolean') return value.value;
    this.#wrong(name, 'true or false');
    return undefined;
  }

  /** A list of texts; numbers and booleans in it are taken as they are written. */
  strings(name: string): string[] | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const texts = value.kind === 'array' ? value.items.map((item) => textOf(item)) : undefined;
    if (texts?.every((text) => text !== undefined)) return texts;
    this.#wrong(name, 'a list of texts');
    return undefined;
  }

  /** An object of texts; numbers and booleans are taken as they are written, `null` only where it is allowed. */
  record(name: string, options: { allowNull: true }): Record<string, string | null> | undefined;
  record(name: string): Record<string, string> | undefined;
  record(name: string, options?: { allowNull: true }): Record<string, string | null> | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (value.kind !== 'object') {
      this.#wrong(name, 'an object of texts');
      return undefined;
    }
    const entries: [string, string | null][] = [];
    for (const [key, member] of value.members) {
      const isNull = member.value.kind === 'scalar' && member.value.value === null;
      const text = isNull && options?.allowNull ? null : textOf(member.value);
      if (text === undefined) {
        this.#fail();
        const message = `${quoteName(key)} in ${quoteName(name)} must be a text.`;
        this.#report('error', 'wrongType', message, member.span);
      } else {
        entries.push([key, text]);
      }
    }
    return Object.fromEntries(entries);
  }

  /** The fields of an object in this one. */
  object(name: string): FieldReader | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (value.kind === 'object') return new FieldReader(value, this.#report, this);
    this.#wrong(name, 'an object');
    return undefined;
  }

  #fail(): void {
    this.#hasErrors = true;
    if (this.#parent) this.#parent.#fail();
  }

  #value(name: string): ConfigNode | undefined {
    return this.node.members.get(name)?.value;
  }

  #wrong(name: string, wanted: string): void {
    this.error('wrongType', `${quoteName(name)} must be ${wanted}.`, name);
  }

  #spanOf(field: string | undefined): TextSpan {
    return (field === undefined ? undefined : this.node.members.get(field)?.span) ?? this.node.span;
  }
}

function textOf(node: ConfigNode): string | undefined {
  if (node.kind !== 'scalar') return undefined;
  const { value } = node;
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
