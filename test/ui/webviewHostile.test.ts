import assert from 'node:assert/strict';
import type { TrafficChannel } from '../../src/traffic/trafficChannel';
import type { TrafficRecorder } from '../../src/traffic/trafficRecorder';
import { recordMany } from '../support/sampleTraffic';
import { InspectorWorld } from './inspectorWorld';
import type { WebviewPage } from './webviewPage';

/** Text that would show that it ran, in each of the ways in which pages are broken into. */
const scripts = [
  '<script>window.ran = 1</script>',
  '<img src=x onerror="window.ran = 2">',
  '"><svg onload="window.ran = 3">',
  "'-(window.ran = 4)-'",
  'javascript:window.ran=5',
  '<iframe srcdoc="<script>parent.ran = 6</script>"></iframe>',
  '${window.ran = 7}{{constructor.constructor("window.ran = 8")()}}',
  '<a href="javascript:window.ran=9" autofocus onfocus="window.ran=10">x</a>',
  '</title></style></textarea><body onload="window.ran = 11">',
  '<!--<math><mtext><style><img onerror=window.ran=12 src=1>',
];
const script = scripts.join(' ');
/** Turned around, hidden, joined and combined characters, and half of one. */
const unseen =
  'a\u202egnp.exe\u202c b\u200bc\u2066d\u2069 \ufeff\u00ad\u2028\u2029 z\u0300\u0301\u0302 \u{e0041}\u{e0042} \ud800';
const odd = `${script} ${unseen}`;

const meta = {
  'io.modelcontextprotocol/protocolVersion': odd,
  'io.modelcontextprotocol/clientInfo': { name: odd, version: odd },
  'io.modelcontextprotocol/clientCapabilities': { [odd]: {} },
};

/** Records messages with `odd` in every place that a message has. */
function recordOdd(recorder: TrafficRecorder): void {
  const headers = { [script]: odd, 'content-type': odd, 'mcp-name': odd };
  for (const era of ['legacy', 'modern'] as const) {
    const channel = recorder.openChannel({ server: odd, client: odd, session: odd, era });
    const call = {
      jsonrpc: odd,
      id: odd,
      method: 'tools/call',
      params: { name: odd, arguments: { [odd]: odd }, _meta: meta },
    };
    channel.message('clientToServer', call, undefined, { ...call, [odd]: odd }, headers);
    channel.awsRequest(odd, {
      service: odd,
      operation: odd,
      region: odd,
      account: odd,
      requestId: odd,
      attempts: 1,
      startedAt: Date.now(),
      durationMs: 3,
      errorName: odd,
    });
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: odd, progress: 1, message: odd },
    });
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: { level: odd, logger: odd, data: odd },
    });
    channel.message('serverToClient', { jsonrpc: '2.0', id: `${odd}2`, method: odd, params: { message: odd } });
    channel.message(
      'serverToClient',
      {
        jsonrpc: '2.0',
        id: odd,
        result: {
          isError: true,
          [odd]: odd,
          content: [
            { type: 'text', text: `# ${odd}\n\n[${odd}](javascript:window.ran=20)\n\n![x](data:text/html,${odd})` },
            {
              type: 'image',
              data: Buffer.from(`<svg onload="window.ran=21">${odd}`).toString('base64'),
              mimeType: 'image/svg+xml',
            },
            { type: 'resource', resource: { uri: 'javascript:window.ran=22', text: odd, mimeType: 'text/html' } },
          ],
          structuredContent: {
            code: odd,
            message: odd,
            remedy: odd,
            identity: { account: odd, role: odd, region: odd, profile: odd },
          },
        },
      },
      undefined,
      undefined,
      { ':status': odd, ...headers },
    );
    channel.message('clientToServer', { jsonrpc: '2.0', id: 9, method: odd });
    channel.message('serverToClient', { jsonrpc: '2.0', id: 9, error: { code: odd, message: odd, data: odd } });
    channel.unreadable('serverToClient', Buffer.from(odd), headers);
    channel.message('clientToServer', { jsonrpc: '2.0', id: 10, method: 'tools/list' });
    const tool = {
      name: odd,
      description: odd,
      inputSchema: { type: 'object', properties: { [odd]: { type: odd, description: odd } } },
    };
    channel.message('serverToClient', { jsonrpc: '2.0', id: 10, result: { tools: [tool] } });
  }
}

describe('inspector, with hostile messages', () => {
  const world = InspectorWorld.use();

  async function nothingRan(page: WebviewPage): Promise<void> {
    await page.settle();
    assert.equal(await page.page.evaluate('window.ran'), undefined);
    const foreign = await page.page.evaluate(
      `document.querySelectorAll('script:not([nonce]), iframe, object, embed, svg [onload], [onerror], [onfocus], [onload], a[href^="javascript" i], form').length`,
    );
    assert.equal(foreign, 0);
  }

  /** Opens each part of the detail, in each form. */
  async function lookAtAll(page: WebviewPage): Promise<void> {
    const tabs = page.detail.getByRole('tab');
    for (let index = 0; index < (await tabs.count()); index += 1) {
      await tabs.nth(index).click();
      for (const form of ['Raw', 'Bytes', 'As sent', 'Headers', 'Tree']) {
        const button = page.detail.getByRole('button', { name: form, exact: true }).first();
        if ((await button.count()) > 0) await button.click();
        await nothingRan(page);
      }
    }
  }

  for (const surface of ['panel', 'view'] as const) {
    it(`runs none of them, wherever it is shown (${surface})`, async () => {
      recordOdd(world.recorder);
      const page = await world.show({ surface, width: surface === 'view' ? 380 : 1280 });
      await page.rows.first().waitFor();
      await nothingRan(page);
      const count = await page.rows.count();
      assert.ok(count >= 4, String(count));
      for (let index = 0; index < Math.min(count, 6); index += 1) {
        await page.rows.nth(index).click();
        await page.detail.getByRole('tab').first().waitFor();
        await lookAtAll(page);
        await page.page.keyboard.press('Escape');
      }
      await page.page.getByRole('tab', { name: 'Messages' }).click();
      await page.rows.first().waitFor();
      await nothingRan(page);
      for (const view of ['Statistics', 'Timeline', 'Exchanges']) {
        await page.page.getByRole('tab', { name: view }).click();
        await nothingRan(page);
      }
      await page.screenshot(`hostile-${surface}`);
    });
  }

  it('marks a filter of script in bodies, and completes it, without running it', async () => {
    recordOdd(world.recorder);
    const page = await world.show();
    await page.filter.fill('<img src=x');
    await page.until(async () => (await page.rows.count()) > 0);
    await page.rows.first().click();
    await lookAtAll(page);
    await page.filter.fill('tool:');
    await page.page.getByRole('option').first().waitFor();
    await nothingRan(page);
  });

  it('shows characters that nobody sees as what they are', async () => {
    const channel = world.recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: unseen } });
    const page = await world.show();
    await page.rows.first().click();
    await page.detail.getByRole('tab', { name: 'Request' }).click();
    const text = await page.page.locator('body').innerText();
    for (const character of ['\u202e', '\u200b', '\u2066', '\ufeff', '\u{e0041}']) {
      assert.ok(!text.includes(character), character.codePointAt(0)?.toString(16));
    }
    await page.screenshot('hostile-unseen');
  });

  it('shows a body of 50 MB and one that nests 10,000 deep, and goes on to answer', async () => {
    const { recorder } = world;
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    answer(channel, 1, { text: 'x'.repeat(50 * 1024 * 1024) });
    answer(channel, 2, JSON.parse(`${'{"a":['.repeat(10_000)}1${']}'.repeat(10_000)}`) as object);
    answer(channel, 3, { items: Array.from({ length: 200_000 }, (_, item) => ({ item, text: `${item}` })) });
    answer(channel, 4, { [`n${'a'.repeat(1024 * 1024)}`]: 'v'.repeat(1024 * 1024), lines: '\n'.repeat(500_000) });
    recordMany(recorder, world.clock, 3, 10);
    const page = await world.show();
    for (const index of [0, 1, 2, 3]) {
      await page.rows.nth(index).click();
      await page.detail.getByRole('tab', { name: 'Response' }).click();
      for (const form of ['Raw', 'Tree']) {
        await page.detail.getByRole('button', { name: form, exact: true }).first().click();
        // Whoever hangs does not answer.
        await page.settle();
      }
      await page.detail.getByRole('button', { name: 'Open the whole message in an editor' }).click();
      await page.until(() => Promise.resolve(page.opened.length === index + 1));
    }
    const bodies = page.opened.map((text) => text.length);
    assert.ok(bodies[0]! > 2_000_000 && bodies[1]! > 60_000, String(bodies));
    assert.match(page.opened[0]!, /more characters\]/);
    await page.screenshot('hostile-large');
    await page.page.getByRole('tab', { name: 'Statistics' }).click();
    await page.statisticsRow('tools/call').or(page.page.locator('.statistics tbody tr')).first().waitFor();
  });

  it('gives back the bytes of what is no UTF-8 and of what is no message', async () => {
    const channel = world.recorder.openChannel({ server: 's', client: 'c', session: 's1', era: 'legacy' });
    const raw = Buffer.concat([
      Buffer.from('{"jsonrpc":"2.0","id":1,"result":{"text":"'),
      Buffer.from([0xff, 0xc0, 0x80]),
      Buffer.from('"}}'),
    ]);
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'odd_bytes' } });
    channel.message('serverToClient', JSON.parse(raw.toString()) as object, raw.length, undefined, undefined, raw);
    channel.unreadable('serverToClient', Buffer.alloc(200_000, 'Listening <b>on</b> port 3000\n'));
    const page = await world.show();
    await page.row('odd_bytes').click();
    await page.detail.getByRole('tab', { name: 'Response' }).click();
    await page.detail.getByRole('button', { name: 'Show the bytes' }).click();
    await page.detail.getByText('ff c0 80').waitFor();
    await page.screenshot('hostile-bytes');
    assert.deepEqual(await page.accessibilityFindings(), []);
    await page.row('unreadable').click();
    await page.detail.getByRole('tab', { name: 'Request' }).click();
    await page.detail.getByText('These bytes are no message.').waitFor();
    await page.detail.getByText('|Listening <b>on<|').first().waitFor();
    await page.detail.getByRole('button', { name: 'Open all bytes that were kept' }).click();
    await page.until(() => Promise.resolve(page.opened.length === 1));
    assert.match(page.opened[0]!, /^00000000 {2}4c 69 73/);
    assert.equal(page.opened[0]!.split('\n').length, 12_500);
    await nothingRan(page);
  });
});

function answer(channel: TrafficChannel, id: number, result: object): void {
  channel.message('clientToServer', { jsonrpc: '2.0', id, method: 'tools/call', params: { name: `large_${id}` } });
  channel.message('serverToClient', { jsonrpc: '2.0', id, result });
}
