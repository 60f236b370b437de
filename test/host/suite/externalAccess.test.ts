import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import * as vscode from 'vscode';
import { container, set, world } from './editor';

/** Connects as a program outside the editor does, with a URL and a token. */
async function connect(url: string, token: string, mode: 'legacy' | 'auto' = 'legacy'): Promise<Client> {
  const client = new Client({ name: `outside-${mode}`, version: '1.0.0' }, { versionNegotiation: { mode } });
  const headers = { Authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

/** Runs the command and takes apart what it copied. */
async function connectClaudeCode(): Promise<{ url: string; token: string }> {
  await vscode.commands.executeCommand('mcpWorkbench.clients.connectClaudeCode');
  const line = await vscode.env.clipboard.readText();
  const parts =
    /^claude mcp add --transport http mcp-workbench (http:\/\/127\.0\.0\.1:\d+\/mcp) --header "Authorization: Bearer ([\w-]{43})"$/.exec(
      line,
    );
  assert(parts, `this is not the line for Claude Code: ${line}`);
  return { url: parts[1] ?? '', token: parts[2] ?? '' };
}

describe('External access', () => {
  before(async () => {
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile', world().profiles.dev.name);
  });

  afterEach(async () => {
    await set('access', undefined);
    await vscode.commands.executeCommand('mcpWorkbench.externalAccess.stop');
  });

  it('is off until the user turns it on', async () => {
    const { externalAccess } = await container();
    assert.equal(externalAccess.url, undefined);
  });

  it('works with the line that the command copies', async () => {
    const client = await connect(...(Object.values(await connectClaudeCode()) as [string, string]));
    const { tools } = await client.listTools();
    assert(tools.some(({ name }) => name === 'cloudformation_list_stacks'));
    const result = await client.callTool({ name: 'cloudformation_list_stacks', arguments: {} });
    assert.match(JSON.stringify(result.structuredContent), new RegExp(world().profiles.dev.stack));
    await client.close();
  });

  it('serves clients of both protocol eras', async () => {
    const { host } = await container();
    const { url, token } = await connectClaudeCode();
    for (const [mode, era] of [
      ['legacy', 'legacy'],
      ['auto', 'modern'],
    ] as const) {
      const client = await connect(url, token, mode);
      await client.callTool({ name: 'aws_get_caller_identity', arguments: {} });
      assert.equal(host.connections.find(({ name }) => name === `outside-${mode}`)?.era, era);
      await client.close();
    }
  });

  it('works with the mcp.json entry that the command copies', async () => {
    await vscode.commands.executeCommand('mcpWorkbench.clients.copyMcpJson', 'mcpServers');
    const { mcpServers } = JSON.parse(await vscode.env.clipboard.readText()) as {
      mcpServers: Record<string, { type: string; url: string; headers: { Authorization: string } }>;
    };
    const entry = mcpServers['mcp-workbench'];
    assert.equal(entry?.type, 'http');
    const client = await connect(entry.url, entry.headers.Authorization.replace('Bearer ', ''));
    await client.close();
  });

  it('refuses a wrong token', async () => {
    const { url } = await connectClaudeCode();
    await assert.rejects(connect(url, 'a'.repeat(43)));
  });

  it('keeps its address when stopped and started, and refuses while stopped', async () => {
    const first = await connectClaudeCode();
    await vscode.commands.executeCommand('mcpWorkbench.externalAccess.stop');
    await assert.rejects(connect(first.url, first.token));
    assert.deepEqual(await connectClaudeCode(), first);
  });

  it('cuts off who holds the old token when a new one is made', async () => {
    const old = await connectClaudeCode();
    const client = await connect(old.url, old.token);
    await vscode.commands.executeCommand('mcpWorkbench.externalAccess.rotateToken');
    await assert.rejects(client.listTools());
    const renewed = await connectClaudeCode();
    assert.equal(renewed.url, old.url);
    assert.notEqual(renewed.token, old.token);
    await (await connect(renewed.url, renewed.token)).close();
  });

  it('tells clients when the settings offer other tools', async () => {
    const { url, token } = await connectClaudeCode();
    const client = await connect(url, token);
    const told = new Promise<void>((resolve) => {
      client.setNotificationHandler('notifications/tools/list_changed', () => resolve());
    });
    await set('access', 'readWrite');
    await told;
    const { tools } = await client.listTools();
    assert(tools.some(({ name }) => name === 'lambda_invoke_function'));
    await client.close();
  });

  it('counts a question that could not be answered as refused', async () => {
    // The editor shows no dialog while it runs tests: for us that is a question nobody answered.
    await set('access', 'readWrite');
    const { url, token } = await connectClaudeCode();
    const client = await connect(url, token);
    const result = await client.callTool({ name: 'lambda_invoke_function', arguments: { functionName: 'orders' } });
    assert.equal(result.isError, true);
    assert.match(JSON.stringify(result.content), /ConsentRefused/);
    await client.close();
  });
});
