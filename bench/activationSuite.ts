import { writeFileSync } from 'node:fs';
import * as vscode from 'vscode';

/** What one window measured, in milliseconds. */
export interface ActivationTime {
  /** From asking the editor to activate us until `activate` returned: loading and compiling the entry included. */
  activation: number;
}

/** Runs inside the editor before it activates extensions by itself; writes what it measured to a file. */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension('mcp-workbench.mcp-workbench');
  if (!extension) throw new Error('The extension is not there');
  if (extension.isActive) throw new Error('The extension was active before it could be timed');
  const started = performance.now();
  await extension.activate();
  const time: ActivationTime = { activation: performance.now() - started };
  writeFileSync(process.env['MCP_WORKBENCH_BENCH_REPORT'] ?? '', JSON.stringify(time));
}
