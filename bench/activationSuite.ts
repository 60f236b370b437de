import { writeFileSync } from 'node:fs';
import * as vscode from 'vscode';

/** What one window measured, in milliseconds. */
export interface ActivationTime {
  /** Reading, compiling and evaluating the entry bundle. */
  load: number;
  /** `activate` itself. */
  activate: number;
  /** From asking the editor until it said that we are active: its own bookkeeping and whatever else starts included. */
  total: number;
}

interface Entry {
  activate(context: vscode.ExtensionContext): unknown;
}

/** Runs inside the editor before it activates extensions by itself; writes what it measured to a file. */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension('mcp-workbench.mcp-workbench');
  if (!extension) throw new Error('The extension is not there');
  if (extension.isActive) throw new Error('The extension was active before it could be timed');
  const file = vscode.Uri.joinPath(extension.extensionUri, 'dist', 'extension.js').fsPath;
  const began = performance.now();
  const entry = __non_webpack_require__(file) as Entry;
  const time: ActivationTime = { load: performance.now() - began, activate: NaN, total: NaN };
  // The editor takes the loaded module from the same cache, so it calls this `activate`.
  const loaded = __non_webpack_require__.cache[file];
  if (loaded) {
    loaded.exports = {
      ...entry,
      activate: (context: vscode.ExtensionContext) => {
        const started = performance.now();
        const result = entry.activate(context);
        time.activate = performance.now() - started;
        return result;
      },
    };
  }
  const asked = performance.now();
  await extension.activate();
  time.total = time.load + performance.now() - asked;
  writeFileSync(process.env['MCP_WORKBENCH_BENCH_REPORT'] ?? '', JSON.stringify(time));
}

/** Node's own `require`, which webpack leaves alone. */
declare const __non_webpack_require__: NodeJS.Require;
