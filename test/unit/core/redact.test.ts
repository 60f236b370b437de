import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { isSecretHeader, isSecretName, redactJson, redactText, redactedMark } from '../../../src/core/redact';

const joined = (...parts: string[]): string => parts.join('');

// Built from pieces, so that no scanner of repositories takes a made-up secret for a real one.
const made = {
  accessKey: joined('AKIA', 'IOSFODNN7EXAMPLE'),
  temporaryKey: joined('ASIA', 'Y34FZKBOKMUTVV7A'),
  secretKey: joined('wJalrXUtnFEMI/K7MDENG/', 'bPxRfiCYEXAMPLEKEY'),
  sessionToken: joined('IQoJb3JpZ2lu', 'X2VjEHYaCXVzLWVhc3QtMSJHMEUCIQDtbcd4XyzAbCdEfGhIjKlMnOp=='),
  jwt: 'eyJhbGciOiJIUzI1NiJ9.' + joined('eyJzdWIiOiIxMjM0NTY3ODkwIn0.', 'dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P'),
  github: joined('ghp_', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'),
  slack: joined('xoxb-', '1234567890-abcdefghij'),
  stripe: joined('sk_live_', '4eC39HqLyjWDarjtT1zdp7dc'),
  google: joined('AIza', 'SyA1234567890abcdefghijklmnopqrstuv'),
  bedrock: joined('ABSK', 'QmVkcm9ja0FQSUtleS0'.repeat(5)),
  ssoToken: joined('aoa', 'AAAAAGVXYZ'.repeat(8)),
};

describe('redactText', () => {
  for (const [kind, secret] of Object.entries(made)) {
    if (kind === 'secretKey') continue;
    it(`takes a ${kind} out of any text around it`, () => {
      for (const text of [secret, `see ${secret} there`, `{"note":"${secret}"}`, `a=${secret}&b=1`, `\n${secret}\n`]) {
        const redacted = redactText(text);
        assert.ok(!redacted.includes(secret), redacted);
        assert.ok(redacted.includes(redactedMark), redacted);
      }
    });
  }

  it('takes the value after a name that says it is secret, however it is written', () => {
    for (const text of [
      `aws_secret_access_key = ${made.secretKey}`,
      `"SecretAccessKey": "${made.secretKey}"`,
      `export DB_PASSWORD='${made.secretKey}'`,
      `JWT_SECRET=${made.secretKey}`,
      `{"secret":"${made.secretKey}"}`,
      `{"stripeApiKey":"${made.secretKey}"}`,
      JSON.stringify({ body: JSON.stringify({ clientSecret: made.secretKey }) }),
      JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ password: made.secretKey }) }) }),
      `postgres://app:${made.secretKey.replaceAll('/', '_')}@db.example.com/orders`,
      `Authorization: Bearer ${made.secretKey}`,
    ]) {
      assert.ok(!redactText(text).includes(made.secretKey), redactText(text));
      assert.ok(!redactText(text).includes('EXAMPLEKEY'), redactText(text));
    }
  });

  it('takes all of a quoted value, escaped quotes and blanks included', () => {
    assert.equal(redactText('{"password":"a b \\" c","next":"d"}'), `{"password":"${redactedMark}","next":"d"}`);
  });

  it('takes a private key from its first line to its last, or to the end of a text that was cut', () => {
    const block = '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----';
    assert.equal(redactText(`a ${block} b`), `a ${redactedMark} b`);
    assert.equal(redactText(`a ${block.slice(0, 50)}`), `a ${redactedMark}`);
  });

  it('leaves ordinary sentences and names alone', () => {
    for (const text of [
      'Basic monitoring of the token bucket',
      'nextToken: AbCdEfGhIjKl',
      'MAX_TOKENS=4096',
      'The secret of good tests',
      'arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-AbCdEf',
      'http://127.0.0.1:4566/orders@2x.png',
    ]) {
      assert.equal(redactText(text), text);
    }
  });

  it('is not slowed down by text made for that', () => {
    for (const piece of [
      '-eyJ',
      '"',
      '\\"',
      'secret',
      '-----BEGIN ',
      'a.',
      'token=',
      '://',
      "password'",
      '-sk-',
      'aoaA-',
    ]) {
      redactText(`secret ${piece.repeat(Math.ceil(300_000 / piece.length))}`);
    }
  });

  it('finds secrets of entries with names and values in texts that hold JSON', () => {
    const entries = [
      { Key: 'apiKey', Value: 'very-secret-1' },
      { Value: 'very-secret-2', Key: 'DatabasePassword' },
      { Name: '/prod/orders/db-password', Type: 'SecureString', Value: 'very-secret-3' },
      { ParameterKey: 'GitHubToken', ParameterValue: 'very-secret-4' },
      { token: 'very-secret-5', otp: '123456' },
    ];
    let text = JSON.stringify(entries);
    for (let depth = 0; depth < 4; depth += 1) {
      const redacted = redactText(`Result: ${text}`);
      assert.ok(!/very-secret|123456/.test(redacted), redacted);
      assert.ok(redacted.includes('SecureString'));
      text = JSON.stringify(text);
    }
    const harmless = JSON.stringify([
      { Key: 'Owner', Value: 'team secrets' },
      { nextToken: 'page-2', passwordLess: 1 },
    ]);
    assert.equal(redactText(harmless), harmless);
  });
});

describe('redactJson', () => {
  const planted = fc.constantFrom(...Object.values(made));

  it('lets no planted secret survive, wherever it stands', () => {
    const withSecret = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc
          .tuple(fc.lorem(), planted, fc.lorem())
          .map(([before, secret, after]) =>
            secret === made.secretKey ? `${before} secretAccessKey=${secret} ${after}` : `${before} ${secret} ${after}`,
          ),
        fc.jsonValue(),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(
          fc.oneof(
            fc.string(),
            planted.map((secret) => `password=${secret}`),
          ),
          tie('value'),
          { maxKeys: 4 },
        ),
        fc.record({ parameterKey: fc.constant('MasterUserPassword'), parameterValue: planted }),
        fc.record({ sessionToken: planted, 'set-cookie': fc.array(planted) }),
      ),
    })).value;
    fc.assert(
      fc.property(withSecret, (value) => {
        const text = JSON.stringify(redactJson(value));
        for (const secret of Object.values(made)) assert.ok(!text.includes(secret), text);
      }),
    );
  });

  it('changes nothing in values without secrets', () => {
    const value = { stackName: 'orders', count: 2, done: true, none: null, list: ['a', { nextToken: 'b' }] };
    assert.deepEqual(redactJson(value), value);
  });

  it('takes values by the name beside them', () => {
    assert.deepEqual(
      redactJson([
        { key: 'team', value: 'a' },
        { key: 'DbPassword', value: 'b' },
      ]),
      [
        { key: 'team', value: 'a' },
        { key: 'DbPassword', value: redactedMark },
      ],
    );
  });

  it('is the same when done twice', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = redactJson(value);
        assert.deepEqual(redactJson(once), once);
      }),
    );
  });

  it('leaves a YAML section alone whose name sounds secret', () => {
    const template = 'Parameters:\n  DatabasePassword:\n    Type: String\n    NoEcho: true\n';
    assert.equal(redactJson(template), template);
    assert.equal(redactJson('DatabasePassword: hunter22'), 'DatabasePassword: [redacted]');
  });

  it('keeps a member called __proto__ a member', () => {
    const copy = redactJson(JSON.parse('{"__proto__":{"a":1}}')) as object;
    assert.deepEqual(Object.keys(copy), ['__proto__']);
    assert.equal(Object.getPrototypeOf(copy), Object.prototype);
  });
});

describe('isSecretName', () => {
  it('knows names in any spelling, and longer names that end in one', () => {
    for (const name of [
      'Authorization',
      'client_secret',
      'SecretAccessKey',
      'x-api-key',
      'dbPassword',
      'STRIPE_API_KEY',
    ]) {
      assert.equal(isSecretName(name), true, name);
    }
    for (const name of ['nextToken', 'key', 'continuationToken', 'passwordPolicy', 'secretArn', 'tokens']) {
      assert.equal(isSecretName(name), false, name);
    }
  });
});

describe('isSecretHeader', () => {
  it('knows headers that carry secrets, and leaves alone those that only sound like it', () => {
    for (const name of [
      'authorization',
      'x-amz-security-token',
      'set-cookie',
      'mcp-session-id',
      'x-api-key',
      'ocp-apim-subscription-key',
      'mcp-param-password',
      'mcp-param-access-token',
      'x-hub-signature-256',
      'cf-access-client-secret',
    ]) {
      assert.equal(isSecretHeader(name), true, name);
    }
    for (const name of [
      'content-type',
      'www-authenticate',
      'idempotency-key',
      'x-amzn-requestid',
      'x-amzn-trace-id',
      'mcp-name',
      'mcp-method',
      'mcp-param-bucket',
      'mcp-param-region',
      'last-event-id',
      ':status',
    ]) {
      assert.equal(isSecretHeader(name), false, name);
    }
  });
});
