import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Client } from '@modelcontextprotocol/client';
import type { Page } from 'playwright-core';
import { makeTemporaryFolder, removeFolder } from '../../scripts/toolbox/cache';
import { ensureNode24 } from '../../scripts/toolbox/node24';
import { connectOutside, EditorWindow } from './editorWindow';

const pliantServer = path.join(import.meta.dirname, '..', 'support', 'pliantServer.mjs');

interface StrangeFolder {
  workspace: string;
  dataFolder: string;
  workspaceTrust: true;
  env: Record<string, string>;
  /** Each start of the server of the folder: its arguments and the token that it was given. */
  starts(): { args: string[]; token: string | undefined }[];
  /** Writes what the folder says of its server. */
  configure(...more: string[]): void;
  dispose(): Promise<void>;
}

/** A folder from somewhere, with a server that leaves a trace wherever it starts. */
async function makeStrangeFolder(): Promise<StrangeFolder> {
  const folder = makeTemporaryFolder();
  const workspace = path.join(folder, 'workspace');
  for (const made of [path.join(workspace, '.vscode'), path.join(folder, 'tmp')])
    fs.mkdirSync(made, { recursive: true });
  const trace = path.join(folder, 'starts.jsonl');
  const toolsFile = path.join(folder, 'tools.json');
  const inputSchema = { type: 'object' };
  fs.writeFileSync(
    toolsFile,
    JSON.stringify([
      { name: 'find_issue', description: 'Finds.', inputSchema, annotations: { readOnlyHint: true } },
      { name: 'close_issue', description: 'Closes.', inputSchema },
    ]),
  );
  const script = path.join(workspace, 'tracker.mjs');
  fs.writeFileSync(
    script,
    `import * as fs from 'node:fs';
fs.appendFileSync(${JSON.stringify(trace)}, JSON.stringify({ args: process.argv.slice(3), token: process.env.TRACKER_TOKEN }) + '\\n');
await import(${JSON.stringify(pathToFileURL(pliantServer).href)});
`,
  );
  const { node } = await ensureNode24();
  const config = path.join(folder, 'config');
  fs.writeFileSync(config, '');
  const made: StrangeFolder = {
    workspace,
    dataFolder: path.join(folder, 'data'),
    workspaceTrust: true,
    env: {
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: path.join(folder, 'credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
      TMPDIR: path.join(folder, 'tmp'),
    },
    starts: () =>
      fs.existsSync(trace)
        ? fs
            .readFileSync(trace, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as { args: string[]; token: string | undefined })
        : [],
    configure(...more) {
      const inputs = [
        { id: 'token', type: 'promptString', description: 'Token of the tracker', password: true },
        { id: 'mode', type: 'pickString', description: 'How to search', options: ['fast', 'thorough'] },
      ];
      const args = [script, toolsFile, '--mode', '${input:mode}', ...more];
      const servers = { tracker: { command: node, args, env: { TRACKER_TOKEN: '${input:token}' } } };
      fs.writeFileSync(path.join(workspace, '.vscode', 'mcp.json'), JSON.stringify({ inputs, servers }, undefined, 2));
    },
    dispose: () => removeFolder(folder),
  };
  made.configure();
  return made;
}

describe('The servers of a folder that nobody trusts yet', () => {
  let window: EditorWindow<StrangeFolder>;
  let page: Page;
  let client: Client | undefined;

  before(async () => {
    window = await EditorWindow.openWith(await makeStrangeFolder(), {
      'security.workspace.trust.startupPrompt': 'never',
      'security.workspace.trust.banner': 'never',
    });
    ({ page } = window.editor);
    await window.openServers();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await window.editor.screenshot('zz-failed-managed-trust');
  });

  after(async () => {
    await client?.close();
    await window?.close();
  });

  const tracker = (words = ''): ReturnType<typeof window.row> => window.row(new RegExp(`^tracker.*${words}`)).first();

  /** The title of the question that is open. */
  const question = (text: string): Promise<void> =>
    page.locator('.quick-input-widget').getByText(text).first().waitFor();

  it('do not start, and the view says why', async () => {
    await tracker('workspace not trusted').click();
    await window.row('The workspace is not trusted, so it does not start').waitFor();
    await window.editor.screenshot('servers-untrusted');
    await window.pressInline(tracker(), 'Start Server');
    await window.notification('belongs to a workspace that is not trusted');
    await window.editor.runCommand('Notifications: Clear All Notifications');
    assert.equal(await window.dialog.count(), 0);
    assert.deepEqual(window.sandbox.starts(), []);
  });

  it('start after the folder is trusted and the exact command was agreed to, with the values that were asked for', async () => {
    await window.editor.runCommand('Workspaces: Manage Workspace Trust');
    await page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).click();
    await page.locator('.workspace-trust-editor.trusted').waitFor();
    await page.locator('.monaco-modal-editor-block .codicon-close').first().click();
    await page.locator('.workspace-trust-editor').waitFor({ state: 'hidden' });
    await tracker('stopped').waitFor();
    assert.deepEqual(window.sandbox.starts(), []);
    await window.pressInline(tracker(), 'Start Server');
    await window.dialog.getByText('Start the MCP server tracker?').waitFor();
    const text = (await window.dialog.textContent()) ?? '';
    assert.match(text, /tracker\.mjs/);
    assert.match(text, /\$\{input:mode\}/);
    assert.deepEqual(window.sandbox.starts(), []);
    await window.dialog.getByRole('button', { name: 'Agree and Start' }).click();
    await window.pick('thorough').click();
    await question('Token of the tracker');
    assert.equal(await window.quickInput.getAttribute('type'), 'password');
    await window.editor.screenshot('servers-input');
    await window.quickInput.fill('tracker-secret-1');
    await page.keyboard.press('Enter');
    await tracker('ready').waitFor();
    assert.deepEqual(window.sandbox.starts(), [{ args: ['--mode', 'thorough'], token: 'tracker-secret-1' }]);
  });

  it('end when their command changes, and are asked about again before the new one starts', async () => {
    window.sandbox.configure('--upload', 'https://example.com');
    await tracker('definition changed').waitFor();
    await window.pressInline(tracker(), 'Start Server');
    await window.dialog.getByText('Start the MCP server tracker?').waitFor();
    const text = (await window.dialog.textContent()) ?? '';
    assert.match(text, /changed since you agreed/);
    assert.match(text, /--upload/);
    await page.keyboard.press('Escape');
    await tracker('definition changed').waitFor();
    assert.equal(window.sandbox.starts().length, 1);
    await window.pressInline(tracker(), 'Start Server');
    await window.dialog.getByRole('button', { name: 'Agree and Start' }).click();
    // The values are known by now.
    await tracker('ready').waitFor();
    const [, second] = window.sandbox.starts();
    assert.deepEqual(second, {
      args: ['--mode', 'thorough', '--upload', 'https://example.com'],
      token: 'tracker-secret-1',
    });
  });

  it('ask again for agreement and values that were forgotten', async () => {
    await window.pickFromMenu(tracker(), 'Forget Entered Values and Agreement');
    await tracker('stopped').waitFor();
    await window.pressInline(tracker(), 'Start Server');
    await window.dialog.getByRole('button', { name: 'Agree and Start' }).click();
    await window.pick('thorough').waitFor();
    // Who closes a question has not given a value.
    await page.keyboard.press('Escape');
    await question('Token of the tracker');
    await page.keyboard.press('Escape');
    await tracker('failed').waitFor();
    await window.pressInline(tracker(), 'Start Server');
    await window.pick('fast').click();
    await question('Token of the tracker');
    await window.quickInput.fill('tracker-secret-2');
    await page.keyboard.press('Enter');
    await tracker('ready').waitFor();
    assert.equal(window.sandbox.starts().at(-1)?.token, 'tracker-secret-2');
  });

  it('are offered to clients with the options that were picked', async () => {
    await window.editor.runCommand('Notifications: Clear All Notifications');
    await window.pickFromMenu(tracker(), 'Watch This Server');
    await tracker('watched').waitFor();
    await window.pickFromMenu(tracker(), 'Server Options…');
    await window.pick('Prefix of tool names').click();
    await question('Empty for none');
    await window.quickInput.fill('has space');
    await question('Use up to 32 letters');
    await window.quickInput.fill('trk_');
    await page.keyboard.press('Enter');
    await window.pick(/Prefix of tool names.*trk_/).waitFor();
    await window.pick('Only some tools').click();
    await question('Tools of tracker that clients see');
    await window.pick('close_issue').click();
    await page.keyboard.press('Enter');
    await window.pick(/Only some tools.*1 picked/).waitFor();
    await window.editor.screenshot('servers-options');
    await page.keyboard.press('Escape');
    const { url, token } = await window.connectClaudeCode();
    client = await connectOutside({ url: new URL('/servers/tracker/mcp', url).href, token });
    assert.deepEqual(
      (await client.listTools()).tools.map(({ name }) => name),
      ['trk_find_issue'],
    );
    await assert.rejects(client.callTool({ name: 'trk_close_issue', arguments: {} }), /Unknown tool/);
    await window.pickFromMenu(tracker(), 'Server Options…');
    await window.pick(/Only some tools.*1 picked/).click();
    await question('Tools of tracker that clients see');
    await window.pick('close_issue').click();
    await page.keyboard.press('Enter');
    await window.pick(/Only some tools.*off/).waitFor();
    await page.keyboard.press('Escape');
  });
});
