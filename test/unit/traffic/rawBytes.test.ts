import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { canonicalJson } from '../../../src/core/json';
import { hexDump } from '../../../src/traffic/hexDump';
import { checkExchange } from '../../../src/traffic/protocolChecks';
import { keepBytes, unfaithfulBytes } from '../../../src/traffic/rawBytes';
import { readTrace } from '../../../src/traffic/trace/readTrace';
import { TraceSource } from '../../../src/traffic/trace/traceSource';
import { traceText } from '../../../src/traffic/trace/writeTrace';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import { oneOfEachSecret } from '../../support/plantedSecrets';

/** Bytes that are no UTF-8: a lone continuation, an overlong form, half a surrogate, a cut sequence. */
const invalid = [0xff, 0x80, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xe2, 0x82];

function message(text: string): Buffer {
  const [before = '', after = ''] = text.split('?');
  return Buffer.concat([Buffer.from(before), Buffer.from(invalid), Buffer.from(after)]);
}

describe('keepBytes', () => {
  it('keeps every byte that is no secret', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        const kept = keepBytes(bytes);
        // Random bytes look like a secret now and then, but never with as many of them as here.
        if (kept && !Buffer.from(kept.base64, 'base64').includes('[redacted]')) {
          assert.deepEqual(Buffer.from(kept.base64, 'base64'), Buffer.from(bytes));
        }
        assert.equal(kept?.isCut, false);
      }),
    );
  });

  it('takes secrets out of messages by their look and by the names of their members', () => {
    fc.assert(
      fc.property(oneOfEachSecret, (secrets) => {
        const text = JSON.stringify({
          jsonrpc: '2.0',
          result: { values: secrets.map(({ value }) => value), odd: '?' },
        });
        const [before = '', after = ''] = text.split('"odd":"?"');
        const raw = Buffer.concat([Buffer.from(`${before}"odd":"`), Buffer.from(invalid), Buffer.from(`"${after}`)]);
        const kept = keepBytes(raw);
        const decoded = kept && Buffer.from(kept.base64, 'base64').toString('latin1');
        for (const { kind, secret } of secrets) assert.ok(!decoded?.includes(secret), kind);
        if (decoded !== undefined) assert.ok(decoded.includes(Buffer.from(invalid).toString('latin1')));
      }),
      { numRuns: 50 },
    );
  });

  it('takes them out of what is broken in the middle, too', () => {
    const raw = message(
      '{"params":{"token":"first-secret","a":"?","password":"second-secret", "clientSecret":"third-sec',
    );
    const kept = Buffer.from(keepBytes(raw)?.base64 ?? '', 'base64');
    assert.equal(
      kept.toString('latin1'),
      message('{"params":{"token":"[redacted]","a":"?","password":"[redacted]", "clientSecret":"[redacted]"').toString(
        'latin1',
      ),
    );
  });

  it('keeps nothing where escapes hide a secret that cannot be taken out for certain', () => {
    const raw = message('{"a":"?","b":"\\u0041KIAABCDEFGHIJKLMNOP","Key":"apiKey","Value":"\\u0073ecret-value"}');
    assert.equal(keepBytes(raw), undefined);
  });

  it('cuts what is long, in the middle of no secret', () => {
    const raw = Buffer.alloc(3 * 1024 * 1024, 'word ');
    raw.write('AKIAABCDEFGHIJKLMNOP', 1024 * 1024 - 8, 'latin1');
    const kept = keepBytes(raw);
    assert.equal(kept?.isCut, true);
    const decoded = Buffer.from(kept.base64, 'base64');
    assert.ok(decoded.length <= 1024 * 1024 && decoded.length > 1000 * 1024);
    assert.ok(!decoded.includes('AKIA'));
  });
});

describe('bytes that no text gives back', () => {
  let recorder: TrafficRecorder;

  beforeEach(() => {
    recorder = new TrafficRecorder();
  });

  afterEach(() => recorder.dispose());

  it('stay with their message, in the record and in a trace', async () => {
    const raw = message('{"jsonrpc":"2.0","id":1,"result":{"text":"?","accessToken":"very-secret"}}');
    assert.equal(unfaithfulBytes(Buffer.from('{"text":"é"}')), undefined);
    assert.equal(unfaithfulBytes(raw), raw);
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'ping' });
    const parsed = JSON.parse(raw.toString()) as object;
    channel.message('serverToClient', parsed, raw.length, undefined, undefined, raw);
    channel.unreadable('serverToClient', Buffer.from('Listening on port 3000\n'));
    channel.unreadable('serverToClient', Buffer.from(invalid), { 'content-type': 'application/json' });
    const answer = recorder.get(2);
    assert.equal(answer?.isRaw, true);
    const bytes = Buffer.from(answer.raw ?? '', 'base64');
    assert.ok(bytes.includes(Buffer.from(invalid)));
    assert.ok(!bytes.includes('very-secret'));
    const said = recorder.get(3);
    assert.equal(said?.body, '"Listening on port 3000\\n"');
    assert.equal(said.note, 'Listening on port 3000');
    assert.equal(said.bytes, 23);
    const other = recorder.get(4);
    assert.deepEqual(Buffer.from(other?.raw ?? '', 'base64'), Buffer.from(invalid));
    assert.equal(other?.headers?.['content-type'], 'application/json');
    assert.deepEqual(
      checkExchange({ request: other, response: answer }).map(({ severity, message: part, text }) => [
        severity,
        part,
        text,
      ]),
      [
        ['error', 'request', 'These bytes are no message: they cannot be read as a JSON object.'],
        ['error', 'response', 'Its bytes are no valid UTF-8, which JSON must be (RFC 8259, section 8.1).'],
      ],
    );
    const { records, skipped } = await readTrace([Buffer.from([...traceText(recorder, { creator: 'Test' })].join(''))]);
    assert.deepEqual(skipped, {});
    const trace = new TraceSource();
    trace.show(records);
    for (const seq of [1, 2, 3, 4]) assert.equal(canonicalJson(trace.get(seq)), canonicalJson(recorder.get(seq)));
    const text = [...traceText(recorder, { creator: 'Test', withoutBodies: true })].join('');
    assert.ok(!text.includes('"raw"'));
  });

  it('are shown as people read bytes', () => {
    assert.equal(
      hexDump(Buffer.from('{"jsonrpc":"2.0"\u00e9')),
      [
        '00000000  7b 22 6a 73 6f 6e 72 70  63 22 3a 22 32 2e 30 22  |{"jsonrpc":"2.0"|',
        `00000010  c3 a9${' '.repeat(45)}|..|`,
      ].join('\n'),
    );
  });
});
