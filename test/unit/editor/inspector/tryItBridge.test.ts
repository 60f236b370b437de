import assert from 'node:assert/strict';
import { PatternTests } from '../../../../src/editor/inspector/patternTests';
import { SavedInputs, withoutSecrets } from '../../../../src/editor/inspector/savedInputs';
import { TryItBridge } from '../../../../src/editor/inspector/tryItBridge';
import type { TryItEnd, TryItHostMessage } from '../../../../src/protocol/tryIt';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import { TrialServers } from '../../../ui/trialServers';

type Message<T extends TryItHostMessage['type']> = Extract<TryItHostMessage, { type: T }>;

function memory(): ConstructorParameters<typeof SavedInputs>[0] {
  const kept = new Map<string, unknown>();
  return {
    get: (key) => structuredClone(kept.get(key)),
    update: (key, value) => {
      kept.set(key, structuredClone(value));
      return Promise.resolve();
    },
  };
}

describe('TryItBridge', () => {
  let recorder: TrafficRecorder;
  let servers: TrialServers;
  let bridge: TryItBridge;
  let posted: TryItHostMessage[];
  let waiting: (() => void)[];
  let revealed: number[];

  beforeEach(() => {
    recorder = new TrafficRecorder();
    servers = new TrialServers(recorder);
    posted = [];
    waiting = [];
    revealed = [];
    bridge = makeBridge();
  });

  afterEach(async () => {
    bridge.dispose();
    await servers.dispose();
    recorder.dispose();
  });

  function makeBridge(): TryItBridge {
    return new TryItBridge(recorder, {
      post: (message) => {
        posted.push(message);
        for (const wake of waiting.splice(0)) wake();
      },
      servers,
      savedInputs: new SavedInputs(memory()),
      revealLive: (seq) => revealed.push(seq),
    });
  }

  /** The latest message of a kind that `isWanted`, as soon as there is one. */
  async function next<T extends TryItHostMessage['type']>(
    type: T,
    isWanted: (message: Message<T>) => boolean = () => true,
  ): Promise<Message<T>> {
    for (;;) {
      const found = posted.findLast((message) => message.type === type && isWanted(message as Message<T>));
      if (found) return found as Message<T>;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  const target = { server: 'own', kind: 'tools', name: 'deploy_stack' } as const;

  async function run(id: number, input: string, of: object = target): Promise<TryItEnd> {
    bridge.receive({ type: 'runTryIt', run: id, ...of, input });
    return (await next('tryItEnd', (message) => message.run === id)).end;
  }

  it('tells what servers there are, and lists our own without being asked', async () => {
    bridge.receive({ type: 'ready', filter: '', follow: true });
    bridge.receive({ type: 'watchTryIt' });
    const { servers: told } = await next('tryItServers');
    assert.deepEqual(
      told.map(({ key, label, state, isOwn }) => [key, label, state, isOwn]),
      [
        ['own', 'AWS tools', 'ready', true],
        ['other', 'filesystem', 'stopped', undefined],
      ],
    );
    bridge.receive({ type: 'chooseTryItServer', server: 'own' });
    const { items } = await next(
      'tryItItems',
      (message) => message.items?.some(({ kind }) => kind === 'resourceTemplates') === true,
    );
    assert.deepEqual(
      items?.filter(({ kind }) => kind !== 'tools'),
      [
        { kind: 'prompts', name: 'explain_failure' },
        { kind: 'resources', name: 'trial://notes/today', title: 'Notes' },
        { kind: 'resourceTemplates', name: 'trial://notes/{day}', title: 'Notes of a day' },
      ],
    );
  });

  it('starts a server only when it is told to', async () => {
    bridge.receive({ type: 'watchTryIt' });
    bridge.receive({ type: 'chooseTryItServer', server: 'other' });
    const before = await next('tryItItems');
    assert.equal(before.items, undefined);
    assert.equal(servers.isOtherStarted, false);
    bridge.receive({ type: 'startTryIt', server: 'other' });
    await next('tryItItems', ({ items, isListing }) => items !== undefined && !isListing);
    assert.equal(servers.isOtherStarted, true);
  });

  it('sends the schema of an item once it is known', async () => {
    bridge.receive({ type: 'watchTryIt' });
    bridge.receive({ type: 'openTryIt', ...target });
    bridge.receive({ type: 'chooseTryItServer', server: 'own' });
    const tool = await next('tryItDefinition');
    assert.deepEqual(tool.claims, { readOnly: false, destructive: true });
    assert.equal((JSON.parse(tool.schema ?? '') as { additionalProperties: unknown }).additionalProperties, false);
    bridge.receive({ type: 'openTryIt', server: 'own', kind: 'resourceTemplates', name: 'trial://notes/{day}' });
    const template = await next('tryItDefinition', (message) => message.target.kind === 'resourceTemplates');
    assert.deepEqual(JSON.parse(template.schema ?? ''), {
      type: 'object',
      properties: { day: { type: 'string' } },
      required: ['day'],
      additionalProperties: false,
    });
    bridge.receive({ type: 'openTryIt', server: 'own', kind: 'tools', name: 'no_such' });
    assert.equal((await next('tryItGone')).target.name, 'no_such');
  });

  it('runs, says which record it is, and tells a page that is loaded anew', async () => {
    const end = await run(7, '{"stack":"orders"}');
    assert.ok(end.kind === 'response');
    assert.deepEqual((JSON.parse(end.text) as { structuredContent: unknown }).structuredContent, {
      name: 'deploy_stack',
      given: { stack: 'orders' },
    });
    assert.equal(recorder.summary(end.seq ?? 0)?.target, 'deploy_stack');
    assert.equal((await next('tryItSent')).seq, end.seq);
    posted = [];
    bridge.receive({ type: 'watchTryIt' });
    assert.deepEqual((await next('tryItEnd')).end, end);
  });

  it('cancels a run, and all of them when the page goes', async () => {
    const waitLong = { server: 'own', kind: 'tools', name: 'wait_long' };
    bridge.receive({ type: 'runTryIt', run: 1, ...waitLong, input: '{}' });
    assert.equal((await next('tryItProgress')).message, 'Synthesising');
    bridge.receive({ type: 'cancelTryIt', run: 1 });
    const { end } = await next('tryItEnd');
    assert.ok(end.kind === 'failure' && end.isCancelled);
    bridge.receive({ type: 'runTryIt', run: 2, ...waitLong, input: '{}' });
    await next('tryItProgress', (message) => message.run === 2);
    bridge.dispose();
    while (servers.features.aborted < 2) await new Promise((resolve) => setImmediate(resolve));
  });

  it('says what is wrong with an input that cannot be sent', async () => {
    const noJson = await run(1, '{');
    assert.ok(noJson.kind === 'failure' && noJson.message.startsWith('The input is no JSON'));
    const noObject = await run(2, '[]');
    assert.ok(noObject.kind === 'failure' && noObject.message === 'The input must be a JSON object.');
    const gone = await run(3, '{}', { ...target, server: 'gone' });
    assert.ok(gone.kind === 'failure' && gone.message === 'This server is no longer configured.');
    assert.deepEqual(servers.features.calls, []);
  });

  it('fills in templates, gets prompts and completes', async () => {
    const read = await run(1, '{"day":"a b/c"}', {
      server: 'own',
      kind: 'resourceTemplates',
      name: 'trial://notes/{day}',
    });
    assert.ok(read.kind === 'response' && read.text.includes('trial://notes/a%20b%2Fc'));
    const prompt = await run(2, '{"stack":"x"}', { server: 'own', kind: 'prompts', name: 'explain_failure' });
    assert.ok(prompt.kind === 'response' && prompt.text.includes('Explain x'));
    bridge.receive({
      type: 'completeTryIt',
      id: 4,
      server: 'own',
      kind: 'prompts',
      name: 'explain_failure',
      argument: 'stack',
      value: 'orders',
      others: {},
    });
    assert.deepEqual(await next('tryItCompletion'), {
      type: 'tryItCompletion',
      id: 4,
      values: ['orders', 'orders-test'],
    });
  });

  it('waits with what it is to show until the page is there', () => {
    bridge.open({ server: 'own', kind: 'tools', name: 'refuse' }, '{}');
    assert.deepEqual(posted, []);
    bridge.receive({ type: 'ready', filter: '', follow: true });
    assert.deepEqual(posted, [{ type: 'showTryIt', server: 'own', kind: 'tools', name: 'refuse', input: '{}' }]);
    bridge.receive({ type: 'showTryItRecord', seq: 3 });
    assert.deepEqual(revealed, [3]);
  });

  it('saves inputs and tells the page', async () => {
    bridge.receive({ type: 'openTryIt', ...target });
    bridge.receive({ type: 'saveTryIt', ...target, label: 'Usual', text: '{"stack":"x","password":"p"}' });
    const { saved } = await next('tryItSaved');
    assert.deepEqual(
      saved.map(({ name, text }) => [name, JSON.parse(text) as unknown]),
      [['Usual', { stack: 'x' }]],
    );
    bridge.receive({ type: 'forgetTryIt', ...target, label: 'Usual' });
    assert.deepEqual((await next('tryItSaved', (message) => message.saved.length === 0)).saved, []);
  });

  it('takes nothing that is not of the protocol', () => {
    for (const raw of [
      undefined,
      null,
      3,
      {},
      { type: 'runTryIt' },
      { type: 'openTryIt', server: 1 },
      { type: 'matchTryIt', tests: [{}] },
    ]) {
      bridge.receive(raw);
    }
    assert.deepEqual(posted, []);
  });
});

describe('PatternTests', () => {
  it('matches as JSON Schema does, and gives up on a pattern without end', () => {
    const tests = new PatternTests();
    const slow = { pattern: '^(a+)+$', text: `${'a'.repeat(60)}!` };
    const asked = [
      { pattern: '^\\p{Lu}', text: 'Äpfel' },
      { pattern: 'b', text: 'abc' },
      { pattern: '^b', text: 'abc' },
      { pattern: '(', text: 'x' },
      slow,
      { pattern: 'b', text: 'again b' },
    ];
    assert.deepEqual(
      tests.run(asked).map(({ isMatch }) => isMatch),
      [true, true, false, undefined, undefined, true],
    );
    // It is not tried again, whatever the text.
    assert.equal(tests.run([{ ...slow, text: 'a' }])[0]?.isMatch, undefined);
  });
});

describe('SavedInputs', () => {
  const target = { server: 's', kind: 'tools', name: 't' } as const;

  it('keeps the latest first, one of each name, for each item', () => {
    const inputs = new SavedInputs(memory());
    assert.ok(inputs.save(target, { name: 'a', text: '{"n":1}' }));
    assert.ok(inputs.save(target, { name: 'b', text: '{}' }));
    assert.ok(inputs.save(target, { name: 'a', text: '{"n":2}' }));
    assert.deepEqual(
      inputs.of(target).map(({ name }) => name),
      ['a', 'b'],
    );
    assert.deepEqual(JSON.parse(inputs.of(target)[0]?.text ?? ''), { n: 2 });
    assert.deepEqual(inputs.of({ ...target, name: 'u' }), []);
    assert.ok(!inputs.save(target, { name: 'c', text: '{' }));
    for (let index = 0; index < 30; index += 1) inputs.save(target, { name: `n${index}`, text: '{}' });
    assert.equal(inputs.of(target).length, 20);
    inputs.dispose();
  });

  it('leaves out what is secret, by its name or its looks', () => {
    const text = JSON.stringify({
      name: 'x',
      apiKey: 'k',
      list: ['plain', 'AKIAIOSFODNN7EXAMPLE'],
      inner: { clientSecret: 's', kept: 1 },
    });
    assert.deepEqual(JSON.parse(withoutSecrets(text) ?? ''), { name: 'x', list: ['plain'], inner: { kept: 1 } });
  });

  it('survives a memory of something else', () => {
    for (const kept of [3, ['x'], [['k', 'v']], [[1, []]], { a: 1 }]) {
      const inputs = new SavedInputs({ get: () => kept, update: () => Promise.resolve() });
      assert.deepEqual(inputs.of(target), []);
      inputs.dispose();
    }
  });
});
