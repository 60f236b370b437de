import { CLIENT_CAPABILITIES_META_KEY, PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';
import type { AdmittedRequest } from '../host/hostRoute';
import { isRecord } from '../../core/json';
import { metaOf, methodOf } from './jsonRpc';
import type { RelayError } from './relayAnswer';

/** Which era a request is of, or why it is of none. */
export type RequestEra = { era: 'legacy' | 'modern' } | { refusal: RelayError };

const firstModernVersion = '2026-07-28';
const headerMismatchCode = -32_020;
const invalidRequest = { code: -32_600, message: 'Invalid Request: not a JSON-RPC message' };

/**
 * Tells the eras apart by the body, as 2026-07-28 has it: who names a protocol version in `_meta` is of the modern era.
 * The SDK knows this too, but it refuses what its own schemas do not know (ids beyond 2^53, for one), and whether a
 * message is right is for the server to say.
 */
export function eraOf({ method, body, message }: Pick<AdmittedRequest, 'method' | 'body' | 'message'>): RequestEra {
  if (method !== 'POST') return { era: 'legacy' };
  if (Array.isArray(body)) return body.length === 0 ? { refusal: invalidRequest } : { era: 'legacy' };
  if (!isRecord(body) || body['jsonrpc'] !== '2.0') return { refusal: invalidRequest };
  const header = message.headers['mcp-protocol-version'];
  const meta = metaOf(body);
  const isModernHeader = typeof header === 'string' && isModernVersion(header);
  if (PROTOCOL_VERSION_META_KEY in meta) {
    const version = meta[PROTOCOL_VERSION_META_KEY];
    if (header !== undefined && header !== version) {
      return { refusal: mismatch(`the body names protocol version ${String(version)}, the header ${String(header)}`) };
    }
    const isRequest = methodOf(body) !== '' && 'id' in body;
    if (isRequest && !isRecord(meta[CLIENT_CAPABILITIES_META_KEY]))
      return { refusal: missing(CLIENT_CAPABILITIES_META_KEY) };
    return { era: 'modern' };
  }
  if (!isModernHeader) return { era: 'legacy' };
  if (methodOf(body) === 'initialize') return { refusal: mismatch('initialize belongs to earlier protocol versions') };
  // Notifications and answers carry no envelope, so the header decides.
  if (methodOf(body) === '' || !('id' in body)) return { era: 'modern' };
  return { refusal: missing(PROTOCOL_VERSION_META_KEY) };
}

function isModernVersion(version: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(version) && version >= firstModernVersion;
}

function mismatch(what: string): RelayError {
  return { code: headerMismatchCode, message: `Bad Request: the request headers and body disagree: ${what}` };
}

function missing(key: string): RelayError {
  return { code: -32_602, message: `Invalid params: the request is missing ${key} in _meta` };
}
