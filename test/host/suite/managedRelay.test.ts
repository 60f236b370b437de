import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { WireSummary } from '../../../src/traffic/wireRecord';
import { container, set, until, world } from './editor';
import {
  agree,
  connectWatched,
  managed,
  row,
  server,
  setServers,
  textOf,
  watchedTool,
  workspaceFolder,
} from './managed';

/** Calls a tool of a watched server the way a chat does. */
async function call(title: string, tool: string, input: object): Promise<string> {
  const name = watchedTool(title, tool);
  assert(name, `chat has no tool ${tool} of ${title}`);
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
}

describe("A watched server, driven by the editor's own MCP client", () => {
  const watched = ['everything', 'filesystem', 'memory', 'aws-iac'];
  const cursorFile = path.join(os.homedir(), '.cursor', 'mcp.json');

  before(async () => {
    const { everything, filesystem, memory, iac } = world().servers;
    fs.writeFileSync(path.join(workspaceFolder(), 'hello.txt'), 'hello from the workspace');
    await setServers({
      everything,
      filesystem: { command: filesystem.command, args: [...filesystem.args, workspaceFolder()] },
      memory: { ...memory, env: { MEMORY_FILE_PATH: path.join(workspaceFolder(), 'memory.jsonl') } },
      'aws-iac': iac,
    });
    for (const title of watched) await vscode.commands.executeCommand('mcpWorkbench.servers.watch', title);
  });

  after(async () => {
    for (const title of watched) await vscode.commands.executeCommand('mcpWorkbench.servers.unwatch', title);
    await setServers(undefined);
    await set('serverOptions', undefined);
    fs.rmSync(cursorFile, { force: true });
  });

  async function records(title: string): Promise<WireSummary[]> {
    const { recorder } = await container();
    const found: WireSummary[] = [];
    recorder.forEach((summary) => {
      if (summary.server === title) found.push(summary);
    });
    return found;
  }

  it('answers through the relay', async () => {
    await connectWatched('everything', 'echo');
    assert.match(await call('everything', 'echo', { message: 'through us' }), /through us/);
    await connectWatched('filesystem', 'read_text_file');
    const file = path.join(workspaceFolder(), 'hello.txt');
    assert.match(await call('filesystem', 'read_text_file', { path: file }), /hello from the workspace/);
    await connectWatched('memory', 'create_entities');
    const entities = [{ name: 'relay', entityType: 'thing', observations: ['passes on'] }];
    await call('memory', 'create_entities', { entities });
    assert.match(await call('memory', 'read_graph', {}), /passes on/);
  });

  it('answers through the relay for a server of AWS that is written in Python', async () => {
    await connectWatched('aws-iac', 'validate_cloudformation_template');
    const template = { Resources: { Bucket: { Type: 'AWS::S3::Bucket', Properties: { Nonsense: 1 } } } };
    const answer = await call('aws-iac', 'validate_cloudformation_template', {
      template_content: JSON.stringify(template),
    });
    assert.match(answer, /Nonsense/);
    const made = (await records('aws-iac')).find(({ target }) => target === 'validate_cloudformation_template');
    assert.equal(made?.status, 'ok');
    assert.match((await row('aws-iac')).description, /ready · watched · .*1 client · 1 call/);
  });

  it('leaves every message in the recorder under its own name', async () => {
    const found = await records('everything');
    const methods = new Set(found.map(({ method }) => method));
    for (const method of ['initialize', 'tools/list', 'tools/call']) assert(methods.has(method), method);
    const made = found.find(({ kind, target }) => kind === 'request' && target === 'echo');
    assert.equal(made?.status, 'ok');
    assert.match(made?.client ?? '', /code/i);
  });

  it('shows who is connected and how it does', async () => {
    const { description, node } = await row('everything');
    assert.match(description, /ready · watched · .*1 client · 1 call/);
    const { tree } = await managed();
    const clients = (await tree.children(node)).find(({ kind }) => kind === 'managedClients');
    assert(clients);
    const [client] = await tree.children(clients);
    assert(client);
    assert.match(textOf(tree.item(client).label), /code/i);
  });

  it('is changed only where the user wants it', async () => {
    await set('serverOptions', { filesystem: { readOnly: true } });
    await vscode.commands.executeCommand(
      'workbench.mcp.restartServer',
      'mcp-workbench.mcp-workbench/filesystem (watched)',
    );
    await until(
      'tools that write to be gone',
      () => watchedTool('filesystem', 'write_file') === undefined || undefined,
    );
    await connectWatched('filesystem', 'read_text_file');
    await set('serverOptions', undefined);
    await vscode.commands.executeCommand(
      'workbench.mcp.restartServer',
      'mcp-workbench.mcp-workbench/filesystem (watched)',
    );
    await connectWatched('filesystem', 'write_file');
  });

  it('gives the client an error when it dies in mid-call, is shown as failed, and works again', async () => {
    const everything = await server('everything');
    const seen = new Set<string>();
    const reasons: string[] = [];
    const subscription = everything.onDidChange(() => {
      seen.add(everything.state.kind);
      if (everything.state.kind === 'failed') reasons.push(everything.state.reason);
    });
    const name = watchedTool('everything', 'long-running-operation');
    assert(name);
    const pending = vscode.lm.invokeTool(name, {
      input: { duration: 120, steps: 2 },
      toolInvocationToken: undefined,
    });
    const outcome = Promise.resolve(pending).then(
      (result) => JSON.stringify(result.content),
      (error: unknown) => String(error),
    );
    await until('the call to reach the server', () => (everything.figures?.pendingCount ?? 0) > 0 || undefined);
    for (const pid of everything.supervisor?.pids ?? []) process.kill(pid, 'SIGKILL');
    assert.match(await outcome, /everything|closed|ended|error/i);
    await until('it to be seen as failed', () => seen.has('failed') || undefined);
    assert.match(reasons[0] ?? '', /SIGKILL|signal/);
    subscription.dispose();
    // The editor finds its session gone, and begins a new one with the same or the next call.
    await until('the server to answer again', async () => {
      try {
        return (await call('everything', 'echo', { message: 'again' })).includes('again') || undefined;
      } catch {
        return undefined;
      }
    });
    assert.match((await row('everything')).description, /^ready/);
  });

  it('is refused while a person keeps it stopped', async () => {
    await vscode.commands.executeCommand('mcpWorkbench.servers.stop', 'memory');
    let answer = '';
    try {
      answer = await call('memory', 'read_graph', {});
    } catch (error) {
      answer = String(error);
    }
    assert.doesNotMatch(answer, /passes on/);
    assert.deepEqual((await server('memory')).supervisor?.pids, []);
    await vscode.commands.executeCommand('mcpWorkbench.servers.start', 'memory');
    assert.match((await row('memory')).description, /^ready/);
  });

  it('is reached by another program through its own config file, and back', async () => {
    const { everything } = world().servers;
    fs.mkdirSync(path.dirname(cursorFile), { recursive: true });
    const text = `{\n  // Mine.\n  "mcpServers": {\n    "every": ${JSON.stringify({ ...everything, env: { A: 'b' } })}\n  }\n}\n`;
    fs.writeFileSync(cursorFile, text);
    await vscode.commands.executeCommand('mcpWorkbench.servers.refresh');
    await agree('every');
    const routing = vscode.commands.executeCommand('mcpWorkbench.servers.route', 'every');
    await until('the change to be written', async () => {
      // The first choice of the question beside the diff.
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      await delay(200);
      return fs.readFileSync(cursorFile, 'utf8') !== text || undefined;
    });
    await routing;
    const routed = fs.readFileSync(cursorFile, 'utf8');
    assert.match(routed, /\/\/ Mine\./);
    const { url, headers } = (JSON.parse(routed.replace('// Mine.', '')) as RoutedFile).mcpServers.every;
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/servers\/every\/mcp$/);
    // What the program would send.
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: {
          protocolVersion: '2025-06-18',
          capabilities: {},
          clientInfo: { name: 'cursor-vscode', version: '1.0' },
        },
      }),
    });
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /everything/i);
    assert.match((await row('every')).description, /routed · .*1 client/);
    assert(
      (await records('every')).some(({ client, method }) => client === 'cursor-vscode' && method === 'initialize'),
    );

    await vscode.commands.executeCommand('mcpWorkbench.servers.unroute', 'every');
    assert.equal(fs.readFileSync(cursorFile, 'utf8'), text);
    await vscode.commands.executeCommand('mcpWorkbench.servers.unwatch', 'every');
    await set('externalAccess.enabled', undefined);
  });
});

interface RoutedFile {
  mcpServers: { every: { url: string; headers: Record<string, string> } };
}
