import type { IncomingMessage } from 'node:http';
import type { Credential } from './credential';

/** Why a request is not let in. */
export interface Refusal {
  /** HTTP status. */
  status: number;
  /** JSON-RPC error code; JSON-RPC has none for transport faults, so mostly the first of its server range. */
  code: number;
  message: string;
  headers?: Readonly<Record<string, string>>;
}

/** What a listener lets in. */
export interface Gate {
  /** Values of `Host`, exactly. */
  hosts: ReadonlySet<string>;
  /** Values of `Origin`, exactly; anything else that has one is a web page and is refused. */
  origins: ReadonlySet<string>;
  credential: Credential;
}

export const serverError = -32_000;

/**
 * Decides by its head alone whether a request is let in: host, origin, credential, in this order, so that a web page
 * that rebinds a name learns nothing. Nothing here depends on which part of the credential is wrong.
 */
export function refusalOf(message: IncomingMessage, path: string, gate: Gate): Refusal | undefined {
  const hosts = valuesOf(message, 'host');
  if (hosts.length !== 1 || !gate.hosts.has(hosts[0] ?? '')) return forbidden('Host is not allowed');
  if (!valuesOf(message, 'origin').every((origin) => gate.origins.has(origin)))
    return forbidden('Origin is not allowed');
  // Clients look for OAuth metadata without a credential; "there is none" ends that search at once.
  if (path === '/.well-known' || path.startsWith('/.well-known/')) return notFound;
  const authorization = valuesOf(message, 'authorization');
  const token = /^Bearer +(\S+)$/i.exec(authorization[0] ?? '')?.[1];
  if (authorization.length !== 1 || token === undefined || !gate.credential.matches(token)) return unauthorized;
  return undefined;
}

/**
 * Every value of a header, apart, as it was sent: `headers` joins or drops repetitions, and `headersDistinct` sorts out
 * all headers for each request to tell three.
 */
function valuesOf({ rawHeaders }: IncomingMessage, name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const given = rawHeaders[index] ?? '';
    if (given.length === name.length && given.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '');
  }
  return values;
}

/** Checks what announces the body, before any of it is read. */
export function bodyRefusalOf(message: IncomingMessage, maxBytes: number): Refusal | undefined {
  const type = (message.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    return { status: 415, code: serverError, message: 'Content-Type must be application/json' };
  }
  const encoding = message.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return { status: 415, code: serverError, message: 'Content-Encoding is not supported' };
  }
  if (Number(message.headers['content-length'] ?? 0) > maxBytes) return tooLarge(maxBytes);
  return undefined;
}

export const notFound: Refusal = { status: 404, code: serverError, message: 'Not found' };

export const unauthorized: Refusal = {
  status: 401,
  code: serverError,
  message: 'Unauthorized: a valid bearer token is required',
  // Names the scheme and nothing else: there is no authorization server to look for.
  headers: { 'WWW-Authenticate': 'Bearer' },
};

export const busy: Refusal = {
  status: 503,
  code: serverError,
  message: 'Too many requests at once',
  headers: { 'Retry-After': '1' },
};

export function tooLarge(maxBytes: number): Refusal {
  return { status: 413, code: serverError, message: `The request body is over ${maxBytes} bytes` };
}

function forbidden(message: string): Refusal {
  return { status: 403, code: serverError, message: `Forbidden: ${message}` };
}
