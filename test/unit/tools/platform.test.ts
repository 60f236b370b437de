import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as z from 'zod';
import type { AwsSession, CallerIdentity, IdentityService } from '../../../src/aws/identity';
import { WorkbenchError, type ErrorReport } from '../../../src/core/errors';
import { silentLogger } from '../../../src/core/logger';
import { AuditLog } from '../../../src/tools/audit/auditLog';
import { readAuditCalls, verifyAudit, type AuditCall } from '../../../src/tools/audit/auditReader';
import { ReadCache } from '../../../src/tools/cache/readCache';
import { CallSlots } from '../../../src/tools/callSlots';
import type { ConsentAnswer, ConsentAsker, ConsentRequest } from '../../../src/tools/consent';
import { ConsentGrants } from '../../../src/tools/consentGrants';
import { ToolPipeline, type ToolCall, type ToolPipelineOptions } from '../../../src/tools/pipeline';
import { Policy, type PolicySettings } from '../../../src/tools/policy';
import { ToolRegistry } from '../../../src/tools/registry';
import { ResultStore } from '../../../src/tools/resultStore';
import { defineAwsTool, type AwsTool, type AwsToolContext } from '../../../src/tools/tool';
import { makeTemporaryFolder, removeFolder } from '../../../scripts/toolbox/cache';

const never = () => ({ dispose: () => undefined });
const dev: CallerIdentity = { account: '123456789012', role: 'Dev', region: 'eu-west-1', profile: 'dev' };

function sessionOf(identity: CallerIdentity): AwsSession {
  return {
    identity,
    arn: `arn:aws:sts::${identity.account}:assumed-role/Dev/me`,
    credentials: () => Promise.reject(new Error('no tool of these tests asks AWS')),
    client: () => Promise.reject(new Error('no tool of these tests asks AWS')),
  };
}

type Run = (input: Record<string, unknown>, context: AwsToolContext) => Promise<object>;

function thing(changes: Partial<Omit<AwsTool, 'run' | 'scope' | 'resources'>> & { run: Run; resources?: unknown }) {
  const tool = {
    name: 's3_get_thing',
    title: 'Get thing',
    description: 'Reads a thing.',
    toolset: 's3',
    access: 'read',
    openWorld: false,
    iamActions: ['s3:GetThing'],
    input: z.object({
      name: z.string().default('thing'),
      limit: z.number().default(50),
      cursor: z.string().optional(),
    }),
    output: z.looseObject({}),
    resources: (input: unknown) => [`arn:aws:s3:::things/${String((input as { name?: unknown }).name)}`],
    ...changes,
  };
  return defineAwsTool(tool as unknown as Parameters<typeof defineAwsTool>[0]);
}

const plan = (name = 'thing') => ({
  action: 'Change thing',
  resource: name,
  resourceArn: `arn:aws:s3:::things/${name}`,
  details: [{ label: 'To', value: 'new' }],
});

const change = thing({
  name: 's3_change_thing',
  title: 'Change thing',
  access: 'write',
  run: async ({ name }, context) => {
    await context.confirm(plan(String(name)));
    return { changed: name };
  },
});

function answering(...answers: ConsentAnswer[]): ConsentAsker & { asked: ConsentRequest[] } {
  const asked: ConsentRequest[] = [];
  return {
    asked,
    ask(request) {
      asked.push(request);
      return Promise.resolve(answers[Math.min(asked.length, answers.length) - 1] as ConsentAnswer);
    },
  };
}

const yes: ConsentAnswer = { kind: 'allowed', by: 'editor' };
const yesForSession: ConsentAnswer = { kind: 'allowed', by: 'editor', grant: 'session' };

describe('the tool platform', () => {
  let parent: string;
  let folder: string;
  let audit: AuditLog;
  let identity: CallerIdentity;
  let settings: PolicySettings;

  beforeEach(() => {
    parent = makeTemporaryFolder();
    folder = path.join(parent, 'audit');
    audit = new AuditLog({ folder, version: '0', logger: silentLogger });
    identity = dev;
    settings = { access: 'readWrite', toolsets: ['s3'], allowedProfiles: ['prod'], allowedRegions: [] };
  });

  afterEach(async () => {
    await audit.close();
    await removeFolder(parent);
  });

  function open(tools: ReturnType<typeof thing>[], options: Partial<ToolPipelineOptions> = {}) {
    const service: IdentityService = {
      selection: {},
      state: { kind: 'active', identity: dev },
      onDidChange: never,
      select: () => undefined,
      resolve: () => Promise.resolve(sessionOf(identity)),
      listProfiles: () => Promise.resolve([]),
      invalidate: () => undefined,
    };
    const source = {
      get current() {
        return settings;
      },
      onDidChange: never,
    };
    const names = { access: 'access', toolsets: 'toolsets', allowedProfiles: 'profiles', allowedRegions: 'regions' };
    const pipeline = new ToolPipeline({
      registry: new ToolRegistry(tools),
      policy: new Policy(source, names),
      identity: service,
      workspace: { folders: [], isTrusted: true, onDidChange: never },
      results: new ResultStore(),
      editorAsker: undefined,
      logger: silentLogger,
      audit,
      graceMs: 20,
      ...options,
    });
    const call = async (name: string, input: object = {}, changes: Partial<ToolCall> = {}) => {
      const result = await pipeline.call({
        name,
        arguments: input,
        caller: { client: 'test 1.0', sessionId: 'c1', isSessionBound: true },
        signal: new AbortController().signal,
        reportProgress: () => undefined,
        onAwsRequest: () => undefined,
        clientAsker: undefined,
        ...changes,
      });
      const [text] = result?.content ?? [];
      assert.ok(text?.type === 'text');
      const answer: Record<string, unknown> = {
        ...(JSON.parse(text.text) as object),
        isError: result?.isError === true,
      };
      return answer;
    };
    const errorOf = async (...given: Parameters<typeof call>): Promise<ErrorReport> => {
      const { isError, ...report } = await call(...given);
      assert.equal(isError, true);
      return report as unknown as ErrorReport;
    };
    return { pipeline, call, errorOf };
  }

  /** What was recorded, oldest first. */
  async function recorded(): Promise<AuditCall[]> {
    await audit.flush();
    const verification = await verifyAudit(folder);
    assert.deepEqual([verification.isIntact, verification.problems], [true, []]);
    return (await readAuditCalls(folder, {}, { limit: 10_000 })).calls.toReversed();
  }

  describe('policy', () => {
    const read = thing({ run: ({ name }) => Promise.resolve({ name }) });

    it('refuses resources that are denied or not allowed, and names setting and value', async () => {
      const { call, errorOf } = open([read]);
      settings = { ...settings, resources: [{ allow: ['arn:aws:s3:::things/a*'], deny: ['arn:aws:s3:::things/ab'] }] };
      assert.equal((await call('s3_get_thing', { name: 'a' }))['name'], 'a');
      const notAllowed = await errorOf('s3_get_thing', { name: 'b' });
      assert.equal(notAllowed.code, 'PolicyDenied');
      assert.match(notAllowed.remedy, /Add "arn:aws:s3:::things\/b" to .*allowResources/);
      const denied = await errorOf('s3_get_thing', { name: 'ab' });
      assert.match(denied.remedy, /Remove "arn:aws:s3:::things\/ab" from .*denyResources/);
    });

    it('holds all that have a say to their own patterns', async () => {
      const { call, errorOf } = open([read]);
      settings = {
        ...settings,
        resources: [
          { allow: ['arn:aws:s3:::things/*'], deny: [] },
          { allow: ['arn:aws:s3:::things/a'], deny: [] },
        ],
      };
      assert.equal((await call('s3_get_thing', { name: 'a' })).isError, false);
      assert.equal((await errorOf('s3_get_thing', { name: 'b' })).code, 'PolicyDenied');
    });

    it('refuses a tool that does not say what it touches once there are patterns', async () => {
      const { errorOf, call } = open([thing({ resources: undefined, run: () => Promise.resolve({}) })]);
      assert.equal((await call('s3_get_thing')).isError, false);
      settings = { ...settings, resources: [{ allow: [], deny: ['arn:aws:lambda:*:*:function:x'] }] };
      assert.equal((await errorOf('s3_get_thing')).code, 'PolicyDenied');
    });

    it('refuses a plan that names another resource than the tool said it touches', async () => {
      const sly = thing({
        name: 's3_change_thing',
        access: 'write',
        run: async (_input, context) => {
          await context.confirm(plan('secret'));
          return {};
        },
      });
      const asker = answering(yes);
      const { errorOf } = open([sly], { editorAsker: asker });
      settings = { ...settings, resources: [{ allow: [], deny: ['arn:aws:s3:::things/secret'] }] };
      assert.equal((await errorOf('s3_change_thing')).code, 'PolicyDenied');
      assert.equal(asker.asked.length, 0);
    });

    it('keeps accounts labelled production read-only unless they are named', async () => {
      const asker = answering(yes);
      const { call, errorOf } = open([read, change], { editorAsker: asker });
      identity = { ...dev, production: true };
      const refused = await errorOf('s3_change_thing');
      assert.equal(refused.code, 'PolicyDenied');
      assert.match(refused.message, /123456789012 is labelled production/);
      assert.match(refused.remedy, /Add "123456789012" to .*productionWrites/);
      assert.equal((await call('s3_get_thing')).isError, false);
      settings = { ...settings, productionWrites: ['123456789012'] };
      assert.equal((await call('s3_change_thing')).isError, false);
      identity = dev;
      settings = { ...settings, productionAccounts: ['123456789012'], productionWrites: ['999999999999'] };
      assert.equal((await errorOf('s3_change_thing')).code, 'PolicyDenied');
      assert.equal(asker.asked.length, 1);
    });

    it('knows a production account by the ARN of what is touched, whoever acts', async () => {
      const far = thing({
        name: 's3_change_thing',
        access: 'write',
        resources: () => ['arn:aws:lambda:eu-west-1:999999999999:function:x'],
        run: () => Promise.resolve({}),
      });
      const { errorOf } = open([far]);
      settings = { ...settings, productionAccounts: ['999999999999'] };
      assert.match((await errorOf('s3_change_thing')).message, /999999999999/);
    });

    it('has single tools allowed, denied and asked about', async () => {
      const asker = answering({ kind: 'refused', reason: 'declined' }, yes);
      const { pipeline, call, errorOf } = open([read, change], { editorAsker: asker });
      settings = { ...settings, access: 'readOnly', tools: { s3_get_thing: 'deny', s3_change_thing: 'allow' } };
      assert.deepEqual(
        pipeline.list().map(({ name }) => name),
        ['s3_change_thing'],
      );
      assert.match((await errorOf('s3_get_thing')).remedy, /"s3_get_thing": "deny"/);
      assert.equal((await errorOf('s3_change_thing')).code, 'ConsentRefused', 'allowed is not agreed to');
      settings = { ...settings, tools: { s3_get_thing: 'ask' } };
      assert.equal((await errorOf('s3_change_thing')).code, 'PolicyDenied');
      assert.equal((await call('s3_get_thing', { name: 'a' })).isError, false);
      assert.deepEqual(asker.asked.at(-1)?.plan, {
        action: 'Get thing',
        resource: 'arn:aws:s3:::things/a',
        details: [{ label: 'Arguments', value: '{"name":"a","limit":50}' }],
      });
    });
  });

  describe('consent', () => {
    it('for a session lets the same be done again without asking, and nothing else', async () => {
      const asker = answering(yesForSession, yes);
      const grants = new ConsentGrants();
      const { call } = open([change], { editorAsker: asker, grants });
      await call('s3_change_thing', { name: 'a' });
      await call('s3_change_thing', { name: 'a' });
      assert.equal(asker.asked.length, 1);
      assert.equal(asker.asked[0]?.offersGrant, true);
      await call('s3_change_thing', { name: 'b' });
      await call(
        's3_change_thing',
        { name: 'a' },
        { caller: { client: 'test 1.0', sessionId: 'c2', isSessionBound: true } },
      );
      await call(
        's3_change_thing',
        { name: 'a' },
        { caller: { client: 'other', sessionId: 'c1', isSessionBound: true } },
      );
      identity = { ...dev, account: '999999999999' };
      await call('s3_change_thing', { name: 'a' });
      assert.equal(asker.asked.length, 5);
      identity = dev;
      grants.revokeAll();
      await call('s3_change_thing', { name: 'a' });
      assert.equal(asker.asked.length, 6);
      assert.deepEqual(
        (await recorded()).map(({ consents }) => consents?.map(({ answer }) => answer)),
        [['session'], ['grant'], ['once'], ['once'], ['once'], ['once'], ['once']],
      );
    });

    it('for a session is not offered to who has not proved a session, to tools that must ask, or for what cannot be undone', async () => {
      const destroy = thing({
        name: 's3_destroy_thing',
        access: 'destructive',
        run: async (_input, context) => ({ agreed: await context.confirm(plan()) }),
      });
      const asker = answering(yesForSession);
      const { call } = open([change, destroy], { editorAsker: asker, grants: new ConsentGrants() });
      for (let round = 0; round < 2; round++) {
        await call('s3_change_thing', {}, { caller: { client: 'test', sessionId: 'c1' } });
        await call('s3_destroy_thing');
      }
      settings = { ...settings, tools: { s3_change_thing: 'ask' } };
      await call('s3_change_thing');
      await call('s3_change_thing');
      assert.equal(asker.asked.length, 6);
      assert.ok(asker.asked.every(({ offersGrant }) => offersGrant === undefined));
    });

    it('is worth nothing where the plan is no longer the same', async () => {
      const changed = { ...plan(), details: [{ label: 'To', value: 'something else' }] };
      let ran = 0;
      const mutable = plan();
      const tools = [
        // The tool, or somebody who holds the plan, changes it while the person reads.
        async (_input: object, context: AwsToolContext) => {
          const agreeing = context.confirm(mutable);
          mutable.details = changed.details;
          await agreeing;
          return { ran: ++ran };
        },
        // What the plan was made from changed.
        async (_input: object, context: AwsToolContext) => {
          await context.confirm(plan(), () => Promise.resolve(changed));
          return { ran: ++ran };
        },
      ];
      for (const run of tools) {
        const { errorOf } = open([thing({ name: 's3_change_thing', access: 'write', run })], {
          editorAsker: answering(yes),
        });
        const error = await errorOf('s3_change_thing');
        assert.equal(error.code, 'ConsentRefused');
        assert.match(error.message, /no longer what the user agreed to/);
      }
      assert.equal(ran, 0);
      const calls = await recorded();
      assert.ok(calls.every(({ consents }) => consents?.[0]?.reason === 'planChanged'));
    });

    it('gives the tool the plan as it was agreed to, which nobody can change', async () => {
      const check = thing({
        name: 's3_change_thing',
        access: 'write',
        run: async (_input, context) => {
          const agreed = await context.confirm(plan(), () => Promise.resolve(plan()));
          assert.throws(() => Object.assign(agreed, { resource: 'other' }), TypeError);
          assert.throws(() => Object.assign(agreed.details[0] ?? {}, { value: 'other' }), TypeError);
          return { agreed };
        },
      });
      const { call } = open([check], { editorAsker: answering(yes) });
      assert.deepEqual((await call('s3_change_thing'))['agreed'], plan());
    });

    it('is worth nothing where policy forbids it by the time of the answer', async () => {
      const asker: ConsentAsker = {
        ask: () => {
          settings = { ...settings, access: 'readOnly' };
          return Promise.resolve(yes);
        },
      };
      const { errorOf } = open([change], { editorAsker: asker });
      assert.equal((await errorOf('s3_change_thing')).code, 'PolicyDenied');
    });

    it('is refused when nobody ever answers', async () => {
      const silent: ConsentAsker = { ask: () => new Promise(() => undefined) };
      const { errorOf } = open([change], { editorAsker: silent, consentTimeoutMs: 10 });
      const error = await errorOf('s3_change_thing');
      assert.equal(error.code, 'ConsentRefused');
      assert.match(error.message, /in time/);
    });

    it('is not asked for by a call that is over', async () => {
      let later: (() => Promise<unknown>) | undefined;
      const asker = answering(yes);
      const leaving = thing({
        name: 's3_change_thing',
        access: 'write',
        run: (_input, context) => {
          later = () => context.confirm(plan());
          return Promise.resolve({});
        },
      });
      const { call } = open([leaving], { editorAsker: asker });
      await call('s3_change_thing');
      await assert.rejects(later ?? (() => Promise.resolve()), (error) => WorkbenchError.is(error, 'Cancelled'));
      assert.equal(asker.asked.length, 0);
    });

    it('keeps no other call of the client waiting', async () => {
      let answer: (answer: ConsentAnswer) => void = () => undefined;
      let tellAsked: () => void = () => undefined;
      const asked = new Promise<void>((resolve) => (tellAsked = resolve));
      const slow: ConsentAsker = {
        ask: () =>
          new Promise((resolve) => {
            answer = resolve;
            tellAsked();
          }),
      };
      const read = thing({ run: () => Promise.resolve({ read: true }) });
      const { call } = open([change, read], { editorAsker: slow, slots: new CallSlots({ maxPerClient: 1 }) });
      const changing = call('s3_change_thing');
      await asked;
      assert.equal((await call('s3_get_thing'))['read'], true);
      answer(yes);
      assert.equal((await changing)['changed'], 'thing');
    });
  });

  describe('lists', () => {
    const pagesUntil = (failure: () => Error) =>
      thing({
        run: async (input, context) => {
          const page = await context.page({
            limit: 50,
            cursor: input['cursor'] as string | undefined,
            fetch: (token) =>
              token === undefined
                ? Promise.resolve({ items: [1, 2, 3], nextToken: 'more' })
                : Promise.reject(failure()),
          });
          return { ...page };
        },
      });

    it('that break off by throttling or a timeout return what they have, a warning and where to go on', async () => {
      for (const name of ['ThrottlingException', 'TimeoutError']) {
        const { call, errorOf } = open([pagesUntil(() => Object.assign(new Error('Rate exceeded'), { name }))]);
        const first = await call('s3_get_thing');
        assert.deepEqual(first['items'], [1, 2, 3]);
        assert.match(String(first['warnings']), /not complete.*nextCursor/);
        const cursor = first['nextCursor'];
        assert.equal(typeof cursor, 'string');
        // Nothing was read this time, so there is nothing to keep.
        assert.equal((await errorOf('s3_get_thing', { cursor })).retryable, true);
      }
    });

    it('that fail otherwise fail', async () => {
      const { errorOf } = open([pagesUntil(() => Object.assign(new Error('no'), { name: 'AccessDenied' }))]);
      assert.equal((await errorOf('s3_get_thing')).code, 'AccessDenied');
    });

    it('whose time is up return what they have, and those that are cancelled nothing', async () => {
      const slow = thing({
        timeoutSeconds: 0.05,
        run: async (_input, context) => ({
          ...(await context.page({
            limit: 50,
            cursor: undefined,
            fetch: (token) =>
              token === undefined
                ? Promise.resolve({ items: [1], nextToken: 'more' })
                : new Promise((_resolve, reject) =>
                    context.signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }),
                  ),
          })),
        }),
      });
      const { call, errorOf } = open([slow]);
      const partial = await call('s3_get_thing');
      assert.deepEqual(partial['items'], [1]);
      assert.match(String(partial['warnings']), /time was up/);
      const controller = new AbortController();
      const cancelling = errorOf('s3_get_thing', {}, { signal: controller.signal });
      setImmediate(() => controller.abort());
      assert.equal((await cancelling).code, 'Cancelled');
    });
  });

  describe('the cache', () => {
    let runs: number;
    let time: number;
    let cache: ReadCache;
    const cached = () =>
      thing({ cache: { ttlSeconds: 30 }, run: ({ name }) => Promise.resolve({ name, run: ++runs }) });

    beforeEach(() => {
      runs = 0;
      time = 0;
      cache = new ReadCache({ now: () => time });
    });

    it('answers an equal question from memory, says the age, and asks anew when told to', async () => {
      const { call } = open([cached()], { cache });
      assert.deepEqual(await call('s3_get_thing'), { name: 'thing', run: 1, identity: dev, isError: false });
      time = 12_400;
      assert.deepEqual(await call('s3_get_thing', { name: 'thing' }), {
        name: 'thing',
        run: 1,
        identity: dev,
        cachedSecondsAgo: 12,
        isError: false,
      });
      assert.equal((await call('s3_get_thing', { fresh: true }))['run'], 2);
      const again = await call('s3_get_thing', { fresh: false });
      assert.deepEqual([again['run'], again['cachedSecondsAgo']], [2, 0]);
      time += 30_000;
      assert.equal((await call('s3_get_thing'))['run'], 3);
      assert.deepEqual(
        (await recorded()).map(({ cachedSecondsAgo }) => cachedSecondsAgo),
        [undefined, 12, undefined, 0, undefined],
      );
    });

    it('mixes up no identities, regions or inputs', async () => {
      const { call } = open([cached()], { cache });
      await call('s3_get_thing');
      for (const other of [
        { ...dev, account: '999999999999' },
        { ...dev, role: 'Admin' },
        { ...dev, region: 'us-east-1' },
        { ...dev, profile: 'prod' },
      ]) {
        identity = other;
        const answer = await call('s3_get_thing');
        assert.equal(answer['cachedSecondsAgo'], undefined);
        assert.deepEqual(answer['identity'], other);
      }
      identity = dev;
      assert.equal((await call('s3_get_thing', { name: 'other' }))['cachedSecondsAgo'], undefined);
      assert.equal((await call('s3_get_thing'))['cachedSecondsAgo'], 0);
    });

    it('is emptied by a change, also for what is being read meanwhile', async () => {
      const { call } = open([cached(), change], { cache, editorAsker: answering(yes) });
      await call('s3_get_thing');
      await Promise.all([call('s3_get_thing', { name: 'b' }), call('s3_change_thing')]);
      assert.equal((await call('s3_get_thing'))['cachedSecondsAgo'], undefined);
    });

    it('asks policy each time', async () => {
      const { call, errorOf } = open([cached()], { cache });
      await call('s3_get_thing');
      settings = { ...settings, resources: [{ allow: [], deny: ['arn:aws:s3:::things'] }] };
      assert.equal((await errorOf('s3_get_thing')).code, 'PolicyDenied');
      settings = { ...settings, toolsets: [] };
      assert.equal((await errorOf('s3_get_thing')).code, 'PolicyDenied');
    });

    it('remembers no errors, no answers with warnings and none that were cut', async () => {
      const answers = [
        () => Promise.reject(new Error('no')),
        (context: AwsToolContext) => {
          context.warn('half');
          return Promise.resolve({});
        },
        () => Promise.resolve({ text: 'x'.repeat(100_000) }),
      ];
      let index = 0;
      const fickle = thing({
        cache: { ttlSeconds: 30 },
        run: (_input, context) => (answers[index++] ?? (() => Promise.resolve({ whole: true })))(context),
      });
      const { call } = open([fickle], { cache });
      for (let round = 0; round < 3; round++) await call('s3_get_thing');
      assert.equal((await call('s3_get_thing'))['whole'], true);
      assert.equal((await call('s3_get_thing'))['cachedSecondsAgo'], 0);
    });

    it('adds `fresh` to tools that are remembered only', () => {
      const { pipeline } = open([cached(), change], { cache });
      const [read, write] = pipeline.list().map(({ inputSchema }) => Object.keys(inputSchema['properties'] as object));
      assert.ok(read?.includes('fresh'));
      assert.ok(!write?.includes('fresh'));
    });
  });

  describe('the audit log', () => {
    it('holds who called what, as whom, with which input, and how it ended', async () => {
      const requesting = thing({ run: ({ name }) => Promise.resolve({ name }) });
      const { call, errorOf, pipeline } = open([requesting, change], { editorAsker: answering(yes) });
      await call('s3_get_thing', { name: 'a' });
      await errorOf('s3_get_thing', { nonsense: 'password=hunter2222' });
      await call('s3_change_thing', { name: 'b' });
      assert.equal(
        await pipeline.call({
          name: 'no_such\u202etool',
          arguments: {},
          caller: { client: 'test 1.0', sessionId: 'c1' },
          signal: new AbortController().signal,
          reportProgress: () => undefined,
          onAwsRequest: () => undefined,
          clientAsker: undefined,
        }),
        undefined,
      );
      const calls = (await recorded()).map(({ callId, time, durationMs, inputDigest, ...rest }) => {
        assert.match(callId, /^[0-9a-f-]{36}$/);
        assert.match(inputDigest ?? '', /^[0-9a-f]{64}$/);
        assert.ok(Date.parse(time) > 0);
        assert.ok(durationMs === undefined || durationMs >= 0);
        return {
          ...rest,
          consents: rest.consents?.map(({ hash, ...consent }) => (assert.match(hash, /^[0-9a-f]{64}$/), consent)),
        };
      });
      const base = { client: 'test 1.0', session: 'c1' };
      assert.deepEqual(calls, [
        {
          ...base,
          tool: 's3_get_thing',
          access: 'read',
          input: { name: 'a' },
          identity: dev,
          resources: ['arn:aws:s3:::things/a'],
          outcome: 'ok',
          state: 'ok',
          consents: undefined,
        },
        {
          ...base,
          tool: 's3_get_thing',
          access: 'read',
          input: { nonsense: 'password=[redacted]' },
          outcome: 'error',
          errorCode: 'InvalidInput',
          message: 'The arguments are not valid. Unrecognized key: "nonsense".',
          state: 'error',
          consents: undefined,
        },
        {
          ...base,
          tool: 's3_change_thing',
          access: 'write',
          input: { name: 'b' },
          identity: dev,
          resources: ['arn:aws:s3:::things/b'],
          consents: [{ answer: 'once', by: 'editor', action: 'Change thing', resource: 'arn:aws:s3:::things/b' }],
          outcome: 'ok',
          state: 'ok',
        },
        {
          ...base,
          tool: 'no_such\\u{202e}tool',
          input: {},
          outcome: 'error',
          errorCode: 'NotFound',
          message: 'There is no such tool.',
          state: 'refused',
          consents: undefined,
        },
      ]);
    });

    it('has a change on the disk before it is made', async () => {
      let seen: (string | undefined)[] = [];
      const looking = thing({
        name: 's3_change_thing',
        access: 'write',
        run: async (_input, context) => {
          await context.confirm(plan());
          const text = fs
            .readdirSync(folder)
            .map((name) => fs.readFileSync(path.join(folder, name), 'utf8'))
            .join('');
          seen = text
            .split('\n')
            .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { phase: string }).phase]));
          return {};
        },
      });
      const { call } = open([looking], { editorAsker: answering(yes) });
      await call('s3_change_thing');
      assert.deepEqual(seen, ['opened', 'started', 'agreed']);
    });

    it('that cannot be written stops changes, before anybody is asked, and lets reads go on with a warning', async () => {
      fs.writeFileSync(folder, 'not a folder');
      const asker = answering(yes);
      const { call, errorOf } = open([thing({ run: () => Promise.resolve({}) }), change], { editorAsker: asker });
      const refused = await errorOf('s3_change_thing');
      assert.equal(refused.code, 'PolicyDenied');
      assert.match(refused.message, /Nothing was changed/);
      assert.ok(refused.remedy.includes(folder));
      assert.equal(asker.asked.length, 0);
      const read = await call('s3_get_thing');
      assert.equal(read.isError, false);
      assert.match(String(read['warnings']), /cannot be recorded in the audit log/);
      fs.rmSync(folder);
      assert.equal((await call('s3_change_thing')).isError, false);
      assert.equal((await call('s3_get_thing'))['warnings'], undefined);
    });

    it('that fails while the person thinks stops the change all the same', async () => {
      let ran = false;
      const breaking: ConsentAsker = {
        ask: () => {
          fs.rmSync(folder, { recursive: true });
          fs.writeFileSync(folder, 'not a folder');
          return Promise.resolve(yes);
        },
      };
      const careful = thing({
        name: 's3_change_thing',
        access: 'write',
        run: async (_input, context) => {
          await context.confirm(plan());
          ran = true;
          return {};
        },
      });
      const { errorOf } = open([careful], { editorAsker: breaking });
      assert.equal((await errorOf('s3_change_thing')).code, 'PolicyDenied');
      assert.equal(ran, false);
    });
  });

  it('gives each of 1,000 calls at once one outcome and one pair of records, whatever is cancelled', async function () {
    this.timeout(30_000);
    let running = 0;
    let most = 0;
    const timersBefore = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const rejections: unknown[] = [];
    const onRejection = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', onRejection);
    const busy = thing({
      cache: { ttlSeconds: 30 },
      run: async ({ name }, context) => {
        most = Math.max(most, ++running);
        try {
          const kind = Number(name) % 7;
          if (kind === 0) throw new Error('broken');
          if (kind === 1) await new Promise((resolve) => setTimeout(resolve, 3));
          if (kind === 2) {
            await new Promise((_resolve, reject) => {
              const timer = setTimeout(() => reject(Object.assign(new Error('slow'), { name: 'TimeoutError' })), 5);
              context.signal.addEventListener('abort', () => {
                clearTimeout(timer);
                reject(new Error('aborted'));
              });
            });
          }
          // One that does not listen.
          if (kind === 3) await new Promise((resolve) => setTimeout(resolve, 30));
          return { name };
        } finally {
          running--;
        }
      },
    });
    const asker: ConsentAsker = {
      ask: async () => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        return Math.random() < 0.5 ? yes : { kind: 'refused', reason: 'declined' };
      },
    };
    const slots = new CallSlots({ maxPerClient: 8, maxTotal: 24 });
    const { call } = open([busy, change], {
      editorAsker: asker,
      cache: new ReadCache(),
      grants: new ConsentGrants(),
      slots,
    });
    const outcomes = await Promise.all(
      Array.from({ length: 1000 }, async (_, index) => {
        const controller = new AbortController();
        const isCancelled = Math.random() < 0.3;
        const timer = isCancelled ? setTimeout(() => controller.abort(), Math.random() * 40) : undefined;
        const name = index % 5 === 0 ? 's3_change_thing' : 's3_get_thing';
        const { isError, code } = await call(
          name,
          { name: String(index % 50) },
          { signal: controller.signal, caller: { client: 'test', sessionId: `c${index % 6}`, isSessionBound: true } },
        );
        clearTimeout(timer);
        return isError ? String(code) : 'ok';
      }),
    );
    assert.equal(outcomes.length, 1000);
    const expected = ['ok', 'Cancelled', 'Internal', 'Timeout', 'ConsentRefused'];
    for (const outcome of outcomes) assert.ok(expected.includes(outcome), outcome);
    for (const outcome of ['ok', 'Cancelled', 'Internal']) assert.ok(outcomes.includes(outcome), outcome);
    assert.ok(most <= 24 + 8, `${most} ran at once`);
    assert.deepEqual(slots.load, { running: 0, waiting: 0 });
    await audit.flush();
    const counted = new Map<string, string[]>();
    for (const name of fs.readdirSync(folder)) {
      for (const line of fs.readFileSync(path.join(folder, name), 'utf8').split('\n')) {
        const { callId, phase } = line === '' ? {} : (JSON.parse(line) as { callId?: string; phase?: string });
        if (callId !== undefined && phase !== 'agreed')
          counted.set(callId, [...(counted.get(callId) ?? []), String(phase)]);
      }
    }
    assert.equal(counted.size, 1000);
    for (const phases of counted.values()) assert.deepEqual(phases, ['started', 'ended']);
    const states = (await recorded()).map(({ outcome }) => outcome);
    assert.equal(
      states.filter((state) => state === 'ok').length,
      outcomes.filter((outcome) => outcome === 'ok').length,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    process.off('unhandledRejection', onRejection);
    assert.deepEqual(rejections, []);
    assert.equal(running, 0);
    const timersAfter = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    assert.ok(timersAfter <= timersBefore + 1, `${timersAfter} timers after, ${timersBefore} before`);
  });
});
