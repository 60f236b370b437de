import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Container } from '../../../src/editor/container';
import type { TestApi } from '../../../src/editor/testApi';
import { worldVariable, type HostWorld } from '../hostWorld';

const patienceMs = 30_000;

/** What the program outside has prepared. */
export function world(): HostWorld {
  return JSON.parse(process.env[worldVariable] ?? '{}') as HostWorld;
}

/** The extension's own container, which it gives to tests only. */
export async function container(): Promise<Container> {
  const extension = vscode.extensions.getExtension<TestApi>('mcp-workbench.mcp-workbench');
  assert(extension, 'the extension is not installed');
  const api = await extension.activate();
  return api.container();
}

/** Looks until something is there; fails with what was looked for. */
export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await delay(100)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`Waited in vain for ${what}.`);
}

/** The name under which the editor's chat knows one of our tools. */
export function chatToolName(name: string): string | undefined {
  return vscode.lm.tools.find((tool) => tool.name.startsWith('mcp_') && tool.name.endsWith(name))?.name;
}

/** Makes the editor's own MCP client connect, as it does when a chat starts. */
export async function connectEditor(): Promise<void> {
  await until("the editor's MCP client to list our tools", async () => {
    await vscode.commands.executeCommand('workbench.mcp.startServer', '*', { waitForLiveTools: true });
    return chatToolName('cloudformation_list_stacks');
  });
}

/** Calls a tool the way a chat does, through the editor's MCP client, and gives its answer as text. */
export async function callAsChat(name: string, input: object): Promise<string> {
  const toolName = chatToolName(name);
  assert(toolName, `the editor's chat has no tool ${name}`);
  const { content } = await vscode.lm.invokeTool(toolName, { input, toolInvocationToken: undefined });
  return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
}

/** Sets one of our settings for the user, or takes it back. */
export async function set(name: string, value: unknown, target = vscode.ConfigurationTarget.Global): Promise<void> {
  await vscode.workspace.getConfiguration('mcpWorkbench').update(name, value, target);
}
