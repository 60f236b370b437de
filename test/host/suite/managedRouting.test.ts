import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { set, until, world } from './editor';
import { agree, labelsBelow, managed, row, setServers, textOf, workspaceFolder } from './managed';

interface RoutedFile {
  mcpServers: { team: { url: string; headers: Record<string, string> } };
}

describe('A server that is routed in a file of the workspace', () => {
  const file = (): string => path.join(workspaceFolder(), '.mcp.json');
  const { everything } = world().servers;
  const text = `{\n    "mcpServers": {\n        "team": ${JSON.stringify(everything)}\n    }\n}\n`;

  before(async () => {
    fs.writeFileSync(file(), text);
    await vscode.commands.executeCommand('mcpWorkbench.servers.refresh');
    await agree('team');
  });

  after(async () => {
    await vscode.commands.executeCommand('mcpWorkbench.servers.unwatch', 'team');
    await set('externalAccess.enabled', undefined);
    fs.rmSync(file(), { force: true });
    await vscode.commands.executeCommand('mcpWorkbench.servers.refresh');
  });

  const routed = (): RoutedFile['mcpServers']['team'] =>
    (JSON.parse(fs.readFileSync(file(), 'utf8')) as RoutedFile).mcpServers.team;

  /** What a program does that reads the file. @returns the status of the answer */
  async function reach(): Promise<number> {
    const { url, headers } = routed();
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'reader', version: '1' } };
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
    });
    await answer.text();
    return answer.status;
  }

  it('is shown as a change first, and then reached through this window', async () => {
    const routing = vscode.commands.executeCommand('mcpWorkbench.servers.route', 'team');
    await until('the change to be written', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      await delay(200);
      return fs.readFileSync(file(), 'utf8') !== text || undefined;
    });
    await routing;
    assert.match((await row('team')).description, /· routed ·/);
    assert.equal(await reach(), 200);
  });

  it('says that its token is an earlier one, and is corrected with one click', async () => {
    const before = routed();
    await vscode.commands.executeCommand('mcpWorkbench.externalAccess.rotateToken');
    await until('the row to say it', async () => (await row('team')).description.includes('route broken') || undefined);
    assert.equal(await reach(), 401);
    const { tree } = await managed();
    const notes = await tree.children((await row('team')).node);
    const note = notes.map((node) => tree.item(node)).find(({ label }) => textOf(label).startsWith('Correct'));
    assert.equal(note?.label, 'Correct its address in Claude Code');
    assert(note?.command);
    await vscode.commands.executeCommand(note.command.command, ...((note.command.arguments ?? []) as unknown[]));
    assert.notDeepEqual(routed().headers, before.headers);
    assert.match((await row('team')).description, /· routed ·/);
    assert.equal(await reach(), 200);
  });

  it('says that external access is off, and is corrected with one click, whatever the port is then', async () => {
    const before = routed();
    await set('externalAccess.enabled', false);
    await until(
      'the row to say it',
      async () => (await labelsBelow('team')).join().includes('Turn on external access for Claude Code') || undefined,
    );
    // Another program has taken the port meanwhile.
    await set('externalAccess.port', await otherPort(before.url));
    await vscode.commands.executeCommand('mcpWorkbench.servers.route', 'team');
    assert.notEqual(routed().url, before.url);
    assert.equal(await reach(), 200);
    await set('externalAccess.port', undefined);
  });

  it('says again what it said at first when it is routed no more', async () => {
    await vscode.commands.executeCommand('mcpWorkbench.servers.unroute', 'team');
    assert.equal(fs.readFileSync(file(), 'utf8'), text);
    assert.match((await row('team')).description, /watched/);
  });
});

describe('What is wrong with our own setting', () => {
  const file = (): string => path.join(workspaceFolder(), '.vscode', 'settings.json');

  after(async () => {
    fs.rmSync(file(), { force: true });
    await setServers(undefined);
  });

  it('is a problem at its line in the settings of the workspace', async () => {
    fs.mkdirSync(path.dirname(file()), { recursive: true });
    const lines = [
      '{',
      '  // Ours.',
      '  "mcpWorkbench.servers": {',
      '    "wrong": {',
      '      "url": "ftp://example.com/"',
      '    }',
      '  }',
      '}',
    ];
    fs.writeFileSync(file(), lines.join('\n'));
    const [diagnostic] = await until('the problem', () => {
      const found = vscode.languages
        .getDiagnostics(vscode.Uri.file(file()))
        .filter(({ source }) => source === 'MCP Workbench');
      return found.length > 0 ? found : undefined;
    });
    assert.equal(diagnostic?.range.start.line, 4);
    assert.match(diagnostic.message, /url/);
  });
});

async function otherPort(url: string): Promise<number> {
  const net = await import('node:net');
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  assert.notEqual(port, Number(new URL(url).port));
  return port;
}
