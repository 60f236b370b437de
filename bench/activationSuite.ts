import { writeFileSync } from 'node:fs';
import * as vscode from 'vscode';

/** What one window measured, in milliseconds. */
export interface ActivationTime {
  /** Reading, compiling and evaluating the entry bundle. */
  load: number;
  /** `activate` itself. */
  activate: number;
  /** From asking the editor until it says that we are active: its own bookkeeping and whatever else starts included. */
  total: number;
}

/** Runs inside the editor; writes what it measured to a file. */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension('mcp-workbench.mcp-workbench');
  if (!extension) throw new Error('The extension is not there');
  const asked = performance.now();
  await extension.activate();
  const total = performance.now() - asked;
  const [measure] = performance.getEntriesByName('mcpWorkbench.activate');
  if (!measure) throw new Error('The extension did not say how long it took');
  // The editor has loaded the entry by now; it is loaded once more to time that.
  const file = vscode.Uri.joinPath(extension.extensionUri, 'dist', 'extension.js').fsPath;
  delete __non_webpack_require__.cache[file];
  const began = performance.now();
  __non_webpack_require__(file);
  const time: ActivationTime = { load: performance.now() - began, activate: measure.duration, total };
  writeFileSync(process.env['MCP_WORKBENCH_BENCH_REPORT'] ?? '', JSON.stringify(time));
}

/** Node's own `require`, which webpack leaves alone. */
declare const __non_webpack_require__: NodeJS.Require;
