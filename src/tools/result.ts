import { byteLength } from '../core/byteLength';
import type { ErrorReport } from '../core/errors';
import { isRecord, type JsonObject, type JsonValue } from '../core/json';
import { redactJson } from '../core/redact';
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
 * Makes the result of a call that went well: redacted, and cut where it is over the limit.
 * List tools have cut themselves at an item boundary already; what is still too large (one huge field) is shortened
 * here, field by field, and the whole is kept as a resource.
 */
export function successResult(value: unknown, store: ResultStore, maxBytes: number): ToolResult {
  const structured = redactJson(value) as JsonObject;
  const text = JSON.stringify(structured);
  if (byteLength(text) <= maxBytes) return { content: [{ type: 'text', text }], structuredContent: structured };
  const uri = store.keep(text);
  const cut = shorten(structured, maxBytes - envelopeBytes) as JsonObject;
  cut['truncated'] = true;
  if (uri !== undefined) cut['fullResult'] = uri;
  const content: ToolResult['content'] = [{ type: 'text', text: JSON.stringify(cut) }];
  if (uri !== undefined) {
    content.push({ type: 'resource_link', uri, name: 'The whole result', mimeType: 'application/json' });
  }
  return { content, structuredContent: cut };
}

/**
 * Makes the result of a call that failed in a way a model can act on. It has no structured part: clients check that
 * against the tool's output schema, which describes success.
 */
export function errorResult(report: ErrorReport): ToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(redactJson(report)) }], isError: true };
}

/** Halves the limits on texts and lists until the whole fits. Shapes stay, so the output schema still holds. */
function shorten(value: JsonObject, maxBytes: number): JsonValue {
  let cut: JsonValue = value;
  for (let limit = maxBytes; limit >= 16; limit = Math.floor(limit / 2)) {
    cut = shortenTo(value, limit);
    if (byteLength(JSON.stringify(cut)) <= maxBytes) return cut;
  }
  return cut;
}

function shortenTo(value: JsonValue, limit: number): JsonValue {
  if (typeof value === 'string') {
    if (value.length <= limit) return value;
    // Never between the halves of a surrogate pair.
    const end = /[\uD800-\uDBFF]/.test(value[limit - 1] ?? '') ? limit - 1 : limit;
    return `${value.slice(0, end)}… [${value.length - end} more characters]`;
  }
  if (Array.isArray(value)) return value.slice(0, Math.max(1, limit)).map((item) => shortenTo(item, limit));
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shortenTo(member, limit)]));
  }
  return value;
}
