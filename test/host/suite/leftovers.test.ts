import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Leftovers } from '../hostWorld';
import { container, world } from './editor';
import { server, setServers, startedServers } from './managed';

// The last of the suite, because nothing of ours works after it.
describe('The end', () => {
  it('closes sockets, ports and files, and waits until they are closed', async () => {
    const services = await container();
    const { host, externalAccess } = services;
    await vscode.commands.executeCommand('mcpWorkbench.clients.connectClaudeCode');
    const { socketPath } = await (await host.start()).listenOnSocket();
    const loopbackUrl = externalAccess.url ?? '';
    await setServers({ memory: world().servers.memory });
    await (await server('memory')).start(new AbortController().signal);
    // What is still there after the editor has ended can only be seen by the program that started it.
    const pids = await startedServers();
    assert(pids.length > 0);
    const leftovers: Leftovers = { socketPath, loopbackUrl, pids };
    fs.writeFileSync(world().leftoversFile, JSON.stringify(leftovers));
    assert(fs.existsSync(socketPath));
    assert.equal((await fetch(loopbackUrl, { method: 'POST' })).status, 401);

    // What `deactivate` does; it may be called again when the editor ends.
    await services.dispose();
    assert(!fs.existsSync(path.dirname(socketPath)));
    await assert.rejects(fetch(loopbackUrl, { method: 'POST' }));
    await assert.rejects(host.start());
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), `process ${pid} still runs`);
  });
});
