import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ServerNode } from '../../../src/editor/servers/serverNodes';
import { connectEditor, container } from './editor';

/** A label or description as a string, which is all that we give. */
function textOf(text: vscode.TreeItem['label'] | vscode.TreeItem['description']): string {
  assert(typeof text === 'string');
  return text;
}

describe('The Servers view', () => {
  before(connectEditor);

  async function child(parent: ServerNode | undefined, kind: ServerNode['kind']): Promise<ServerNode> {
    const { serversTree } = await container();
    const found = (await serversTree.getChildren(parent)).find((node) => node.kind === kind);
    assert(found, kind);
    return found;
  }

  it('shows our server with the client that is connected', async () => {
    const { serversTree } = await container();
    const server = await child(undefined, 'server');
    const clients = await child(server, 'clients');
    const client = serversTree.getTreeItem(await child(clients, 'client'));
    assert.match(textOf(client.label), /code/i);
    assert.match(textOf(client.description), /\d{4}-\d\d-\d\d/);
  });

  it('shows the tools by toolset with what they cost, and opens their schemas', async () => {
    const { serversTree } = await container();
    const tools = await child(await child(undefined, 'server'), 'tools');
    assert.match(textOf(serversTree.getTreeItem(tools).description), /^\d+ · ~[\d.]+k? of 10k tokens$/);
    const toolset = await child(tools, 'toolset');
    const item = serversTree.getTreeItem(await child(toolset, 'tool'));
    assert(item.command);
    await vscode.commands.executeCommand(item.command.command, ...((item.command.arguments ?? []) as unknown[]));
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, 'mcp-workbench');
    assert.equal(document.languageId, 'json');
    const listing = JSON.parse(document.getText()) as { name: string; inputSchema: object; annotations: object };
    assert.match(textOf(item.description), new RegExp(`^${listing.name} · ~\\d+ tokens$`));
    assert(listing.inputSchema && listing.annotations);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });
});
