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

/** Secrets that are recognised by what they look like. */
const byLook = fc.oneof(
  planted(
    random(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567').map((key) => `AKIA${key}`),
    (key) => key,
  ),
  planted(
    random(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567').map((key) => `ASIA${key}`),
    (key) => `id=${key}`,
  ),
  planted(random(32), (token) => `Authorization: Bearer ${token}`),
  planted(random(24), (token) => `basic ${token}`),
  planted(random(40), (key) => `aws_secret_access_key = ${key}`),
  planted(random(40), (key) => `{"SecretAccessKey": "${key}"}`),
  planted(random(200), (token) => `export AWS_SESSION_TOKEN=${token}`),
  planted(random(20), (password) => `password: ${password}`),
  planted(random(20), (secret) => `client_secret="${secret}"`),
  planted(random(43), (verifier) => `grant_type=x&code_verifier=${verifier}`),
  planted(random(64), (signature) => `https://b.s3.amazonaws.com/k?X-Amz-Signature=${signature}&a=b`),
  planted(random(120), (token) => `https://b.s3.amazonaws.com/k?X-Amz-Security-Token=${token}`),
  planted(random(40), (body) => `eyJ${body}.eyJ${body}.${body}`),
  planted(random(100), (body) => `-----BEGIN RSA PRIVATE KEY-----\n${body}\n-----END RSA PRIVATE KEY-----`),
  planted(
    random(36).map((token) => `ghp_${token}`),
    (token) => token,
  ),
  planted(
    random(40).map((token) => `github_pat_${token}`),
    (token) => token,
  ),
  planted(
    random(24).map((token) => `xoxb-${token}`),
    (token) => token,
  ),
  planted(
    random(40).map((token) => `sk-${token}`),
    (token) => token,
  ),
);

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

/** A JSON value with a secret in it. Where the secret is told by structure alone, `isByStructure` is set. */
interface Carrier {
  value: unknown;
  secret: string;
  isByStructure: boolean;
}

const carrier: fc.Arbitrary<Carrier> = fc.oneof(
  fc
    .record({ planted: byLook, before: filler, after: filler, wrap: fc.nat(4) })
    .map(({ planted: plant, before, after, wrap }) => {
      const text = `${before} ${plant.text} ${after}`;
      const shapes: unknown[] = [text, [text], { note: text }, { [text]: 1 }, { a: { b: [{ c: text }] } }];
      return { value: shapes[wrap], secret: plant.secret, isByStructure: false };
    }),
  fc
    .record({ name: fc.constantFrom(...secretNames), secret: random(24), wrap: fc.nat(2) })
    .map(({ name, secret, wrap }) => {
      const shapes: unknown[] = [{ [name]: secret }, { [name]: [secret] }, [{ deep: { [name]: secret } }]];
      return { value: shapes[wrap], secret, isByStructure: wrap === 1 || name === 'Mcp-Session-Id' };
    }),
);

describe('TrafficRecorder, for whatever it is given', () => {
  it('lets no secret of a known kind into any record', () => {
    fc.assert(
      fc.property(fc.array(carrier, { minLength: 1, maxLength: 6 }), fc.nat(6), (carriers, place) => {
        const recorder = new TrafficRecorder();
        const values = carriers.map(({ value }) => value);
        const texts = carriers.filter(({ isByStructure }) => !isByStructure).map(({ value }) => value);
        const asText = texts.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ');
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
