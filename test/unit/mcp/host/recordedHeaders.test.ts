import * as assert from 'node:assert/strict';
import { checkExchange } from '../../../../src/traffic/protocolChecks';
import type { WireRecord } from '../../../../src/traffic/wireRecord';
import { clientKinds, reaches } from '../clients';
import { startTestHost, type TestHost } from '../testWorkbench';

/** The latest record that `isIt` holds for, once it is there. */
async function recordOf(test: TestHost, isIt: (record: WireRecord) => boolean): Promise<WireRecord> {
  for (let attempt = 0; ; attempt += 1) {
    let found: WireRecord | undefined;
    test.recorder.forEach(({ seq }) => {
      const record = test.recorder.get(seq);
      if (record && isIt(record)) found = record;
    });
    if (found) return found;
    assert.ok(attempt < 1000, 'No such record');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('recorded headers', () => {
  let test: TestHost;

  beforeEach(async () => {
    test = await startTestHost();
  });

  afterEach(() => test.dispose());

  for (const kind of clientKinds) {
    for (const [name, reachOf] of reaches) {
      it(`of ${kind.title} on ${name} are those of requests and answers, without secrets`, async () => {
        const client = await kind.connect(reachOf(test));
        await client.call('test_echo_text', { text: 'hello' });
        const answer = await recordOf(test, ({ kind, target }) => kind === 'response' && target === 'test_echo_text');
        const request = test.recorder.get(answer.pair ?? 0);
        const headers = request?.headers ?? {};
        assert.equal(headers['authorization'], '[redacted]');
        assert.match(headers['content-type'] ?? '', /^application\/json/);
        if (kind.era === 'modern') {
          assert.equal(headers['mcp-protocol-version'], '2026-07-28');
          assert.equal(headers['mcp-method'], 'tools/call');
          assert.equal(headers['mcp-name'], 'test_echo_text');
        } else {
          assert.equal(headers['mcp-session-id'], '[redacted]');
        }
        assert.equal(answer.headers?.[':status'], '200');
        assert.match(answer.headers['content-type'] ?? '', /json|event-stream/);
        const findings = checkExchange({ request, response: answer, facts: test.recorder.factsOf(answer.seq) });
        assert.deepEqual(
          findings.filter(({ severity }) => severity === 'error'),
          [],
        );
        const kept = JSON.stringify([request, answer]);
        assert.ok(!kept.includes(test.token) && !kept.includes(test.socket.secret));
        await client.close();
      });
    }
  }
});
