import { isSecretHeader, redactedMark, redactText } from '../core/redact';

/** Headers as HTTP gives them. */
export type WireHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Headers, or what gives them when the message is read, a moment after it went by: the head of an answer is often
 * written after the answer was made.
 */
export type GivenHeaders = WireHeaders | (() => WireHeaders | undefined);

/** Headers as they are kept: names in lower case, secrets redacted. The status of an answer stands under `:status`. */
export type KeptHeaders = Readonly<Record<string, string>>;

const maxHeaders = 100;
const maxNameChars = 100;
/** The longest that matter repeat a name or an address of the body. */
const maxValueChars = 4000;
const maxRemembered = 2000;
const maxSets = 500;

/**
 * Makes headers fit to be kept. Those of one client are nearly the same each time, so that equal values are one text
 * and equal sets one object.
 */
export class HeaderKeeper {
  /** Values that hold no secret. */
  readonly #plain = new Map<string, string>();
  readonly #sets = new Map<string, KeptHeaders>();

  /** @returns the headers, and the bytes of memory that they take anew. */
  keep(given: GivenHeaders): { headers: KeptHeaders; bytes: number } | undefined {
    const all = typeof given === 'function' ? given() : given;
    if (!all) return undefined;
    const headers: Record<string, string> = {};
    let key = '';
    let bytes = 64;
    let count = 0;
    for (const name of Object.keys(all)) {
      const value = all[name];
      if (value === undefined) continue;
      if (++count > maxHeaders) break;
      const kept = name.toLowerCase().slice(0, maxNameChars);
      const text = isSecretHeader(kept)
        ? redactedMark
        : this.#value(typeof value === 'string' ? value : value.join(', '));
      headers[kept] = text;
      key += `${kept}\n${text}\n`;
      bytes += kept.length + text.length + 32;
    }
    const known = this.#sets.get(key);
    if (known) return { headers: known, bytes: 16 };
    if (this.#sets.size >= maxSets) this.#sets.clear();
    this.#sets.set(key, headers);
    return { headers, bytes };
  }

  #value(text: string): string {
    const known = this.#plain.get(text);
    if (known !== undefined) return known;
    const kept = keptValue(text);
    if (kept !== text) return kept;
    if (this.#plain.size >= maxRemembered) this.#plain.clear();
    this.#plain.set(text, text);
    return text;
  }
}

/** Headers that were kept by somebody else, as they may be kept here. */
export function cleanHeaders(headers: Readonly<Record<string, string>>): KeptHeaders {
  return new HeaderKeeper().keep(headers)?.headers ?? {};
}

/** The text of a header: what a header cannot carry comes as `=?base64?…?=` (2026-07-28, standard request headers). */
export function decodeHeader(value: string): string {
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value)?.[1];
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString('utf8');
}

function keptValue(text: string): string {
  const decoded = decodeHeader(text);
  if (decoded !== text && redactText(decoded) !== decoded) return redactedMark;
  if (text.length <= maxValueChars) return redactText(text);
  // Joined anew, because a slice would keep the whole text that it was cut from in memory.
  return Array.from(redactText(text.slice(0, maxValueChars * 2)).slice(0, maxValueChars)).join('') + '…';
}
