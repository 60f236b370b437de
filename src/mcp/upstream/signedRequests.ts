import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity, Checksum, SourceData } from '@smithy/types';
import type { OutgoingRequest, RequestAuthorizer } from './requestAuthorizer';

export interface SignedRequestsOptions {
  /** Signing name of the service, e.g. `lambda`. */
  service: string;
  region: string;
  /**
   * Asked for every request, so that a change of identity and a renewal take effect at once.
   * @throws WorkbenchError `SignInRequired` where a person must sign in.
   */
  readonly credentials: (signal: AbortSignal | undefined) => Promise<AwsCredentialIdentity>;
}

/** Signs requests with AWS Signature Version 4, body included. */
export class SignedRequests implements RequestAuthorizer {
  readonly #options: SignedRequestsOptions;

  constructor(options: SignedRequestsOptions) {
    this.#options = options;
  }

  async authorize({ method, url, headers, body, signal }: OutgoingRequest): Promise<Readonly<Record<string, string>>> {
    const { service, region, credentials } = this.#options;
    const signer = new SignatureV4({
      service,
      region,
      credentials: await credentials(signal),
      sha256: Sha256,
      // S3 alone wants paths as they are.
      uriEscapePath: true,
    });
    const query: Record<string, string[]> = {};
    for (const [name, value] of url.searchParams) (query[name] ??= []).push(value);
    const signed = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      path: url.pathname,
      query,
      headers: { ...signedHeaders(headers), host: url.host },
      body,
    });
    const added: Record<string, string> = {};
    for (const [name, value] of Object.entries(signed.headers)) {
      const plain = name.toLowerCase();
      if (plain === 'authorization' || plain.startsWith('x-amz-')) added[plain] = value;
    }
    return added;
  }

  /** New credentials are asked for with every request, so a second try would be signed by the same. */
  onRefusal(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

/** Only what nothing between us and the service changes: proxies rewrite `accept-encoding`, `connection` and others. */
function signedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name === 'content-type' || name === 'accept' || name.startsWith('mcp-')),
  );
}

/** Node's own SHA-256 in the form that the signer wants. */
class Sha256 implements Checksum {
  readonly #secret: SourceData | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: SourceData) {
    this.#secret = secret;
    this.#hash = this.#begin();
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {
    this.#hash = this.#begin();
  }

  #begin(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(this.#secret));
  }
}

function bytesOf(data: SourceData): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
