/**
 * Runs the host suite in a real VS Code with a local AWS behind it: `npm run test:host`.
 *
 * The editor is VS Code's server build with a browser in front, or desktop VS Code where
 * MCP_WORKBENCH_TEST_DESKTOP is set. What the suite left open must be gone when the editor has ended.
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { runInDesktop, runInVsCodeServer } from '../../scripts/toolbox/extensionTests';
import { peerCommand } from '../../scripts/toolbox/peers';
import { ensurePythonEnvironment } from '../../scripts/toolbox/python';
import { startEditorSandbox } from '../support/editorSandbox';
import { worldVariable, type HostWorld, type Leftovers } from './hostWorld';

const root = path.join(import.meta.dirname, '..', '..');

/** Builds the extension and the suite: what is tested is what is shipped. */
function build(): void {
  const webpack = path.join(root, 'node_modules', 'webpack', 'bin', 'webpack.js');
  const builds = [
    ['--mode', 'production'],
    ['--mode', 'development', '--env', 'test'],
  ];
  for (const args of builds) {
    const { status } = spawnSync(process.execPath, [webpack, ...args], { cwd: root, stdio: 'inherit' });
    if (status !== 0) throw new Error(`webpack ${args.join(' ')} failed.`);
  }
}

/** What is still there that the window should have taken with it, one sentence each. */
async function findLeftovers(file: string): Promise<string[]> {
  if (!fs.existsSync(file)) return ['The suite did not say what it left open.'];
  const { socketPath, loopbackUrl, pids } = JSON.parse(fs.readFileSync(file, 'utf8')) as Leftovers;
  const found: string[] = [];
  if (fs.existsSync(socketPath)) found.push(`The socket is still there: ${socketPath}`);
  if (fs.existsSync(path.dirname(socketPath))) found.push(`Its folder is still there: ${path.dirname(socketPath)}`);
  if (await answers(loopbackUrl)) found.push(`The port of external access is still open: ${loopbackUrl}`);
  for (const pid of pids) if (isAlive(pid)) found.push(`A server of the user still runs: process ${pid}`);
  return found;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url);
    return true;
  } catch {
    return false;
  }
}

/** A build outside of `dist`, with the suite in its `dist/test`. */
const extensionPath = process.env['MCP_WORKBENCH_TEST_EXTENSION'] ?? root;

async function main(): Promise<number> {
  if (extensionPath === root && !process.argv.includes('--no-build')) build();
  const sandbox = await startEditorSandbox();
  try {
    const leftoversFile = path.join(sandbox.folder, 'leftovers.json');
    const [everything, filesystem, memory, python] = await Promise.all([
      peerCommand('server-everything'),
      peerCommand('server-filesystem'),
      peerCommand('server-memory'),
      ensurePythonEnvironment(path.join(root, 'bench', 'requirements-iac.txt')),
    ]);
    const world: HostWorld = {
      servers: {
        everything,
        filesystem,
        memory,
        iac: { command: python, args: ['-m', 'awslabs.aws_iac_mcp_server.server'] },
      },
      configFile: sandbox.configFile,
      profiles: { dev: sandbox.dev, other: sandbox.other },
      leftoversFile,
    };
    const run = process.env['MCP_WORKBENCH_TEST_DESKTOP'] ? runInDesktop : runInVsCodeServer;
    const exitCode = await run({
      extensionPath,
      testsPath: path.join(extensionPath, 'dist', 'test', 'host.js'),
      workspaceFolder: sandbox.workspace,
      env: { ...sandbox.env, MCP_WORKBENCH_TESTS: '1', [worldVariable]: JSON.stringify(world) },
    });
    const leftovers = await findLeftovers(leftoversFile);
    for (const leftover of leftovers) process.stderr.write(`${leftover}\n`);
    return exitCode === 0 && leftovers.length > 0 ? 1 : exitCode;
  } finally {
    await sandbox.dispose();
  }
}

async function report(): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  }
}

void report();
