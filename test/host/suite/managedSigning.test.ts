import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { startGatedMcpServer, type GatedMcpServer } from '../../support/gatedMcpServer';
import { sigV4Gate } from '../../support/sigV4Gate';
import { set, until, world } from './editor';
import { agree, connectWatched, labelsBelow, row, server, setServers, textOf, workspaceFolder } from './managed';

describe('A server behind IAM', () => {
  const { dev, other } = world().profiles;
  const mcpJson = (): string => path.join(workspaceFolder(), '.vscode', 'mcp.json');
  let gated: GatedMcpServer;
  let configBefore = '';

  before(async () => {
    configBefore = fs.readFileSync(world().configFile, 'utf8');
    gated = await startGatedMcpServer({
      era: 'modern',
      gate: sigV4Gate({
        service: 'lambda',
        region: 'us-west-2',
        keys: new Map([dev, other].map(({ account }) => [account, { secretAccessKey: 'local' }])),
      }),
    });
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile', dev.name);
    const url = `${gated.origin}/mcp`;
    const auth = { type: 'sigv4', service: 'lambda', region: 'us-west-2' };
    await setServers({
      gated: { type: 'http', url, auth },
      always: { type: 'http', url: `${url}?always`, auth: { ...auth, profile: other.name } },
    });
  });

  after(async () => {
    fs.writeFileSync(world().configFile, configBefore);
    fs.rmSync(mcpJson(), { force: true });
    await set('serverOptions', undefined);
    await vscode.commands.executeCommand('mcpWorkbench.servers.unwatch', 'gated');
    await setServers(undefined);
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile', dev.name);
    await gated.dispose();
  });

  async function whoami(title: string): Promise<string> {
    const client = await (await server(title)).connect({ isByPerson: true }, AbortSignal.timeout(30_000));
    return JSON.stringify((await client.callTool('whoami', {}, AbortSignal.timeout(30_000))).content);
  }

  it('sees the role that is picked, also after another one was picked', async () => {
    await vscode.commands.executeCommand('mcpWorkbench.servers.start', 'gated');
    assert.match((await row('gated')).description, /^ready/);
    assert.match(textOf((await row('gated')).item.tooltip as string), /signed with AWS credentials/);
    assert.match(await whoami('gated'), new RegExp(dev.account));
    assert.match(await whoami('always'), new RegExp(other.account));
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile', other.name);
    assert.match(await whoami('gated'), new RegExp(other.account));
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile', dev.name);
  });

  it("is reached by the editor's own client through the relay", async () => {
    await vscode.commands.executeCommand('mcpWorkbench.servers.watch', 'gated');
    const name = await connectWatched('gated', 'whoami');
    const { content } = await vscode.lm.invokeTool(name, { input: {}, toolInvocationToken: undefined });
    assert.match(JSON.stringify(content), new RegExp(dev.account));
    assert.deepEqual(gated.refusals, []);
  });

  it('needs a sign-in while nobody is signed in, and goes on afterwards', async () => {
    fs.appendFileSync(
      world().configFile,
      '\n[sso-session nobody]\nsso_start_url = https://nobody.awsapps.com/start\nsso_region = us-east-1\n' +
        '\n[profile nobody]\nsso_session = nobody\nsso_account_id = 999988887777\nsso_role_name = None\nregion = us-east-1\n',
    );
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile', 'nobody');
    await assert.rejects(whoami('gated'), /sign in|signed in/i);
    await until(
      'the row to say it',
      async () => (await row('gated')).description.startsWith('needs sign-in') || undefined,
    );
    assert.equal((await labelsBelow('gated'))[0], 'Sign in');
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile', dev.name);
    await until('the row to forget it', async () => !(await row('gated')).description.startsWith('needs') || undefined);
    assert.match(await whoami('gated'), new RegExp(dev.account));
  });

  it('that another file has is signed for by the options of the user', async () => {
    fs.mkdirSync(path.dirname(mcpJson()), { recursive: true });
    const servers = { team: { type: 'http', url: `${gated.origin}/mcp?team` } };
    fs.writeFileSync(mcpJson(), JSON.stringify({ servers }));
    await vscode.commands.executeCommand('mcpWorkbench.servers.refresh');
    await agree('team');
    await assert.rejects((await server('team')).start(AbortSignal.timeout(30_000)), /403|Missing Authentication/);
    assert.match((await row('team')).description, /^failed/);
    await set('serverOptions', { team: { auth: { type: 'sigv4', service: 'lambda', region: 'us-west-2' } } });
    await until('the options to be taken', async () => (await server('team')).signing?.region);
    assert.match(await whoami('team'), new RegExp(dev.account));
  });
});
