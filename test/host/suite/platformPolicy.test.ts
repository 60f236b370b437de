import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { IamPolicyDocument } from '../../../src/tools/policy/iamPolicy';
import { sampleFunction } from '../../support/sampleFunction';
import { callAsChat, chatToolName, connectEditor, container, set, until, world } from './editor';
import { call, errorOf, offered, resetSettings } from './platform';

const { Global, Workspace } = vscode.ConfigurationTarget;

describe('Policy in the editor', () => {
  const { dev } = world().profiles;
  const functionArn = `arn:aws:lambda:${dev.region}:${dev.account}:function:${sampleFunction}`;

  before(async () => {
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile', dev.name);
    await connectEditor();
  });

  afterEach(resetSettings);

  it('takes single tools away and gives them back, and the editor is told', async () => {
    await set('tools', { lambda_get_function: 'deny' });
    await until('the tool to be gone', () => chatToolName('lambda_get_function') === undefined || undefined);
    const refused = errorOf(await call('lambda_get_function', { functionName: sampleFunction }));
    assert.equal(refused.code, 'PolicyDenied');
    assert.match(refused.remedy, /"lambda_get_function": "deny" from the setting mcpWorkbench\.tools/);
    await set('tools', undefined);
    await until('the tool to be back', () => chatToolName('lambda_get_function'));
  });

  it('allows a single tool that changes something while the rest only read', async () => {
    await set('tools', { lambda_invoke_function: 'allow' });
    assert((await offered()).includes('lambda_invoke_function'));
    await set('tools', { lambda_invoke_function: 'deny' }, Workspace);
    assert(!(await offered()).includes('lambda_invoke_function'));
  });

  it('lets no workspace allow a tool', async () => {
    await set('tools', { lambda_invoke_function: 'allow' }, Workspace);
    assert.equal(vscode.workspace.getConfiguration('mcpWorkbench').get('tools.lambda_invoke_function'), 'allow');
    assert(!(await offered()).includes('lambda_invoke_function'));
  });

  it('asks before a read where the user wants that; nobody says yes here', async () => {
    await set('tools', { lambda_get_function: 'ask' });
    // A window that runs tests refuses every modal by itself.
    assert.equal(errorOf(await call('lambda_get_function', { functionName: sampleFunction })).code, 'ConsentRefused');
  });

  it('keeps calls from resources that are denied, naming the setting', async () => {
    await set('resources.deny', [functionArn]);
    const answer = await callAsChat('lambda_get_function', { functionName: sampleFunction });
    assert.match(answer, /"code":"PolicyDenied"/);
    assert.match(answer, /mcpWorkbench\.resources\.deny/);
    await set('resources.deny', undefined);
    assert.match(await callAsChat('lambda_get_function', { functionName: sampleFunction }), /"functionName"/);
  });

  it('holds a workspace and the user to what each allows', async () => {
    await set('resources.allow', [`arn:aws:lambda:*:${dev.account}:function:*`]);
    assert(!('isError' in (await call('lambda_get_function', { functionName: sampleFunction }))));
    await set('resources.allow', ['arn:aws:lambda:*:*:function:other-*'], Workspace);
    const refused = errorOf(await call('lambda_get_function', { functionName: sampleFunction }));
    assert.match(refused.remedy, /mcpWorkbench\.resources\.allow/);
    await set('resources.allow', ['*'], Workspace);
    assert(!('isError' in (await call('lambda_get_function', { functionName: sampleFunction }))));
  });

  it('only reads in production accounts that are not named', async () => {
    await set('access', 'readWrite');
    await set('accounts', { [dev.account]: { label: 'shop', production: true } });
    const read = await call('lambda_get_function', { functionName: sampleFunction });
    assert.equal((read.structuredContent?.['identity'] as { production?: boolean } | undefined)?.production, true);
    const refused = errorOf(await call('lambda_invoke_function', { functionName: sampleFunction }));
    assert.equal(refused.code, 'PolicyDenied');
    assert.match(refused.message, /production/);
    assert.match(refused.remedy, new RegExp(`"${dev.account}" to the setting mcpWorkbench\\.productionWrites`));
    // A workspace cannot name it.
    await set('productionWrites', [dev.account], Workspace);
    assert.equal(errorOf(await call('lambda_invoke_function', { functionName: sampleFunction })).code, 'PolicyDenied');
    await set('productionWrites', [dev.account], Global);
    // Now it gets as far as the question, which a window that runs tests refuses.
    assert.equal(
      errorOf(await call('lambda_invoke_function', { functionName: sampleFunction })).code,
      'ConsentRefused',
    );
  });

  it('switches the CDK toolset on where the workspace gets a CDK app, and off again', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert(folder);
    assert.equal(chatToolName('cdk_list_stacks'), undefined);
    const app = vscode.Uri.joinPath(folder.uri, 'infra', 'cdk.json');
    await vscode.workspace.fs.writeFile(app, new TextEncoder().encode('{"app":"node app.js"}'));
    try {
      await until('the tools for CDK apps', () => chatToolName('cdk_list_stacks'));
      // A workspace that names toolsets takes the others away, found or not.
      await set('toolsets', ['s3'], Workspace);
      await until('them to be gone', () => chatToolName('cdk_list_stacks') === undefined || undefined);
      await set('toolsets', undefined, Workspace);
      await until('them to be back', () => chatToolName('cdk_list_stacks'));
    } finally {
      await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder.uri, 'infra'), { recursive: true });
    }
    await until('them to go with the app', () => chatToolName('cdk_list_stacks') === undefined || undefined);
    assert((await offered()).includes('s3_list_buckets'));
  });

  it('copies an IAM policy for the tools that are on, limited to what they may touch', async () => {
    await set('toolsets', ['lambda']);
    await set('resources.allow', [functionArn]);
    await vscode.commands.executeCommand('mcpWorkbench.tools.copyIamPolicy');
    const policy = JSON.parse(await vscode.env.clipboard.readText()) as IamPolicyDocument;
    assert.equal(policy.Version, '2012-10-17');
    const allowed = policy.Statement.filter(({ Effect }) => Effect === 'Allow');
    const actions = allowed.flatMap(({ Action }) => Action);
    assert(
      actions.includes('lambda:GetFunction') || actions.includes('lambda:GetFunctionConfiguration'),
      String(actions),
    );
    assert(!actions.includes('lambda:InvokeFunction'), 'a tool that is off is in the policy');
    const limited = allowed.find(({ Action }) => Action.some((action) => action.startsWith('lambda:GetFunction')));
    assert(
      limited?.Resource.every((arn) => arn.startsWith(functionArn)),
      JSON.stringify(limited),
    );
  });

  it('says in the tree when the list of tools costs more than its budget', async () => {
    const { serversTree } = await container();
    const look = async (): Promise<vscode.TreeItem> => {
      const [server] = await serversTree.getChildren();
      const tools = (await serversTree.getChildren(server)).find(({ kind }) => kind === 'tools');
      assert(tools);
      return serversTree.getTreeItem(tools);
    };
    assert.equal(((await look()).iconPath as vscode.ThemeIcon).id, 'tools');
    await set('tokenBudget', 500);
    const item = await look();
    assert.equal((item.iconPath as vscode.ThemeIcon).id, 'warning');
    assert.match(String(item.description), /of 500 tokens$/);
    assert.match(item.tooltip as string, /more than your budget of 500/);
  });
});
