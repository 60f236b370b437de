import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { DemoCheckReport } from '../../test/host/demoCheck';
import { makeTemporaryFolder, removeFolder } from '../toolbox/cache';
import { openEditorPage, type EditorPage } from '../toolbox/editorPage';
import { runPeer } from '../toolbox/peers';
import { delay, settlesWithin } from '../toolbox/processGroup';
import { startVsCodeServer } from '../toolbox/vscodeServer';
import type { Sandbox } from './sandbox';

const reportMs = 180_000;

/**
 * Does what the demo invites a person to do, unattended: VS Code's own client and Claude Code connect, tools are
 * called, the traffic shows up on screen, pictures are taken.
 * @throws AssertionError for whatever is not as it should be.
 */
export async function checkDemo(root: string, sandbox: Sandbox): Promise<void> {
  const folder = makeTemporaryFolder();
  const reportFile = path.join(folder, 'report.json');
  const doneFile = path.join(folder, 'done');
  const server = await startVsCodeServer({
    env: { ...sandbox.env, MCP_WORKBENCH_DEMO_REPORT: reportFile, MCP_WORKBENCH_DEMO_DONE: doneFile },
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
    const report = await readReport(reportFile, editor);
    say(`VS Code's MCP client connected and sees ${report.tools.length} tools.`);
    for (const [tool, answer] of Object.entries(report.answers)) {
      assert.doesNotMatch(answer, /^\{"code":/, `${tool} failed: ${answer}`);
      say(`  ${tool}: ${answer.slice(0, 100)}…`);
    }
    assert.match(report.answers['cloudformation_list_stacks'] ?? '', /"stackName"/);
    await connectClaude(report.claudeLine);
    const pictures = await lookAtTraffic(editor);
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
