import * as fc from 'fast-check';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function random(length: number, alphabet = letters): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...alphabet.split('')), { minLength: length, maxLength: length })
    .map((characters) => characters.join(''));
}

/** A value with a secret in it, and the part that must not be seen anywhere. */
export interface PlantedSecret {
  kind: string;
  value: unknown;
  secret: string;
}

type Kind = [kind: string, secret: fc.Arbitrary<string>, write: (secret: string) => unknown];

const inText: readonly Kind[] = [
  ['access key id', random(16, base32), (key) => `AKIA${key}`],
  ['temporary access key id', random(16, base32), (key) => `id=ASIA${key}`],
  ['secret access key in a profile', random(40), (key) => `aws_secret_access_key = ${key}`],
  ['secret access key in JSON text', random(40), (key) => `{"SecretAccessKey": "${key}"}`],
  ['session token in a shell', random(200), (token) => `export AWS_SESSION_TOKEN=${token}`],
  ['bearer token', random(32), (token) => `Authorization: Bearer ${token}`],
  ['basic credentials', random(23).map((text) => `${text}9`), (text) => `basic ${text}`],
  ['password', random(20), (password) => `password: ${password}`],
  ['password of a URL', random(20), (password) => `postgres://admin:${password}@db.example.com/orders`],
  ['client secret', random(20), (secret) => `client_secret="${secret}"`],
  ['code verifier', random(43), (verifier) => `grant_type=x&code_verifier=${verifier}`],
  ['signed URL', random(64), (text) => `https://b.s3.amazonaws.com/k?X-Amz-Signature=${text}&a=b`],
  ['security token of a URL', random(120), (text) => `https://b.s3.amazonaws.com/k?X-Amz-Security-Token=${text}`],
  ['authorisation code', random(30), (code) => `http://127.0.0.1:3000/oauth/callback?code=${code}&state=x`],
  ['JSON web token', random(40), (text) => `eyJ${text}.eyJ${text}.${text}`],
  ['private key', random(100), (key) => `-----BEGIN RSA PRIVATE KEY-----\n${key}\n-----END RSA PRIVATE KEY-----`],
  ['GitHub token', random(36), (token) => `ghp_${token}`],
  ['fine-grained GitHub token', random(40), (token) => `github_pat_${token}`],
  ['GitLab token', random(24), (token) => `glpat-${token}`],
  ['npm token', random(36), (token) => `npm_${token}`],
  ['Slack token', random(24), (token) => `xoxb-${token}`],
  ['model API key', random(40), (key) => `sk-${key}`],
  ['payment API key', random(24), (key) => `sk_live_${key}`],
  ['Google API key', random(35), (key) => `AIza${key}`],
  ['variable of an env file', random(24), (token) => `ORDERS_API_TOKEN=${token}`],
];

const inMembers: readonly Kind[] = [
  ['authorization header', random(24), (value) => ({ headers: { Authorization: `Custom ${value}` } })],
  ['cookie', random(24), (value) => ({ 'set-cookie': [`sid=${value}`] })],
  ['clientSecret', random(24), (value) => ({ clientSecret: value })],
  ['refresh token', random(24), (value) => ({ a: [{ refresh_token: value }] })],
  ['device code', random(24), (value) => ({ deviceCode: value })],
  ['password of a longer name', random(24), (value) => ({ DatabasePassword: value })],
  ['tag with a secret', random(24), (value) => ({ Key: 'apiKey', Value: value })],
];

function planted([kind, secret, write]: Kind): fc.Arbitrary<PlantedSecret> {
  return secret.map((text) => ({ kind, value: write(text), secret: text }));
}

/** One secret of every kind, 32 in all. */
export const oneOfEachSecret: fc.Arbitrary<PlantedSecret[]> = fc.tuple(...[...inText, ...inMembers].map(planted));

/** Secrets that are known by how they look, in texts: these may stand in names and errors too. */
export const secretTexts: fc.Arbitrary<{ value: string; secret: string }[]> = fc.array(
  fc.oneof(...inText.map(planted)).map(({ value, secret }) => ({ value: value as string, secret })),
  { minLength: 1, maxLength: 4 },
);

/** Headers that carry secrets, by their names or by what they say. */
export const secretHeaders: fc.Arbitrary<{ name: string; value: string; secret: string }[]> = fc
  .array(random(24), { minLength: 16, maxLength: 16 })
  .map((secrets) => {
    const write: [name: string, value: (secret: string) => string][] = [
      ['Authorization', (secret) => `Bearer ${secret}`],
      ['Proxy-Authorization', (secret) => `Basic ${secret}=`],
      ['Cookie', (secret) => `theme=dark; sid=${secret}`],
      ['Set-Cookie', (secret) => `sid=${secret}; Path=/`],
      ['Mcp-Session-Id', (secret) => secret],
      ['X-Api-Key', (secret) => secret],
      ['X-Amz-Security-Token', (secret) => secret],
      ['X-Auth-Token', (secret) => secret],
      ['X-Client-Secret', (secret) => secret],
      ['Ocp-Apim-Subscription-Key', (secret) => secret],
      ['Mcp-Param-Password', (secret) => secret],
      ['Mcp-Param-Access-Token', (secret) => secret],
      ['Mcp-Name', (secret) => `https://user:${secret}@example.com/file`],
      ['Referer', (secret) => `https://example.com/callback?code=${secret}&state=x`],
      ['X-Note', (secret) => `=?base64?${Buffer.from(`password: ${secret} é`).toString('base64')}?=`],
      ['X-Forwarded-Client-Cert-Signature', (secret) => secret],
    ];
    return write.map(([name, value], index) => {
      const secret = secrets[index] ?? '';
      return { name, value: value(secret), secret };
    });
  });
