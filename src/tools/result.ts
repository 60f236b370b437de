import { byteLength } from '../core/byteLength';
import type { ErrorReport } from '../core/errors';
import { isRecord, type JsonObject, type JsonValue } from '../core/json';
import { redactJson, redactText } from '../core/redact';
import { escapeUnseen } from '../core/unseen';
import type { ResultStore } from './resultStore';

/** A result as the wire carries it. The text part says the same as the structured part. */
export interface ToolResult {
  content: ({ type: 'text'; text: string } | { type: 'resource_link'; uri: string; name: string; mimeType: string })[];
  structuredContent?: JsonObject;
  isError?: true;
}

/** Default limit of a result, in UTF-8 bytes of JSON: what editors and agents pass on to a model uncut. */
export const defaultMaxResultBytes = 32 * 1024;

/** What the envelope around a page of items may take of the limit. */
export const envelopeBytes = 2 * 1024;

/**
 * Output fields, at the top, whose text stands for bytes: patterns of secrets mean nothing in it, and one character
 * changed makes it worthless.
 */
const opaqueFields = new Set(['base64', 'nextCursor']);

/** Output fields that are worthless or misleading when shortened. */
const wholeFields = new Set([...opaqueFields, 'identity', 'truncated', 'fullResult']);

/**
 * Makes the result of a call that went well: redacted, and cut where it is over the limit.
 * List tools have cut themselves at an item boundary already; what is still too large (one huge field) is shortened
 * here, field by field, and the whole is kept as a resource. What cannot be shortened enough is an error result.
 * @param maxBytes UTF-8 bytes that the JSON of the result may take.
 */
export function successResult(value: unknown, store: ResultStore, maxBytes: number): ToolResult {
  const structured = redactOutput(value);
  const text = JSON.stringify(structured);
  if (byteLength(text) <= maxBytes) return { content: [{ type: 'text', text }], structuredContent: structured };
  const uri = store.keep(text);
  const cut = shorten({ ...structured, truncated: true, ...(uri === undefined ? {} : { fullResult: uri }) }, maxBytes);
  const link: ToolResult['content'] =
    uri === undefined ? [] : [{ type: 'resource_link', uri, name: 'The whole result', mimeType: 'application/json' }];
  if (cut === undefined) {
    const { content } = errorResult({
      code: 'Unsupported',
      message: `The result is larger than ${maxBytes} bytes and cannot be shortened.`,
      remedy: uri === undefined ? 'Ask for less.' : `Read the resource ${uri}, or ask for less.`,
      retryable: false,
    });
    return { content: [...content, ...link], isError: true };
  }
  return { content: [{ type: 'text', text: JSON.stringify(cut) }, ...link], structuredContent: cut };
}

/** A message of an error is not for reading at length. */
const maxErrorCharacters = 2000;

/**
 * Makes the result of a call that failed in a way a model can act on. It has no structured part: clients check that
 * against the tool's output schema, which describes success.
 */
export function errorResult(report: ErrorReport): ToolResult {
  const shown = (text: string): string => cutText(escapeUnseen(redactText(text)), maxErrorCharacters);
  const error = { ...report, message: shown(report.message), remedy: shown(report.remedy) };
  return { content: [{ type: 'text', text: JSON.stringify(error) }], isError: true };
}

function redactOutput(value: unknown): JsonObject {
  const redacted = redactJson(value) as JsonObject;
  for (const name of opaqueFields) {
    const given = isRecord(value) ? value[name] : undefined;
    if (typeof given === 'string') redacted[name] = given;
  }
  return redacted;
}

/** What one round of shortening leaves of a value. */
interface Limits {
  /** UTF-16 units of a string. */
  text: number;
  items: number;
  /** Members of an object; those that our schemas name are fewer, so that only maps from names to values shrink. */
  members: number;
}

const minText = 16;
const minMembers = 48;

/** Finds the widest limits with which the whole fits. Shapes stay, so the output schema still holds. */
function shorten(value: JsonObject, maxBytes: number): JsonObject | undefined {
  // Lists give way last of all: an empty one says that there is nothing.
  let best = shortenToFit(value, { text: minText, items: 0, members: minMembers }, maxBytes);
  let tooWide = maxBytes;
  for (let fits = 0; tooWide - fits > 1 && tooWide - fits > fits / 16;) {
    const limit = Math.floor((fits + tooWide) / 2);
    const limits = { text: Math.max(minText, limit), items: limit, members: Math.max(minMembers, limit) };
    const cut = shortenToFit(value, limits, maxBytes);
    if (cut) [best, fits] = [cut, limit];
    else tooWide = limit;
  }
  return best;
}

function shortenToFit(value: JsonObject, limits: Limits, maxBytes: number): JsonObject | undefined {
  const cut = shortenOutput(value, limits);
  return byteLength(JSON.stringify(cut)) <= maxBytes ? cut : undefined;
}

function shortenOutput(value: JsonObject, limits: Limits): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, wholeFields.has(name) ? member : shortenTo(member, limits)]),
  );
}

function shortenTo(value: JsonValue, limits: Limits): JsonValue {
  if (typeof value === 'string') return cutText(value, limits.text);
  if (Array.isArray(value)) return value.slice(0, limits.items).map((item) => shortenTo(item, limits));
  if (isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value)
        .slice(0, limits.members)
        .map(([name, member]) => [name, shortenTo(member, limits)]),
    );
  }
  return value;
}

/** What the note about a cut takes: cutting less than that would make a text longer. */
const cutNoteLength = 28;

/** The first `limit` UTF-16 units of a longer text, and how many more there are; never half a surrogate pair. */
function cutText(text: string, limit: number): string {
  if (text.length <= limit + cutNoteLength) return text;
  const end = /[\uD800-\uDBFF]/.test(text[limit - 1] ?? '') ? limit - 1 : limit;
  return `${text.slice(0, end)}… [${text.length - end} more characters]`;
}
