import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { container, set, until } from './editor';

const header = '{"mcptrace":1,"createdAt":"2026-11-20T10:42:07.113Z","creator":"test"}\n';

function line(seq: number, tool: string, more: object = {}): string {
  return `${JSON.stringify({
    seq,
    time: 1_795_171_327_113 + seq * 100,
    direction: 'clientToServer',
    kind: 'request',
    server: 'AWS tools',
    client: 'claude-code',
    session: 's1',
    era: 'legacy',
    method: 'tools/call',
    target: tool,
    id: String(seq),
    bytes: 100,
    tokens: 27,
    status: 'pending',
    message: { jsonrpc: '2.0', id: seq, method: 'tools/call', params: { name: tool } },
    ...more,
  })}\n`;
}

describe('Traffic as files', () => {
  let folder: string;

  before(async () => {
    await container();
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'mcpw-traces-'));
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await set('traffic.record', undefined);
    await fs.rm(folder, { recursive: true, force: true });
  });

  async function write(name: string, text: string): Promise<vscode.Uri> {
    const file = path.join(folder, name);
    await fs.writeFile(file, text);
    return vscode.Uri.file(file);
  }

  it('opens a trace in the inspector', async () => {
    const uri = await write('one.mcptrace', header + line(1, 'lambda_list_functions'));
    await vscode.commands.executeCommand('vscode.open', uri);
    const input = await until('the trace to be open', () => {
      const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
      return tab?.input instanceof vscode.TabInputCustom ? tab.input : undefined;
    });
    assert.equal(input.viewType, 'mcpWorkbench.trace');
    assert.equal(input.uri.toString(), uri.toString());
  });

  it('compares two traces in a document', async () => {
    const [before, after] = await Promise.all([
      write('before.mcptrace', header + line(1, 'lambda_list_functions')),
      write('after.mcptrace', header + line(1, 'lambda_list_functions') + line(2, 's3_list_buckets')),
    ]);
    await vscode.commands.executeCommand('mcpWorkbench.traffic.compare', before, [before, after]);
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.path.startsWith('/comparison/'));
    assert.match(document?.getText() ?? '', /\| `s3_list_buckets` \| `AWS tools` \| – → 1 \|/);
  });

  it('says what is wrong with a file that is no trace', async () => {
    const uri = await write('other.mcptrace', '{"log":{}}\n');
    const good = await write('good.mcptrace', header);
    await assert.doesNotReject(
      Promise.resolve(vscode.commands.executeCommand('mcpWorkbench.traffic.compare', uri, [uri, good])),
    );
    assert(!vscode.workspace.textDocuments.some(({ uri: one }) => one.path.includes('other.mcptrace')));
  });

  it('records to disk while the setting says so, and lists what earlier windows recorded', async () => {
    const { recorder, recording } = await container();
    assert.equal(vscode.workspace.getConfiguration('mcpWorkbench').get('traffic.record'), false);
    await set('traffic.record', true);
    const store = await until('the recording to begin', async () => {
      const found = await recording.store();
      return found?.isRecording === true ? found : undefined;
    });
    const channel = recorder.openChannel({ server: 's', client: 'c', session: 'disk', era: 'legacy' });
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'x', params: { password: 'hunter2hunter2' } });
    await until('a message to be recorded', async () => {
      await store.flush();
      return recorder.extent.nextSeq > 1 || undefined;
    });
    await set('traffic.record', undefined);
    const [segment] = await until('a segment', async () => {
      const earlier = (await (await recording.store())?.list()) ?? [];
      return earlier.length > 0 ? earlier : undefined;
    });
    assert(segment);
    const text = await fs.readFile(segment.path, 'utf8');
    assert.match(text, /^\{"mcptrace":1,/);
    assert.match(text, /"session":"disk"/);
    assert(!text.includes('hunter2'));
    if (process.platform !== 'win32') assert.equal((await fs.stat(segment.path)).mode & 0o777, 0o600);
    await (await recording.store())?.clear();
  });
});
