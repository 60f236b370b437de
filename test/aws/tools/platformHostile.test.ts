import assert from 'node:assert/strict';
import type { CallToolResult, ElicitResult } from '@modelcontextprotocol/client';
import { clientKinds } from '../../unit/mcp/clients';
import {
  beginSession,
  initializeParams,
  messageIn,
  modern,
  rpc,
  send,
  type Answer,
} from '../../unit/mcp/testWorkbench';
import { startPlatformHost, type PlatformHost } from './platformHost';
import { seededAws, type SeededAws } from './toolCalls';

// A model that was talked into doing harm has a client's means: whatever it can write into a call, whatever a client
// without scruples sends around it. Each of these tries to have a function run, to read what is denied or to act as
// somebody else without a person's yes. The function keeps a ledger, so "nothing happened" is looked up, not believed.

/** What became of one request. */
interface Outcome {
  /** Code of the error result or the protocol error; `input_required` for a question; `ok`. */
  code: string;
  text: string;
}

type Era = 'legacy' | 'modern';

const asking = { elicitation: { form: {} } };
const approval = { consent: { action: 'accept', content: { approve: true } } };

describe('A hostile model', () => {
  let seeded: SeededAws;
  let host: PlatformHost;
  let refund: string;
  let invocations: number;

  before(async () => {
    seeded = await seededAws();
    host = await startPlatformHost(seeded.aws.env);
    refund = seeded.seed.functions.refund;
  });

  after(() => host.dispose());

  beforeEach(async () => {
    host.setPolicy({});
    host.grants.revokeAll();
    await host.recorded();
    invocations = seeded.ledger().length;
  });

  /** Every test ends with this: nothing ran, and each of these calls stands in the log with how it was refused. */
  async function assertNothingHappened(outcomes: readonly Outcome[], codes: readonly string[]): Promise<void> {
    for (const { code, text } of outcomes) assert.ok(codes.includes(code), `${code}: ${text}`);
    assert.equal(seeded.ledger().length, invocations, 'the function ran');
    const recorded = await host.recorded();
    assert.ok(recorded.length >= outcomes.length, `${recorded.length} of ${outcomes.length} calls were recorded`);
    for (const { state, ...call } of recorded) {
      assert.ok(
        state === 'error' || state === 'refused' || state === 'inputRequired',
        JSON.stringify({ state, ...call }),
      );
    }
  }

  async function request(
    era: Era,
    method: string,
    params: Record<string, unknown>,
    capabilities = {},
  ): Promise<Outcome> {
    if (era === 'modern') return outcomeOf(await send(host.target, modern(method, params, capabilities)));
    const session = await beginSession(host.target, { ...initializeParams, capabilities });
    return outcomeOf(await send(host.target, { headers: session, body: rpc(method, params, 7) }));
  }

  const call = (era: Era, name: string, input: object, more: object = {}, capabilities = {}): Promise<Outcome> =>
    request(era, 'tools/call', { name, arguments: input, ...more }, capabilities);

  const invoke = (era: Era, input: object = {}, more: object = {}, capabilities = {}): Promise<Outcome> =>
    call(era, 'lambda_invoke_function', { functionName: refund, ...input }, more, capabilities);

  /** Runs requests one after another, so that the log has them in order. */
  async function all(attempts: readonly (() => Promise<Outcome>)[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const attempt of attempts) outcomes.push(await attempt());
    return outcomes;
  }

  for (const era of ['legacy', 'modern'] as const) {
    describe(`of the ${era} era`, () => {
      it('approves of itself in arguments', async () => {
        const outcomes = await all(
          [
            { confirm: true },
            { approve: true },
            { consent: 'yes' },
            { approved: true, approvedBy: 'the user' },
            { force: true, skipConfirmation: true },
            { inputResponses: approval },
            { requestState: 'AAAA' },
            { plan: { hash: 'a'.repeat(64) } },
            { offersGrant: true, grant: 'session' },
            { access: 'read' },
          ].map((extra) => () => invoke(era, extra, {}, asking)),
        );
        await assertNothingHappened(outcomes, ['InvalidInput']);
      });

      it('approves of itself around the arguments', async () => {
        const metas = [{ consent: true }, { 'mcp-workbench/approved': true }, { progressToken: 'approve' }];
        const outcomes = await all(
          metas.map((_meta) => () => (era === 'legacy' ? invoke(era, {}, { _meta }) : invoke(era))),
        );
        const others = await all([
          () => invoke(era, {}, { approve: true }),
          () => invoke(era, {}, { consent: approval.consent }),
          () => invoke(era, { invocationType: 'Event' }),
          () => invoke(era, { invocationType: 'DryRun' }),
        ]);
        await assertNothingHappened([...outcomes, ...others], ['ConsentRefused']);
      });

      it('says in the payload that the user has agreed', async () => {
        const payload = { note: 'The user has agreed to this and to everything else.', approve: true };
        await assertNothingHappened([await invoke(era, { payload })], ['ConsentRefused']);
      });

      it('has no way to ask anybody, or claims one that cannot show a question', async () => {
        const outcomes = await all(
          [
            {},
            { elicitation: { url: {} } },
            { sampling: {} },
            { roots: {} },
            { experimental: { elicitation: {} } },
          ].map((capabilities) => () => invoke(era, {}, {}, capabilities)),
        );
        await assertNothingHappened(outcomes, ['ConsentRefused']);
      });

      it('calls a tool that is not listed', async () => {
        host.setPolicy({ access: 'readOnly' });
        const readOnly = await all([() => invoke(era, {}, {}, asking), () => invoke(era, { confirm: true })]);
        host.setPolicy({ tools: { lambda_invoke_function: 'deny' } });
        const denied = await all([() => invoke(era, {}, {}, asking)]);
        host.setPolicy({ toolsets: ['s3'] });
        const off = await all([() => invoke(era, {}, {}, asking)]);
        await assertNothingHappened([...readOnly, ...denied, ...off], ['PolicyDenied']);
      });

      it('calls a tool by a name that is nearly one', async () => {
        const names = [
          'LAMBDA_INVOKE_FUNCTION',
          'lambda_invoke_function ',
          'lambda_invoke_function\u200b',
          'mcp_aws_lambda_invoke_function',
          '__proto__',
          'constructor',
          '../lambda_invoke_function',
        ];
        // HTTP headers of the modern era carry the name, and cannot carry all of these.
        const sent = era === 'legacy' ? names : names.filter((name) => /^[\x21-\x7e]+$/.test(name));
        const outcomes = await all(sent.map((name) => () => call(era, name, { functionName: refund }, {}, asking)));
        await assertNothingHappened(outcomes, ['-32602']);
      });

      it('acts as another profile or in another region', async () => {
        const outcomes = await all([
          () => invoke(era, { profile: 'prod' }, {}, asking),
          () => invoke(era, { profile: 'default' }, {}, asking),
          () => invoke(era, { region: 'eu-west-1' }, {}, asking),
          () => call(era, 's3_list_buckets', { profile: 'prod' }),
          () => call(era, 'aws_get_caller_identity', { region: 'us-west-2' }),
        ]);
        await assertNothingHappened(outcomes, ['PolicyDenied']);
        const malformed = await all(
          [
            { region: 'US-EAST-1' },
            { region: '' },
            { region: 'us-east-1 ' },
            { region: ['us-east-1'] },
            { profile: '' },
          ].map((extra) => () => invoke(era, extra, {}, asking)),
        );
        await assertNothingHappened(malformed, ['InvalidInput', 'PolicyDenied']);
      });

      it('names a denied function in every way that the API takes', async () => {
        host.setPolicy({ resources: [{ allow: [], deny: [`arn:aws:lambda:*:*:function:${refund}`] }] });
        const arn = `arn:aws:lambda:us-east-1:000000000000:function:${refund}`;
        const outcomes = await all(
          [
            { functionName: refund },
            { functionName: refund.toUpperCase() },
            { functionName: arn },
            { functionName: `${arn}:$LATEST` },
            { functionName: `000000000000:function:${refund}` },
            { functionName: `${refund}:$LATEST` },
            { functionName: refund, qualifier: '$LATEST' },
            { functionName: arn.replace('arn:aws:', 'arn:aws-cn:') },
            { functionName: arn.replace('000000000000', '999999999999') },
          ].flatMap((input) => [
            () => call(era, 'lambda_invoke_function', input, {}, asking),
            () => call(era, 'lambda_get_function', input),
          ]),
        );
        await assertNothingHappened(outcomes, ['PolicyDenied']);
      });

      it('names a function that is not among those that are allowed', async () => {
        host.setPolicy({
          resources: [{ allow: ['arn:aws:lambda:us-east-1:000000000000:function:allowed'], deny: [] }],
        });
        const names = [
          refund,
          `allowed-${refund}`,
          `arn:aws:lambda:us-east-1:999999999999:function:allowed`,
          'Allowed',
        ];
        const outcomes = await all(names.map((functionName) => () => invoke(era, { functionName }, {}, asking)));
        await assertNothingHappened(outcomes, ['PolicyDenied']);
      });

      it('names a function by what is no name, or of another region', async () => {
        const names = [
          `arn:aws:lambda:eu-west-1:000000000000:function:${refund}`,
          `../${refund}`,
          `${refund}/../${refund}`,
          `${refund}%3A$LATEST`,
          `${refund}\u200b`,
          `arn:aws:lambda:us-east-1::function:${refund}`,
          ` ${refund}`,
        ];
        const outcomes = await all(names.map((functionName) => () => invoke(era, { functionName }, {}, asking)));
        await assertNothingHappened(outcomes, ['InvalidInput']);
      });

      it('changes something in an account that is labelled production', async () => {
        host.setPolicy({ productionAccounts: ['000000000000', '999999999999'], productionWrites: ['999999999999'] });
        const outcomes = await all([
          () => invoke(era, {}, {}, asking),
          () => invoke(era, { functionName: `arn:aws:lambda:us-east-1:000000000000:function:${refund}` }, {}, asking),
        ]);
        await assertNothingHappened(outcomes, ['PolicyDenied']);
      });

      it('reaches a denied key by paths, escapes and aliases', async () => {
        const bucket = seeded.seed.buckets.receipts;
        host.setPolicy({ resources: [{ allow: [], deny: [`arn:aws:s3:::${bucket}/notes/*`] }] });
        const keys = [
          'notes/secrets.env',
          'images/../notes/secrets.env',
          './notes/secrets.env',
          'images/%2e%2e/notes/secrets.env',
          'notes%2Fsecrets.env',
          'NOTES/secrets.env',
          'images\\..\\notes\\secrets.env',
          'images/..//notes/secrets.env',
          '\\u{6e}otes/../notes/secrets.env',
        ];
        const outcomes = await all([
          ...keys.map((key) => () => call(era, 's3_get_object', { bucket, key })),
          () => call(era, 's3_get_object', { bucket: bucket.toUpperCase(), key: 'notes/secrets.env' }),
          () => call(era, 's3_list_objects', { bucket }),
          () => call(era, 's3_list_objects', { bucket, prefix: 'no' }),
          () =>
            call(era, 's3_get_object', {
              bucket: 'arn:aws:s3:us-east-1:000000000000:accesspoint/front-door',
              key: 'notes/secrets.env',
            }),
          () => call(era, 's3_get_object', { bucket: 'front-door-abc123-s3alias', key: 'notes/secrets.env' }),
        ]);
        await assertNothingHappened(outcomes, ['PolicyDenied']);
      });

      it('reads as a resource what the tools may not read', async () => {
        const bucket = seeded.seed.buckets.receipts;
        host.setPolicy({ resources: [{ allow: ['arn:aws:s3:::other'], deny: [] }] });
        const outcomes = await all(
          [
            `s3://${bucket}/notes/secrets.env`,
            `lambda://${refund}/configuration`,
            `cloudformation://${seeded.seed.stacks.complete}/template`,
          ].map((uri) => () => request(era, 'resources/read', { uri })),
        );
        for (const { code, text } of outcomes) assert.ok(code !== 'ok', text);
        const recorded = await host.recorded();
        assert.equal(recorded.length, 3);
        assert.ok(recorded.every(({ errorCode }) => errorCode === 'PolicyDenied'));
      });

      it('leaves the workspace by the path of a CDK app', async () => {
        const apps = ['..', '../../etc', '/etc', 'a/../../b', '..\\..', 'x/../..', '\u0000', '~', 'file:///etc'];
        const outcomes = await all(apps.map((app) => () => call(era, 'cdk_list_stacks', { app })));
        await assertNothingHappened(outcomes, ['InvalidInput', 'NotFound']);
      });
    });
  }

  describe('with input rounds', () => {
    const capabilities = asking;
    const params = () => ({ name: 'lambda_invoke_function', arguments: { functionName: refund } });

    const round = async (given: object, clientName = 'raw-modern'): Promise<Outcome & { requestState?: string }> => {
      const sent = modern('tools/call', { ...params(), ...given }, capabilities);
      const answer = await send(host.target, { ...sent, body: String(sent.body).replace('raw-modern', clientName) });
      const { result } = messageIn(answer) as { result?: { requestState?: string } };
      return { ...outcomeOf(answer), ...(result?.requestState ? { requestState: result.requestState } : {}) };
    };

    async function ask(): Promise<string> {
      const { code, requestState = '' } = await round({});
      assert.equal(code, 'input_required');
      return requestState;
    }

    it('answers without having been asked, or by halves', async () => {
      const outcomes = [await round({ inputResponses: approval })];
      for (const consent of [
        { action: 'accept' },
        { action: 'accept', content: {} },
        { action: 'accept', content: { approve: 'true' } },
        { action: 'accept', content: { approve: 1 } },
        { action: 'accept', content: { forSession: true } },
        { action: 'approve', content: { approve: true } },
        { result: approval.consent },
      ]) {
        outcomes.push(await round({ inputResponses: { consent }, requestState: await ask() }));
      }
      await assertNothingHappened(outcomes, ['ConsentRefused', 'input_required', '-32602', 'InvalidInput']);
    });

    it('forges a state', async () => {
      const [head = '', body = ''] = (await ask()).split('.');
      const outcomes = [];
      for (const requestState of ['x', 'a.b.c', `${head}.${body}.`, `${head}.${body}.AAAA`]) {
        outcomes.push(await round({ inputResponses: approval, requestState }));
      }
      await assertNothingHappened(outcomes, ['-32602']);
    });

    it('uses the yes of another client, of other arguments, or of another tool', async () => {
      const outcomes = [
        await round({ inputResponses: approval, requestState: await ask() }, 'somebody-else'),
        await round({
          arguments: { functionName: refund, payload: { amount: 1_000_000 } },
          inputResponses: approval,
          requestState: await ask(),
        }),
        await round({
          name: 's3_list_buckets',
          arguments: {},
          inputResponses: approval,
          requestState: await ask(),
        }),
      ];
      await assertNothingHappened(outcomes, ['-32602']);
    });

    it('uses a yes after the policy has changed', async () => {
      const requestState = await ask();
      host.setPolicy({ access: 'readOnly' });
      const outcome = await round({ inputResponses: approval, requestState });
      await assertNothingHappened([outcome], ['PolicyDenied']);
    });

    it('uses a no, and then a yes to the same question', async () => {
      const requestState = await ask();
      const outcomes = [
        await round({ inputResponses: { consent: { action: 'decline' } }, requestState }),
        await round({ inputResponses: approval, requestState }),
      ];
      await assertNothingHappened(outcomes, ['ConsentRefused', '-32602']);
    });

    it('uses a yes twice: it runs once', async () => {
      const requestState = await ask();
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => round({ inputResponses: approval, requestState })),
      );
      assert.deepEqual(answers.map(({ code }) => code).sort(), ['-32602', '-32602', '-32602', '-32602', 'ok']);
      assert.equal(seeded.ledger().length, invocations + 1);
      const states = (await host.recorded()).map(({ state }) => state).sort();
      assert.deepEqual(states, ['inputRequired', 'ok', 'refused', 'refused', 'refused', 'refused']);
    });

    it('asks for a yes that lasts: a client without a session of its own gets none', async () => {
      const consent = { action: 'accept', content: { approve: true, forSession: true } };
      assert.equal((await round({ inputResponses: { consent }, requestState: await ask() })).code, 'ok');
      assert.deepEqual(host.grants.list, []);
      assert.equal((await round({})).code, 'input_required');
    });
  });

  describe('with questions to its client', () => {
    const legacy = clientKinds.filter(({ era }) => era === 'legacy');

    for (const kind of legacy) {
      const run = async (elicit: (message: string) => ElicitResult | Promise<ElicitResult>): Promise<Outcome> => {
        const client = await kind.connect({ target: host.target }, { elicit });
        try {
          return outcomeOfResult(await client.call('lambda_invoke_function', { functionName: refund }));
        } finally {
          await client.close();
        }
      };

      it(`accepts every form unread, or says no (${kind.title})`, async () => {
        const outcomes = [
          await run(() => ({ action: 'accept' })),
          await run(() => ({ action: 'accept', content: {} })),
          await run(() => ({ action: 'accept', content: { approve: 'yes' } })),
          await run(() => ({ action: 'accept', content: { approve: false, forSession: true } })),
          await run(() => ({ action: 'decline' })),
          await run(() => ({ action: 'cancel' })),
          await run(() => Promise.reject(new Error('no'))),
        ];
        await assertNothingHappened(outcomes, ['ConsentRefused']);
      });

      it(`goes on the yes that another session was given (${kind.title})`, async () => {
        const asked: string[] = [];
        const generous = await kind.connect(
          { target: host.target },
          {
            elicit: (message) => {
              asked.push(message);
              return { action: 'accept', content: { approve: true, forSession: true } };
            },
          },
        );
        for (let round = 0; round < 2; round++) {
          const result = await generous.call('lambda_invoke_function', { functionName: refund });
          assert.equal(outcomeOfResult(result).code, 'ok');
        }
        assert.equal(asked.length, 1, 'the session itself is not asked again');
        assert.equal(host.grants.list.length, 1);
        await host.recorded();
        invocations = seeded.ledger().length;
        const outcomes = [await run(() => ({ action: 'decline' })), await invoke('legacy'), await invoke('modern')];
        await assertNothingHappened(outcomes, ['ConsentRefused']);
        // Nor on it for anything else, nor once it was taken back.
        const elsewhere = await generous.call('lambda_invoke_function', { functionName: refund, qualifier: '$LATEST' });
        assert.equal(outcomeOfResult(elsewhere).code, 'ok');
        assert.equal(asked.length, 2);
        host.grants.revokeAll();
        await generous.call('lambda_invoke_function', { functionName: refund });
        assert.equal(asked.length, 3);
        await generous.close();
      });
    }

    it('answers questions of another session, and before they are asked', async () => {
      const session = await beginSession(host.target, { ...initializeParams, capabilities: asking });
      const other = await beginSession(host.target, { ...initializeParams, capabilities: asking });
      const answerAll = async (from: object): Promise<void> => {
        for (let id = 0; id < 20; id++) {
          const body = JSON.stringify({ jsonrpc: '2.0', id, result: approval.consent });
          await send(host.target, { headers: { ...from }, body });
        }
      };
      await answerAll(session);
      const params = { name: 'lambda_invoke_function', arguments: { functionName: refund } };
      const before = questions(host);
      const calling = send(host.target, { headers: session, body: rpc('tools/call', params, 7) });
      while (questions(host) === before) await new Promise((resolve) => setTimeout(resolve, 5));
      await answerAll(other);
      await assertNothingHappened([outcomeOf(await calling)], ['ConsentRefused']);
    });
  });
});

/** How many questions were put to clients so far. */
function questions({ recorder }: PlatformHost): number {
  let count = 0;
  recorder.forEach(({ method, kind }) => {
    if (method === 'elicitation/create' && kind === 'request') count++;
  });
  return count;
}

function outcomeOf(answer: Answer): Outcome {
  const { error, result } = messageIn(answer) as {
    error?: { code: number; message: string };
    result?: CallToolResult & { resultType?: string };
  };
  if (error) return { code: String(error.code), text: error.message };
  if (result?.resultType === 'input_required') return { code: 'input_required', text: '' };
  return outcomeOfResult(result ?? { content: [] });
}

function outcomeOfResult(result: Pick<CallToolResult, 'content' | 'isError'>): Outcome {
  const [first] = result.content ?? [];
  const text = first?.type === 'text' ? first.text : '';
  return { code: result.isError ? (JSON.parse(text) as { code: string }).code : 'ok', text };
}
