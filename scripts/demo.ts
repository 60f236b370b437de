import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { checkDemo } from './demo/check';
import { startSandbox, type Sandbox } from './demo/sandbox';
import { makeTemporaryFolder, removeFolder } from './toolbox/cache';
import { editorAddress } from './toolbox/editorPage';
import { findOnPath } from './toolbox/executables';
import { startProcessGroup } from './toolbox/processGroup';
import { quietSettings, startVsCodeServer } from './toolbox/vscodeServer';

const root = path.join(import.meta.dirname, '..');

const thingsToTry = `
  1. Open the MCP Workbench view in the activity bar. Under AWS, sign in to "acme" and allow access on the page that
     opens: two accounts with roles appear. Pick Developer in acme-dev; the status bar shows who tools act as.
  2. Servers shows the tools, Traffic every message.
  3. Run "MCP Workbench: Connect Claude Code" and paste the line into a terminal, or ask Copilot:
     "Which stacks failed, and why?"
  4. Set "mcpWorkbench.access" to "readWrite" and ask for an invocation of hello-node: you will be asked first.
  5. Sign out again under AWS and ask once more: the agent is told to have you sign in, and you are told once.
  The page and the accounts are a stand-in on this machine; nothing leaves it, and nothing of it stays.
`;

/** Desktop VS Code, where one is installed and there is a display to show it on. */
function findDesktop(): string | undefined {
  const hasDisplay = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
  return hasDisplay ? findOnPath('code') : undefined;
}

/** Resolves when the person ends the demo. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

async function openDesktop(code: string, sandbox: Sandbox): Promise<void> {
  const folder = makeTemporaryFolder();
  const userFolder = path.join(folder, 'u', 'User');
  fs.mkdirSync(userFolder, { recursive: true });
  fs.writeFileSync(
    path.join(userFolder, 'settings.json'),
    JSON.stringify({ ...quietSettings, ...sandbox.settings }, undefined, 2),
  );
  const editor = startProcessGroup(
    code,
    [
      '--new-window',
      '--wait',
      `--extensionDevelopmentPath=${root}`,
      `--user-data-dir=${path.join(folder, 'u')}`,
      `--extensions-dir=${path.join(folder, 'x')}`,
      sandbox.workspace,
    ],
    { env: { ...process.env, ...sandbox.env } },
  );
  try {
    process.stdout.write(
      `VS Code opens with the extension; close the window or press Ctrl+C to end.\n${thingsToTry}\n`,
    );
    await Promise.race([editor.exited, interrupted()]);
  } finally {
    await editor.dispose();
    await removeFolder(folder);
  }
}

async function openInBrowser(sandbox: Sandbox): Promise<void> {
  const server = await startVsCodeServer({ env: sandbox.env, dataFolder: sandbox.dataFolder });
  try {
    const address = editorAddress({ server, extensionPath: root, workspaceFolder: sandbox.workspace });
    process.stdout.write(`Open the editor in a browser; press Ctrl+C to end.\n\n  ${address}\n${thingsToTry}\n`);
    await interrupted();
  } finally {
    await server.dispose();
  }
}

async function main(): Promise<void> {
  const unknown = process.argv.slice(2).filter((argument) => argument !== '--check');
  if (unknown.length > 0) throw new Error(`Unknown option ${unknown[0]}; the only one is --check.`);
  const isCheck = process.argv.includes('--check');
  const npm = (...args: string[]): unknown =>
    execFileSync('npm', ['run', '--silent', ...args], {
      cwd: root,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
  process.stdout.write('Building the extension…\n');
  npm('build');
  if (isCheck) npm('build:tests');
  process.stdout.write('Starting a local AWS…\n');
  const sandbox = await startSandbox();
  try {
    const code = findDesktop();
    if (isCheck) await checkDemo(root, sandbox);
    else if (code !== undefined) await openDesktop(code, sandbox);
    else await openInBrowser(sandbox);
  } finally {
    await sandbox.dispose();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
