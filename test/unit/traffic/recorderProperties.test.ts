import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import type { TrafficChannel } from '../../../src/traffic/trafficChannel';

const info = { server: 'AWS tools', client: 'claude-code', session: 's1', era: 'legacy' } as const;

const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function random(length: number, alphabet = characters): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...alphabet.split('')), { minLength: length, maxLength: length })
    .map((letters) => letters.join(''));
}

/** A text with a secret in it, and the part that must not be seen anywhere. */
interface Planted {
  text: string;
  secret: string;
}

function planted(secret: fc.Arbitrary<string>, write: (secret: string) => string): fc.Arbitrary<Planted> {
  return secret.map((value) => ({ text: write(value), secret: value }));
}

const hex = '0123456789abcdef';

function prefixed(prefix: string, length: number, alphabet?: string): fc.Arbitrary<Planted> {
  return planted(
    random(length, alphabet).map((body) => prefix + body),
    (secret) => secret,
  );
}

/** Secrets that are recognised by what they look like, or by what stands before them in a text. */
const kinds: Readonly<Record<string, fc.Arbitrary<Planted>>> = {
  'AWS access key id': prefixed('AKIA', 16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'),
  'temporary AWS access key id': planted(
    random(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567').map((key) => `ASIA${key}`),
    (key) => `id=${key}`,
  ),
  'bearer token': planted(random(32), (token) => `Authorization: Bearer ${token}`),
  'basic credentials': planted(
    random(23).map((token) => `${token}9`),
    (token) => `basic ${token}`,
  ),
  'AWS secret key in an ini file': planted(random(40), (key) => `aws_secret_access_key = ${key}`),
  'AWS secret key in JSON': planted(random(40), (key) => `{"SecretAccessKey": "${key}"}`),
  'AWS session token in the environment': planted(random(200), (token) => `export AWS_SESSION_TOKEN=${token}`),
  'AWS session token': prefixed('IQoJb3JpZ2lu', 120),
  'AWS security token header': planted(random(120), (token) => `x-amz-security-token: ${token}`),
  'request signature': planted(random(64, hex), (value) => `SignedHeaders=host;x-amz-date, Signature=${value}`),
  'Bedrock API key': prefixed('ABSK', 80),
  'Identity Center token': prefixed('aoaA', 100),
  password: planted(random(20), (password) => `password: ${password}`),
  'password in a URL': planted(random(20), (password) => `postgres://app:${password}@db.example.com/orders`),
  'client secret': planted(random(20), (secret) => `client_secret="${secret}"`),
  'code verifier': planted(random(43), (verifier) => `grant_type=x&code_verifier=${verifier}`),
  'authorization code in a form': planted(random(30), (code) => `code=${code}&grant_type=authorization_code`),
  'authorization code in an address': planted(random(30), (code) => `http://127.0.0.1:1234/cb?code=${code}&state=1`),
  'authorization code in JSON': planted(random(30), (code) => `{"grant_type":"authorization_code","code":"${code}"}`),
  'device code in JSON': planted(random(30), (code) => `{"device_code":"${code}","interval":5}`),
  'device code in a form': planted(random(30), (code) => `device_code=${code}`),
  'presigned address': planted(random(64, hex), (value) => `https://b.s3.amazonaws.com/k?X-Amz-Signature=${value}&a=b`),
  'presigned address with a session': planted(
    random(120),
    (token) => `https://b.s3.amazonaws.com/k?X-Amz-Security-Token=${token}`,
  ),
  JWT: planted(
    random(40).map((body) => `eyJ${body}.eyJ${body}.${body}`),
    (token) => token,
  ),
  'private key': planted(
    random(100),
    (body) => `-----BEGIN RSA PRIVATE KEY-----\n${body}\n-----END RSA PRIVATE KEY-----`,
  ),
  'session cookie': planted(random(30), (value) => `Set-Cookie: sid=${value}; Path=/; HttpOnly`),
  'list of cookies in JSON': planted(random(30), (value) => `{"set-cookie": ["a=1", "sid=${value}; Path=/"]}`),
  'MCP session id in a header line': planted(random(32), (value) => `Mcp-Session-Id: ${value}`),
  'MCP session id in JSON': planted(random(32), (value) => `{"mcp-session-id":"${value}"}`),
  'GitHub token': prefixed('ghp_', 36),
  'fine-grained GitHub token': prefixed('github_pat_', 40),
  'GitLab token': prefixed('glpat-', 24),
  'npm token': prefixed('npm_', 36),
  'PyPI token': prefixed('pypi-', 60),
  'Slack token': prefixed('xoxb-', 24),
  'Slack webhook': planted(random(24), (path) => `https://hooks.slack.com/services/T1/${path}`),
  'model provider key': prefixed('sk-', 40),
  'Stripe key': prefixed('sk_live_', 24),
  'Google API key': prefixed('AIza', 35),
  'Google access token': prefixed('ya29.', 60),
  'Hugging Face token': prefixed('hf_', 34),
  'Vault token': prefixed('hvs.', 30),
  'storage account key': planted(random(86), (key) => `AccountName=acme;AccountKey=${key}==;EndpointSuffix=x`),
};

const byLook = fc.oneof(...Object.values(kinds));

/** Secrets that are recognised by the name of the member that they are in. */
const secretNames = [
  'Authorization',
  'proxy-authorization',
  'Cookie',
  'set-cookie',
  'password',
  'clientSecret',
  'client_secret',
  'secretAccessKey',
  'SessionToken',
  'accessToken',
  'refresh_token',
  'idToken',
  'api-key',
  'privateKey',
  'deviceCode',
  'code_verifier',
  'Mcp-Session-Id',
];

const filler = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom('orders', 'a "quoted" text', 'Ünïcödé \u202e', '{"json": [1, 2]}', '\n\t'),
);

/** A JSON value with a secret in it. */
interface Carrier {
  value: unknown;
  secret: string;
}

const carrier: fc.Arbitrary<Carrier> = fc.oneof(
  fc
    .record({ planted: byLook, before: filler, after: filler, wrap: fc.nat(4) })
    .map(({ planted: plant, before, after, wrap }) => {
      const text = `${before} ${plant.text} ${after}`;
      const shapes: unknown[] = [text, [text], { note: text }, { [text]: 1 }, { a: { b: [{ c: text }] } }];
      return { value: shapes[wrap], secret: plant.secret };
    }),
  fc
    .record({ name: fc.constantFrom(...secretNames), secret: random(24), wrap: fc.nat(2) })
    .map(({ name, secret, wrap }) => {
      const shapes: unknown[] = [{ [name]: secret }, { [name]: [secret] }, [{ deep: { [name]: secret } }]];
      return { value: shapes[wrap], secret };
    }),
);

describe('TrafficRecorder, for whatever it is given', () => {
  it('lets no secret of a known kind into any record', () => {
    fc.assert(
      fc.property(fc.array(carrier, { minLength: 1, maxLength: 6 }), fc.nat(6), (carriers, place) => {
        const recorder = new TrafficRecorder();
        const values = carriers.map(({ value }) => value);
        const asText = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ');
        const channel = recorder.openChannel({ ...info, client: place === 0 ? asText : info.client });
        const messages: object[] = [
          { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', arguments: values } },
          { jsonrpc: '2.0', id: 2, method: 'resources/read', params: { uri: asText } },
          { jsonrpc: '2.0', id: asText, method: 'tools/call', params: { name: asText } },
          { jsonrpc: '2.0', id: 3, method: asText },
          { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: asText, logger: asText } },
          { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1, message: asText } },
        ];
        for (const message of messages) channel.message('clientToServer', message);
        channel.message('serverToClient', {
          jsonrpc: '2.0',
          id: 1,
          result: { structuredContent: values, isError: true, content: [{ type: 'text', text: asText }] },
        });
        channel.message('serverToClient', { jsonrpc: '2.0', id: 2, error: { code: 1, message: asText, data: values } });
        const kept: string[] = [];
        recorder.forEach(({ seq }) => kept.push(JSON.stringify(recorder.get(seq))));
        const everything = kept.join('\n');
        assert.equal(kept.length, 8);
        for (const { secret } of carriers) assert.ok(!everything.includes(secret), secret);
        recorder.dispose();
      }),
      { numRuns: 300 },
    );
  });

  it(`knows ${Object.keys(kinds).length} kinds of secrets, each in any place and in any text around it`, () => {
    for (const [kind, arbitrary] of Object.entries(kinds)) {
      fc.assert(
        fc.property(arbitrary, filler, filler, ({ text, secret }, before, after) => {
          const recorder = new TrafficRecorder();
          const channel = recorder.openChannel(info);
          const around = `${before} ${text} ${after}`;
          for (const value of [text, around, JSON.stringify({ text: around }), { [around]: [around] }]) {
            channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'x', params: { value } });
          }
          recorder.forEach(({ seq }) => {
            const kept = JSON.stringify(recorder.get(seq));
            assert.ok(!kept.includes(secret), `${kind}: ${kept}`);
          });
          recorder.dispose();
        }),
        { numRuns: 20 },
      );
    }
  });

  it('leaves what holds no secret exactly as it was sent', () => {
    const plain = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(plain, (value) => {
        const recorder = new TrafficRecorder();
        const message = { jsonrpc: '2.0', id: 1, method: 'x', params: { value } };
        recorder.openChannel(info).message('clientToServer', message);
        const text = JSON.stringify(message);
        const record = recorder.get(1);
        if (!record?.body.includes('[redacted]')) {
          assert.equal(record?.body, text);
          assert.equal(record?.bytes, Buffer.byteLength(text));
        }
        recorder.dispose();
      }),
    );
  });

  it('stays within its memory, whatever is recorded', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200_000 }),
        fc.array(fc.record({ size: fc.nat(40_000), id: fc.nat(10), isRequest: fc.boolean() }), { maxLength: 60 }),
        (maxBytes, messages) => {
          const recorder = new TrafficRecorder({ maxBytes });
          const channel = recorder.openChannel(info);
          for (const { size, id, isRequest } of messages) {
            const text = 'é'.repeat(size);
            if (isRequest) channel.message('clientToServer', { jsonrpc: '2.0', id, method: 'x', params: { text } });
            else channel.message('serverToClient', { jsonrpc: '2.0', id, result: { text } });
            channel.awsRequest(id, {
              service: 'S3',
              operation: 'X',
              region: 'r',
              attempts: 1,
              startedAt: 0,
              durationMs: 0,
            });
          }
          // One AWS request may be added after the oldest records were dropped.
          assert.ok(recorder.extent.bytes <= maxBytes + 1000);
          let kept = 0;
          recorder.forEach(({ seq }) => (kept += recorder.get(seq)?.body.length ?? 0));
          assert.ok(kept <= maxBytes);
          recorder.dispose();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('pairs every response with its request, however exchanges of several channels are interleaved', () => {
    const exchange = fc.record({ channel: fc.nat(2), fromServer: fc.boolean(), textId: fc.boolean() });
    fc.assert(
      fc.property(fc.array(exchange, { maxLength: 30 }), fc.infiniteStream(fc.nat(1000)), (exchanges, order) => {
        const recorder = new TrafficRecorder();
        const channels: TrafficChannel[] = [0, 1, 2].map((n) => recorder.openChannel({ ...info, session: `s${n}` }));
        const waiting = exchanges.map((one, index) => ({
          ...one,
          id: one.textId ? String(index) : index,
          isSent: false,
        }));
        const expected: (number | string)[] = [];
        while (waiting.length > 0) {
          const [{ value: pick = 0 }] = [order.next() as { value?: number }];
          const at = pick % waiting.length;
          const next = waiting[at]!;
          const channel = channels[next.channel]!;
          const [to, back] = next.fromServer
            ? (['serverToClient', 'clientToServer'] as const)
            : (['clientToServer', 'serverToClient'] as const);
          if (next.isSent) {
            channel.message(back, { jsonrpc: '2.0', id: next.id, result: { answers: next.id } });
            waiting.splice(at, 1);
          } else {
            channel.message(to, { jsonrpc: '2.0', id: next.id, method: 'x', params: { asks: next.id } });
            next.isSent = true;
          }
          expected.push(next.id);
        }
        const seen: string[] = [];
        recorder.forEach((summary) => {
          seen.push(summary.id ?? '');
          const pair = recorder.summary(summary.pair ?? 0);
          assert.equal(pair?.pair, summary.seq);
          assert.equal(pair?.session, summary.session);
          const [asked, answered] = summary.kind === 'request' ? [summary, pair] : [pair, summary];
          assert.notEqual(asked?.direction, answered?.direction);
          const { params } = JSON.parse(recorder.get(asked?.seq ?? 0)?.body ?? '') as { params: { asks: unknown } };
          const { result } = JSON.parse(recorder.get(answered?.seq ?? 0)?.body ?? '') as {
            result: { answers: unknown };
          };
          assert.equal(params.asks, result.answers);
        });
        assert.deepEqual(seen, expected.map(String));
        recorder.dispose();
      }),
    );
  });
});
