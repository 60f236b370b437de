import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { settlesWithin } from '../../scripts/toolbox/processGroup';
import { readTrace } from '../../src/traffic/trace/readTrace';
import { traceText } from '../../src/traffic/trace/writeTrace';
import { TrafficRecorder } from '../../src/traffic/trafficRecorder';
import { ManualClock, recordMany, recordSample } from '../support/sampleTraffic';
import { EditorWindow } from './editorWindow';

describe('Trace files in the editor', () => {
  let window: EditorWindow;

  before(async () => {
    window = await EditorWindow.open();
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

  async function open(name: string): Promise<void> {
    await window.editor.page.keyboard.press('Control+P');
    await window.quickInput.fill(name);
    await window.pick(name).first().waitFor();
    await window.editor.page.keyboard.press('Enter');
  }

  /** Types a path into the editor's own file dialog, which must have filled in its suggestion first. */
  async function fillPath(title: string, target: string): Promise<void> {
    await window.editor.page.locator('.quick-input-title').getByText(title, { exact: true }).waitFor();
    await window.until('a suggestion', async () => (await window.quickInput.inputValue()).startsWith('/'));
    await window.until('the path to be taken', async () => {
      await window.quickInput.fill(target);
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
});
