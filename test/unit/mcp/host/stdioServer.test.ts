import * as assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { silentLogger } from '../../../../src/core/logger';
import { serveOverStdio, type StdioServer } from '../../../../src/mcp/host/stdioServer';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import type { WireSummary } from '../../../../src/traffic/wireRecord';
import { initializeParams, makeTestFeatures, modern, rpc, type TestFeatures } from '../testWorkbench';

describe('serving over stdio', () => {
  let test: TestFeatures;
  let server: StdioServer;
  let recorder: TrafficRecorder;
  let input: PassThrough;
  let lines: Interface;

  beforeEach(() => {
    test = makeTestFeatures();
    recorder = new TrafficRecorder();
    input = new PassThrough();
    const output = new PassThrough();
    lines = createInterface(output);
    server = serveOverStdio({
      features: test.features,
      recorder,
      logger: silentLogger,
      serverName: 'Test tools',
      input,
      output,
    });
  });

  afterEach(async () => {
    await server.close();
    lines.close();
    test.features.dispose();
    recorder.dispose();
  });

  async function next(): Promise<Record<string, unknown>> {
    const [line] = (await once(lines, 'line')) as [string];
    return JSON.parse(line) as Record<string, unknown>;
  }

  async function exchange(text: string): Promise<Record<string, unknown>> {
    const answer = next();
    input.write(`${text}\n`);
    return answer;
  }

  const modernText = (...given: Parameters<typeof modern>): string => String(modern(...given).body);

  it('tells a legacy client that the tools changed', async () => {
    await exchange(rpc('initialize', initializeParams));
    const told = next();
    test.setPolicy({ access: 'readOnly' });
    assert.equal((await told)['method'], 'notifications/tools/list_changed');
  });

  it('tells a modern client that the tools changed, where it listens', async () => {
    await exchange(modernText('tools/list'));
    const acknowledged = await exchange(
      modernText('subscriptions/listen', { notifications: { toolsListChanged: true } }).replace('"id":1', '"id":"l"'),
    );
    assert.equal(acknowledged['method'], 'notifications/subscriptions/acknowledged');
    const told = next();
    test.setPolicy({ access: 'readOnly' });
    const { method, params } = (await told) as { method: string; params: Record<string, object> };
    assert.equal(method, 'notifications/tools/list_changed');
    assert.deepEqual(Object.values(params['_meta'] ?? {}), ['l']);
  });

  for (const garbage of ['', 'no json', '{"half":', '42', '[]', '{"jsonrpc":"1.0"}', '\0', '[[[[[[']) {
    it(`goes on after the line ${JSON.stringify(garbage)}`, async () => {
      await exchange(rpc('initialize', initializeParams));
      input.write(`${garbage}\n`);
      assert.deepEqual(await exchange(rpc('ping', {}, 7)), { jsonrpc: '2.0', id: 7, result: {} });
    });
  }

  it('ends when its client closes its end, with calls in progress', async () => {
    await exchange(rpc('initialize', initializeParams));
    const begun = test.journal.nextWait();
    input.write(`${rpc('tools/call', { name: 'test_wait_forever' }, 3)}\n`);
    await begun;
    input.end();
    await server.closed;
    while (test.journal.waiting > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(test.journal.aborted, 1);
  });

  for (const [era, open] of [
    ['legacy', rpc('initialize', initializeParams)],
    ['modern', modernText('server/discover')],
  ] as const) {
    it(`records the messages of a ${era} client`, async () => {
      await exchange(open);
      const records: WireSummary[] = [];
      recorder.forEach((record) => records.push(record));
      assert.deepEqual(
        records.map((record) => [record.direction, record.era, record.client, record.status]),
        [
          ['clientToServer', era, era === 'legacy' ? 'raw' : 'raw-modern', 'ok'],
          ['serverToClient', era, era === 'legacy' ? 'raw' : 'raw-modern', 'ok'],
        ],
      );
    });
  }
});
