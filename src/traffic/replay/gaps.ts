import { redactedMark } from '../../core/redact';
import { isRecord } from '../../core/json';
import { pathText, type JsonPath } from './jsonPath';

/** A place in recorded parameters where not all of the value was kept. */
export interface Gap {
  /** Where it is, as `pathText` writes it. */
  path: string;
  /** `redacted`: a secret stood there; `cut`: it was longer or deeper than is recorded. */
  kind: 'redacted' | 'cut';
  /** Whether the gap is the whole value; else it is a part of a longer text. */
  isWhole: boolean;
}

/** Notes that the recorder leaves where it cuts (`messageText.ts`). */
const cutNote = /… \[\d+ more characters\]$|^… \[\d+ more items\]$|^\[\d+ more members\]$|^\[nested too deep\]$/;

const maxGaps = 100;
/** Parameters that nest deeper are not sent anyway (`readParams`). */
const maxDepth = 500;

/**
 * The places in parameters that have to be filled in before they can be sent.
 * @param isCut whether the recorder says that it cut the message; else what looks like a note of that is a value
 */
export function findGaps(params: unknown, isCut: boolean): Gap[] {
  const gaps: Gap[] = [];
  const pending: { value: unknown; path: JsonPath }[] = [{ value: params, path: [] }];
  for (let next = pending.pop(); next && gaps.length < maxGaps; next = pending.pop()) {
    const { value, path } = next;
    if (typeof value === 'string') {
      const kind = value.includes(redactedMark) ? 'redacted' : isCut && cutNote.test(value) ? 'cut' : undefined;
      if (kind) gaps.push({ path: pathText(path), kind, isWhole: value === redactedMark });
    } else if (path.length > maxDepth) {
      continue;
    } else if (Array.isArray(value)) {
      for (let index = value.length - 1; index >= 0; index -= 1)
        pending.push({ value: (value as unknown[])[index], path: [...path, index] });
    } else if (isRecord(value)) {
      for (const [name, member] of Object.entries(value).toReversed()) {
        if (name.includes(redactedMark))
          gaps.push({ path: pathText([...path, name]), kind: 'redacted', isWhole: false });
        pending.push({ value: member, path: [...path, name] });
      }
    }
  }
  return gaps;
}

/**
 * Puts values where a secret was redacted as a whole.
 * @param fills texts by the path of the gap
 * @returns a copy; gaps for which there is no value stay as they are
 */
export function fillGaps(params: unknown, fills: ReadonlyMap<string, string>): unknown {
  if (fills.size === 0) return params;
  const fill = (value: unknown, path: JsonPath): unknown => {
    if (value === redactedMark) return fills.get(pathText(path)) ?? value;
    if (Array.isArray(value)) return value.map((item: unknown, index) => fill(item, [...path, index]));
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fill(member, [...path, name])]));
  };
  return fill(params, []);
}
