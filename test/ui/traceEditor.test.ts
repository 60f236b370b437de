import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { settlesWithin } from '../../scripts/toolbox/processGroup';
import { readTrace } from '../../src/traffic/trace/readTrace';
import { headerLine, messageLine } from '../../src/traffic/trace/traceFormat';
import { traceText } from '../../src/traffic/trace/writeTrace';
import { TrafficRecorder } from '../../src/traffic/trafficRecorder';
import { ManualClock, recordMany, recordSample } from '../support/sampleTraffic';
import { startEditorSandbox, type EditorSandbox } from '../support/editorSandbox';
import { connectOutside, EditorWindow } from './editorWindow';

describe('Trace files in the editor', () => {
  let window: EditorWindow<EditorSandbox & { dataFolder: string }>;

  before(async () => {
    const sandbox = await startEditorSandbox();
    const dataFolder = path.join(sandbox.folder, 'editor');
    recordToDisk(dataFolder);
    window = await EditorWindow.openWith({ ...sandbox, dataFolder });
    const clock = new ManualClock();
    const recorder = new TrafficRecorder({ clock });
    recordMany(recorder, clock, 40);
    recordSample(recorder, clock);
    const channel = recorder.openChannel({ server: 'AWS tools', client: 'claude-code', session: 's2', era: 'legacy' });
    const params = {
      name: 'lambda_get_config',
      arguments: { password: 'hunter2', authToken: 'abc', region: 'eu-west-1' },
    };
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    write('monday.mcptrace', recorder);
    recordMany(recorder, clock, 10, 40);
    write('tuesday.mcptrace', recorder);
    recorder.dispose();
    fs.writeFileSync(path.join(window.sandbox.workspace, 'broken.mcptrace'), 'no trace\n');
  });

  after(() => window?.close());

  function write(name: string, recorder: TrafficRecorder): void {
    const text = [...traceText(recorder, { creator: 'MCP Workbench 0.1.0' })].join('');
    fs.writeFileSync(path.join(window.sandbox.workspace, name), text);
  }

  /** Switches recording to disk on where the extension runs: it is a setting of the machine. */
  function recordToDisk(dataFolder: string): void {
    const machine = path.join(dataFolder, 'server', 'data', 'Machine');
    fs.mkdirSync(machine, { recursive: true });
    fs.writeFileSync(path.join(machine, 'settings.json'), JSON.stringify({ 'mcpWorkbench.traffic.record': true }));
  }

  /** A trace that takes seconds to read: many messages, each with something to look at for secrets. */
  function writeLarge(file: string, messages: number): void {
    const handle = fs.openSync(file, 'w');
    fs.writeSync(handle, headerLine('Test', new Date()));
    const text = 'the token of the next page is no secret, and no password '.repeat(16);
    for (let seq = 1; seq <= messages; seq += 1000) {
      let lines = '';
      for (let one = seq; one < seq + 1000; one += 1) {
        const body = JSON.stringify({
          jsonrpc: '2.0',
          method: 'notifications/message',
          params: { data: `${one} ${text}` },
        });
        lines += messageLine({
          seq: one,
          time: Date.UTC(2026, 10, 20) + one,
          direction: 'serverToClient',
          kind: 'notification',
          server: 's',
          client: 'c',
          session: 's1',
          era: 'legacy',
          method: 'notifications/message',
          bytes: body.length,
          tokens: 250,
          body,
        });
      }
      fs.writeSync(handle, lines);
    }
    fs.closeSync(handle);
  }

  async function open(name: string): Promise<void> {
    const row = window.pick(name).first();
    await window.until(`${name} to be offered`, async () => {
      // What was typed before the list was ready is lost, and a file that was just written may not be found at once.
      if (!(await window.quickInput.isVisible())) await window.editor.page.keyboard.press('Control+P');
      await window.quickInput.fill('');
      await window.quickInput.fill(name);
      await row.waitFor({ timeout: 2_000 }).catch(() => undefined);
      return row.isVisible();
    });
    await window.editor.page.keyboard.press('Enter');
  }

  /** Types a path into the editor's own file dialog, which must have filled in its suggestion first. */
  async function fillPath(title: string, target: string): Promise<void> {
    await window.editor.page.locator('.quick-input-title').getByText(title, { exact: true }).waitFor();
    await window.until('a suggestion', async () => (await window.quickInput.inputValue()).startsWith('/'));
    await window.until('the path to be taken', async () => {
      await window.quickInput.fill(target);
      // The dialog may put its suggestion back while it looks at the folder.
      await delay(300);
      if ((await window.quickInput.inputValue()) !== target) return false;
      await window.quickInput.press('Enter');
      return settlesWithin(window.quickInput.waitFor({ state: 'hidden' }), 2000);
    });
  }

  it('open in the inspector, with its statistics and its timeline', async () => {
    await open('monday.mcptrace');
    const page = window.editor.webview();
    await page.locator('.row').filter({ hasText: 'lambda_get_config' }).first().waitFor();
    await window.editor.screenshot('trace-editor');
    assert.equal(await page.getByRole('button', { name: 'Clear', exact: true }).count(), 0);
    await page.getByRole('tab', { name: 'Statistics' }).click();
    await page.locator('.statistics').getByText('lambda_get_config').waitFor();
    await window.editor.screenshot('trace-editor-statistics');
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await page.getByRole('application', { name: 'Timeline' }).waitFor();
    await window.editor.screenshot('trace-editor-timeline');
  });

  it('are saved anew with a look at what was removed, and less where that is chosen', async () => {
    const page = window.editor.webview();
    await page.getByRole('button', { name: 'Save the traffic' }).click();
    await window.pick('MCP trace').click();
    await window.pick('Replace AWS account ids').waitFor();
    assert.equal(await window.quickInput.getAttribute('placeholder'), 'Already removed: 1 password, 1 token');
    await window.editor.screenshot('trace-save');
    await window.pick('Replace AWS account ids').click();
    await window.quickInput.press('Enter');
    const target = path.join(window.sandbox.workspace, 'shared.mcptrace');
    await fillPath('Save Traffic', target);
    await window.until('the file to be there', () => fs.existsSync(target) && fs.statSync(target).size > 1000);
    const text = fs.readFileSync(target, 'utf8');
    const trace = await readTrace([Buffer.from(text)]);
    assert.equal(trace.records.length, 103);
    assert.deepEqual(trace.header.without, ['accounts']);
    assert.ok(!text.includes('111122223333') && !text.includes('hunter2'));
  });

  it('are compared', async () => {
    await window.editor.runCommand('MCP Workbench: Compare Traffic');
    await window.pick('A trace file and the traffic of this window').click();
    const target = path.join(window.sandbox.workspace, 'tuesday.mcptrace');
    await fillPath('Choose a Trace', target);
    await window.editor.page.locator('.tab').filter({ hasText: 'Preview' }).waitFor();
    await window.editor.screenshot('trace-comparison');
  });

  it('that are none are refused with a reason', async () => {
    await open('broken.mcptrace');
    await window.editor.webview().getByRole('alert').getByText('This file is not an MCP trace.').waitFor();
    await window.editor.screenshot('trace-broken');
  });

  it('that are large show how far they are read, and reading them can be stopped', async () => {
    const messages = 160_000;
    const file = path.join(window.sandbox.workspace, 'large.mcptrace');
    writeLarge(file, messages);
    await open('large.mcptrace');
    const progress = await window.notification('Reading large.mcptrace');
    await window.editor.screenshot('trace-reading');
    await progress.hover();
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await window.notification('Reading large.mcptrace was stopped.');
    const page = window.editor.webview();
    await page.locator('.row').first().waitFor();
    const footer = await page.locator('footer').innerText();
    const shown = Number(/([\d,. \u202f]+) messages/.exec(footer)?.[1]?.replaceAll(/\D/g, ''));
    assert.ok(shown > 0 && shown < messages, footer);
    await window.editor.screenshot('trace-stopped');
    await window.editor.runCommand('View: Close Editor');
    fs.rmSync(file);
  });

  it('of this window come back after a reload as earlier traffic', async () => {
    const client = await connectOutside(await window.connectClaudeCode());
    await client.callTool({ name: 'aws_get_caller_identity', arguments: {} });
    await client.close();
    await window.editor.runCommand('MCP Workbench: Open Traffic Inspector');
    const row = { hasText: 'aws_get_caller_identity' };
    await window.editor.webview().locator('.row').filter(row).first().waitFor();
    assert.equal(await window.editor.webview().locator('.row.earlier').count(), 0);
    const gone = window.editor.page.waitForEvent('framenavigated', (frame) => frame.parentFrame() === null);
    await window.editor.runCommand('Developer: Reload Window');
    await gone;
    await window.editor.waitForWorkbench();
    await window.editor.runCommand('MCP Workbench: Open Traffic Inspector');
    const page = window.editor.webview();
    await page.locator('.row.earlier').filter(row).first().click();
    const detail = page.getByRole('region', { name: 'Detail' });
    await detail.getByRole('tab', { name: 'Response' }).click();
    await detail.getByRole('button', { name: 'Raw', exact: true }).click();
    await detail.getByText('"jsonrpc":"2.0"').waitFor();
    const again = await connectOutside(await window.connectClaudeCode());
    await again.callTool({ name: 'aws_get_caller_identity', arguments: {} });
    await again.close();
    await page.locator('.row:not(.earlier)').filter(row).first().waitFor();
    await window.editor.screenshot('earlier-traffic');
  });
});
