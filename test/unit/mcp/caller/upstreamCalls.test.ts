import assert from 'node:assert/strict';
import type { ElicitRequestParams } from '@modelcontextprotocol/client';
import { silentLogger } from '../../../../src/core/logger';
import type { CallOptions, CallOutcome } from '../../../../src/mcp/caller/callableServer';
import { answerElicitations, elicitationCapabilities } from '../../../../src/mcp/caller/elicitation';
import { parseManagedServer, type ManagedServerInput } from '../../../../src/mcp/upstream/managedServer';
import { ManagedServerSupervisor } from '../../../../src/mcp/upstream/managedServerSupervisor';
import { MemorySecretStore } from '../../../../src/mcp/upstream/secretSource';
import { UpstreamClient } from '../../../../src/mcp/upstream/upstreamClient';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import { rawServer } from '../upstream/relayRig';

function answerIn(result: CallOutcome['result']): unknown {
  const [block] = (result?.['content'] ?? []) as { text: string }[];
  return JSON.parse(block?.text ?? 'null');
}

/** Asks a question during each call of `ask`, and during each listing of tools. */
const askingServer: ManagedServerInput = {
  name: 'asking',
  transport: 'stdio',
  command: process.execPath,
  args: [
    '-e',
    `const say = (m) => console.log(JSON.stringify({ jsonrpc: '2.0', ...m }));
    const text = (value) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });
    const ask = () => say({ id: 'q', method: 'elicitation/create', params: { mode: 'form', message: 'Where?',
      requestedSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } });
    let answered, last;
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const { id, method, params, result } = JSON.parse(line);
      if (method === undefined) { last = result; answered(result); return; }
      if (method === 'initialize') say({ id, result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'asking', version: '1' } } });
      else if (method === 'tools/list') { answered = () => say({ id, result: { tools: [] } }); ask(); }
      else if (method === 'tools/call' && params.name === 'ask') { answered = (answer) => say({ id, result: text(answer) }); ask(); }
      else if (method === 'tools/call') say({ id, result: text(last) });
      else if (id !== undefined) say({ id, error: { code: -32601, message: 'Method not found' } });
    })`,
  ],
};

describe('calls by hand of a managed server', () => {
  const { signal } = new AbortController();
  const secrets = new MemorySecretStore();
  let recorder: TrafficRecorder;
  let supervisor: ManagedServerSupervisor;
  let client: UpstreamClient;
  let questions: ElicitRequestParams[];

  const connect = (...args: string[]): Promise<void> => connectTo(rawServer(...args));

  async function connectTo(server: ManagedServerInput): Promise<void> {
    recorder = new TrafficRecorder();
    questions = [];
    supervisor = new ManagedServerSupervisor(parseManagedServer(server), { secrets, logger: silentLogger });
    client = await UpstreamClient.connect(
      {
        supervisor,
        secrets,
        recorder,
        records: recorder,
        implementation: { name: 'unit', version: '1' },
        capabilities: elicitationCapabilities,
        configure: (sdk) =>
          answerElicitations(
            sdk,
            'raw',
            () => client.isCalling,
            (question) => {
              questions.push(question);
              return Promise.resolve({ action: 'accept', content: { city: 'Bern' } });
            },
          ),
      },
      signal,
    );
  }

  const call = (name: string, options: Partial<CallOptions> = {}): Promise<CallOutcome> =>
    client.request('tools/call', { name, arguments: {} }, { signal, ...options });

  afterEach(async () => {
    await client.close();
    await supervisor.close();
    recorder.dispose();
  });

  for (const [era, ...args] of [['legacy'], ['modern', '--modern']] as const) {
    it(`gives what a server of the ${era} era says, with the number of the record`, async () => {
      await connect(...args);
      const sent: number[] = [];
      const outcome = await call('count', { onSent: (seq) => sent.push(seq) });
      assert.deepEqual(outcome.result?.['content'], [{ type: 'text', text: `${supervisor.pids[0]} 1` }]);
      assert.deepEqual(sent, [outcome.seq]);
      const record = recorder.summary(outcome.seq ?? 0);
      assert.equal(record?.target, 'count');
      assert.equal(record?.era, era);
      assert.equal(record?.status, 'ok');
    });

    it(`cancels a call that hangs in a server of the ${era} era`, async () => {
      await connect(...args);
      const aborting = new AbortController();
      const outcome = call('hang', { signal: aborting.signal, onSent: () => aborting.abort() });
      await assert.rejects(outcome, { name: 'WorkbenchError', code: 'Cancelled' });
      while (!supervisor.log.includes('cancelled')) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(client.isCalling, false);
    });
  }

  it('changes nothing in a result that the protocol does not know', async () => {
    await connect();
    const { result } = await call('odd');
    assert.deepEqual(result, { content: [], a: 1, b: 'A/é' });
  });

  it('gives an answer that is no result of the protocol all the same', async () => {
    await connect('--modern');
    // This server answers with a result that lacks what its era demands.
    const { result } = await call('odd');
    assert.deepEqual(result, { content: [], a: 1, b: 'A/é' });
  });

  it('gives errors of the protocol as they are, for any method', async () => {
    await connect();
    const outcome = await client.request('prompts/get', { name: 'none' }, { signal });
    assert.deepEqual(outcome.error, { code: -32_601, message: 'Method not found' });
    assert.equal(recorder.summary(outcome.seq ?? 0)?.method, 'prompts/get');
  });

  it('puts a question that comes during a call to the person', async () => {
    await connectTo(askingServer);
    const { result } = await call('ask');
    assert.equal(questions[0]?.message, 'Where?');
    assert.deepEqual(answerIn(result), { action: 'accept', content: { city: 'Bern' } });
  });

  it('answers a question that nobody called for with a no', async () => {
    await connectTo(askingServer);
    // Asked before the answer to the list, and so answered before it comes.
    await client.listTools(signal);
    assert.deepEqual(questions, []);
    const { result } = await call('lastAnswer');
    assert.deepEqual(answerIn(result), { action: 'cancel' });
  });

  it('reports progress', async () => {
    await connect();
    const seen: number[] = [];
    await call('progress', { onProgress: ({ progress }) => seen.push(progress) });
    assert.deepEqual(seen, [1]);
  });

  it('says that no answer came from a server that crashed', async () => {
    await connect();
    await assert.rejects(call('crash'), (error: Error) => {
      assert.match(error.message, /^No answer came/);
      return true;
    });
  });
});
