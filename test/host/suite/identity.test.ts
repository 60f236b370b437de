import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as vscode from 'vscode';
import { callAsChat, connectEditor, container, until, world } from './editor';

async function whoAmI(): Promise<{ account: string; region: string; profile: string }> {
  const answer = JSON.parse(await callAsChat('aws_get_caller_identity', {})) as { identity: never };
  return answer.identity;
}

describe('Who tools act as', () => {
  const { dev, other } = world().profiles;

  before(connectEditor);

  beforeEach(async () => {
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile', dev.name);
  });

  it('changes with the profile, in the running server', async () => {
    const { host } = await container();
    assert.equal((await whoAmI()).account, dev.account);
    const before = host.connections.map(({ id }) => id);
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile', other.name);
    const identity = await whoAmI();
    assert.equal(identity.account, other.account);
    assert.equal(identity.region, other.region);
    assert.match(await callAsChat('cloudformation_list_stacks', {}), new RegExp(other.stack));
    assert.deepEqual(
      host.connections.map(({ id }) => id),
      before,
      'the editor had to connect again',
    );
  });

  it('changes with the Region, and a new profile brings its own', async () => {
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectRegion', 'ap-southeast-2');
    assert.equal((await whoAmI()).region, 'ap-southeast-2');
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile', other.name);
    assert.equal((await whoAmI()).region, other.region);
  });

  it('shows an edit of the config file without a reload', async () => {
    const { profiles, identity } = await container();
    const { configFile } = world();
    const text = fs.readFileSync(configFile, 'utf8');
    try {
      fs.writeFileSync(configFile, text.replace(`region = ${dev.region}`, 'region = eu-north-1'));
      await until('the new Region', () => profiles.current.profile?.region === 'eu-north-1' || undefined);
      assert.equal((await whoAmI()).region, 'eu-north-1');
    } finally {
      fs.writeFileSync(configFile, text);
    }
    await until('the old Region', () => profiles.current.profile?.region === dev.region || undefined);
    await vscode.commands.executeCommand('mcpWorkbench.identity.refresh');
    assert.equal(identity.state.kind, 'active');
  });

  it('refuses a profile that does not exist without changing anything', async () => {
    const { identity } = await container();
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile', 'nobody');
    assert.equal(identity.selection.profile, dev.name);
  });

  it('is limited to what the settings allow beside it', async () => {
    const answer = await callAsChat('aws_get_caller_identity', { profile: other.name });
    assert.match(answer, /"code":"PolicyDenied"/);
    assert.match(answer, /mcpWorkbench\.allowedProfiles/);
  });
});
