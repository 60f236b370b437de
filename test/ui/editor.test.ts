import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import type { CallToolResult, Client } from '@modelcontextprotocol/client';
import { sampleFunction } from '../support/editorSandbox';
import { connectOutside, EditorWindow } from './editorWindow';

describe('In the editor', () => {
  let window: EditorWindow;
  let client: Client;

  before(async () => {
    window = await EditorWindow.open();
  });

  after(async () => {
    await client?.close();
    await window?.close();
  });

  it('a user without a profile is told what to do', async () => {
    const { configFile, env } = window.sandbox;
    const credentialsFile = env['AWS_SHARED_CREDENTIALS_FILE'] ?? '';
    const config = fs.readFileSync(configFile);
    const credentials = fs.readFileSync(credentialsFile);
    await window.identity.filter({ hasText: 'Select AWS profile' }).waitFor();
    fs.rmSync(configFile);
    fs.rmSync(credentialsFile);
    await window.identity.filter({ hasText: 'No AWS profile' }).waitFor();
    const { page } = window.editor;
    await page.locator('.activitybar .action-label[aria-label="MCP Workbench"]').click();
    await page.locator('.welcome-view').getByText('No AWS profile yet').waitFor();
    await window.editor.screenshot('editor-no-profile');
    fs.writeFileSync(configFile, config);
    fs.writeFileSync(credentialsFile, credentials);
    await window.row('AWS tools').waitFor();
  });

  it('the status bar leads to a profile, and shows its account', async () => {
    const { dev, other } = window.sandbox;
    await window.identity.filter({ hasText: 'Select AWS profile' }).click();
    await window.pick(other.name).waitFor();
    await window.editor.screenshot('editor-profiles');
    await window.pick(dev.name).click();
    await window.identity.filter({ hasText: `${dev.name} · ${dev.account}/` }).waitFor();
    assert.match((await window.identity.textContent()) ?? '', new RegExp(dev.region));
    await window.identity.click();
    await window.pick('Open AWS Config File').waitFor();
    await window.editor.screenshot('editor-identity');
    await window.editor.page.keyboard.press('Escape');
  });

  it('a Region can be typed that the list does not have', async () => {
    const { dev } = window.sandbox;
    await window.editor.runCommand('MCP Workbench: Select AWS Region');
    await window.pick('Stockholm').waitFor();
    await window.editor.screenshot('editor-regions');
    await window.quickInput.fill('xx-newland-1');
    await window.pick('xx-newland-1').click();
    await window.identity.filter({ hasText: 'xx-newland-1' }).waitFor();
    await window.editor.runCommand('MCP Workbench: Select AWS Region');
    await window.pick('Region of the profile').click();
    await window.identity.filter({ hasText: dev.region }).waitFor();
  });

  it('a client that connects from outside appears among the clients', async () => {
    await window.openSideBar();
    client = await connectOutside(await window.connectClaudeCode());
    await window.row('outside-agent').waitFor();
    await window.editor.screenshot('editor-connected');
    await window.row('External access').waitFor();
    assert.match((await window.row('outside-agent').textContent()) ?? '', /2\.1\.0.*\d{4}-\d\d-\d\d/);
  });

  it('tools stand by toolset with what they cost, and open their schemas', async () => {
    const { page } = window.editor;
    // Rows out of sight are not drawn: the other views make room.
    const views = ['AWS', 'Traffic'].map((name) =>
      page.locator('.part.sidebar .pane-header h3').filter({ hasText: new RegExp(`^${name}$`) }),
    );
    for (const view of views) await view.click();
    await window.row(/^cloudformation\d/).click();
    await window.row('cloudformation_list_stacks').click();
    await page.locator('.tab.active').filter({ hasText: 'cloudformation_list_stacks.json' }).waitFor();
    await page.locator('.monaco-editor .view-line').filter({ hasText: 'inputSchema' }).first().waitFor();
    await window.editor.screenshot('editor-schema');
    for (const view of views) await view.click();
  });

  it('the traffic view shows the call that was made', async () => {
    const result = await client.callTool({ name: 'cloudformation_list_stacks', arguments: {} });
    assert.match(JSON.stringify(result.structuredContent), new RegExp(window.sandbox.dev.stack));
    await window.editor.webview().getByText('cloudformation_list_stacks').first().waitFor();
    await window.editor.screenshot('editor-traffic');
  });

  describe('a call that changes something', () => {
    const invoke = (amount: number): Promise<CallToolResult> =>
      client.callTool({
        name: 'lambda_invoke_function',
        arguments: { functionName: sampleFunction, payload: { orderId: 'A-1042', amount } },
      });

    it('is not made when it is refused', async () => {
      const pending = invoke(12.5);
      await window.dialog.getByText(`Invoke function ${sampleFunction}?`).waitFor();
      const text = (await window.dialog.textContent()) ?? '';
      for (const fact of ['outside-agent', window.sandbox.dev.account, window.sandbox.dev.region, 'A-1042']) {
        assert(text.includes(fact), `the question does not name ${fact}`);
      }
      await window.editor.screenshot('editor-consent');
      await window.dialog.getByRole('button', { name: 'Refuse' }).click();
      const result = await pending;
      assert.equal(result.isError, true);
      assert.match(JSON.stringify(result.content), /ConsentRefused/);
    });

    it('is not made when the question is closed', async () => {
      const pending = invoke(13);
      await window.dialog.waitFor();
      await window.editor.page.keyboard.press('Escape');
      assert.match(JSON.stringify((await pending).content), /ConsentRefused/);
    });

    it('is made when it is allowed, once', async () => {
      const pending = invoke(14);
      await window.dialog.getByRole('button', { name: 'Invoke once' }).click();
      assert.match(JSON.stringify((await pending).structuredContent), /refunded/);
      const second = invoke(14);
      await window.dialog.getByRole('button', { name: 'Refuse' }).click();
      assert.match(JSON.stringify((await second).content), /ConsentRefused/);
    });

    it('can be read in full before it is allowed', async () => {
      const pending = invoke(15);
      await window.dialog.getByRole('button', { name: 'Show Details' }).click();
      const { page } = window.editor;
      await page.locator('.monaco-editor .view-line').filter({ hasText: '"amount": 15' }).waitFor();
      const question = await window.notification(`Invoke function ${sampleFunction}?`);
      await window.editor.screenshot('editor-consent-details');
      await question.getByText('Invoke once').click();
      assert.match(JSON.stringify((await pending).structuredContent), /refunded/);
    });

    it('is asked about one after the other', async () => {
      const both = [invoke(16), invoke(17)];
      await window.dialog.getByText('"amount":16').waitFor();
      assert.equal(await window.dialog.count(), 1);
      await window.dialog.getByRole('button', { name: 'Refuse' }).click();
      await window.dialog.getByText('"amount":17').waitFor();
      await window.dialog.getByRole('button', { name: 'Refuse' }).click();
      for (const result of await Promise.all(both)) assert.equal(result.isError, true);
    });

    it('does nothing when agreed to after the client has gone', async () => {
      const gone = new AbortController();
      const pending = client.callTool(
        { name: 'lambda_invoke_function', arguments: { functionName: sampleFunction, payload: { amount: 18 } } },
        { signal: gone.signal },
      );
      await window.dialog.waitFor();
      gone.abort();
      await assert.rejects(pending);
      await window.dialog.getByRole('button', { name: 'Invoke once' }).click();
      await window.notification('Nothing was sent');
    });
  });

  describe('at the end', () => {
    it('profile and address of external access survive a reload of the window', async () => {
      const { dev } = window.sandbox;
      const before = await window.connectClaudeCode();
      await window.editor.page.reload();
      await window.editor.waitForWorkbench();
      await window.identity.filter({ hasText: dev.name }).waitFor();
      await window.openSideBar();
      await window.row('External access').waitFor();
      // The token would be the same where the editor keeps secrets: in a browser without an account it forgets them.
      const endpoint = await window.connectClaudeCode();
      assert.equal(endpoint.url, before.url);
      client = await connectOutside(endpoint);
      await window.row('outside-agent').waitFor();
    });

    it('looks right in a light theme, too', async () => {
      await window.editor.setColorTheme('Light Modern');
      await client.callTool({ name: 'aws_get_caller_identity', arguments: {} });
      await window.editor.screenshot('editor-light');
    });
  });
});
