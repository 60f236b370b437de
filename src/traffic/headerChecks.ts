import { isRecord } from '../core/json';
import { redactedMark } from '../core/redact';
import { decodeHeader, type KeptHeaders } from './headers';
import { nameSources, parameterHeadersOf } from './parameterHeaders';
import type { WireRecord } from './wireRecord';

/** What the headers of a request say otherwise than its body. */
export interface HeaderMismatch {
  /** Place in the message. */
  path: string;
  text: string;
}

/** Reserved member of `_meta` (2026-07-28). */
const metaVersion = 'io.modelcontextprotocol/protocolVersion';

/**
 * What the headers of a client's request say otherwise than its body (2026-07-28, Streamable HTTP, standard and custom
 * request headers). A request of an earlier revision need only name the same revision, if it names one.
 * @param inputSchema that of the tool that is called, which says what arguments are repeated in headers.
 */
export function headerMismatches(
  { era, kind, direction }: WireRecord,
  headers: KeptHeaders,
  message: Record<string, unknown>,
  inputSchema: unknown,
): HeaderMismatch[] {
  if (kind !== 'request' || direction !== 'clientToServer') return [];
  const found: HeaderMismatch[] = [];
  const params = isRecord(message['params']) ? message['params'] : {};
  const meta = isRecord(params['_meta']) ? params['_meta'] : {};
  const compare = (header: string, value: unknown, path: string): void => {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return;
    const given = headers[header];
    if (given === undefined) {
      if (era === 'modern')
        found.push({ path, text: `The header ${header} is missing; it must say the same as this.` });
      return;
    }
    const text = decodeHeader(given);
    // What was replaced or cut here cannot be compared any more.
    if (text.includes(redactedMark) || text.endsWith('…') || String(value).includes(redactedMark)) return;
    const isSame = typeof value === 'number' && text.trim() !== '' ? Number(text) === value : text === String(value);
    if (!isSame) {
      found.push({ path, text: `The header ${header} says ${quoted(given)}, the body ${quoted(String(value))}.` });
    }
  };
  compare('mcp-protocol-version', meta[metaVersion], 'params._meta');
  if (era !== 'modern') return found;
  const method = typeof message['method'] === 'string' ? message['method'] : '';
  compare('mcp-method', method, 'method');
  const source = Object.hasOwn(nameSources, method) ? nameSources[method] : undefined;
  if (source !== undefined) compare('mcp-name', params[source], `params.${source}`);
  if (method !== 'tools/call') return found;
  for (const { header, path } of parameterHeadersOf(inputSchema)) {
    const value = path.reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), params['arguments']);
    compare(header, value, ['params', 'arguments', ...path].join('.'));
  }
  return found;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
