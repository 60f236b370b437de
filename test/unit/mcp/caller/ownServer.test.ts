import assert from 'node:assert/strict';
import { Emitter } from '../../../../src/core/emitter';
import { OwnServer, type OwnServerOptions } from '../../../../src/mcp/caller/ownServer';
import type { AnswerElicitation } from '../../../../src/mcp/caller/elicitation';
import { recordsOf, startTestHost, type TestHost } from '../testWorkbench';

describe('OwnServer', () => {
  const { signal } = new AbortController();
  let test: TestHost;
  let own: OwnServer;
  let questions: string[];
  let answer: AnswerElicitation;
  const offerChanged = new Emitter<void>();

  beforeEach(async () => {
    test = await startTestHost();
    questions = [];
    answer = ({ message }) => {
      questions.push(message);
      return Promise.resolve({ action: 'accept', content: { approve: true } });
    };
    own = makeOwn();
  });

  afterEach(async () => {
    own.dispose();
    await test.dispose();
  });

  function makeOwn(options: Partial<OwnServerOptions> = {}): OwnServer {
    return new OwnServer({
      label: 'Test tools',
      version: '1.2.3',
      start: () => Promise.resolve(test.host),
      isRunning: () => true,
      records: test.recorder,
      answer: (...given) => answer(...given),
      onDidChangeOffer: [offerChanged.event],
      onDidChangeState: test.host.onDidChangeConnections,
      ...options,
    });
  }

  const call = (name: string, given: object, onSent?: (seq: number) => void): ReturnType<OwnServer['request']> =>
    own.request('tools/call', { name, arguments: given }, { signal, ...(onSent ? { onSent } : {}) });

  it('is listed among the clients, and by the name of the product', async () => {
    assert.equal(test.host.connections.length, 0);
    await own.list('tools', signal);
    const [connection] = test.host.connections;
    assert.equal(connection?.name, 'MCP Workbench');
    assert.equal(connection?.transport, 'inProcess');
    assert.equal(connection?.era, 'modern');
    assert.equal(own.era, 'modern');
  });

  it('gives the result as it was on the wire, with the number of its record', async () => {
    const sent: number[] = [];
    const outcome = await call('test_echo_text', { text: 'hello' }, (seq) => sent.push(seq));
    assert.deepEqual(outcome.result?.['structuredContent'], { text: 'hello' });
    assert.ok(outcome.durationMs >= 0);
    assert.deepEqual(sent, [outcome.seq]);
    const record = test.recorder.get(outcome.seq ?? 0);
    assert.equal(record?.target, 'test_echo_text');
    assert.equal(record?.client, 'MCP Workbench');
    assert.equal(record?.status, 'ok');
    const response = test.recorder.get(record?.pair ?? 0);
    assert.deepEqual((JSON.parse(response?.body ?? '') as { result: unknown }).result, outcome.result);
  });

  it('gives an error of the protocol as the outcome', async () => {
    const outcome = await call('no_such_tool', {});
    assert.equal(outcome.error?.code, -32_602);
    assert.match(outcome.error.message, /Unknown tool/);
    assert.equal(outcome.result, undefined);
    assert.equal(test.recorder.summary(outcome.seq ?? 0)?.status, 'error');
  });

  it('puts questions of input rounds to the person, and names the record of the last round', async () => {
    const sent: number[] = [];
    const outcome = await call('test_change_thing', { targets: ['a', 'b'] }, (seq) => sent.push(seq));
    assert.deepEqual(test.journal.changed, ['a', 'b']);
    assert.equal(questions.length, 2);
    assert.match(questions[0] ?? '', /^Change a\?/);
    assert.match(questions[0] ?? '', /Asked for by MCP Workbench 1\.2\.3/);
    assert.equal(sent.length, 3);
    assert.equal(outcome.seq, sent[2]);
    assert.deepEqual(outcome.result?.['structuredContent'], { changed: ['a', 'b'] });
    assert.equal(test.recorder.summary(sent[0] ?? 0)?.nextRound, sent[1]);
  });

  it('changes nothing where the person declines', async () => {
    answer = () => Promise.resolve({ action: 'decline' });
    const { result } = await call('test_change_thing', { targets: ['a'] });
    assert.equal(result?.['isError'], true);
    assert.deepEqual(test.journal.changed, []);
  });

  it('reports progress', async () => {
    const seen: (string | undefined)[] = [];
    await own.request(
      'tools/call',
      { name: 'test_report_progress', arguments: {} },
      { signal, onProgress: ({ message }) => seen.push(message) },
    );
    assert.deepEqual(seen, ['Step 1', 'Step 2', 'Step 3']);
  });

  it('cancels a call at the server', async () => {
    const aborting = new AbortController();
    const begun = test.journal.nextWait();
    const outcome = own.request(
      'tools/call',
      { name: 'test_wait_forever', arguments: {} },
      { signal: aborting.signal },
    );
    await begun;
    aborting.abort();
    await assert.rejects(outcome, { name: 'WorkbenchError', code: 'Cancelled' });
    while (test.journal.waiting > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(test.journal.aborted, 1);
  });

  it('says for calls at the same time which record is whose', async () => {
    const outcomes = await Promise.all(['x', 'y', 'z'].map((text) => call('test_echo_text', { text })));
    const bodies = outcomes.map(({ seq }) => test.recorder.get(seq ?? 0)?.body ?? '');
    assert.deepEqual(
      bodies.map((body) => (JSON.parse(body) as { params: { arguments: unknown } }).params.arguments),
      [{ text: 'x' }, { text: 'y' }, { text: 'z' }],
    );
  });

  it('knows no number while recording is paused', async () => {
    await own.list('tools', signal);
    test.recorder.pause(true);
    const { seq, result } = await call('test_echo_text', { text: 'quiet' });
    assert.equal(seq, undefined);
    assert.deepEqual(result?.['structuredContent'], { text: 'quiet' });
  });

  it('reads lists once, and anew after they may have changed', async () => {
    const before = await own.list('tools', signal);
    assert.equal(own.lists.tools, before);
    assert.equal(await own.list('tools', signal), before);
    assert.notEqual(await own.list('tools', signal, true), before);
    test.setPolicy({ access: 'readOnly' });
    offerChanged.fire();
    assert.deepEqual(own.lists, {});
    const after = await own.list('tools', signal);
    assert.ok(after.length < before.length);
    assert.ok((await own.list('resourceTemplates', signal)).length > 0);
  });

  it('starts nothing before something is asked of it, and once', async () => {
    let starts = 0;
    own.dispose();
    own = makeOwn({
      isRunning: () => false,
      start: () => {
        starts++;
        return Promise.resolve(test.host);
      },
    });
    assert.equal(own.state, 'stopped');
    assert.equal(starts, 0);
    await Promise.all([own.list('tools', signal), own.list('prompts', signal)]);
    assert.equal(starts, 1);
  });

  it('is taken off the list of clients when it is over, with its session closed', async () => {
    await own.list('tools', signal);
    own.dispose();
    while (test.host.connections.length > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(recordsOf(test).every(({ status }) => status !== 'pending'));
  });
});
