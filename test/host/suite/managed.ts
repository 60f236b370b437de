import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { KnownServer } from '../../../src/editor/managedServers/knownServer';
import type { ManagedNode } from '../../../src/editor/managedServers/managedNodes';
import type { ManagedParts } from '../../../src/editor/managedServers/managedParts';
import { container, set, until } from './editor';

/** The user's servers with the files read. */
export async function managed(): Promise<ManagedParts> {
  return (await container()).managed.load();
}

/** Sets the user's own servers, and waits until they are known. */
export async function setServers(servers: Record<string, object> | undefined): Promise<void> {
  await set('servers', servers);
  const { catalog } = await managed();
  const wanted = Object.keys(servers ?? {}).sort();
  await until('our setting to be read', () => {
    const known = catalog.servers.filter(({ entry }) => entry.owner === 'workbench' && entry.scope === 'user');
    return isSame(known.map(({ title }) => title).sort(), wanted) || undefined;
  });
}

/** A known server by its name in the file. */
export async function server(title: string): Promise<KnownServer> {
  const { catalog } = await managed();
  return until(`the server ${title}`, () => catalog.servers.find((known) => known.title === title));
}

/** The row of a server as it is drawn. */
export async function row(title: string): Promise<{ node: ManagedNode; item: vscode.TreeItem; description: string }> {
  const { tree } = await managed();
  const known = await server(title);
  const node = (await tree.children()).find((each) => each.kind === 'managed' && each.server === known);
  assert(node, `no row for ${title}`);
  const item = tree.item(node);
  return { node, item, description: String(item.description) };
}

/** A label or description as a string, which is all that we give. */
export function textOf(text: vscode.TreeItem['label'] | vscode.TreeItem['description']): string {
  return typeof text === 'string' ? text : '';
}

/** Labels below a server, and what follows them. */
export async function labelsBelow(title: string): Promise<string[]> {
  const { tree } = await managed();
  const { node } = await row(title);
  return (await tree.children(node)).map((child) => {
    const item = tree.item(child);
    return `${textOf(item.label)} ${textOf(item.description)}`.trim();
  });
}

/** Agrees to a server as a person does in the dialog, which the editor closes by itself while tests run. */
export async function agree(title: string): Promise<void> {
  const { approvals } = await managed();
  const { entry } = await server(title);
  assert(await approvals.answer(approvals.request(entry), entry, true));
}

/** The server whose tools a test decides on, and the file that they stand in. */
export function pliantServer(name: string): { entry: { command: string; args: string[] }; toolsFile: string } {
  const extension = vscode.extensions.getExtension('mcp-workbench.mcp-workbench');
  assert(extension);
  const toolsFile = path.join(workspaceFolder(), `${name}-tools.json`);
  const script = path.join(extension.extensionPath, 'test', 'support', 'pliantServer.mjs');
  return { entry: { command: 'node', args: [script, toolsFile] }, toolsFile };
}

export function writeTools(file: string, tools: readonly { name: string; description: string }[]): void {
  fs.writeFileSync(file, JSON.stringify(tools.map((tool) => ({ ...tool, inputSchema: { type: 'object' } }))));
}

export function workspaceFolder(): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert(folder, 'no folder is open');
  return folder.uri.fsPath;
}

/** Makes the editor's own MCP client connect to a watched server. @returns names of its tools as chat knows them */
export async function connectWatched(title: string, tool: string): Promise<string> {
  const id = `mcp-workbench.mcp-workbench/${title} (watched)`;
  return until(`the editor to list ${tool} of ${title}`, async () => {
    await vscode.commands.executeCommand('workbench.mcp.startServer', id, { waitForLiveTools: true });
    return watchedTool(title, tool);
  });
}

/** The name under which chat knows a tool of a watched server. */
export function watchedTool(title: string, tool: string): string | undefined {
  const start = title.slice(0, 4);
  return vscode.lm.tools.find(({ name }) => name.startsWith('mcp_') && name.includes(start) && name.endsWith(tool))
    ?.name;
}

/** Processes that run now; whatever was stopped on the way is started for it. */
export async function startedServers(): Promise<number[]> {
  const { catalog } = await managed();
  return catalog.servers.flatMap(({ supervisor }) => supervisor?.pids ?? []);
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
