import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { CallToolResult, Client } from '@modelcontextprotocol/client';
import { sampleFunction, startEditorSandbox, type EditorSandbox } from '../support/editorSandbox';
import { builtExtension, connectOutside, EditorWindow } from './editorWindow';

const themes = [
  ['dark', 'Dark 2026'],
  ['light', 'Light 2026'],
] as const;

/**
 * Makes the extension with one command more, which asks about a plan with a change in it through the queue that tools
 * ask through: no tool of ours replaces a text yet.
 */
function withAskingCommand(folder: string): string {
  const extension = path.join(folder, 'extension');
  fs.mkdirSync(extension);
  for (const part of ['dist', 'media', 'package.nls.json']) {
    // Copied: the editor tells by the real path of a file which extension it belongs to.
    fs.cpSync(path.join(builtExtension, part), path.join(extension, part), { recursive: true });
  }
  const manifest = JSON.parse(fs.readFileSync(path.join(builtExtension, 'package.json'), 'utf8')) as {
    main: string;
    contributes: { commands: object[] };
  };
  manifest.main = './asking.js';
  manifest.contributes.commands.push({ command: 'asking.ask', title: 'Test: Ask About a Change' });
  fs.writeFileSync(path.join(extension, 'package.json'), JSON.stringify(manifest));
  const template = (memory: number): string =>
    `${JSON.stringify({ Resources: { Refund: { Type: 'AWS::Lambda::Function', Properties: { MemorySize: memory, Timeout: 30 } } } }, undefined, 2)}\n`;
  const request = {
    plan: {
      action: 'Update stack',
      resource: 'orders',
      details: [{ label: 'Parameters', value: 'Stage=prod' }],
      changes: [{ label: 'template.json', before: template(128), after: template(512) }],
    },
    tool: 'cloudformation_update_stack',
    access: 'destructive',
    client: 'claude-code',
    sessionId: 's1',
    identity: {
      account: '444455556666',
      role: 'Developer',
      region: 'eu-west-1',
      profile: 'acme-prod',
      label: 'shop',
      production: true,
    },
    hash: '9f3c'.padEnd(64, '0'),
  };
  fs.writeFileSync(
    path.join(extension, 'asking.js'),
    `const vscode = require('vscode');
const real = require('./dist/extension.js');
exports.deactivate = real.deactivate;
exports.activate = (context) => {
  const api = real.activate(context);
  context.subscriptions.push(vscode.commands.registerCommand('asking.ask', async () => {
    const { consents } = await api.container();
    const answer = await consents.ask(${JSON.stringify(request)}, new AbortController().signal);
    void vscode.window.showInformationMessage('The answer is ' + JSON.stringify(answer));
  }));
  return api;
};
`,
  );
  return extension;
}

describe('What tools may do, in the editor', () => {
  let sandbox: EditorSandbox;
  let window: EditorWindow;
  let client: Client;

  before(async () => {
    sandbox = await startEditorSandbox();
    const withTests = { ...sandbox, env: { ...sandbox.env, MCP_WORKBENCH_TESTS: '1' } };
    window = await EditorWindow.openWith(
      withTests,
      {
        'mcpWorkbench.accounts': { [sandbox.dev.account]: { label: 'shop', production: true } },
        'mcpWorkbench.productionWrites': [sandbox.dev.account],
      },
      withAskingCommand(sandbox.folder),
    );
    await window.identity.filter({ hasText: 'Select AWS profile' }).click();
    await window.pick(sandbox.dev.name).click();
    await window.openSideBar();
    client = await connectOutside(await window.connectClaudeCode());
    await window.row('outside-agent').waitFor();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await window.editor.screenshot('zz-platform-failed');
  });

  after(async () => {
    await client?.close();
    await window?.close();
  });

  const invoke = (amount: number): Promise<CallToolResult> =>
    client.callTool({
      name: 'lambda_invoke_function',
      arguments: { functionName: sampleFunction, payload: { orderId: 'A-1042', amount } },
    });

  it('a yes can hold for the session and the resource, and says that the account is production', async () => {
    const first = invoke(1);
    await window.dialog.getByText(`Invoke function ${sampleFunction}?`).waitFor();
    const text = (await window.dialog.textContent()) ?? '';
    for (const fact of ['shop', sandbox.dev.account, 'production', 'for an hour at most']) {
      assert(text.includes(fact), `the question does not say ${fact}`);
    }
    await window.editor.screenshot('platform-consent-dark');
    await window.dialog.getByRole('button', { name: 'Refuse' }).click();
    assert.match(JSON.stringify((await first).content), /ConsentRefused/);
    await window.editor.setColorTheme('Light 2026');
    const second = invoke(2);
    await window.dialog.getByText(`Invoke function ${sampleFunction}?`).waitFor();
    await window.editor.screenshot('platform-consent-light');
    await window.dialog.getByRole('button', { name: 'Invoke for this session' }).click();
    assert.match(JSON.stringify((await second).structuredContent), /refunded/);
    // Nobody is asked again, whatever is sent.
    assert.match(JSON.stringify((await invoke(3)).structuredContent), /refunded/);
    assert.equal(await window.dialog.count(), 0);
  });

  it('such a yes is listed and can be taken back', async () => {
    await window.editor.runCommand('MCP Workbench: Manage Consents');
    const row = window.pick(`Invoke function ${sampleFunction}`);
    await row.waitFor();
    assert.match((await row.textContent()) ?? '', /outside-agent.*production.*used 1 time/);
    await window.editor.screenshot('platform-grants');
    await row.click();
    await window.until('it to be gone', async () => (await row.count()) === 0);
    await window.editor.page.keyboard.press('Escape');
    const pending = invoke(4);
    await window.dialog.getByRole('button', { name: 'Refuse' }).click();
    assert.match(JSON.stringify((await pending).content), /ConsentRefused/);
  });

  it('a change is shown as a difference, and what cannot be undone is never agreed to for a session', async () => {
    for (const [name, theme] of themes) {
      await window.editor.setColorTheme(theme);
      await window.editor.runCommand('Test: Ask About a Change');
      await window.dialog.getByText('Update stack orders?').waitFor();
      assert.equal(await window.dialog.getByRole('button', { name: /session/ }).count(), 0);
      await window.editor.screenshot(`platform-consent-change-${name}`);
      await window.dialog.getByRole('button', { name: 'Show Details' }).click();
      await window.editor.page.locator('.monaco-diff-editor .line-insert').first().waitFor();
      const question = await window.notification('Update stack orders?');
      await window.editor.screenshot(`platform-diff-${name}`);
      await question.getByText('Update once').click();
      await window.notification('The answer is {"kind":"allowed","by":"editor"}');
      await window.editor.runCommand('Notifications: Clear All Notifications');
      await window.editor.runCommand('View: Close All Editors');
    }
  });

  it('toolsets are chosen by what they cost, and clients lose and get tools at once', async () => {
    await window.editor.runCommand('MCP Workbench: Choose Toolsets');
    await window.pick(/^s3/).waitFor();
    await window.editor.page.locator('.quick-input-title').filter({ hasText: 'of 10k tokens' }).waitFor();
    await window.editor.screenshot('platform-toolsets');
    await window.pick(/^s3/).click();
    await window.editor.page.keyboard.press('Enter');
    await window.until('the tools of S3 to be gone', async () => {
      const { tools } = await client.listTools();
      return !tools.some(({ name }) => name.startsWith('s3_'));
    });
  });

  it('the audit log shows what was called, filters it and holds', async () => {
    const { page } = window.editor;
    await page.locator('.part.sidebar .pane-header').filter({ hasText: 'Audit Log' }).click();
    await window
      .row(/lambda_invoke_function.*ConsentRefused/)
      .first()
      .waitFor();
    await window.editor.runCommand('MCP Workbench: Filter Audit Log');
    await window.pick('Changes Only').click();
    await page.locator('.part.sidebar').getByText('Shown: changes only.').waitFor();
    for (const [name, theme] of themes) {
      await window.editor.setColorTheme(theme);
      await window.editor.screenshot(`platform-audit-${name}`);
    }
    await window
      .row(/lambda_invoke_function.*ConsentRefused/)
      .first()
      .click();
    await page.locator('.monaco-editor .view-line').filter({ hasText: 'ConsentRefused' }).first().waitFor();
    await window.editor.screenshot('platform-audit-record');
    await window.editor.runCommand('MCP Workbench: Verify Audit Log');
    await window.notification('The audit log is intact');
  });
});
