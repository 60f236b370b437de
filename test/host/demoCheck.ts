import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';

/** What the check hands to the program that drives the window; written to a file, since it holds the token. */
export interface DemoCheckReport {
  /** Names of the tools as Copilot sees them. */
  tools: string[];
  /** What each call answered, as text. */
  answers: Record<string, string>;
  /** The line that the "Connect Claude Code" command copied. */
  claudeLine: string;
}

const patience = 60_000;

async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const end = Date.now() + patience; Date.now() < end; await delay(250)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`Waited in vain for ${what}`);
}

function toolNamed(suffix: string): string | undefined {
  return vscode.lm.tools.find(({ name }) => name.startsWith('mcp_') && name.endsWith(suffix))?.name;
}

async function call(suffix: string, input: object): Promise<string> {
  const name = toolNamed(suffix);
  assert(name, `the editor has no tool ${suffix}`);
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
}

/**
 * Runs inside the editor: connects VS Code's own MCP client to our server and calls tools through it, the way Copilot
 * does, then stays until the driving program has looked at the window.
 */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension('mcp-workbench.mcp-workbench');
  await extension?.activate();
  const signedIn = process.env['MCP_WORKBENCH_DEMO_SIGNED_IN'] ?? '';
  await until('the sign-in in the window', () => existsSync(signedIn) || undefined);
  await until("VS Code's MCP client to connect", async () => {
    await vscode.commands.executeCommand('workbench.mcp.startServer', '*', { waitForLiveTools: true });
    return toolNamed('cloudformation_list_stacks');
  });
  const answers = {
    aws_get_caller_identity: await call('aws_get_caller_identity', {}),
    cloudformation_list_stacks: await call('cloudformation_list_stacks', {}),
    lambda_list_functions: await call('lambda_list_functions', {}),
    s3_list_buckets: await call('s3_list_buckets', {}),
    cdk_list_stacks: await call('cdk_list_stacks', {}),
  };
  await vscode.commands.executeCommand('mcpWorkbench.clients.connectClaudeCode');
  const claudeLine = await vscode.env.clipboard.readText();
  const report: DemoCheckReport = {
    tools: vscode.lm.tools.map(({ name }) => name).filter((name) => name.startsWith('mcp_')),
    answers,
    claudeLine,
  };
  writeFileSync(process.env['MCP_WORKBENCH_DEMO_REPORT'] ?? '', JSON.stringify(report), { mode: 0o600 });
  const done = process.env['MCP_WORKBENCH_DEMO_DONE'] ?? '';
  await until('the window to be looked at', () => existsSync(done) || undefined);
}
