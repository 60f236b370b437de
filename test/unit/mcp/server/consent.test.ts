import * as assert from 'node:assert/strict';
import type { CallToolResult } from '@modelcontextprotocol/client';
import { clientKinds, reaches } from '../clients';
import {
  beginSession,
  initializeParams,
  loopbackTarget,
  messageIn,
  modern,
  recordsOf,
  rpc,
  send,
  socketTarget,
  startTestHost,
  type Answer,
  type Target,
  type TestHost,
} from '../testWorkbench';

/** The report that an error result carries. */
function reportOf(result: Pick<CallToolResult, 'content' | 'isError'>): { code: string; message: string } {
  assert.equal(result.isError, true);
  const [first] = result.content;
  return JSON.parse(first?.type === 'text' ? first.text : '') as { code: string; message: string };
}

for (const kind of clientKinds) {
  for (const [name, reachOf] of reaches) {
    describe(`consent through ${kind.title} on ${name}`, () => {
      let test: TestHost;

      beforeEach(async () => {
        test = await startTestHost();
      });

      afterEach(() => test.dispose());

      async function change(
        targets: string[],
        elicit?: (message: string) => { action: 'accept' | 'decline' | 'cancel'; content?: Record<string, boolean> },
      ): Promise<CallToolResult> {
        const client = await kind.connect(reachOf(test), elicit ? { elicit } : {});
        try {
          return await client.call('test_change_thing', { targets });
        } finally {
          await client.close();
        }
      }

      it('changes what the person agreed to', async () => {
        const questions: string[] = [];
        const result = await change(['orders'], (message) => {
          questions.push(message);
          return { action: 'accept', content: { approve: true } };
        });
        assert.deepEqual(result.structuredContent, { changed: ['orders'] });
        assert.deepEqual(test.journal.changed, ['orders']);
        const client = kind.title.includes('former') ? 'former 1.0.0' : 'current 2.0.0';
        assert.deepEqual(questions, [
          `Change orders?\nDetail: none\nAsked for by ${client} through test_change_thing.`,
        ]);
      });

      it('asks for each thing, in order', async () => {
        const questions: string[] = [];
        const result = await change(['a', 'b', 'c'], (message) => {
          questions.push(message.split('\n')[0] ?? '');
          return { action: 'accept', content: { approve: true } };
        });
        assert.deepEqual(result.structuredContent, { changed: ['a', 'b', 'c'] });
        assert.deepEqual(questions, ['Change a?', 'Change b?', 'Change c?']);
      });

      it('changes nothing where one of several answers is no', async () => {
        const result = await change(['a', 'b'], (message) => ({
          action: 'accept',
          content: { approve: message.startsWith('Change a?') },
        }));
        assert.equal(reportOf(result).code, 'ConsentRefused');
        assert.deepEqual(test.journal.changed, []);
      });

      for (const [title, answer] of [
        ['declines', { action: 'decline' }],
        ['dismisses the question', { action: 'cancel' }],
        ['leaves the box empty', { action: 'accept', content: { approve: false } }],
      ] as const) {
        it(`changes nothing where the person ${title}`, async () => {
          const { code } = reportOf(await change(['orders'], () => answer));
          assert.equal(code, 'ConsentRefused');
          assert.deepEqual(test.journal.changed, []);
        });
      }

      it('changes nothing where the client cannot ask', async () => {
        const { code, message } = reportOf(await change(['orders']));
        assert.equal(code, 'ConsentRefused');
        assert.match(message, /no way to ask/);
        assert.deepEqual(test.journal.changed, []);
      });

      it('shows characters that hide or reorder text as escapes', async () => {
        const questions: string[] = [];
        test.journal.planDetail = 'safe\u202Eevil\u200B';
        await change(['orders'], (message) => {
          questions.push(message);
          return { action: 'decline' };
        });
        assert.match(questions[0] ?? '', /Detail: safe\\u\{202e\}evil\\u\{200b\}/);
      });
    });
  }
}

describe('consent by input rounds', () => {
  const call = { name: 'test_change_thing', arguments: { targets: ['orders'] } };
  const yes = { consent: { action: 'accept', content: { approve: true } } };
  let test: TestHost;
  let target: Target;

  beforeEach(async () => {
    test = await startTestHost();
    target = loopbackTarget(test);
  });

  afterEach(() => test.dispose());

  /** One round of a client that can ask. */
  function round(params: Record<string, unknown>, from: Target = target, clientName = 'raw-modern'): Promise<Answer> {
    const request = modern('tools/call', params, { elicitation: { form: {} } });
    return send(from, { ...request, body: String(request.body).replace('raw-modern', clientName) });
  }

  async function ask(params: Record<string, unknown> = call): Promise<string> {
    const { result } = messageIn(await round(params)) as {
      result: { resultType: string; requestState: string; inputRequests: Record<string, { method: string }> };
    };
    assert.equal(result.resultType, 'input_required');
    assert.deepEqual(Object.keys(result.inputRequests), ['consent']);
    assert.equal(result.inputRequests['consent']?.method, 'elicitation/create');
    return result.requestState;
  }

  async function assertRejected(answer: Promise<Answer>): Promise<void> {
    const { error } = messageIn(await answer) as { error: { code: number; message: string } };
    assert.deepEqual(
      { code: error.code, message: error.message },
      { code: -32_602, message: 'Invalid or expired requestState' },
    );
    assert.deepEqual(test.journal.changed, []);
  }

  async function assertAsksAgain(answer: Promise<Answer>): Promise<void> {
    const { result } = messageIn(await answer) as { result: { resultType: string } };
    assert.equal(result.resultType, 'input_required');
    assert.deepEqual(test.journal.changed, []);
  }

  it('takes a yes once', async () => {
    const retry = { ...call, inputResponses: yes, requestState: await ask() };
    const { result } = messageIn(await round(retry)) as { result: CallToolResult };
    assert.deepEqual(result.structuredContent, { changed: ['orders'] });
    const { error } = messageIn(await round(retry)) as { error: { code: number } };
    assert.equal(error.code, -32_602);
    assert.deepEqual(test.journal.changed, ['orders']);
  });

  it('takes a yes once however many come at the same time', async () => {
    const retry = { ...call, inputResponses: yes, requestState: await ask() };
    const answers = await Promise.all(Array.from({ length: 10 }, () => round(retry)));
    const taken = answers.filter((answer) => messageIn(answer)['result'] !== undefined);
    assert.equal(taken.length, 1);
    assert.deepEqual(test.journal.changed, ['orders']);
  });

  it('takes no yes after a no', async () => {
    const requestState = await ask();
    const no = { consent: { action: 'decline' } };
    const { result } = messageIn(await round({ ...call, inputResponses: no, requestState })) as {
      result: CallToolResult;
    };
    assert.equal(reportOf(result).code, 'ConsentRefused');
    await assertRejected(round({ ...call, inputResponses: yes, requestState }));
  });

  it('asks where an answer comes without a question', async () => {
    await assertAsksAgain(round({ ...call, inputResponses: yes }));
  });

  for (const [title, responses] of [
    ['nothing', {}],
    ['an answer under another name', { other: yes.consent }],
    ['an answer with its request around it', { consent: { method: 'elicitation/create', result: yes.consent } }],
    ['an answer of another kind', { consent: { roots: [] } }],
    ['an answer with an action that does not exist', { consent: { action: 'approve', content: { approve: true } } }],
  ] as const) {
    it(`does not go ahead on ${title}`, async () => {
      const answer = messageIn(await round({ ...call, inputResponses: responses, requestState: await ask() }));
      const { result } = answer as { result?: { resultType?: string; isError?: boolean } };
      assert.ok(answer['error'] ?? (result?.resultType === 'input_required' || result?.isError === true));
      assert.deepEqual(test.journal.changed, []);
    });
  }

  for (const content of [undefined, {}, { approve: 'true' }, { approve: 1 }, { approve: null }, { Approve: true }]) {
    it(`does not take ${JSON.stringify(content) ?? 'no content'} for a yes`, async () => {
      const inputResponses = { consent: { action: 'accept', ...(content ? { content } : {}) } };
      await round({ ...call, inputResponses, requestState: await ask() });
      assert.deepEqual(test.journal.changed, []);
    });
  }

  it('refuses a state that was changed', async () => {
    const state = await ask();
    const [head = '', body = '', mac = ''] = state.split('.');
    const opened = JSON.parse(Buffer.from(body, 'base64url').toString()) as { p: { nonce: string }; exp: number };
    const sealed = (change: object): string =>
      [head, Buffer.from(JSON.stringify({ ...opened, ...change })).toString('base64url'), mac].join('.');
    const flipped = state.slice(0, -2) + (state.at(-2) === 'A' ? 'B' : 'A') + state.slice(-1);
    for (const requestState of [
      sealed({ exp: opened.exp + 1000 }),
      sealed({ p: { ...opened.p, nonce: 'other' } }),
      flipped,
      [head, body, ''].join('.'),
      'nonsense',
      '',
    ]) {
      await assertRejected(round({ ...call, inputResponses: yes, requestState }));
    }
    // The state itself still holds: none of these was it.
    await round({ ...call, inputResponses: yes, requestState: state });
    assert.deepEqual(test.journal.changed, ['orders']);
  });

  it('refuses a state that is no text', async () => {
    for (const requestState of [42, {}, [], true]) {
      const answer = messageIn(await round({ ...call, inputResponses: yes, requestState }));
      assert.ok(answer['error']);
    }
    assert.deepEqual(test.journal.changed, []);
  });

  it('refuses a state of another call', async () => {
    const requestState = await ask();
    const other = { name: 'test_change_thing', arguments: { targets: ['payments'] } };
    await assertRejected(round({ ...other, inputResponses: yes, requestState }));
  });

  it('refuses a state of another tool', async () => {
    const requestState = await ask();
    await assertRejected(
      round({ name: 'test_echo_text', arguments: call.arguments, inputResponses: yes, requestState }),
    );
  });

  it('refuses a state of another client', async () => {
    const requestState = await ask();
    await assertRejected(round({ ...call, inputResponses: yes, requestState }, target, 'somebody'));
  });

  it('refuses a state of the other listener', async () => {
    const requestState = await ask();
    await assertRejected(round({ ...call, inputResponses: yes, requestState }, socketTarget(test)));
  });

  it('refuses a state of another window', async () => {
    const other = await startTestHost();
    try {
      const requestState = await ask();
      await assertRejected(round({ ...call, inputResponses: yes, requestState }, loopbackTarget(other)));
      assert.deepEqual(other.journal.changed, []);
    } finally {
      await other.dispose();
    }
  });

  it('refuses a state whose time is over', async () => {
    const quick = await startTestHost({ consentTimeoutMs: 0 });
    try {
      const from = loopbackTarget(quick);
      const { result } = messageIn(await round(call, from)) as { result: { requestState: string } };
      // The state holds to the end of its second.
      await new Promise((resolve) => setTimeout(resolve, 1100));
      await assertRejected(round({ ...call, inputResponses: yes, requestState: result.requestState }, from));
      assert.deepEqual(quick.journal.changed, []);
    } finally {
      await quick.dispose();
    }
  });

  it('refuses where the plan changed after the question', async () => {
    const requestState = await ask();
    test.journal.planDetail = 'everything';
    const { result } = messageIn(await round({ ...call, inputResponses: yes, requestState })) as {
      result: CallToolResult;
    };
    const { code, message } = reportOf(result);
    assert.equal(code, 'ConsentRefused');
    assert.match(message, /no longer what the user agreed to/);
    assert.deepEqual(test.journal.changed, []);
  });

  it('takes no argument for a yes', async () => {
    for (const extra of [{ approve: true }, { confirm: true }, { consent: 'yes' }, { inputResponses: yes }]) {
      const params = { name: call.name, arguments: { ...call.arguments, ...extra } };
      const { result } = messageIn(await round(params)) as { result: CallToolResult };
      assert.equal(reportOf(result).code, 'InvalidInput');
    }
    assert.deepEqual(test.journal.changed, []);
  });

  it('gives a client that declares no elicitation no question', async () => {
    for (const capabilities of [{}, { elicitation: { url: {} } }, { sampling: {} }]) {
      const { result } = messageIn(await send(target, modern('tools/call', call, capabilities))) as {
        result: CallToolResult;
      };
      assert.equal(reportOf(result).code, 'ConsentRefused');
    }
  });
});

describe('consent by a request to a legacy client', () => {
  const body = rpc('tools/call', { name: 'test_change_thing', arguments: { targets: ['orders'] } }, 5);
  const asking = { ...initializeParams, capabilities: { elicitation: {} } };
  let test: TestHost;
  let target: Target;

  afterEach(() => test.dispose());

  async function start(consentTimeoutMs?: number): Promise<{ 'mcp-session-id': string }> {
    test = await startTestHost(consentTimeoutMs === undefined ? {} : { consentTimeoutMs });
    target = loopbackTarget(test);
    return beginSession(target, asking);
  }

  /** Waits until the server has asked, and gives the id of its question. */
  async function question(): Promise<number> {
    for (;;) {
      const asked = recordsOf(test).find(({ method, kind }) => method === 'elicitation/create' && kind === 'request');
      if (asked) return Number(asked.id);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  function answer(session: object, id: number): Promise<Answer> {
    const result = { action: 'accept', content: { approve: true } };
    return send(target, { headers: { ...session }, body: JSON.stringify({ jsonrpc: '2.0', id, result }) });
  }

  it('does not take the answer of another session', async () => {
    const session = await start();
    const other = await beginSession(target, asking);
    const call = send(target, { headers: session, body });
    const id = await question();
    await answer(other, id);
    await answer(other, 5);
    assert.deepEqual(test.journal.changed, []);
    await answer(session, id);
    const { result } = messageIn(await call) as { result: CallToolResult };
    assert.deepEqual(result.structuredContent, { changed: ['orders'] });
  });

  it('does not take an answer that came before the question', async () => {
    const session = await start(150);
    for (let id = 0; id < 10; id++) await answer(session, id);
    const { result } = messageIn(await send(target, { headers: session, body })) as { result: CallToolResult };
    assert.equal(reportOf(result).code, 'ConsentRefused');
    assert.deepEqual(test.journal.changed, []);
  });

  it('takes no answer in time for a no', async () => {
    const session = await start(50);
    const { result } = messageIn(await send(target, { headers: session, body })) as { result: CallToolResult };
    const { code, message } = reportOf(result);
    assert.equal(code, 'ConsentRefused');
    assert.match(message, /in time/);
    assert.deepEqual(test.journal.changed, []);
  });

  it('takes an error of the client for nobody having been asked', async () => {
    const session = await start();
    const call = send(target, { headers: session, body });
    const error = { code: -32_601, message: 'no' };
    await send(target, {
      headers: session,
      body: JSON.stringify({ jsonrpc: '2.0', id: await question(), error }),
    });
    const { result } = messageIn(await call) as { result: CallToolResult };
    assert.equal(reportOf(result).code, 'ConsentRefused');
  });

  it('changes nothing where the call is cancelled while the person thinks', async () => {
    const session = await start();
    const call = send(target, { headers: session, body });
    const id = await question();
    const params = { requestId: 5 };
    await send(target, {
      headers: session,
      body: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params }),
    });
    await answer(session, id);
    await call;
    assert.deepEqual(test.journal.changed, []);
  });
});
