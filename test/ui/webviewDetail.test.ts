import assert from 'node:assert/strict';
import { recordSample } from '../support/sampleTraffic';
import { InspectorWorld } from './inspectorWorld';
import { themes } from './webviewPage';

const info = { server: 'acme', client: 'claude-code', session: 's1', era: 'legacy' } as const;

const picture =
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAGUlEQVR42mP8z8Dwn4ECwESJ5lEDRg0YNQAAeMkCHxjs2YwAAAAASUVORK5CYII=';

const markdown =
  '# Orders stack\n\nThe stack **orders** has `48` resources:\n\n- 12 functions\n- 3 queues\n\n```\ncdk deploy orders\n```\n\n[docs](https://example.com) <script>document.title="run"</script>';

describe('inspector detail', () => {
  const world = InspectorWorld.use();

  /** A call that its tool's schemas do not allow, with a picture and Markdown in the result. */
  function recordOdd(): void {
    const channel = world.recorder.openChannel(info);
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/list' });
    world.clock.advance(3);
    const inputSchema = {
      type: 'object',
      properties: { limit: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } } },
      additionalProperties: false,
    };
    const outputSchema = {
      type: 'object',
      properties: { truncated: { type: 'boolean' } },
      required: ['truncated'],
    };
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      id: 1,
      result: { tools: [{ name: 'draw_stack', inputSchema, outputSchema }] },
    });
    world.clock.advance(20);
    const params = { name: 'draw_stack', arguments: { limit: 'many', tags: ['a', 2] } };
    channel.message(
      'clientToServer',
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params },
      undefined,
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { ...params, secretly: 'more' } },
      {
        'Content-Type': 'application/json',
        Authorization: 'Bearer abcdefghijklmnop',
        'MCP-Protocol-Version': '2025-11-25',
      },
    );
    world.clock.advance(52);
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      id: 1,
      result: {
        content: [
          { type: 'text', text: markdown },
          { type: 'image', data: picture, mimeType: 'image/png' },
          {
            type: 'image',
            data: 'PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIj48L3N2Zz4gICAgICAgICAgICAgICAgICAgIA==',
            mimeType: 'image/svg+xml',
          },
        ],
        structuredContent: { stackName: 'orders' },
      },
    });
  }

  for (const theme of themes) {
    it(`shows checks, both messages, Markdown and pictures in ${theme}, with no accessibility finding`, async () => {
      recordOdd();
      const page = await world.show({ theme, width: 1500, height: 800 });
      const findings: string[] = [];
      await page.row('draw_stack').click();
      await page.detail.getByRole('tab', { name: /Checks/ }).click();
      await page.detail.getByText('The input schema says that it must be integer.').waitFor();
      await page.screenshot(`inspector-${theme}-checks`);
      findings.push(...(await page.accessibilityFindings()));
      await page.detail.getByRole('tab', { name: 'Both' }).click();
      await page.detail.getByRole('region', { name: 'Response' }).getByText('show PNG picture').click();
      await page.detail.locator('img').waitFor();
      await page.detail.getByText('show as Markdown').click();
      await page.detail.getByText('Orders stack', { exact: true }).waitFor();
      await page.screenshot(`inspector-${theme}-both`);
      findings.push(...(await page.accessibilityFindings()));
      await page.detail.getByRole('tab', { name: 'Request' }).click();
      await page.detail.getByRole('button', { name: 'Headers' }).click();
      await page.detail.getByText('content-type').waitFor();
      await page.screenshot(`inspector-${theme}-headers`);
      findings.push(...(await page.accessibilityFindings()));
      assert.deepEqual([...new Set(findings)], []);
      assert.equal(await page.page.title(), 'MCP traffic');
    });
  }

  it('leads from a finding to its place', async () => {
    recordOdd();
    const page = await world.show();
    await page.row('draw_stack').click();
    await page.detail.getByRole('tab', { name: /Checks/ }).click();
    await page.detail.getByRole('button', { name: 'params.arguments.tags[1]' }).click();
    const line = page.detail.locator('.line.active');
    await line.getByText('must be string').waitFor();
    assert.match((await line.textContent()) ?? '', /1: 2/);
    assert.equal(await page.page.locator('.tree:focus').count(), 1);
  });

  it('shows a message raw, as it was sent, and its headers without secrets', async () => {
    recordOdd();
    const page = await world.show();
    await page.row('draw_stack').click();
    await page.detail.getByRole('tab', { name: 'Request' }).click();
    await page.detail.getByText('A filter changed this message on its way.').waitFor();
    await page.detail.getByRole('button', { name: 'Show what was sent' }).click();
    await page.detail.getByText('secretly').waitFor();
    await page.detail.getByRole('button', { name: 'Raw' }).click();
    assert.equal(await page.detail.locator('pre.raw').textContent(), world.recorder.get(3)?.body);
    await page.detail.getByRole('button', { name: 'Headers' }).click();
    await page.detail.getByText('[redacted]').waitFor();
    assert.equal(await page.page.getByText('abcdefghijklmnop').count(), 0);
  });

  it('searches in a message, folded parts too', async () => {
    recordSample(world.recorder, world.clock);
    const page = await world.show();
    const { keyboard } = page.page;
    await page.row('lambda_list_functions').click();
    await page.detail.getByRole('tab', { name: 'Response' }).click();
    await page.detail.getByRole('tree').focus();
    await keyboard.press('Control+f');
    await keyboard.type('catalog');
    await page.detail.getByText('1 of 4').waitFor();
    for (const place of ['2 of 4', '3 of 4']) {
      await keyboard.press('Enter');
      await page.detail.getByText(place).waitFor();
    }
    await page.detail.locator('.line.active mark.found').waitFor();
    await page.screenshot('inspector-find');
    await keyboard.press('Shift+Enter');
    await page.detail.getByText('2 of 4').waitFor();
    await keyboard.press('Escape');
    assert.equal(await page.detail.locator('.find').count(), 0);
    assert.equal(await page.page.locator('.tree:focus').count(), 1);
  });

  it('follows a call through its input rounds', async () => {
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
    };
    const params = { name: 'lambda_invoke_function', arguments: { functionName: 'orders-refund' }, _meta: meta };
    const round = (id: number, sent: object, result: object): void => {
      const channel = world.recorder.openChannel({ ...info, era: 'modern', session: `r${id}` });
      channel.message('clientToServer', { jsonrpc: '2.0', id, method: 'tools/call', params: { ...params, ...sent } });
      world.clock.advance(40);
      channel.message('serverToClient', { jsonrpc: '2.0', id, result });
      channel.close();
    };
    round(
      1,
      {},
      {
        resultType: 'input_required',
        inputRequests: { consent: { method: 'elicitation/create', params: { message: 'Invoke orders-refund?' } } },
        requestState: 'opaque state of the server',
      },
    );
    round(
      2,
      { inputResponses: { consent: { action: 'accept' } }, requestState: 'opaque state of the server' },
      { resultType: 'complete', content: [{ type: 'text', text: 'done' }] },
    );
    const page = await world.show();
    await page.page.getByText('asks for input: elicitation/create').first().click();
    await page.detail.getByText('Goes on in').waitFor();
    await page.screenshot('inspector-rounds');
    await page.detail.getByRole('button', { name: 'another request' }).click();
    await page.detail.getByText('Goes on from').waitFor();
    assert.equal(await page.page.locator('.row.active').getAttribute('aria-rowindex'), '3');
  });

  it('stands up to a body of 50 MB and to texts that look like code', async () => {
    const channel = world.recorder.openChannel(info);
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'large' } });
    const text = `${'<b>large</b> \u202e \u200b '.repeat(100)}${'x'.repeat(50 * 1024 * 1024)}`;
    channel.message('serverToClient', { jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text }] } });
    const page = await world.show();
    await page.row('large').click();
    for (const tab of ['Both', 'Response', 'Checks', 'Overview']) {
      await page.detail.getByRole('tab', { name: tab }).click();
      await page.settle();
    }
    await page.detail.getByRole('tab', { name: 'Response' }).click();
    await page.detail.getByRole('button', { name: 'Raw' }).click();
    await page.detail.getByText('This message was longer than is recorded').waitFor();
    assert.equal(await page.page.locator('b').count(), 0);
    assert.ok(world.recorder.extent.bytes < 6 * 1024 * 1024);
  });
});
