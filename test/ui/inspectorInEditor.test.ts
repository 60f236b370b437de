import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import type { FrameLocator } from 'playwright-core';
import { sampleFunction } from '../support/editorSandbox';
import { connectOutside, EditorWindow } from './editorWindow';

const axe = fs.readFileSync(path.join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');

const editorThemes = [
  ['dark', 'Dark Modern'],
  ['light', 'Light Modern'],
  ['hc-dark', 'Default High Contrast'],
  ['hc-light', 'Default High Contrast Light'],
] as const;

describe('The inspector in the editor', () => {
  let window: EditorWindow;
  let client: Client;

  before(async () => {
    window = await EditorWindow.open();
    await window.identity.filter({ hasText: 'Select AWS profile' }).click();
    await window.pick(window.sandbox.dev.name).click();
    await window.identity.filter({ hasText: window.sandbox.dev.account }).waitFor();
    await window.openSideBar();
    client = await connectOutside(await window.connectClaudeCode());
    await client.listTools();
    await client.callTool({ name: 'cloudformation_list_stacks', arguments: {} });
    await client.callTool({ name: 'lambda_list_functions', arguments: {} });
    await client.callTool({ name: 'cloudformation_describe_stack', arguments: { stackName: 'not-there' } });
    const givenUp = new AbortController();
    const pending = client.callTool(
      { name: 'lambda_invoke_function', arguments: { functionName: sampleFunction, payload: { amount: 1 } } },
      { signal: givenUp.signal },
    );
    await window.dialog.waitFor();
    givenUp.abort('enough');
    await assert.rejects(pending);
    await window.dialog.getByRole('button', { name: 'Refuse' }).click();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await window.editor.screenshot(`zz-failed-${this.currentTest.title.slice(0, 40).replaceAll(/\W+/g, '-')}`);
    }
  });

  after(async () => {
    await client?.close();
    await window?.close();
  });

  /** Opens the inspector as an editor tab, with the side bar closed. */
  async function openWide(): Promise<FrameLocator> {
    await window.editor.runCommand('MCP Workbench: Open Traffic Inspector');
    await window.editor.page.locator('.tab.active').filter({ hasText: 'MCP Traffic' }).waitFor();
    if (await window.editor.page.locator('.part.sidebar').isVisible()) {
      await window.editor.runCommand('View: Toggle Primary Side Bar Visibility');
      await window.editor.page.locator('.part.sidebar').waitFor({ state: 'hidden' });
    }
    const page = window.editor.webview();
    await page.getByRole('tablist', { name: 'Views' }).waitFor();
    return page;
  }

  /** Shows the side bar with the list alone in it, and no editor. */
  async function openNarrow(): Promise<FrameLocator> {
    await window.editor.runCommand('View: Close All Editors');
    await window.openSideBar();
    const page = window.editor.webview();
    await page.getByRole('tablist', { name: 'Views' }).waitFor();
    return page;
  }

  /** What axe finds wrong with a page inside the editor, one line for each element. */
  async function accessibilityFindings(page: FrameLocator): Promise<string[]> {
    const frame = await (await page.owner().elementHandle())?.contentFrame();
    assert.ok(frame, 'the page is no longer there');
    await frame.evaluate(axe);
    // A page in the side bar is transparent; what the editor draws behind it is out of axe's sight.
    await frame.evaluate(`{
      if (/, 0\\)$/.test(getComputedStyle(document.body).backgroundColor)) {
        document.documentElement.style.background = 'var(--vscode-sideBar-background)';
      }
    }`);
    return frame.evaluate<string[]>(
      `axe.run().then(({ violations }) => violations.flatMap(({ id, impact, nodes }) =>
        nodes.map(({ target, failureSummary }) => [impact, id, target.join(' '), failureSummary].join(' | '))))`,
    );
  }

  async function show(page: FrameLocator, tab: string): Promise<void> {
    await page.getByRole('tab', { name: tab }).first().click();
  }

  for (const [name, theme] of editorThemes) {
    it(`shows every view in ${theme}, wide and narrow, with no accessibility finding`, async () => {
      await window.editor.setColorTheme(theme);
      const findings: string[] = [];
      const picture = async (page: FrameLocator, what: string): Promise<void> => {
        await window.editor.screenshot(`in-editor-${name}-${what}`);
        findings.push(...(await accessibilityFindings(page)).map((finding) => `${what}: ${finding}`));
      };
      const { page } = window.editor;
      const wide = await openWide();
      await show(wide, 'Exchanges');
      const filter = wide.getByRole('combobox', { name: 'Filter' });
      await filter.pressSequentially('status:err');
      await wide.getByRole('option', { name: 'error' }).waitFor();
      await picture(wide, 'filter');
      await filter.fill('');
      await wide.getByRole('button', { name: 'Save the traffic' }).click();
      await window.pick('MCP trace').waitFor();
      await window.editor.screenshot(`in-editor-${name}-save`);
      await page.keyboard.press('Escape');
      await wide.locator('.row').filter({ hasText: 'cloudformation_list_stacks' }).first().click();
      await wide.getByRole('region', { name: 'Detail' }).waitFor();
      for (const tab of ['Overview', 'Request', 'AWS']) {
        await show(wide, tab);
        await picture(wide, `detail-${tab.toLowerCase()}`);
      }
      await wide.getByRole('region', { name: 'Detail' }).getByRole('tab', { name: 'Replay' }).click();
      await wide.getByRole('button', { name: 'Run again' }).click();
      await wide.getByRole('button', { name: 'Open the new exchange' }).waitFor();
      await picture(wide, 'detail-replay');
      for (const tab of ['Messages', 'Statistics', 'Timeline', 'Replay']) {
        await show(wide, tab);
        await picture(wide, tab.toLowerCase());
      }
      await show(wide, 'Schemas');
      await wide.getByRole('treeitem', { name: /lambda_list_functions/ }).click();
      await wide.getByRole('heading', { name: 'List functions' }).waitFor();
      await picture(wide, 'schemas');
      await wide.getByRole('button', { name: 'Try it' }).click();
      await wide.getByRole('button', { name: 'Run' }).click();
      await wide.getByText('Answered in').waitFor();
      await picture(wide, 'try-it');
      await page.setViewportSize({ width: 560, height: 800 });
      for (const tab of ['Exchanges', 'Messages', 'Statistics', 'Timeline', 'Schemas', 'Try it', 'Replay']) {
        await show(wide, tab);
        await picture(wide, `narrow-${tab.toLowerCase().replace(' ', '-')}`);
      }
      await page.setViewportSize({ width: 1280, height: 800 });
      await show(wide, 'Exchanges');
      const narrow = await openNarrow();
      await narrow.locator('.row').filter({ hasText: 'lambda_list_functions' }).first().waitFor();
      await picture(narrow, 'side-bar');
      assert.deepEqual([...new Set(findings)], []);
    });
  }

  it('is worked with by keyboard alone, from the command to the detail and back', async () => {
    const { page } = window.editor;
    const inspector = await openWide();
    await show(inspector, 'Exchanges');
    await page.keyboard.press('/');
    await page.keyboard.type('client:outside-agent tool:lambda_list_functions');
    await page.keyboard.press('Enter');
    await inspector.locator('footer').getByText('1 match').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await inspector.getByRole('region', { name: 'Detail' }).getByText('lambda_list_functions').first().waitFor();
    await page.keyboard.press('Escape');
    await inspector.getByRole('region', { name: 'Detail' }).waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    await page.keyboard.press('Enter');
    await inspector.locator('.row').filter({ hasText: 'cloudformation_list_stacks' }).first().waitFor();
  });

  it('runs what changes something after the question that agents get, too', async () => {
    const inspector = await openWide();
    await show(inspector, 'Schemas');
    await inspector.getByRole('treeitem', { name: /lambda_invoke_function/ }).click();
    await inspector.getByRole('button', { name: 'Try it' }).click();
    const input = { functionName: sampleFunction, payload: { orderId: 'B-7', amount: 3 } };
    await inspector.getByLabel('JSON', { exact: true }).fill(JSON.stringify(input));
    const run = inspector.getByRole('button', { name: 'Run' });
    await run.click();
    await window.dialog.getByText(`Invoke function ${sampleFunction}?`).waitFor();
    await window.editor.screenshot('in-editor-try-consent');
    await window.dialog.getByRole('button', { name: 'Refuse' }).click();
    await inspector.getByText('ConsentRefused').first().waitFor();
    await run.click();
    await window.dialog.getByRole('button', { name: 'Invoke once' }).click();
    await inspector.getByText('refunded').first().waitFor();
    await inspector.getByRole('button', { name: 'Open the recorded exchange' }).click();
    await inspector.getByRole('region', { name: 'Detail' }).getByText('lambda_invoke_function').first().waitFor();
    await window.editor.screenshot('in-editor-try-recorded');
  });

  it('runs a selection of calls again as a sequence', async () => {
    const { page } = window.editor;
    const inspector = await openWide();
    await show(inspector, 'Exchanges');
    await inspector.getByRole('combobox', { name: 'Filter' }).fill('client:outside-agent tool:*_list_* kind:request');
    await inspector.locator('footer').getByText('2 matches').waitFor();
    await inspector.locator('.row').filter({ hasText: 'cloudformation_list_stacks' }).click();
    await inspector
      .locator('.row')
      .filter({ hasText: 'lambda_list_functions' })
      .click({ modifiers: ['Shift'] });
    await page.keyboard.press('r');
    await inspector.getByRole('button', { name: 'Run all' }).click();
    await inspector.getByText('2 of 2 steps').waitFor();
    await window.editor.screenshot('in-editor-sequence');
  });

  it('is led to from rows of the Servers view, from the log and from an address', async () => {
    const { page } = window.editor;
    await window.editor.runCommand('View: Close All Editors');
    await window.openSideBar();
    await window.pressInline(window.row('outside-agent'), 'Show Traffic');
    await page.locator('.tab.active').filter({ hasText: 'MCP Traffic' }).waitFor();
    await window.editor.runCommand('View: Toggle Primary Side Bar Visibility');
    const inspector = window.editor.webview();
    const filter = inspector.getByRole('combobox', { name: 'Filter' });
    await window.until('the filter of the client', async () => (await filter.inputValue()).startsWith('session:'));
    await inspector.locator('.row').filter({ hasText: 'cloudformation_describe_stack' }).waitFor();

    await window.editor.runCommand('MCP Workbench: Show Log');
    const link = page
      .locator('.part.panel .detected-link')
      .filter({ hasText: /^traffic/ })
      .first();
    await link.click({ modifiers: ['Control'] });
    await inspector.getByRole('region', { name: 'Detail' }).getByText('not-there').first().waitFor();
    await window.editor.screenshot('in-editor-log-link');
    await window.editor.runCommand('View: Hide Panel');

    await window.editor.runCommand('Developer: Open URL');
    await window.quickInput.fill('vscode://mcp-workbench.mcp-workbench/inspect?filter=status%3Aerror&view=messages');
    await page.keyboard.press('Enter');
    await window.dialog.getByRole('button', { name: 'Open' }).click();
    await window.until('the filter of the address', async () => (await filter.inputValue()) === 'status:error');

    await window.openSideBar();
    await window.pickFromMenu(window.row('AWS tools').first(), 'Show Schemas');
    await window.editor.runCommand('View: Toggle Primary Side Bar Visibility');
    await inspector.getByRole('tab', { name: 'Schemas', selected: true }).waitFor();
  });

  it('moves into a window of its own, and goes on there', async () => {
    await show(await openWide(), 'Exchanges');
    const own = await window.popup(() => window.editor.runCommand('View: Move Editor into New Window'));
    const inspector = own.frameLocator('iframe.webview.ready:visible').frameLocator('iframe#active-frame');
    await inspector.getByRole('combobox', { name: 'Filter' }).fill('tool:aws_get_caller_identity');
    await client.callTool({ name: 'aws_get_caller_identity', arguments: {} });
    await inspector.locator('.row').filter({ hasText: 'aws_get_caller_identity' }).first().waitFor();
    await own.close();
  });

  it('comes back after a reload of the window as it was left', async () => {
    const before = await openWide();
    await before.getByRole('combobox', { name: 'Filter' }).fill('status:cancelled');
    await show(before, 'Statistics');
    // The editor writes down the state of its tabs in an orderly end only.
    const gone = window.editor.page.waitForEvent('framenavigated', (frame) => frame.parentFrame() === null);
    await window.editor.runCommand('Developer: Reload Window');
    await gone;
    await window.editor.waitForWorkbench();
    await window.editor.page.locator('.tab.active').filter({ hasText: 'MCP Traffic' }).waitFor();
    const after = window.editor.webview();
    await after.getByRole('tab', { name: 'Statistics', selected: true }).waitFor();
    assert.equal(await after.getByRole('combobox', { name: 'Filter' }).inputValue(), 'status:cancelled');
  });
});
