import { isRecord } from '../../core/json';
import { escapeHidden } from './escapeHidden';

/** Parameters as a person wrote them, or what is wrong with the text, as a sentence. */
export type ReadParams = { params: Record<string, unknown> } | { problem: string };

const maxDepth = 500;

/** Reads the JSON text of parameters. An empty text stands for none. */
export function readParams(text: string): ReadParams {
  if (text.trim() === '') return { params: {} };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `This is no JSON: ${syntaxProblem(error, text)}.` };
  }
  if (!isRecord(value)) return { problem: 'Parameters are a JSON object, from { to }.' };
  if (isDeeper(value, maxDepth)) return { problem: `The parameters nest deeper than ${maxDepth} levels.` };
  return { params: value };
}

/** Parameters as a person reads and edits them, with nothing hidden in them. */
export function writeParams(params: unknown): string {
  return isDeeper(params, maxDepth) ? '{}' : escapeHidden(JSON.stringify(params, undefined, 2));
}

/** What the engine says of a syntax error, with line and column in place of a number of characters. */
function syntaxProblem(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const position = /at position (\d+)/.exec(message)?.[1];
  if (/end of JSON input|Unterminated/i.test(message)) return 'it ends too early';
  if (position === undefined) return message.slice(0, 120);
  const before = text.slice(0, Number(position)).split('\n');
  const found = text.charAt(Number(position));
  const what = found === '' ? 'it ends too early' : `${JSON.stringify(found)} is not expected`;
  return `${what} in line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function isDeeper(value: unknown, depth: number): boolean {
  let level: unknown[] = [value];
  for (let at = 0; at <= depth; at += 1) {
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      for (const member of Object.values(item) as unknown[]) next.push(member);
    }
    if (next.length === 0) return false;
    level = next;
  }
  return true;
}
