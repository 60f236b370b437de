import * as fs from 'node:fs';
import * as path from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { cacheRoot, makeTemporaryFolder, removeFolder } from './cache';
import { openEditorPage } from './editorPage';
import { settlesWithin } from './processGroup';
import { quietSettings, startVsCodeServer } from './vscodeServer';

/** The desktop VS Code that the suite runs in where it can be downloaded: the same one as the server's. */
const DESKTOP = '1.139.1';
const TESTS_MS = 15 * 60_000;

/** A suite that runs inside an extension host. */
export interface ExtensionTests {
  /** The folder of the extension under test. */
  extensionPath: string;
  /** A CommonJS module that exports `run(): Promise<void>`; a rejection is a failure. */
  testsPath: string;
  workspaceFolder?: string;
  /** Added to the environment of the extension host. */
  env?: Record<string, string>;
  /** User settings. */
  settings?: Record<string, unknown>;
  /** False leaves workspace trust on, so that the folder opens in restricted mode. */
  trusted?: boolean;
  timeoutMs?: number;
}

/** Runs the suite in VS Code's server with a headless browser in front; nothing is downloaded but from the npm registry. */
export async function runInVsCodeServer(tests: ExtensionTests): Promise<number> {
  const server = await startVsCodeServer({
    userSettings: tests.settings,
    workspaceTrust: tests.trusted === false,
    env: testEnvironment(tests),
  });
  try {
    const editor = await openEditorPage({
      server,
      extensionPath: tests.extensionPath,
      testsPath: tests.testsPath,
      workspaceFolder: tests.workspaceFolder,
      onLog: (text) => process.stdout.write(text),
    });
    try {
      const timeoutMs = tests.timeoutMs ?? TESTS_MS;
      if (!(await settlesWithin(editor.testsExit, timeoutMs))) {
        const picture = await editor.screenshot('tests-did-not-end');
        process.stderr.write(`The tests did not end in ${timeoutMs / 1000} s; the window then: ${picture}\n`);
        return 1;
      }
      return await editor.testsExit;
    } finally {
      await editor.dispose();
    }
  } finally {
    await server.dispose();
  }
}

/** Runs the same suite in desktop VS Code, which `@vscode/test-electron` downloads: for where its site can be reached. */
export async function runInDesktop(tests: ExtensionTests): Promise<number> {
  const vscodeExecutablePath = await downloadAndUnzipVSCode({
    version: DESKTOP,
    cachePath: path.join(cacheRoot(), 'vscode-desktop'),
  });
  const folder = makeTemporaryFolder();
  try {
    const userFolder = path.join(folder, 'u', 'User');
    fs.mkdirSync(userFolder, { recursive: true });
    fs.writeFileSync(
      path.join(userFolder, 'settings.json'),
      JSON.stringify({ ...quietSettings, ...tests.settings }, undefined, 2),
    );
    return await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: tests.extensionPath,
      extensionTestsPath: tests.testsPath,
      extensionTestsEnv: testEnvironment(tests),
      launchArgs: [
        ...(tests.workspaceFolder === undefined ? [] : [tests.workspaceFolder]),
        `--user-data-dir=${path.join(folder, 'u')}`,
        `--extensions-dir=${path.join(folder, 'x')}`,
        '--disable-extensions',
        '--skip-welcome',
        ...(tests.trusted === false ? [] : ['--disable-workspace-trust']),
      ],
    });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await removeFolder(folder);
  }
}

/** The suite reports its counts to the file that the test run names, from inside the extension host too. */
function testEnvironment(tests: ExtensionTests): Record<string, string> {
  const report = process.env['MCP_WORKBENCH_TEST_REPORT'];
  const suite = process.env['MCP_WORKBENCH_TEST_SUITE'];
  return {
    ...(suite === undefined ? {} : { MCP_WORKBENCH_TEST_SUITE: suite }),
    ...(report === undefined ? {} : { MCP_WORKBENCH_TEST_REPORT: report }),
    ...tests.env,
  };
}
