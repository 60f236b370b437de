import { isRecord } from '../../core/json';
import { readPath, valueAt } from './jsonPath';

/** What an earlier step came to, as later ones may refer to it. */
export interface StepResult {
  result?: unknown;
  error?: unknown;
}

/** `${steps.1.result.content[0].text}`; with a second dollar before it, it stands for itself. */
const reference = /(\$?)\$\{steps\.(\d{1,4})((?:\.|\[)[^{}]{0,500})\}/g;

export interface ResolvedParams {
  params: unknown;
  /** What could not be found, a sentence each. */
  problems: string[];
}

/**
 * Puts values of earlier steps where parameters refer to them. A text that is nothing but a reference becomes the value
 * as it is; within a longer text it becomes text.
 * @param results of the steps before, from the first
 */
export function resolveReferences(params: unknown, results: readonly (StepResult | undefined)[]): ResolvedParams {
  const problems = new Set<string>();
  const lookUp = (step: string, path: string): unknown => {
    const outcome = results[Number(step) - 1];
    const steps = readPath(path);
    const value = outcome && steps ? valueAt(outcome, steps) : undefined;
    if (!outcome) problems.add(`Step ${step} has no result that a later step could use.`);
    else if (value === undefined) problems.add(`Step ${step} has no ${path.replace(/^\./, '')}.`);
    return value;
  };
  const resolve = (value: unknown): unknown => {
    if (typeof value === 'string') return resolveText(value, lookUp);
    if (Array.isArray(value)) return value.map(resolve);
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolve(member)]));
  };
  return { params: resolve(params), problems: [...problems] };
}

/** One piece of a text: itself, or what it refers to. */
export type TextPiece = { text: string } | { step: number; path: string };

/** Takes a text apart at its references. */
export function textPieces(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let plain = '';
  let at = 0;
  for (const found of text.matchAll(reference)) {
    const [matched, escape, step, path = ''] = found;
    plain += text.slice(at, found.index);
    at = found.index + matched.length;
    if (escape === '$') {
      plain += matched.slice(1);
      continue;
    }
    if (plain !== '') pieces.push({ text: plain });
    plain = '';
    pieces.push({ step: Number(step), path: path.replace(/^\./, '') });
  }
  plain += text.slice(at);
  if (plain !== '' || pieces.length === 0) pieces.push({ text: plain });
  return pieces;
}

function resolveText(text: string, lookUp: (step: string, path: string) => unknown): unknown {
  if (!text.includes('${steps.')) return text;
  const pieces = textPieces(text);
  const values = pieces.map((piece) => ('text' in piece ? piece.text : lookUp(String(piece.step), piece.path)));
  if (values.length === 1) return values[0] ?? text;
  return values.map((value) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))).join('');
}
