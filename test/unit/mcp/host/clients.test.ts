import * as assert from 'node:assert/strict';
import * as path from 'node:path';
import { clientKinds, reaches, type ClientKind, type Reach, type TestClient } from '../clients';
import { recordsOf, startTestHost, type TestHost } from '../testWorkbench';

const stdio: Reach = {
  command: process.execPath,
  args: ['--require', 'tsx/cjs', path.join(import.meta.dirname, '..', 'stdioTestServer.ts')],
};

const toolNames = ['test_echo_text', 'test_report_progress', 'test_wait_forever', 'test_change_thing', 'test_call_aws'];

for (const kind of clientKinds) {
  for (const [name, reachOf] of reaches) {
    describe(`${kind.title} on ${name}`, () => {
      let test: TestHost;
      let client: TestClient;
      const toolsChanged: (() => void)[] = [];

      beforeEach(async () => {
        test = await startTestHost();
        client = await kind.connect(reachOf(test), {
          onToolsChanged: () => toolsChanged.splice(0).forEach((tell) => tell()),
        });
      });

      afterEach(async () => {
        await client.close();
        await test.dispose();
      });

      itServes(kind, () => client);

      it('cancels a call, and the tool ends', async () => {
        await cancelsCall(client, () => test.journal.nextWait());
        while (test.journal.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 5));
        assert.equal(test.journal.aborted, 1);
        assert.deepEqual((await client.call('test_echo_text', { text: 'after' })).structuredContent, { text: 'after' });
      });

      it('is told when the tools change, and only then', async () => {
        // The way back to the client opens a moment after it has connected.
        await waysBackAre(test, 1);
        let told = 0;
        toolsChanged.push(() => told++);
        test.setPolicy({ allowedRegions: ['eu-west-1'] });
        assert.deepEqual(
          (await client.listTools()).map((tool) => tool.name),
          toolNames,
        );
        const changed = new Promise<void>((resolve) => toolsChanged.push(resolve));
        test.setPolicy({ access: 'readOnly' });
        await changed;
        assert.equal(told, 1);
        const names = (await client.listTools()).map((tool) => tool.name);
        assert.deepEqual(
          names,
          toolNames.filter((tool) => tool !== 'test_change_thing'),
        );
        const refused = await client.call('test_change_thing', { targets: ['x'] });
        assert.equal(refused.isError, true);
        assert.match(textOf(refused), /PolicyDenied/);
        assert.deepEqual(test.journal.changed, []);
      });

      it('reports progress only where it grows', async () => {
        await client.call('test_report_progress', {}, { onProgress: () => undefined });
        const sent = recordsOf(test).filter(({ method }) => method === 'notifications/progress');
        assert.equal(sent.length, 3);
        await client.call('test_report_progress');
        assert.equal(recordsOf(test).filter(({ method }) => method === 'notifications/progress').length, 3);
      });

      it('gives the whole of a result that was cut', async () => {
        test.setPolicy({ toolsets: ['aws', 's3'] });
        const result = await client.call('test_return_much');
        const { truncated, fullResult } = result.structuredContent as { truncated: boolean; fullResult: string };
        assert.equal(truncated, true);
        assert.ok(result.content.some((part) => part.type === 'resource_link' && part.uri === fullResult));
        const [whole] = await client.read(fullResult);
        assert.equal(whole?.mimeType, 'application/json');
        assert.equal((JSON.parse(whole?.text ?? '') as { text: string }).text.length, 100_000);
      });

      it('is listed with what it says of itself', async () => {
        await client.call('test_echo_text');
        await client.call('test_echo_text');
        const [connection, ...others] = test.host.connections;
        assert.deepEqual(others, []);
        assert.equal(connection?.name, kind.title.includes('former') ? 'former' : 'current');
        assert.equal(connection?.version, kind.title.includes('former') ? '1.0.0' : '2.0.0');
        assert.equal(connection?.era, kind.era);
        assert.equal(connection?.protocolVersion, kind.era === 'modern' ? '2026-07-28' : '2025-11-25');
        assert.equal(connection?.transport, name);
        assert.equal(connection?.path, '/mcp');
        assert.equal(connection?.callCount, 2);
        assert.ok(connection && connection.lastSeenAt >= connection.connectedAt);
      });

      it('is recorded, with the AWS requests of its calls', async () => {
        await client.call('test_call_aws');
        const records = recordsOf(test);
        const call = records.find(({ method, kind }) => method === 'tools/call' && kind === 'request');
        assert.ok(call);
        assert.equal(call.target, 'test_call_aws');
        assert.equal(call.server, 'Test tools');
        assert.equal(call.client, kind.title.includes('former') ? 'former' : 'current');
        assert.equal(call.era, kind.era);
        assert.equal(call.session, test.host.connections[0]?.id);
        assert.equal(call.status, 'ok');
        assert.deepEqual(
          call.awsRequests?.map(({ service, operation }) => `${service}:${operation}`),
          ['CloudFormation:ListStacks'],
        );
        const answer = records.find(({ seq }) => seq === call.pair);
        assert.equal(answer?.direction, 'serverToClient');
        const opening = kind.era === 'modern' ? 'server/discover' : 'initialize';
        assert.equal(records.filter(({ method }) => method === opening).length, 2);
        const pending = records.filter(({ status }) => status === 'pending').map(({ method }) => method);
        assert.deepEqual(pending, kind.era === 'modern' ? ['subscriptions/listen'] : []);
      });
    });
  }

  describe(`${kind.title} on stdio`, function () {
    this.timeout(30_000);
    let client: TestClient;

    before(async () => {
      client = await kind.connect(stdio);
    });

    after(() => client.close());

    itServes(kind, () => client);

    it('cancels a call and goes on', async () => {
      await cancelsCall(client, () => new Promise((resolve) => setTimeout(resolve, 50)));
      assert.deepEqual((await client.call('test_echo_text', { text: 'after' })).structuredContent, { text: 'after' });
    });
  });
}

/** What holds on every transport. */
function itServes(kind: ClientKind, client: () => TestClient): void {
  it('learns who serves', () => {
    const { name, title, version } = client().serverInfo ?? {};
    assert.deepEqual({ name, title, version }, { name: 'aws', title: 'MCP Workbench for AWS', version: '1.2.3' });
    assert.ok((client().instructions?.length ?? 0) > 0);
  });

  it('lists the tools with schemas and annotations', async () => {
    const tools = await client().listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      toolNames,
    );
    for (const { inputSchema, outputSchema, annotations } of tools) {
      assert.equal((inputSchema as { type: string }).type, 'object');
      assert.equal((outputSchema as { type: string }).type, 'object');
      assert.deepEqual(Object.keys(annotations ?? {}).sort(), [
        'destructiveHint',
        'idempotentHint',
        'openWorldHint',
        'readOnlyHint',
        'title',
      ]);
    }
  });

  it('calls a tool', async () => {
    const result = await client().call('test_echo_text', { text: 'Grüße 👋\u2028\0' });
    assert.deepEqual(result.structuredContent, { text: 'Grüße 👋\u2028\0' });
    assert.equal(result.isError, undefined);
    assert.deepEqual(JSON.parse(textOf(result)), result.structuredContent);
  });

  it('gets an error it can act on as a result', async () => {
    const result = await client().call('test_echo_text', { confirm: true });
    assert.equal(result.isError, true);
    assert.equal((JSON.parse(textOf(result)) as { code: string }).code, 'InvalidInput');
  });

  it('gets a protocol error for a tool that does not exist', async () => {
    await assert.rejects(client().call('no_such_tool'), (error: { code?: number; message: string }) => {
      assert.equal(error.code, -32_602);
      assert.match(error.message, /Unknown tool: no_such_tool/);
      return true;
    });
  });

  it('gets a protocol error for a resource that does not exist', async () => {
    assert.deepEqual(
      (await client().listTemplates()).map(({ uriTemplate }) => uriTemplate),
      ['workbench://results/{id}'],
    );
    await assert.rejects(client().read('workbench://results/none'), { code: -32_602 });
    await assert.rejects(client().read('file:///etc/passwd'), { code: -32_602 });
  });

  it('hears of progress, which only grows', async () => {
    const seen: number[] = [];
    await client().call('test_report_progress', {}, { onProgress: (progress) => seen.push(progress) });
    // Both SDKs drop a report that arrives in one piece with the answer.
    assert.deepEqual(seen, [1, 2, 3].slice(0, Math.max(1, seen.length)));
  });

  it('makes many calls at once', async () => {
    const texts = Array.from({ length: 50 }, (_, index) => `call ${index}`);
    const results = await Promise.all(texts.map((text) => client().call('test_echo_text', { text })));
    assert.deepEqual(
      results.map(({ structuredContent }) => (structuredContent as { text: string }).text),
      texts,
    );
  });

  it(`is a client of the ${kind.era} era to the tools`, async () => {
    const { structuredContent } = await client().call('test_call_aws');
    const name = kind.title.includes('former') ? 'former 1.0.0' : 'current 2.0.0';
    assert.deepEqual(structuredContent, { client: name });
  });
}

async function cancelsCall(client: TestClient, nextWait: () => Promise<void>): Promise<void> {
  const cancelling = new AbortController();
  const begun = nextWait();
  const call = client.call('test_wait_forever', {}, { signal: cancelling.signal });
  const ended = assert.rejects(call);
  await begun;
  cancelling.abort();
  await ended;
}

/** Waits until as many clients can be told of changes. */
async function waysBackAre(test: TestHost, count: number): Promise<void> {
  for (;;) {
    const opened = recordsOf(test).filter(({ method }) => method === 'notifications/subscriptions/acknowledged');
    if (test.host.connections.some(({ era }) => era === 'legacy') || opened.length >= count) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  // The stream of a legacy session has no message of its own.
  await new Promise((resolve) => setTimeout(resolve, 50));
}

function textOf(result: Awaited<ReturnType<TestClient['call']>>): string {
  const [first] = result.content;
  return first?.type === 'text' ? first.text : '';
}
