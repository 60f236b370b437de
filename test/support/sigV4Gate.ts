import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Gate, GateRefusal, GateRequest } from './gatedMcpServer';

/** A key that the gate knows. */
export interface KnownKey {
  secretAccessKey: string;
  /** Must be sent and signed with temporary keys. */
  sessionToken?: string;
}

export interface SigV4GateOptions {
  service: string;
  region: string;
  /** By access key id; looked up at each request, so that keys can come and go. */
  keys: ReadonlyMap<string, KnownKey>;
}

/** Milliseconds by which a signature may be old, as for most services of AWS. */
const maxAgeMs = 5 * 60 * 1000;

/**
 * Lets in only what is signed by the rules of "Create a signed AWS API request" (IAM user guide), written without any
 * SDK, and refuses as IAM does. Whoever is let in goes by their access key id.
 */
export function sigV4Gate(options: SigV4GateOptions): Gate {
  return (request) => {
    const [, accessKeyId = '', scope = '', names = '', signature = ''] =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
        request.headers.authorization ?? '',
      ) ?? [];
    if (accessKeyId === '') return refuse('Missing Authentication Token');
    const key = options.keys.get(accessKeyId);
    if (!key) return refuse('The security token included in the request is invalid.');
    const stamp = text(request, 'x-amz-date');
    const wanted = `${stamp.slice(0, 8)}/${options.region}/${options.service}/aws4_request`;
    if (scope !== wanted) return refuse(`Credential should be scoped to ${wanted}.`);
    if (Math.abs(Date.now() - timeOf(stamp)) > maxAgeMs) return refuse('Signature expired.');
    if (key.sessionToken !== undefined && text(request, 'x-amz-security-token') !== key.sessionToken) {
      return refuse('The security token included in the request is invalid.');
    }
    const signed = names.split(';');
    const mustBeSigned = Object.keys(request.headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
    const unsigned = mustBeSigned.filter((name) => !signed.includes(name));
    if (unsigned.length > 0) return refuse(`Header ${unsigned.join(', ')} must be signed.`);
    const payloadHash = sha256(request.body);
    const claimed = request.headers['x-amz-content-sha256'];
    if (claimed !== undefined && claimed !== payloadHash) return refuse('The body is not the one that was signed.');
    const toSign = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical(request, signed, payloadHash))].join('\n');
    const signingKey = scope
      .split('/')
      .reduce<Buffer | string>((secret, part) => hmac(secret, part), `AWS4${key.secretAccessKey}`);
    const isRight = timingSafeEqual(hmac(signingKey, toSign), Buffer.from(signature, 'hex'));
    return isRight ? accessKeyId : refuse('The request signature we calculated does not match the one you provided.');
  };
}

function canonical(
  { method, target, headers, body: _body }: GateRequest,
  signed: string[],
  payloadHash: string,
): string {
  const url = new URL(target, 'http://any');
  const path = url.pathname.split('/').map(encode).join('/');
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const lines = signed.map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replaceAll(/ +/g, ' ')}`,
  );
  return [method, path, query, ...lines, '', signed.join(';'), payloadHash].join('\n');
}

/** As AWS wants it: everything but unreserved characters. */
function encode(value: string): string {
  return encodeURIComponent(value).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function timeOf(stamp: string): number {
  return Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function text({ headers }: GateRequest, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

function refuse(message: string): GateRefusal {
  return { status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' }, body: { message } };
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
