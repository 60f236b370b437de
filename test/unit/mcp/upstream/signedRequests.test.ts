import * as assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { SignedRequests } from '../../../../src/mcp/upstream/signedRequests';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI', sessionToken: 'session' };

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** The signature by the rules of the documentation ("Create a signed AWS API request"), written anew. */
function signatureOf(
  method: string,
  url: URL,
  headers: Record<string, string>,
  body: Buffer,
  signedNames: string[],
): string {
  const date = headers['x-amz-date'] ?? '';
  const scope = `${date.slice(0, 8)}/eu-west-1/lambda/aws4_request`;
  const path = url.pathname
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
  const query = [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join('&');
  const canonical = [
    method,
    path,
    query,
    ...signedNames.map((name) => `${name}:${headers[name]?.trim()}`),
    '',
    signedNames.join(';'),
    sha256(body),
  ].join('\n');
  const key = ['eu-west-1', 'lambda', 'aws4_request'].reduce<Buffer>(
    (previous, part) => hmac(previous, part),
    hmac(`AWS4${credentials.secretAccessKey}`, date.slice(0, 8)),
  );
  return hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString('hex');
}

describe('SignedRequests', () => {
  it('signs method, path, query, MCP headers and body, and nothing that proxies change', async () => {
    const authorizer = new SignedRequests({
      service: 'lambda',
      region: 'eu-west-1',
      credentials: () => Promise.resolve(credentials),
    });
    const url = new URL('https://abc.lambda-url.eu-west-1.on.aws/mcp?b=2&a=é');
    const body = Buffer.from('{"é":1}');
    const headers = {
      'content-type': 'application/json',
      'mcp-method': 'tools/call',
      'accept-encoding': 'gzip',
      'user-agent': 'x',
    };
    const added = await authorizer.authorize({ method: 'POST', url, headers, body });
    const { authorization = '' } = added;
    const [, signedNames = '', signature] =
      /SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(authorization) ?? [];
    assert.match(authorization, /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/lambda\/aws4_request, /);
    const names = signedNames.split(';');
    assert.ok(
      ['content-type', 'host', 'mcp-method', 'x-amz-date', 'x-amz-security-token'].every((name) =>
        names.includes(name),
      ),
    );
    assert.ok(!names.includes('accept-encoding') && !names.includes('user-agent'));
    const sent = { ...headers, ...added, host: url.host };
    assert.equal(signature, signatureOf('POST', url, sent, body, names));
  });
});
