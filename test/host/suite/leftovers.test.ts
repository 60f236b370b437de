import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as vscode from 'vscode';
import type { Leftovers } from '../hostWorld';
import { container, world } from './editor';

// The last of the suite: what it leaves open must be gone when the editor has ended, which only the program that
// started the editor can see.
describe('The server', () => {
  it('is open until the editor ends', async () => {
    const { host, externalAccess } = await container();
    await vscode.commands.executeCommand('mcpWorkbench.clients.connectClaudeCode');
    const { socketPath } = await (await host.start()).listenOnSocket();
    assert(fs.existsSync(socketPath));
    assert(externalAccess.url);
    const leftovers: Leftovers = { socketPath, loopbackUrl: externalAccess.url };
    fs.writeFileSync(world().leftoversFile, JSON.stringify(leftovers));
  });
});
