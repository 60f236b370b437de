import { queryChoices, queryFields, queryTerms } from './query';

/** Values that occur in what was recorded, by the field that they are values of. */
export type QueryVocabulary = Readonly<Record<string, readonly string[]>>;

/** Something that may be written where the caret is. */
export interface QueryCompletion {
  /** What is shown, and what the part from `start` up to but not including `end` is replaced with. */
  text: string;
  detail: string;
  start: number;
  end: number;
  /** Whether more must follow, as after `tool:`. */
  isField: boolean;
}

const maxCompletions = 50;

/** What may be written before numbers, with what it means. */
const comparisons: Readonly<Record<string, readonly [string, string][]>> = {
  dur: [
    ['>500', 'longer than 500 ms'],
    ['>1s', 'longer than a second'],
    ['100..500', 'from 100 to 500 ms'],
  ],
  size: [
    ['>10k', 'larger than 10 kB'],
    ['>1m', 'larger than 1 MB'],
  ],
  tokens: [
    ['>2k', 'more than 2,000 tokens'],
    ['>10k', 'more than 10,000 tokens'],
  ],
  time: [
    ['>10:42', 'after 10:42'],
    ['10:40..10:45', 'from 10:40 to 10:45'],
  ],
};

/**
 * What may be written at `caret`: a field, or a value of the field that is being written. In a field `|` begins a further
 * value. Values come before fields where a word could be either.
 */
export function completeQuery(text: string, caret: number, vocabulary: QueryVocabulary): QueryCompletion[] {
  const term = queryTerms(text).find(({ start, end }) => start < caret && caret <= end);
  if (!term) return fieldCompletions('', caret, caret);
  const typed = text.slice(term.valueStart, caret);
  if (term.field === undefined) {
    const start = term.start + (term.isNegated ? 1 : 0);
    if (typed.startsWith('"')) return [];
    const word = text.slice(start, caret).toLowerCase();
    const values =
      word.length < 2 ? [] : valueCompletions('tool', word, vocabulary, start, term.end, (value) => `tool:${value}`);
    return [...fieldCompletions(word, start, term.end), ...values].slice(0, maxCompletions);
  }
  const isQuoted = typed.startsWith('"');
  const lastBar = isQuoted ? 0 : typed.lastIndexOf('|') + 1;
  const part = typed.slice(lastBar).replace(/^"/, '').toLowerCase();
  return valueCompletions(term.field, part, vocabulary, term.valueStart + lastBar, term.end, (value) => value);
}

function fieldCompletions(prefix: string, start: number, end: number): QueryCompletion[] {
  return queryFields
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, description }) => ({ text: `${name}:`, detail: description, start, end, isField: true }));
}

function valueCompletions(
  field: string,
  part: string,
  vocabulary: QueryVocabulary,
  start: number,
  end: number,
  write: (value: string) => string,
): QueryCompletion[] {
  const entry = (value: string, detail: string): QueryCompletion => ({
    text: write(quoted(value)),
    detail,
    start,
    end,
    isField: false,
  });
  const known = queryChoices[field] ?? vocabulary[field] ?? [];
  const begins = known.filter((value) => value.toLowerCase().startsWith(part));
  const holds = known.filter((value) => !begins.includes(value) && value.toLowerCase().includes(part));
  const values = [...begins, ...holds].map((value) => entry(value, ''));
  const hints = part === '' ? (comparisons[field] ?? []).map(([value, detail]) => entry(value, detail)) : [];
  // What is already there needs no completion.
  return [...values, ...hints].filter(({ text }) => text.toLowerCase() !== write(part)).slice(0, maxCompletions);
}

/** As it must be written: in quotes where it would otherwise be cut. */
function quoted(value: string): string {
  return /[\s"|]/.test(value) ? `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"` : value;
}
