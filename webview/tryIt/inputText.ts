import { isRecord } from '../../src/core/json';
import { redactText } from '../../src/core/redact';
import { withValueAt, type JsonPath } from './schema/jsonPath';
import type { FormField, SchemaForm } from './schema/schemaForm';

/** What a text says as JSON, or where it stops being JSON. */
export type ReadText = { value: unknown } | { problem: string };

/** Fields looked at for secrets; an input has far fewer. */
const maxFields = 5000;

/** Reads what a person typed. */
export function readJson(text: string): ReadText {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: problemOf(text, error) };
  }
}

/** The text of a value, as it stands beside the form. @returns `undefined` for one that is too deep */
export function writeJson(value: unknown): string | undefined {
  try {
    return value === undefined ? '' : JSON.stringify(value, undefined, 2);
  } catch {
    return undefined;
  }
}

/** Whether a number in the text has more digits than are kept. */
export function hasLongNumber(text: string): boolean {
  return /(?:^|[[:,\s])-?\d{17,}(?=[\],}\s]|$)/m.test(text);
}

/** The text without what is secret in it, to be kept. */
export function textToKeep(form: SchemaForm | undefined, text: string): string {
  const read = readJson(text);
  if ('problem' in read || !form) return redactText(text);
  let { value } = read;
  // From the end, so that taking away an item of a list does not move those still to come.
  for (const path of secretPaths(form, value).toReversed()) value = withValueAt(value, path, undefined);
  return redactText(writeJson(value) ?? '');
}

function secretPaths(form: SchemaForm, value: unknown): JsonPath[] {
  const found: JsonPath[] = [];
  const waiting: FormField[] = [form.root(value)];
  let left = maxFields;
  for (let field = waiting.pop(); field && left > 0; field = waiting.pop(), left -= 1) {
    if (field.value === undefined) continue;
    if (field.isSecret) found.push(field.path);
    else if (isRecord(field.value) || Array.isArray(field.value)) {
      const places = form.memberPlaces(field).filter(({ isPresent }) => isPresent);
      waiting.push(...places.slice(0, maxFields).map(({ make }) => make()), ...form.items(field).slice(0, maxFields));
    }
  }
  return found.sort((one, other) => comparePaths(one, other));
}

function comparePaths(one: JsonPath, other: JsonPath): number {
  for (const [index, part] of one.entries()) {
    const rival = other[index];
    if (rival === undefined) return 1;
    if (part !== rival)
      return typeof part === 'number' && typeof rival === 'number' ? part - rival : part < rival ? -1 : 1;
  }
  return one.length - other.length;
}

/** What the browser says of a mistake, with the line in place of the character that it counts. */
function problemOf(text: string, error: unknown): string {
  if (text.trim() === '') return 'There is no JSON yet.';
  const said = error instanceof Error ? error.message : String(error);
  const position = /position (\d+)/.exec(said)?.[1];
  const at = position === undefined ? text.length : Number(position);
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = at - before.lastIndexOf('\n');
  const [what = said] = said.split(/ in JSON| at position|, /, 1);
  return `Line ${line}, column ${column}: ${what.replace(/\.$/, '')}.`;
}
