import assert from 'node:assert/strict';
import * as z from 'zod';
import type { IdentityService } from '../../../src/aws/identity';
import { WorkbenchError, type ErrorReport } from '../../../src/core/errors';
import type { Logger } from '../../../src/core/logger';
import { silentLogger } from '../../../src/core/logger';
import type { ConsentAnswer, ConsentAsker, ConsentRequest } from '../../../src/tools/consent';
import { ControlFlow, ToolPipeline, type ToolCall } from '../../../src/tools/pipeline';
import { Policy, type PolicySettings } from '../../../src/tools/policy';
import { ToolRegistry } from '../../../src/tools/registry';
import { ResultStore } from '../../../src/tools/resultStore';
import { defineWorkspaceTool, type ToolContext, type WorkspaceTool } from '../../../src/tools/tool';

const never = () => ({ dispose: () => undefined });

const nobody: IdentityService = {
  selection: {},
  state: { kind: 'signedOut', reason: 'Tools of this test act on the workspace.' },
  onDidChange: never,
  select: () => undefined,
  resolve: () => Promise.reject(new Error('asked for credentials')),
  listProfiles: () => Promise.resolve([]),
  invalidate: () => undefined,
};

const plan = { action: 'Change', resource: 'thing', details: [{ label: 'To', value: 'new' }] };

/** A pipeline with one tool, whose run is given. */
function pipelineFor(
  run: (input: Record<string, unknown>, context: ToolContext) => Promise<unknown>,
  options: {
    tool?: Partial<Pick<WorkspaceTool, 'access' | 'timeoutSeconds'>>;
    policy?: Partial<PolicySettings>;
    editorAsker?: ConsentAsker;
    logger?: Logger;
    maxResultBytes?: number;
  } = {},
) {
  const tool = defineWorkspaceTool({
    name: 'cdk_do_thing',
    title: 'Do thing',
    description: 'Does a thing.',
    toolset: 'cdk',
    access: 'read',
    openWorld: false,
    iamActions: [],
    input: z.object({
      count: z.number().int().max(3).default(1).describe('How many.'),
      limit: z.number().default(2).describe('Limit.'),
      cursor: z.string().optional().describe('Cursor.'),
    }),
    output: z.looseObject({}),
    ...options.tool,
    run: run as WorkspaceTool['run'],
  });
  const current = {
    access: 'readWrite',
    toolsets: ['cdk'],
    allowedProfiles: [],
    allowedRegions: [],
    ...options.policy,
  } as const;
  const pipeline = new ToolPipeline({
    registry: new ToolRegistry([tool]),
    policy: new Policy(
      { current, onDidChange: never },
      { access: 'access', toolsets: 'toolsets', allowedProfiles: 'profiles', allowedRegions: 'regions' },
    ),
    identity: nobody,
    workspace: { folders: [], isTrusted: true, onDidChange: never },
    results: new ResultStore(),
    editorAsker: options.editorAsker,
    logger: options.logger ?? silentLogger,
    graceMs: 20,
    ...(options.maxResultBytes === undefined ? {} : { maxResultBytes: options.maxResultBytes }),
  });
  const call = (changes: Partial<ToolCall> = {}) =>
    pipeline.call({
      name: 'cdk_do_thing',
      arguments: {},
      caller: { client: 'test', sessionId: 'session' },
      signal: new AbortController().signal,
      reportProgress: () => undefined,
      onAwsRequest: () => undefined,
      clientAsker: undefined,
      ...changes,
    });
  const errorOf = async (changes: Partial<ToolCall> = {}): Promise<ErrorReport> => {
    const result = await call(changes);
    const [text] = result?.content ?? [];
    assert.equal(result?.isError, true);
    assert.ok(text?.type === 'text');
    return JSON.parse(text.text) as ErrorReport;
  };
  return { pipeline, call, errorOf };
}

function asker(answer: (request: ConsentRequest, signal: AbortSignal) => Promise<ConsentAnswer>) {
  const asked: ConsentRequest[] = [];
  return {
    asked,
    ask: (request: ConsentRequest, signal: AbortSignal): Promise<ConsentAnswer> => {
      asked.push(request);
      return answer(request, signal);
    },
  };
}

describe('ToolPipeline', () => {
  it('runs a tool with valid arguments, defaults filled in, and adds warnings', async () => {
    const { call } = pipelineFor((input, context) => {
      context.warn('half of it was missing');
      return Promise.resolve({ given: input['count'] });
    });
    const result = await call();
    assert.deepEqual(result?.structuredContent, { given: 1, warnings: ['half of it was missing'] });
    assert.equal(result.isError, undefined);
  });

  it('knows no tool of another name, which is a fault of the protocol and not of the call', async () => {
    const { call } = pipelineFor(() => Promise.resolve({}));
    assert.equal(await call({ name: 'cdk_no_thing' }), undefined);
    assert.equal(await call({ name: '__proto__' }), undefined);
  });

  it('runs nothing for arguments that are not valid', async () => {
    let runs = 0;
    const { errorOf } = pipelineFor(() => Promise.resolve({ runs: ++runs }));
    for (const given of [{ count: 9 }, { count: '1' }, { confirm: true }, [], 'text', 7]) {
      const error = await errorOf({ arguments: given });
      assert.equal(error.code, 'InvalidInput');
      assert.ok(error.remedy !== '');
    }
    assert.equal(runs, 0);
  });

  it('refuses by policy before it looks at the arguments, and lists what policy allows', async () => {
    let runs = 0;
    const { pipeline, errorOf } = pipelineFor(() => Promise.resolve({ runs: ++runs }), { policy: { toolsets: [] } });
    assert.equal((await errorOf({ arguments: { count: 'x' } })).code, 'PolicyDenied');
    assert.deepEqual(pipeline.list(), []);
    assert.equal(runs, 0);
    assert.deepEqual(
      pipelineFor(() => Promise.resolve({}))
        .pipeline.list()
        .map(({ name }) => name),
      ['cdk_do_thing'],
    );
  });

  it('reports errors of ours as they are, and logs others as internal', async () => {
    const logged: unknown[] = [];
    const logger = { ...silentLogger, error: (message: unknown) => logged.push(message) };
    const ours = pipelineFor(
      () =>
        Promise.reject(
          new WorkbenchError('NotFound', 'No such thing.', { remedy: 'List things.', awsRequestId: 'r1' }),
        ),
      { logger },
    );
    assert.deepEqual(await ours.errorOf(), {
      code: 'NotFound',
      message: 'No such thing.',
      remedy: 'List things.',
      retryable: false,
      awsRequestId: 'r1',
    });
    assert.equal(logged.length, 0);
    const theirs = pipelineFor(() => Promise.reject(new TypeError('x is undefined')), { logger });
    assert.equal((await theirs.errorOf()).code, 'Internal');
    assert.equal(logged.length, 1);
  });

  it('ends with Cancelled when the client cancels, whatever the tool throws then', async () => {
    const controller = new AbortController();
    const { errorOf } = pipelineFor(async (_input, { signal }) => {
      setTimeout(() => controller.abort(), 1);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      throw new Error('socket hang up');
    });
    assert.equal((await errorOf({ signal: controller.signal })).code, 'Cancelled');
    let runs = 0;
    const second = pipelineFor(() => Promise.resolve({ runs: ++runs }));
    assert.equal((await second.errorOf({ signal: AbortSignal.abort() })).code, 'Cancelled');
    assert.equal(runs, 0);
  });

  it('ends with Timeout when the time is up, and says of a write that it may have happened', async () => {
    const wait = (_input: object, { signal }: ToolContext): Promise<never> =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }),
      );
    const read = await pipelineFor(wait, { tool: { timeoutSeconds: 0.02 } }).errorOf();
    assert.deepEqual([read.code, read.retryable], ['Timeout', true]);
    const write = await pipelineFor(wait, { tool: { timeoutSeconds: 0.02, access: 'write' } }).errorOf();
    assert.deepEqual([write.code, write.retryable], ['Timeout', false]);
    assert.match(write.remedy, /took effect/);
  });

  it('does not wait for ever for a tool that does not listen', async () => {
    const controller = new AbortController();
    const { errorOf } = pipelineFor(() => {
      controller.abort();
      return new Promise(() => undefined);
    });
    assert.equal((await errorOf({ signal: controller.signal })).code, 'Cancelled');
  });

  it('does not advise to repeat a write that failed in an unknown state', async () => {
    const { errorOf } = pipelineFor(() => Promise.reject(Object.assign(new Error('reset'), { code: 'ECONNRESET' })), {
      tool: { access: 'write' },
    });
    const error = await errorOf();
    assert.equal(error.retryable, false);
    assert.match(error.remedy, /took effect/);
  });

  it('lets control flow of askers through', async () => {
    class AskAgain extends ControlFlow {}
    const thrown = new AskAgain();
    const { call } = pipelineFor((_input, context) => context.confirm(plan), {
      editorAsker: asker(() => Promise.reject(thrown)),
    });
    await assert.rejects(call(), (error) => error === thrown);
  });

  it('binds a cursor to the tool, its arguments and who asks', async () => {
    const items = [1, 2, 3, 4, 5];
    const { call, errorOf } = pipelineFor(async (input, context) => {
      const fetch = (): Promise<{ items: number[]; nextToken: undefined }> =>
        Promise.resolve({ items, nextToken: undefined });
      const page = await context.page({
        limit: input['limit'] as number,
        cursor: input['cursor'] as string | undefined,
        fetch,
      });
      return { ...page };
    });
    const first = (await call())?.structuredContent;
    assert.deepEqual(first?.['items'], [1, 2]);
    const cursor = first['nextCursor'];
    const second = (await call({ arguments: { cursor, limit: 3 } }))?.structuredContent;
    assert.deepEqual(second, { items: [3, 4, 5] });
    assert.equal((await errorOf({ arguments: { cursor, count: 2 } })).code, 'InvalidInput');
  });

  it('tells tools how much they may return, and holds the cap', async () => {
    const { call } = pipelineFor(
      (_input, { maxOutputBytes }) => Promise.resolve({ text: 'x'.repeat(maxOutputBytes - 20) }),
      {
        maxResultBytes: 4096,
      },
    );
    const result = await call();
    assert.equal(result?.structuredContent?.['truncated'], undefined);
    const tooMuch = await pipelineFor(() => Promise.resolve({ text: 'x'.repeat(9000) }), {
      maxResultBytes: 4096,
    }).call();
    assert.equal(tooMuch?.structuredContent?.['truncated'], true);
  });

  describe('confirm', () => {
    const change = async (_input: object, context: ToolContext): Promise<object> => {
      await context.confirm(plan);
      return { changed: true };
    };

    it('resolves on a yes only', async () => {
      const yes = asker(() => Promise.resolve({ kind: 'allowed', by: 'editor' }));
      const { call } = pipelineFor(change, { tool: { access: 'write' }, editorAsker: yes });
      assert.deepEqual((await call())?.structuredContent, { changed: true });
      assert.deepEqual(yes.asked[0]?.plan, plan);
    });

    for (const reason of ['declined', 'dismissed', 'planChanged', 'timedOut', 'nobodyToAsk'] as const) {
      it(`throws ConsentRefused where the answer is ${reason}`, async () => {
        const no = asker(() => Promise.resolve({ kind: 'refused', reason }));
        const { errorOf } = pipelineFor(change, { tool: { access: 'write' }, editorAsker: no });
        const error = await errorOf();
        assert.deepEqual([error.code, error.retryable], ['ConsentRefused', false]);
        assert.match(error.message, /Nothing was changed|nobody|no way/i);
      });
    }

    it('throws ConsentRefused where nobody can be asked', async () => {
      const { errorOf } = pipelineFor(change, { tool: { access: 'write' } });
      assert.equal((await errorOf()).code, 'ConsentRefused');
    });

    it('is no consent where the asker fails or the call is cancelled meanwhile', async () => {
      const failing = asker(() => Promise.reject(new Error('the window is gone')));
      const failed = pipelineFor(change, { tool: { access: 'write' }, editorAsker: failing });
      assert.equal((await failed.errorOf()).code, 'Internal');
      const controller = new AbortController();
      const late = asker(() => {
        controller.abort();
        return Promise.resolve({ kind: 'allowed', by: 'editor' });
      });
      const cancelled = pipelineFor(change, { tool: { access: 'write' }, editorAsker: late });
      assert.equal((await cancelled.errorOf({ signal: controller.signal })).code, 'Cancelled');
    });

    it('takes no time from the tool while a person thinks', async () => {
      const slow = asker(async () => {
        await new Promise((resolve) => setTimeout(resolve, 120));
        return { kind: 'allowed', by: 'editor' };
      });
      const { call } = pipelineFor(change, { tool: { access: 'write', timeoutSeconds: 0.05 }, editorAsker: slow });
      assert.deepEqual((await call())?.structuredContent, { changed: true });
    });
  });
});
