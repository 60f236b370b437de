import type { IncomingHttpHeaders } from 'node:http';
import { isRecord } from '../../core/json';
import { nameSources, type ParameterHeader } from '../../traffic/parameterHeaders';
import { methodOf, paramsOf, type AnyMessage } from './jsonRpc';

/** Names of tools with the headers that repeat their arguments. */
export type ParameterHeaders = ReadonlyMap<string, readonly ParameterHeader[]>;

/**
 * Whether the headers of a request say the same as its body, which a server over HTTP must check (2026-07-28, standard
 * and custom request headers). Behind a server over stdio nobody else can.
 * @returns what is wrong
 */
export function headerMismatch(
  message: AnyMessage,
  headers: IncomingHttpHeaders,
  parameterHeaders: ParameterHeaders,
): string | undefined {
  const method = methodOf(message);
  if (headers['mcp-protocol-version'] === undefined) return 'the MCP-Protocol-Version header is absent';
  const methodHeader = headerOf(headers, 'mcp-method');
  if (methodHeader === undefined) return `the body names method ${method} but the Mcp-Method header is absent`;
  if (methodHeader !== method) return `the body names method ${method} but the Mcp-Method header names ${methodHeader}`;
  const params = paramsOf(message);
  const source = Object.hasOwn(nameSources, method) ? nameSources[method] : undefined;
  const name = source === undefined ? undefined : params[source];
  if (typeof name === 'string') {
    const problem = differs(headerOf(headers, 'mcp-name'), name, 'Mcp-Name', `params.${source}`);
    if (problem !== undefined) return problem;
  }
  if (method !== 'tools/call' || typeof name !== 'string') return undefined;
  for (const { header, path } of parameterHeaders.get(name) ?? []) {
    const value = path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), params['arguments']);
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue;
    const problem = differs(headerOf(headers, header), value, header, path.join('.'));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function differs(
  header: string | undefined,
  value: string | number | boolean,
  headerName: string,
  what: string,
): string | undefined {
  if (header === undefined) return `the body carries ${what} but the ${headerName} header is absent`;
  const decoded = decodeHeader(header);
  if (decoded === undefined) return `the ${headerName} header is not valid Base64`;
  const isEqual =
    typeof value === 'number' && /^-?\d+(?:\.\d+)?$/.test(decoded)
      ? Number(decoded) === value
      : decoded === String(value);
  return isEqual ? undefined : `the ${headerName} header does not say the same as ${what} in the body`;
}

/** Values that headers cannot carry are sent as `=?base64?…?=`. */
function decodeHeader(value: string): string | undefined {
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value)?.[1];
  if (encoded === undefined) return value;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
