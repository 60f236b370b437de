import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { chatToolName, connectEditor, container, set, until } from './editor';

const { Global, Workspace } = vscode.ConfigurationTarget;

async function offered(): Promise<string[]> {
  const { tools } = await container();
  const { pipeline } = await tools.get();
  return pipeline.list().map(({ name }) => name);
}

describe('What tools may do', () => {
  before(connectEditor);

  afterEach(async () => {
    for (const target of [Workspace, Global]) {
      await set('access', undefined, target);
      await set('toolsets', undefined, target);
    }
  });

  it('is only reading at first', async () => {
    assert(!(await offered()).includes('lambda_invoke_function'));
    assert.equal(chatToolName('lambda_invoke_function'), undefined);
  });

  it('changes with the settings, and the editor is told', async () => {
    await set('access', 'readWrite');
    await until('the tool that writes to be offered', () => chatToolName('lambda_invoke_function'));
    await set('access', undefined);
    await until('it to be gone again', () => chatToolName('lambda_invoke_function') === undefined || undefined);
    assert(chatToolName('lambda_list_functions'));
  });

  it('is never widened by a workspace', async () => {
    await set('access', 'readWrite', Workspace);
    assert.equal(vscode.workspace.getConfiguration('mcpWorkbench').get('access'), 'readWrite');
    assert(!(await offered()).includes('lambda_invoke_function'));
    await set('toolsets', ['aws'], Global);
    await set('toolsets', ['aws', 's3'], Workspace);
    await until('the toolsets of the user', async () => (await offered()).length === 1 || undefined);
  });

  it('is narrowed by a workspace', async () => {
    await set('access', 'readWrite');
    await set('access', 'readOnly', Workspace);
    assert(!(await offered()).includes('lambda_invoke_function'));
    await set('toolsets', ['s3'], Workspace);
    assert((await offered()).every((name) => name.startsWith('s3_')));
  });
});
