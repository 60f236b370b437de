import * as assert from 'node:assert/strict';
import { Emitter } from '../../../../src/core/emitter';
import { silentLogger } from '../../../../src/core/logger';
import { ReplayBridge } from '../../../../src/editor/inspector/replayBridge';
import type { CallableServer, CallableServers } from '../../../../src/mcp/caller/callableServer';
import { parseManagedServer } from '../../../../src/mcp/upstream/managedServer';
import { ManagedServerSupervisor } from '../../../../src/mcp/upstream/managedServerSupervisor';
import { MemorySecretStore } from '../../../../src/mcp/upstream/secretSource';
import { UpstreamClient } from '../../../../src/mcp/upstream/upstreamClient';
import type { ReplayCall, ReplayHostMessage, ReplayOutcome, ReplayStepState } from '../../../../src/protocol/replay';
import { parseQuery } from '../../../../src/traffic/query';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import { rawServer } from '../../mcp/upstream/relayRig';

describe('ReplayBridge', () => {
  const { signal } = new AbortController();
  let recorder: TrafficRecorder;
  let supervisor: ManagedServerSupervisor;
  let client: UpstreamClient;
  let server: CallableServer & { state: CallableServer['state'] };
  let bridge: ReplayBridge;
  let posted: ReplayHostMessage[];
  let copied: string[];
  let opened: { text: string; language: string | undefined }[];
  const told = new Emitter<void>();

  beforeEach(async () => {
    recorder = new TrafficRecorder();
    const secrets = new MemorySecretStore();
    supervisor = new ManagedServerSupervisor(parseManagedServer(rawServer()), { secrets, logger: silentLogger });
    const implementation = { name: 'unit', version: '1' };
    client = await UpstreamClient.connect({ supervisor, secrets, recorder, records: recorder, implementation }, signal);
    const tools = await client.listTools(signal);
    server = {
      key: 'k1',
      label: 'raw',
      state: 'ready',
      era: 'legacy',
      lists: { tools },
      before: {},
      accept: () => Promise.resolve(),
      list: () => Promise.reject(new Error('not asked for')),
      request: (method, params, options) => client.request(method, params, options),
    };
    const servers: CallableServers = {
      all: [server],
      get: (key) => (key === server.key ? server : undefined),
      onDidChange: new Emitter<void>().event,
    };
    posted = [];
    copied = [];
    opened = [];
    bridge = new ReplayBridge(
      recorder,
      {
        post: (message) => {
          posted.push(structuredClone(message));
          told.fire();
        },
        servers,
        copyText: (text) => {
          copied.push(text);
          told.fire();
        },
        openDocument: (text, language) => void opened.push({ text, language }),
        endpointOf: () => Promise.resolve({ transport: 'stdio', command: 'node', args: ['server.mjs'] }),
      },
      {
        readFilter: (filter) => ({ query: parseQuery(filter), inBody: undefined }),
        onDidFind: new Emitter<void>().event,
      },
    );
  });

  afterEach(async () => {
    bridge.dispose();
    await client.close();
    await supervisor.close();
    recorder.dispose();
  });

  function until<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = (): boolean => {
        const found = find();
        if (found === undefined) return false;
        subscription.dispose();
        resolve(found);
        return true;
      };
      const subscription = told.event(() => void look());
      look();
    });
  }

  /** The one call that a record is read as. */
  function callOf(seq: number): ReplayCall {
    const [call] = callsOf(seq);
    assert.ok(call);
    return call;
  }

  /** Calls a tool as an agent does. @returns the number of its record */
  async function record(name: string, given: Record<string, unknown>): Promise<number> {
    await client.callTool(name, given, signal);
    let latest = 0;
    recorder.forEach(({ seq, kind, method }) => {
      if (kind === 'request' && method === 'tools/call') latest = seq;
    });
    return latest;
  }

  function callsOf(...seqs: number[]): ReplayCall[] {
    bridge.receive({ type: 'watchReplay', calls: seqs.map((seq) => ({ seq })) });
    const message = posted.findLast((one) => one.type === 'replayCalls');
    assert.ok(message?.type === 'replayCalls');
    return message.calls;
  }

  interface StepInput {
    params?: string;
    fills?: Record<string, string>;
    method?: string;
  }

  function start(calls: readonly ReplayCall[], inputs: readonly StepInput[] = [], options: object = {}): void {
    bridge.receive({
      type: 'runReplay',
      run: 'sequence',
      stopAtFailure: true,
      mayStart: false,
      ...options,
      steps: calls.map((call, index) => ({
        step: `s${index}`,
        recorded: { seq: call.seq, time: call.time },
        serverKey: call.serverKey ?? '',
        method: inputs[index]?.method ?? call.method,
        target: call.target,
        params: inputs[index]?.params ?? call.params,
        fills: inputs[index]?.fills ?? {},
      })),
    });
  }

  async function ended(): Promise<ReplayStepState[]> {
    const message = await until(() => posted.findLast((one) => one.type === 'replayRun' && !one.isRunning));
    assert.ok(message.type === 'replayRun');
    return message.steps;
  }

  async function outcomes(): Promise<(ReplayOutcome | undefined)[]> {
    return (await ended()).map(({ outcome }) => outcome);
  }

  it('runs a recorded call again and finds the same result', async () => {
    const seq = await record('progress', { a: 1 });
    const call = callOf(seq);
    assert.equal(call.serverKey, 'k1');
    assert.equal(call.hasReply, true);
    assert.deepEqual(JSON.parse(call.params), { name: 'progress', arguments: { a: 1 } });
    start([call]);
    const [outcome] = await outcomes();
    assert.equal(outcome?.verdict, 'same');
    assert.ok(outcome.seq !== undefined && outcome.seq > seq);
    assert.equal(recorder.summary(outcome.seq)?.method, 'tools/call');
    assert.ok(outcome.durationMs !== undefined && outcome.recordedMs !== undefined);
  });

  it('shows where an edited call comes to something else', async () => {
    const call = callOf(await record('progress', {}));
    start([call], [{ params: '{"name":"nobody-knows-it","arguments":{}}' }]);
    const [outcome] = await outcomes();
    assert.ok(outcome?.verdict === 'failed' || outcome?.verdict === 'differs');
    assert.ok((outcome.diff?.changed ?? 0) + (outcome.diff?.removed ?? 0) + (outcome.diff?.added ?? 0) > 0);
  });

  it('sends no placeholder for what was redacted, and keeps no secret that was put in', async () => {
    const seq = await record('line', { password: 'hunter22' });
    const call = callOf(seq);
    assert.ok(call.params.includes('[redacted]'));
    const { nextSeq } = recorder.extent;
    start([call]);
    const [refused] = await outcomes();
    assert.equal(refused?.verdict, 'failed');
    assert.match(refused.failure?.message ?? '', /^arguments\.password was redacted/);
    assert.equal(recorder.extent.nextSeq, nextSeq, 'Something was sent.');
    posted.length = 0;
    start([call], [{ fills: { 'arguments.password': 'a-planted-secret' } }]);
    const [outcome] = await outcomes();
    const record2 = recorder.get(outcome?.seq ?? 0);
    const response = recorder.get(record2?.pair ?? 0);
    // The server says in Base64 what it was sent.
    const sent = /"text":"([^"]+)"/.exec(response?.body ?? '')?.[1] ?? '';
    assert.match(Buffer.from(sent, 'base64').toString(), /a-planted-secret/);
    assert.ok(!JSON.stringify(posted).includes('a-planted-secret'));
    assert.ok(!record2?.body.includes('a-planted-secret'));
  });

  it('takes values from earlier steps, and says which are missing', async () => {
    const one = await record('progress', {});
    const two = await record('line', { from: 'x' });
    const calls = callsOf(one, two);
    start(calls, [{}, { params: '{"name":"line","arguments":{"from":"${steps.1.result.content[0].text}"}}' }]);
    const [, second] = await outcomes();
    const response = recorder.get(recorder.get(second?.seq ?? 0)?.pair ?? 0);
    const sent = /"text":"([^"]+)"/.exec(response?.body ?? '')?.[1] ?? '';
    assert.match(Buffer.from(sent, 'base64').toString(), /"from":"done"/);
    posted.length = 0;
    start(calls, [{}, { params: '{"name":"line","arguments":{"from":"${steps.1.result.nothing}"}}' }]);
    const [first, failed] = await outcomes();
    assert.equal(first?.verdict, 'same');
    assert.equal(failed?.failure?.message, 'Step 1 has no result.nothing.');
  });

  it('stops at the first failure, or goes on', async () => {
    const calls = callsOf(await record('progress', {}), await record('progress', {}), await record('progress', {}));
    const inputs = [{}, { method: 'no/such' }, {}];
    start(calls, inputs);
    assert.deepEqual(
      (await ended()).map(({ state, outcome }) => outcome?.verdict ?? state),
      ['same', 'failed', 'skipped'],
    );
    posted.length = 0;
    start(calls, inputs, { stopAtFailure: false });
    assert.deepEqual(
      (await outcomes()).map((outcome) => outcome?.verdict),
      ['same', 'failed', 'same'],
    );
  });

  it('tells the progress, and cancels what hangs', async () => {
    const call = callOf(await record('progress', {}));
    start([call]);
    await ended();
    assert.ok(posted.some((one) => one.type === 'replayStep' && one.step.progress?.progress === 1));
    posted.length = 0;
    start([call, call], [{ params: '{"name":"hang"}' }]);
    await until(() => posted.find((one) => one.type === 'replayStep' && one.step.state === 'running'));
    bridge.receive({ type: 'cancelReplay', run: 'sequence' });
    assert.deepEqual(
      (await ended()).map(({ state, outcome }) => outcome?.verdict ?? state),
      ['cancelled', 'skipped'],
    );
  });

  it('starts no server that it was not told to start', async () => {
    const call = callOf(await record('progress', {}));
    server.state = 'stopped';
    start([call]);
    const [refused] = await outcomes();
    assert.equal(refused?.failure?.message, 'raw does not run.');
    posted.length = 0;
    start([call], [], { mayStart: true });
    assert.equal((await outcomes())[0]?.verdict, 'same');
  });

  it('says why a record cannot run again, and does not take another record for it', async () => {
    const seq = await record('progress', {});
    let initialize = 0;
    recorder.forEach((summary) => {
      if (summary.method === 'initialize' && summary.kind === 'request') initialize = summary.seq;
    });
    bridge.receive({ type: 'watchReplay', calls: [{ seq: initialize }, { seq, time: 1 }, { seq: 9999 }] });
    const message = posted.findLast((one) => one.type === 'replayCalls');
    assert.ok(message?.type === 'replayCalls');
    assert.deepEqual(message.calls, []);
    assert.match(message.refused[0]?.reason ?? '', /^initialize cannot run again/);
    assert.match(message.refused[1]?.reason ?? '', /no longer kept/);
    assert.match(message.refused[2]?.reason ?? '', /no longer kept/);
  });

  it('collects what a filter shows, without what cannot run again', async () => {
    await record('progress', { a: 1 });
    await record('line', { a: 2 });
    bridge.receive({ type: 'collectReplay', filter: 'tool:line' });
    const some = posted.findLast((one) => one.type === 'replayCollected');
    assert.ok(some?.type === 'replayCollected');
    assert.deepEqual([some.calls.map(({ target }) => target), some.matched, some.skipped], [['line'], 1, 0]);
    bridge.receive({ type: 'collectReplay', filter: '' });
    const all = posted.findLast((one) => one.type === 'replayCollected');
    assert.ok(all?.type === 'replayCollected');
    assert.deepEqual(
      all.calls.map(({ method }) => method),
      ['tools/list', 'tools/call', 'tools/call'],
    );
    assert.ok(all.skipped > 0);
  });

  it('copies a command and opens a test, with what the call came to', async () => {
    const call = callOf(await record('progress', {}));
    const step = {
      step: 's0',
      recorded: { seq: call.seq, time: call.time },
      serverKey: 'k1',
      method: call.method,
      target: call.target,
      params: call.params,
      fills: {},
    };
    const generate = { type: 'generateReplay', run: 'sequence', steps: [step] };
    bridge.receive({ ...generate, as: 'curl', action: 'copy' });
    await until(() => posted.find((one) => one.type === 'replayNote'));
    assert.match(copied[0] ?? JSON.stringify(posted.at(-1)), /node server\.mjs/);
    posted.length = 0;
    bridge.receive({ ...generate, as: 'mocha', action: 'open' });
    await until(() => posted.find((one) => one.type === 'replayNote'));
    assert.equal(opened[0]?.language, 'typescript');
    assert.match(opened[0].text, /text: 'done'/);
  });

  it('drops what is not of the protocol, and says nothing to a hidden page', async () => {
    const call = callOf(await record('progress', {}));
    posted.length = 0;
    bridge.receive({ type: 'runReplay', run: '', steps: [] });
    bridge.receive({ type: 'watchReplay', calls: [{ seq: 'x' }] });
    bridge.receive('anything');
    bridge.setVisible(false);
    start([call]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(posted, []);
    bridge.setVisible(true);
    assert.equal((await outcomes())[0]?.verdict, 'same');
  });
});
