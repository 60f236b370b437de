import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { CallableServer, CallOutcome } from '../../../src/mcp/caller/callableServer';
import { container, set, until, world } from './editor';
import { server, setServers } from './managed';
import { resetSettings } from './platform';

const { executeCommand } = vscode.commands;

describe('Calls by hand', () => {
  const { dev } = world().profiles;
  const { signal } = new AbortController();

  before(async () => {
    await executeCommand('mcpWorkbench.identity.selectProfile', dev.name);
    await setServers({ everything: world().servers.everything });
  });

  after(async () => {
    await resetSettings();
    await setServers(undefined);
    await executeCommand('workbench.action.closeAllEditors');
  });

  async function callable(key: string): Promise<CallableServer> {
    const { servers } = await (await container()).inspector.get();
    return until(`the server ${key}`, () => servers.get(key));
  }

  const call = async (key: string, name: string, given: object): Promise<CallOutcome> =>
    (await callable(key)).request('tools/call', { name, arguments: given }, { signal });

  it('reach AWS through our own server, and are recorded with what they asked of it', async () => {
    const { result, seq } = await call('own', 'cloudformation_list_stacks', { fresh: true });
    const { identity } = (result?.['structuredContent'] ?? {}) as { identity?: { account: string } };
    assert.equal(identity?.account, dev.account);
    const { recorder } = await container();
    const record = recorder.summary(seq ?? 0);
    assert.equal(record?.client, 'MCP Workbench');
    assert.equal(record.target, 'cloudformation_list_stacks');
    assert.equal(record.status, 'ok');
    assert(record.awsRequests?.some(({ service }) => service === 'CloudFormation'));
  });

  it('ask before anything is changed, as calls of agents do', async () => {
    await set('access', 'readWrite');
    const own = await callable('own');
    await until('the tool that writes to be offered', async () =>
      (await own.list('tools', signal)).find(({ name }) => name === 'lambda_invoke_function'),
    );
    // The editor shows no dialog while it runs tests: for us that is a question nobody answered.
    const { result } = await call('own', 'lambda_invoke_function', { functionName: 'orders' });
    assert.equal(result?.['isError'], true);
    assert.match(JSON.stringify(result['content']), /ConsentRefused/);
  });

  it('start a server of the user when something is asked of it, and not before', async () => {
    const { key, supervisor } = await server('everything');
    assert.equal(supervisor, undefined);
    const everything = await callable(key);
    assert.equal(everything.state, 'stopped');
    assert((await everything.list('tools', signal)).some(({ name }) => name === 'echo'));
    const { result, seq } = await call(key, 'echo', { message: 'by hand' });
    assert.match(JSON.stringify(result?.['content']), /by hand/);
    const record = (await container()).recorder.summary(seq ?? 0);
    assert.equal(record?.target, 'echo');
    assert.equal(everything.state, 'ready');
  });

  it('begin in the inspector, at the tool of the row', async () => {
    await executeCommand('mcpWorkbench.servers.runTool', { kind: 'server' });
    await until(
      'the inspector',
      () => vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputWebview || undefined,
    );
  });
});
