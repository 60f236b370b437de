import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { byteLength } from '../../../src/core/byteLength';
import { readPage } from '../../../src/tools/page';
import { errorResult, successResult } from '../../../src/tools/result';
import { ResultStore } from '../../../src/tools/resultStore';

const of = (alphabet: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet.split('')), minLength: length, maxLength: length });
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const word = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const hex = '0123456789abcdef';

/** What must not be found again, and the text in which it stands. */
type Planted = readonly [secret: string, text: string];

const bare = (prefix: string, alphabet: string, length: number, suffix = ''): fc.Arbitrary<Planted> =>
  of(alphabet, length).map((random) => [prefix + random + suffix, prefix + random + suffix]);
const inside = (length: number, write: (secret: string) => string): fc.Arbitrary<Planted> =>
  // A digit first, so that none of them is a word by chance.
  of(word, length).map((random) => [`7${random}`, write(`7${random}`)]);

// Prefixes are put together here, so that no scanner of repositories takes a made-up secret for a real one.
const kinds: Readonly<Record<string, fc.Arbitrary<Planted>>> = {
  'access key': bare(['AK', 'IA'].join(''), upper, 16),
  'temporary access key': bare(['AS', 'IA'].join(''), upper, 16),
  'bearer of an AWS service': bare(['AB', 'IA'].join(''), upper, 16),
  'context key': bare(['AC', 'CA'].join(''), upper, 16),
  'secret access key in a config file': inside(39, (secret) => `aws_secret_access_key = ${secret}`),
  'secret access key in an environment': inside(39, (secret) => `export AWS_SECRET_ACCESS_KEY=${secret}`),
  'secret access key in JSON': inside(39, (secret) => JSON.stringify({ SecretAccessKey: secret })),
  'session token': bare(['IQoJ', 'b3JpZ2lu'].join(''), word, 80),
  'older session token': bare(['FwoG', 'ZXIvYXdz'].join(''), word, 80),
  'session token by name': inside(60, (secret) => `aws_session_token=${secret}`),
  'bearer token': inside(40, (secret) => `Authorization: Bearer ${secret}`),
  'basic credentials': inside(23, (secret) => `authorization: Basic ${secret}`),
  'JSON web token': fc.tuple(of(word, 20), of(word, 30), of(word, 40)).map(([head, body, mac]): Planted => {
    const token = `eyJ${head}.eyJ${body}.${mac}`;
    return [token, token];
  }),
  'private key': of(word, 64).map((body): Planted => {
    const label = ['PRIVATE', 'KEY'].join(' ');
    return [body, `-----BEGIN RSA ${label}-----\n${body}\n-----END RSA ${label}-----`];
  }),
  'private key that was cut': of(word, 64).map((body): Planted => {
    return [body, `-----BEGIN ${['EC', 'PRIVATE', 'KEY'].join(' ')}-----\n${body}`];
  }),
  'GitHub token': bare(['gh', 'p_'].join(''), word, 36),
  'GitHub app token': bare(['gh', 's_'].join(''), word, 36),
  'fine-grained GitHub token': bare(['github', '_pat_'].join(''), word, 50),
  'GitLab token': bare(['gl', 'pat-'].join(''), word, 20),
  'npm token': bare(['np', 'm_'].join(''), word, 36),
  'Slack token': bare(['xo', 'xb-'].join(''), '0123456789', 24),
  'key of a model provider': bare(['s', 'k-'].join(''), word, 40),
  'payment key': bare(['sk_', 'live_'].join(''), word, 24),
  'Google key': bare(['AI', 'za'].join(''), word, 35),
  'SSO token': bare(['ao', 'aAAAAA'].join(''), word, 70),
  'Bedrock key': bare(['AB', 'SK'].join(''), word, 80),
  'password in JSON': inside(12, (secret) => JSON.stringify({ password: secret })),
  'password in JSON in JSON': inside(12, (secret) => JSON.stringify({ body: JSON.stringify({ dbPassword: secret }) })),
  'password in a setting': inside(12, (secret) => `DB_PASSWORD=${secret}`),
  'password in a URL': inside(16, (secret) => `postgres://app:${secret}@db.example.com/orders`),
  'client secret': inside(30, (secret) => `client_secret=${secret}&grant_type=x`),
  'API key': inside(30, (secret) => `x-api-key: ${secret}\napi_key=${secret}`),
  'refresh token': inside(40, (secret) => `{"refreshToken": "${secret}"}`),
  'device code': inside(30, (secret) => `device_code=${secret}`),
  'code verifier': inside(43, (secret) => `code_verifier=${secret}`),
  'presigned URL': of(hex, 64).map((signature): Planted => {
    return [signature, `https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature=${signature}`];
  }),
  'session cookie': inside(30, (secret) => JSON.stringify({ 'Set-Cookie': secret })),
};

const anything = fc.jsonValue({ maxDepth: 3 });

type Put = (text: string, filler: string, before: unknown, after: unknown) => Record<string, unknown>;

/** Where a text may stand in an output. */
const places: readonly Put[] = [
  (text, filler, before, after) => ({ text, before, after, filler }),
  (text, _filler, before, after) => ({ before, a: { b: [{ c: { d: text } }] }, after }),
  (text, filler, before, after) => ({ items: [before, text, after, filler] }),
  (text, filler, before) => ({ map: { [text]: before }, filler }),
  (text, filler) => ({ text: `${filler}\n${text}` }),
  (text, filler) => ({ text: `${text}\n${filler}` }),
  (text, filler, before, after) => ({ text: JSON.stringify({ before, text, after }), filler }),
  (text, filler) => ({ tags: [{ key: 'note', value: text }], filler }),
];

/** Puts a text somewhere: deep, in lists, in keys, between other things, behind much. */
const place = fc.tuple(fc.constantFrom(...places), fc.integer({ min: 0, max: 5000 }), anything, anything).map(
  ([put, padding, before, after]) =>
    (text: string) =>
      put(text, 'lorem ipsum '.repeat(padding), before, after),
);

describe('No secret gets through', () => {
  it('of thirty kinds and more', () => {
    assert.ok(Object.keys(kinds).length >= 30);
  });

  for (const [kind, planted] of Object.entries(kinds)) {
    it(`${kind}, wherever it stands, in a result, the whole of it that is kept, a page or an error`, async () => {
      await fc.assert(
        fc.asyncProperty(
          planted,
          place,
          fc.integer({ min: 2048, max: 40_000 }),
          async ([secret, text], put, maxBytes) => {
            const store = new ResultStore();
            const value = put(text);
            const result = successResult(value, store, maxBytes);
            const [first] = result.content;
            assert.ok(first?.type === 'text');
            assert.ok(byteLength(first.text) <= maxBytes);
            assert.doesNotThrow(() => JSON.parse(first.text) as unknown);
            const uri = result.structuredContent?.['fullResult'];
            const whole = typeof uri === 'string' ? (store.read(uri) ?? '') : '';
            const error = errorResult({ code: 'Internal', message: text, remedy: text, retryable: false });
            for (const shown of [JSON.stringify(result), whole, JSON.stringify(error)]) {
              assert.ok(!shown.includes(secret), `${secret} in ${shown.slice(0, 400)}`);
            }
            const items = [value, value, value];
            const fetch = () => Promise.resolve({ items, nextToken: undefined });
            const page = await readPage({ cursor: undefined, limit: 2, fetch }, maxBytes);
            assert.ok(!(page.nextCursor ?? '').includes(secret));
            assert.ok(!JSON.stringify(successResult({ ...page }, store, maxBytes)).includes(secret));
          },
        ),
        { numRuns: 25 },
      );
    });
  }
});
