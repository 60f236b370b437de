import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Locator } from 'playwright-core';
import type { DemoCheckReport } from '../../test/host/demoCheck';
import { makeTemporaryFolder, removeFolder } from '../toolbox/cache';
import { openEditorPage, type EditorPage } from '../toolbox/editorPage';
import { runPeer } from '../toolbox/peers';
import { delay, settlesWithin } from '../toolbox/processGroup';
import { startVsCodeServer } from '../toolbox/vscodeServer';
import type { Sandbox } from './sandbox';

const reportMs = 180_000;

/**
 * Does what the demo invites a person to do, unattended: signs in on the page, picks a role, lets VS Code's own client
 * and Claude Code connect and call tools as that role, finds the traffic on screen, and takes pictures.
 * @throws AssertionError for whatever is not as it should be.
 */
export async function checkDemo(root: string, sandbox: Sandbox): Promise<void> {
  const folder = makeTemporaryFolder();
  const reportFile = path.join(folder, 'report.json');
  const signedInFile = path.join(folder, 'signed-in');
  const doneFile = path.join(folder, 'done');
  const server = await startVsCodeServer({
    env: {
      ...sandbox.env,
      MCP_WORKBENCH_DEMO_SIGNED_IN: signedInFile,
      MCP_WORKBENCH_DEMO_REPORT: reportFile,
      MCP_WORKBENCH_DEMO_DONE: doneFile,
    },
    dataFolder: sandbox.dataFolder,
  });
  let editor: EditorPage | undefined;
  try {
    editor = await openEditorPage({
      server,
      extensionPath: root,
      testsPath: path.join(root, 'dist', 'test', 'demoCheck.js'),
      workspaceFolder: sandbox.workspace,
      screenshotFolder: path.join(root, 'dist', 'screenshots'),
      onLog: (text) => process.stdout.write(text),
    });
    await editor.waitForWorkbench();
    const pictures = [await signIn(editor)];
    fs.writeFileSync(signedInFile, '');
    say('A new user signed in on the page and picked Developer in acme-dev.');
    const report = await readReport(reportFile, editor);
    say(`VS Code's MCP client connected and sees ${report.tools.length} tools.`);
    for (const [tool, answer] of Object.entries(report.answers)) {
      assert.doesNotMatch(answer, /^\{"code":/, `${tool} failed: ${answer}`);
      say(`  ${tool}: ${answer.slice(0, 100)}…`);
    }
    assert.match(report.answers['cloudformation_list_stacks'] ?? '', /"stackName"/);
    const identity = JSON.parse(report.answers['aws_get_caller_identity'] ?? '{}') as { identity?: object };
    assert.deepEqual(identity.identity, {
      account: '111122223333',
      role: 'Developer',
      region: sandbox.center.region,
      profile: 'sso-session acme',
    });
    await connectClaude(report.claudeLine);
    pictures.push(...(await lookAtTraffic(editor)));
    fs.writeFileSync(doneFile, '');
    assert.equal(await editor.testsExit, 0, 'the check inside the editor failed');
    say(`Pictures:\n  ${pictures.join('\n  ')}`);
  } finally {
    await editor?.dispose();
    await server.dispose();
    await removeFolder(folder);
  }
  say('The demo works: everything was stopped again.');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Signs in as a person does: the row in the side bar, the code, the page, the role. */
async function signIn({ page, screenshot }: EditorPage): Promise<string> {
  const row = (text: string | RegExp): Locator =>
    page.locator('.part.sidebar .monaco-list-row').filter({ hasText: text });
  const pick = (text: string): Locator => page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text });
  const icon = page.locator('.activitybar .action-label[aria-label="MCP Workbench"]');
  await icon.click();
  await row(/^acme/).hover();
  await row(/^acme/).getByRole('button', { name: 'Sign In' }).click();
  const [portal] = await Promise.all([
    page.context().waitForEvent('page'),
    pick('Copy the code and open the page').click(),
  ]);
  await portal.locator('#allow').click();
  await portal.getByText('Request approved').waitFor();
  await portal.close();
  await pick('acme-prod · ReadOnly').waitFor();
  await pick('acme-dev · Developer').click();
  await page.locator('.statusbar-item').filter({ hasText: 'acme-dev · Developer' }).waitFor();
  const picture = await screenshot('signed-in');
  // Closed again, so that the inspector has the window to itself.
  await icon.click();
  return picture;
}

async function readReport(file: string, editor: EditorPage): Promise<DemoCheckReport> {
  const appeared = (async () => {
    while (!fs.existsSync(file)) await delay(250);
  })();
  if (await settlesWithin(Promise.race([appeared, editor.testsExit]), reportMs)) {
    if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8')) as DemoCheckReport;
  }
  throw new Error(`The editor did not report; it looked like this: ${await editor.screenshot('demo-failed')}`);
}

/** Runs the copied line as a person would paste it, and asks Claude Code whether it could connect. */
async function connectClaude(line: string): Promise<void> {
  const [, name, url, header] = /^claude mcp add --transport http (\S+) (\S+) --header "([^"]+)"$/.exec(line) ?? [];
  assert(name && url && header, `not the line to paste: ${line.replace(/Bearer .*/, 'Bearer …')}`);
  const home = makeTemporaryFolder();
  try {
    const added = await runPeer('claude', ['mcp', 'add', '--transport', 'http', name, url, '--header', header], {
      home,
    });
    assert.equal(added.exitCode, 0, added.stderr);
    const listed = await runPeer('claude', ['mcp', 'list'], { home });
    assert.match(listed.stdout, /mcp-workbench.*Connected/);
    say('Claude Code connected from outside.');
  } finally {
    await removeFolder(home);
  }
  const called = await runPeer('inspector', [
    '--cli',
    url,
    '--transport=http',
    `--header=${header}`,
    '--method=tools/call',
    '--tool-name=lambda_list_functions',
    '--format=json',
  ]);
  assert.equal(called.exitCode, 0, called.stderr);
  assert.match(called.stdout, /functionName/);
  say('MCP Inspector called lambda_list_functions from outside.');
}

/** Opens the side bar and the inspector, and finds there what was just exchanged. */
async function lookAtTraffic(editor: EditorPage): Promise<string[]> {
  const pictures: string[] = [];
  await editor.runCommand('MCP Workbench: Open Traffic Inspector');
  await editor.webview().getByText('cloudformation_list_stacks').first().waitFor();
  await editor.webview().getByText('claude-code').first().waitFor();
  for (const [theme, name] of [
    ['Dark 2026', 'inspector-dark'],
    ['Light 2026', 'inspector-light'],
  ] as const) {
    await editor.setColorTheme(theme);
    pictures.push(await editor.screenshot(name));
  }
  return pictures;
}
