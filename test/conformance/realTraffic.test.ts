import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Client as CurrentClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as FormerClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as FormerTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { peerCommand, runPeer } from '../../scripts/toolbox/peers';
import type { WireSummary } from '../../src/traffic/wireRecord';
import { ModelService } from '../fakes/modelService';
import { loopbackTarget, recordsOf, startTestHost } from '../unit/mcp/testWorkbench';
import { clientKinds } from '../unit/mcp/clients';
import { RelayRig } from '../unit/mcp/upstream/relayRig';

/** What must hold of any traffic: each response belongs to a request, and everything nested to a request of a client. */
function assertPaired(records: readonly WireSummary[]): void {
  const bySeq = new Map(records.map((record) => [record.seq, record]));
  for (const record of records) {
    const { seq, kind, pair, method, id, parent } = record;
    if (kind === 'response') {
      const request = bySeq.get(pair ?? 0);
      assert.equal(request?.kind, 'request', `response ${seq} (${method}) has no request`);
      assert.equal(request.pair, seq);
      assert.equal(request.id, id);
      assert.notEqual(request.direction, record.direction);
      assert.equal(request.session, record.session);
      assert.equal(typeof request.durationMs, 'number');
    }
    if (parent !== undefined) assert.equal(bySeq.get(parent)?.direction, 'clientToServer');
    assert.deepEqual(record.oddities ?? [], [], `${method} ${seq}`);
  }
}

/** The requests among records that a call of that tool is, oldest first. */
function callsOf<R extends WireSummary>(records: readonly R[], tool: string): R[] {
  return records.filter(({ method, target, kind }) => kind === 'request' && method === 'tools/call' && target === tool);
}

describe('traffic of real clients with a real server', () => {
  let rig: RelayRig;

  beforeEach(async () => {
    const { command, args } = await peerCommand('server-everything');
    rig = await RelayRig.start({ name: 'everything', transport: 'stdio', command, args: [...args, 'stdio'] });
  });

  afterEach(() => rig.close());

  it('Claude Code: who it is, what it lists and calls, with the answers', async () => {
    const model = await ModelService.start([
      { name: 'mcp__everything__echo', input: { message: 'said by the model' } },
      { name: 'mcp__everything__get-sum', input: { a: 19, b: 23 } },
    ]);
    try {
      const servers = { everything: { type: 'http', url: rig.url, headers: { Authorization: `Bearer ${rig.token}` } } };
      const run = await runPeer(
        'claude',
        [
          ...['-p', 'Add the numbers.', '--strict-mcp-config', '--mcp-config', JSON.stringify({ mcpServers: servers })],
          ...['--allowedTools', 'mcp__everything__echo,mcp__everything__get-sum'],
        ],
        { env: { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'sk-of-the-test', ENABLE_TOOL_SEARCH: 'false' } },
      );
      assert.equal(run.exitCode, 0, `${run.stdout}${run.stderr}${model.refusals.join(' ')}`);
      assert.ok(model.offered.has('mcp__everything__echo'));
    } finally {
      await model.close();
    }
    const { records } = rig;
    assertPaired(records);
    const methods = records.filter(({ kind }) => kind === 'request').map(({ method }) => method);
    for (const method of ['tools/list', 'tools/call']) assert.ok(methods.includes(method), methods.join(' '));
    const [echo] = callsOf(records, 'echo');
    const [sum] = callsOf(records, 'get-sum');
    assert.equal(echo?.client, 'claude-code');
    assert.equal(echo.status, 'ok');
    assert.match(rig.recorder.get(echo.pair ?? 0)?.body ?? '', /Echo: said by the model/);
    assert.equal(sum?.status, 'ok');
    assert.match(rig.recorder.get(sum.pair ?? 0)?.body ?? '', /42/);
    assert.ok(records.every(({ body }) => !body.includes(rig.token)));
  });

  it('the earlier SDK: questions of the server within its call, progress, a call given up and one that hangs', async () => {
    const client = new FormerClient(
      { name: 'earlier-sdk', version: '1' },
      { capabilities: { sampling: {}, elicitation: { form: {} } } },
    );
    client.setRequestHandler(CreateMessageRequestSchema, () => ({
      model: 'none',
      role: 'assistant' as const,
      content: { type: 'text' as const, text: 'a sample' },
    }));
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'decline' as const }));
    const transport = new FormerTransport(new URL(rig.url), {
      requestInit: { headers: { Authorization: `Bearer ${rig.token}` } },
    });
    const endless = new AbortController();
    try {
      await client.connect(transport);
      await client.listTools();
      await client.callTool({ name: 'trigger-sampling-request', arguments: { prompt: 'hello', maxTokens: 5 } });
      await client.callTool({ name: 'trigger-elicitation-request', arguments: {} });
      const progressed = client.callTool(
        { name: 'trigger-long-running-operation', arguments: { duration: 0.3, steps: 3 } },
        undefined,
        { onprogress: () => undefined },
      );
      await progressed;
      const givenUp = new AbortController();
      const long = { name: 'trigger-long-running-operation', arguments: { duration: 600, steps: 600 } };
      const cancelled = client.callTool(long, undefined, { signal: givenUp.signal });
      await client.callTool({ name: 'echo', arguments: { message: 'meanwhile' } });
      givenUp.abort('enough');
      await assert.rejects(cancelled);
      client.callTool(long, undefined, { signal: endless.signal }).catch(() => undefined);
      await client.callTool({ name: 'echo', arguments: { message: 'beside the one that hangs' } });

      const { records } = rig;
      assertPaired(records);
      const [sampling] = callsOf(records, 'trigger-sampling-request');
      const nested = records.filter(({ parent, kind }) => parent === sampling?.seq && kind === 'request');
      assert.deepEqual(
        nested.map(({ method, direction, status, client: name }) => [method, direction, status, name]),
        [['sampling/createMessage', 'serverToClient', 'ok', 'earlier-sdk']],
      );
      const [elicitation] = callsOf(records, 'trigger-elicitation-request');
      assert.ok(records.some(({ parent, method }) => parent === elicitation?.seq && method === 'elicitation/create'));
      const [withProgress, givenUpCall, hanging] = callsOf(records, 'trigger-long-running-operation');
      const progress = records.filter(({ parent }) => parent === withProgress?.seq);
      assert.deepEqual([...new Set(progress.map(({ method }) => method))], ['notifications/progress']);
      assert.equal(progress.length, 3);
      assert.equal(givenUpCall?.status, 'cancelled');
      assert.ok(
        records.some(({ method, parent }) => method === 'notifications/cancelled' && parent === givenUpCall.seq),
      );
      assert.equal(hanging?.status, 'pending');
      assert.deepEqual(
        callsOf(records, 'echo').map(({ status }) => status),
        ['ok', 'ok'],
      );
      assert.ok(records.every(({ era }) => era === 'legacy'));
    } finally {
      endless.abort();
      await client.close();
    }
  });

  for (const [mode, era] of [
    ['legacy', 'legacy'],
    ['auto', 'legacy'],
  ] as const) {
    it(`the current SDK, ${mode}: everything that the server offers`, async () => {
      const client = new CurrentClient({ name: 'current-sdk', version: '2' }, { versionNegotiation: { mode } });
      const transport = new StreamableHTTPClientTransport(new URL(rig.url), {
        requestInit: { headers: { Authorization: `Bearer ${rig.token}` } },
      });
      try {
        await client.connect(transport);
        await client.listTools();
        await client.listPrompts();
        const { resources } = await client.listResources();
        const [first] = resources;
        if (first) await client.readResource({ uri: first.uri });
        const result = await client.callTool({ name: 'get-structured-content', arguments: { location: 'Chicago' } });
        assert.equal(result.isError ?? false, false);
        const { records } = rig;
        assertPaired(records);
        const [call] = callsOf(records, 'get-structured-content');
        assert.deepEqual([call?.client, call?.era, call?.status], ['current-sdk', era, 'ok']);
        const read = records.find(({ method, kind }) => method === 'resources/read' && kind === 'request');
        assert.equal(read?.target, first?.uri);
      } finally {
        await client.close();
      }
    });
  }
});

describe('traffic of real clients with our own server', () => {
  for (const kind of clientKinds) {
    it(`${kind.title}: questions, progress, a call given up and one that hangs`, async () => {
      const test = await startTestHost();
      const client = await kind.connect(
        { target: loopbackTarget(test) },
        { name: 'asked', elicit: () => ({ action: 'accept', content: { confirm: true } }) },
      );
      const endless = new AbortController();
      try {
        await client.listTools();
        await client.call('test_change_thing', { targets: ['orders'] });
        await client.call('test_report_progress', {}, { onProgress: () => undefined });
        const givenUp = new AbortController();
        const begun = test.journal.nextWait();
        const cancelled = client.call('test_wait_forever', {}, { signal: givenUp.signal });
        await begun;
        givenUp.abort('enough');
        await assert.rejects(cancelled);
        const hangs = test.journal.nextWait();
        client.call('test_wait_forever', {}, { signal: endless.signal }).catch(() => undefined);
        await hangs;
        while (callsOf(recordsOf(test), 'test_wait_forever')[0]?.status === 'pending') await delay(5);

        const records = recordsOf(test);
        assertPaired(records);
        assert.ok(records.every(({ era, client: name }) => era === kind.era && name === 'asked'));
        const asked = callsOf(records, 'test_change_thing');
        if (kind.era === 'modern') {
          const [question, answer] = asked;
          assert.equal(question?.nextRound, answer?.seq);
          assert.equal(answer?.previousRound, question?.seq);
        } else {
          const nested = records.filter(
            ({ parent, method }) => parent === asked[0]?.seq && method === 'elicitation/create',
          );
          assert.ok(nested.length > 0);
        }
        const [progressed] = callsOf(records, 'test_report_progress');
        assert.ok(
          records.some(({ parent, method }) => parent === progressed?.seq && method === 'notifications/progress'),
        );
        const statuses = callsOf(records, 'test_wait_forever').map(({ status }) => status);
        assert.deepEqual(statuses, ['cancelled', 'pending']);
      } finally {
        endless.abort();
        await client.close();
        await test.dispose();
      }
    });
  }
});
