import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { EditorDialogs } from '../../../src/editor/consent/editorDialogs';
import type { ConsentRequest } from '../../../src/tools/consent';
import { container, set, until, world } from './editor';
import { call, resetSettings } from './platform';

const { executeCommand } = vscode.commands;

describe('What tools leave behind in the editor', () => {
  const { dev, other } = world().profiles;

  beforeEach(async () => {
    await executeCommand('mcpWorkbench.identity.selectProfile', dev.name);
  });

  afterEach(async () => {
    await resetSettings();
    await executeCommand('notifications.clearAll');
    await executeCommand('workbench.action.closeAllEditors');
  });

  const request: ConsentRequest = {
    plan: {
      action: 'Update stack',
      resource: 'orders',
      details: [{ label: 'Parameters', value: 'Stage=prod' }],
      changes: [
        { label: 'template.json', before: '{\n  "a": 1\n}\n', after: '{\n  "a": 2\n}\n' },
        { label: 'tags.json', before: '', after: '{ "owner": "me" }' },
      ],
    },
    tool: 'cloudformation_update_stack',
    access: 'write',
    client: 'agent',
    sessionId: 's1',
    identity: undefined,
    hash: '9f3c'.padEnd(64, '0'),
    offersGrant: true,
  };

  it('shows a change as a difference beside the question', async () => {
    const { documents } = await container();
    const answer = new EditorDialogs(documents).askWithDetails(request);
    const input = await until('the difference', () => {
      const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
      const shown = tab?.input instanceof vscode.TabInputTextDiff ? tab.input : undefined;
      return shown?.modified.path.endsWith('/template.json') ? shown : undefined;
    });
    const modified = await vscode.workspace.openTextDocument(input.modified);
    assert.equal(modified.languageId, 'json');
    assert.match(modified.getText(), /"a": 2/);
    const labels = vscode.window.tabGroups.activeTabGroup.tabs.map(({ label }) => label);
    assert.equal(labels.length, 3, labels.join());
    // The notification may come after the difference has been shown, so it is cleared until it was there.
    let answered: string | undefined;
    void answer.then((given) => (answered = given));
    await until('the question to be dismissed', async () => {
      await executeCommand('notifications.clearAll');
      return answered;
    });
    assert.equal(answered, 'dismiss');
  });

  it('remembers reads for a moment, asks anew where that is wanted, and forgets with the identity', async () => {
    const first = await call('cloudformation_list_stacks', { fresh: true });
    assert.equal(first.structuredContent?.['cachedSecondsAgo'], undefined);
    const again = await call('cloudformation_list_stacks', {});
    assert.equal(typeof again.structuredContent?.['cachedSecondsAgo'], 'number');
    assert.equal(
      (await call('cloudformation_list_stacks', { fresh: true })).structuredContent?.['cachedSecondsAgo'],
      undefined,
    );
    await executeCommand('mcpWorkbench.identity.selectProfile', other.name);
    await executeCommand('mcpWorkbench.identity.selectProfile', dev.name);
    assert.equal((await call('cloudformation_list_stacks', {})).structuredContent?.['cachedSecondsAgo'], undefined);
  });

  it('opens the whole of a result that was cut, by its URI and by a link in JSON', async () => {
    const { tools } = await container();
    const { results } = await tools.get();
    const uri = results.keep(JSON.stringify({ whole: 'x'.repeat(100) }));
    assert(uri !== undefined);
    await executeCommand('mcpWorkbench.results.open', uri);
    const shown = await until('the result as JSON', () => {
      const document = vscode.window.activeTextEditor?.document;
      return document?.uri.toString() === uri && document.languageId === 'json' ? document : undefined;
    });
    assert.match(shown.getText(), /"whole": "x+"/);
    const message = await vscode.workspace.openTextDocument({
      language: 'json',
      content: JSON.stringify({ truncated: true, fullResult: uri }),
    });
    const links = await executeCommand<vscode.DocumentLink[]>('vscode.executeLinkProvider', message.uri);
    assert.deepEqual(
      links.map(({ target }) => target?.toString()),
      [uri],
    );
  });

  it('offers clients resources and prompts that read real data', async () => {
    const { reads } = await (await container()).tools.get();
    const listed = reads.shown.list().map(({ name }) => name);
    assert(listed.includes('cloudformation_get_template'));
    assert(!listed.some((name) => name.includes('invoke')));
  });

  it('takes consents for a session back when tools act as somebody else', async () => {
    await set('access', 'readWrite');
    const { grants } = await container();
    const identity = { account: dev.account, role: 'root', region: dev.region, profile: dev.name };
    await call('aws_get_caller_identity', {});
    grants.give({ ...request, identity }, 'editor');
    assert.equal(grants.list.length, 1);
    await executeCommand('mcpWorkbench.identity.selectProfile', other.name);
    assert.equal(grants.list.length, 0);
  });
});
