import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { AuditNode } from '../../../src/editor/audit/auditTree';
import { sampleFunction } from '../../support/sampleFunction';
import { container, set, until, world } from './editor';
import { call, errorOf, resetSettings } from './platform';

const { executeCommand } = vscode.commands;

describe('The audit log in the editor', () => {
  const { dev } = world().profiles;

  before(async () => {
    await executeCommand('mcpWorkbench.identity.selectProfile', dev.name);
    await executeCommand('mcpWorkbench.audit.clearFilter');
  });

  afterEach(async () => {
    await resetSettings();
    await executeCommand('mcpWorkbench.audit.clearFilter');
    await executeCommand('workbench.action.closeAllEditors');
  });

  async function rows(): Promise<AuditNode[]> {
    const { tree } = await (await container()).auditParts.get();
    return tree.getChildren();
  }

  async function row(client: string): Promise<Extract<AuditNode, { kind: 'call' }>> {
    return until(`the call of ${client} in the view`, async () => {
      for (const node of await rows()) if (node.kind === 'call' && node.call.client === client) return node;
      return undefined;
    });
  }

  it('shows a call with who made it, as whom and what it touched', async () => {
    const { tree } = await (await container()).auditParts.get();
    await call('lambda_get_function', { functionName: sampleFunction }, { client: 'auditor-1' });
    const node = await row('auditor-1');
    assert.equal(node.call.state, 'ok');
    assert.equal(node.call.identity?.account, dev.account);
    assert.match(node.call.resources?.[0] ?? '', new RegExp(`:function:${sampleFunction}$`));
    assert((node.call.awsRequestIds?.length ?? 0) > 0);
    const item = tree.getTreeItem(node);
    assert.equal(item.label, 'lambda_get_function');
    assert.match(String(item.description), new RegExp(`auditor-1 · ${dev.name}`));
    await executeCommand('mcpWorkbench.audit.openCall', node);
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.languageId, 'json');
    assert.equal((JSON.parse(document.getText()) as { callId: string }).callId, node.call.callId);
  });

  it('shows refusals, and only what the filter lets through', async () => {
    await set('access', 'readWrite');
    await call('lambda_invoke_function', { functionName: sampleFunction }, { client: 'auditor-2' });
    await call('s3_list_buckets', {}, { client: 'auditor-2' });
    await executeCommand('mcpWorkbench.audit.filter', { access: ['write', 'destructive'], client: 'auditor-2' });
    const node = await row('auditor-2');
    assert.equal((await rows()).length, 1);
    assert.equal(node.call.errorCode, 'ConsentRefused');
    assert.equal(node.call.consents?.[0]?.answer, 'refused');
    await executeCommand('mcpWorkbench.audit.clearFilter');
    assert((await rows()).length > 1);
  });

  it('finds a record that was changed afterwards', async () => {
    await call('s3_list_buckets', { fresh: true }, { client: 'auditor-3' });
    await row('auditor-3');
    assert.match(String(await executeCommand('mcpWorkbench.audit.verify')), /^The audit log is intact/);
    const { folder } = await (await container()).auditParts.get();
    const [name = ''] = (await fs.readdir(folder)).sort().toReversed();
    const file = path.join(folder, name);
    const whole = await fs.readFile(file, 'utf8');
    // In place and of the same length: the log goes on to write to this very file.
    const write = async (text: string): Promise<void> => fs.writeFile(file, text, { flag: 'r+' });
    await write(whole.replaceAll('auditor-3', 'somebody!'));
    try {
      assert.match(String(await executeCommand('mcpWorkbench.audit.verify')), /^The audit log was changed/);
      const text = vscode.window.activeTextEditor?.document.getText() ?? '';
      assert.match(text, new RegExp(`${name}:\\d+ {2}changed`));
    } finally {
      await write(whole);
    }
    assert.match(String(await executeCommand('mcpWorkbench.audit.verify')), /^The audit log is intact/);
  });

  it('keeps changes from being made that cannot be recorded, and lets reads go on', async () => {
    await set('access', 'readWrite');
    const { folder } = await (await container()).auditParts.get();
    const aside = `${folder}-aside`;
    // A file where the folder was: nothing can be written there.
    await fs.cp(folder, aside, { recursive: true });
    await fs.rm(folder, { recursive: true });
    await fs.writeFile(folder, '');
    try {
      const refused = errorOf(await call('lambda_invoke_function', { functionName: sampleFunction }));
      assert.equal(refused.code, 'PolicyDenied');
      assert.match(refused.message, /audit log cannot record it/);
      const read = await call('aws_get_caller_identity', {});
      assert.match(JSON.stringify(read.structuredContent?.['warnings']), /audit log/);
    } finally {
      await fs.rm(folder);
      await fs.rename(aside, folder);
    }
    const read = await call('aws_get_caller_identity', {}, { client: 'auditor-4' });
    assert.equal(read.structuredContent?.['warnings'], undefined);
    await row('auditor-4');
  });
});
