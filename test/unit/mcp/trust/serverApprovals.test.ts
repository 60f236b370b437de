import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { WorkbenchError } from '../../../../src/core/errors';
import type { ServerEntry } from '../../../../src/mcp/upstream/discovery/serverEntry';
import type { HttpTemplate, StdioTemplate } from '../../../../src/mcp/upstream/discovery/serverTemplate';
import { ServerApprovals, type ApprovalStorage } from '../../../../src/mcp/upstream/trust/serverApprovals';
import { entryOf } from '../discovery/configFixtures';

class MemoryStorage implements ApprovalStorage {
  readonly values = new Map<string, unknown>();

  get(key: string): unknown {
    return this.values.get(key);
  }

  set(key: string, value: unknown): Promise<void> {
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, structuredClone(value));
    return Promise.resolve();
  }

  keys(): readonly string[] {
    return [...this.values.keys()];
  }
}

const stdio: StdioTemplate = {
  transport: 'stdio',
  command: 'node',
  args: ['server.js'],
  env: { KEY: '${env:KEY}' },
  cwd: '.',
  envFile: '.env',
};
const http: HttpTemplate = {
  transport: 'http',
  url: 'https://example.com/mcp',
  headers: { Authorization: '${env:T}' },
};

function workspaceEntry(template: ServerEntry['template'], overrides: Partial<ServerEntry> = {}): ServerEntry {
  return entryOf(template, { scope: 'workspace', ...overrides });
}

describe('ServerApprovals', () => {
  let storage: MemoryStorage;
  let isTrusted: boolean;
  let approvals: ServerApprovals;

  beforeEach(() => {
    storage = new MemoryStorage();
    isTrusted = true;
    approvals = new ServerApprovals(storage, { isWorkspaceTrusted: () => isTrusted });
  });

  function approve(entry: ServerEntry): Promise<boolean> {
    return approvals.answer(approvals.request(entry), entry, true);
  }

  function refusalOf(entry: ServerEntry): string | undefined {
    try {
      approvals.assertMayStart(entry);
      return undefined;
    } catch (error) {
      assert.ok(WorkbenchError.is(error));
      return error.code;
    }
  }

  it('asks for servers of a workspace and of other programs, not for those of this person in this editor', () => {
    const state = (overrides: Partial<ServerEntry>): string => approvals.check(entryOf(stdio, overrides));
    assert.equal(state({ owner: 'vscode', scope: 'user' }), 'notNeeded');
    assert.equal(state({ owner: 'workbench', scope: 'user' }), 'notNeeded');
    for (const owner of ['claudeCode', 'claudeDesktop', 'cursor', 'windsurf', 'codex', 'gemini'] as const) {
      assert.equal(state({ owner, scope: 'user' }), 'unknown');
    }
    assert.equal(state({ owner: 'claudeCode', scope: 'local' }), 'unknown');
    for (const owner of ['vscode', 'workbench', 'claudeCode'] as const) {
      assert.equal(state({ owner, scope: 'workspace' }), 'unknown');
    }
    assert.equal(approvals.check(workspaceEntry(http)), 'unknown');
  });

  it('starts nothing of a workspace before it is trusted, whatever was answered', async () => {
    const entry = workspaceEntry(stdio);
    assert.ok(await approve(entry));
    assert.equal(refusalOf(entry), undefined);
    isTrusted = false;
    assert.equal(approvals.check(entry), 'untrustedWorkspace');
    assert.equal(refusalOf(entry), 'PolicyDenied');
    assert.equal(approvals.check(entryOf(stdio, { owner: 'cursor' })), 'unknown');
  });

  it('remembers an answer for exactly one definition in one file', async () => {
    const entry = workspaceEntry(stdio);
    await approve(entry);
    assert.equal(new ServerApprovals(storage, { isWorkspaceTrusted: () => true }).check(entry), 'approved');
    const changes: Partial<StdioTemplate>[] = [
      { command: 'nodejs' },
      { args: ['server.js', '--inspect'] },
      { args: ['server', '.js'] },
      { env: { KEY: '${env:OTHER}' } },
      { env: { KEY: '${env:KEY}', NODE_OPTIONS: '--require ./x.js' } },
      { env: {} },
      { cwd: '..' },
      { envFile: 'other.env' },
      { forwardedEnv: ['PATH'] },
    ];
    for (const change of changes) {
      const changed = workspaceEntry({ ...stdio, ...change });
      assert.equal(approvals.check(changed), 'changed', JSON.stringify(change));
      assert.equal(refusalOf(changed), 'ConsentRefused');
      assert.equal(approvals.request(changed).isChange, true);
    }
    assert.equal(approvals.check(workspaceEntry(http)), 'changed');
    assert.equal(approvals.check(workspaceEntry(stdio, { name: 'other', path: ['servers', 'other'] })), 'unknown');
    const file = { ...entry.file, path: '/elsewhere/mcp.json' };
    assert.equal(approvals.check({ ...entry, file }), 'unknown');
    assert.equal(approvals.check({ ...entry, folder: { name: 'orders', path: '/elsewhere' } }), 'changed');
    // Where it stands in the file is no matter.
    assert.equal(approvals.check({ ...entry, place: { line: 9, column: 1 } }), 'approved');
  });

  it('covers URLs and headers', async () => {
    await approve(workspaceEntry(http));
    for (const change of [{ url: 'https://evil.example/mcp' }, { headers: { Authorization: '${env:AWS_SECRET}' } }]) {
      assert.equal(approvals.check(workspaceEntry({ ...http, ...change })), 'changed');
    }
  });

  it('does not take a yes for a definition that changed while the question was on screen', async () => {
    const request = approvals.request(workspaceEntry(stdio));
    const changed = workspaceEntry({ ...stdio, command: 'evil' });
    assert.equal(await approvals.answer(request, changed, true), false);
    assert.equal(approvals.check(changed), 'unknown');
    assert.equal(storage.values.size, 0);
  });

  it('remembers a no, and asks again when the definition is another', async () => {
    const entry = workspaceEntry(stdio);
    await approvals.answer(approvals.request(entry), entry, false);
    assert.equal(approvals.check(entry), 'refused');
    assert.equal(refusalOf(entry), 'ConsentRefused');
    assert.equal(approvals.check(workspaceEntry({ ...stdio, command: 'x' })), 'unknown');
    await approvals.forget(entry);
    assert.equal(approvals.check(entry), 'unknown');
  });

  it('tells listeners, and forgets everything when asked to', async () => {
    const heard: (string | undefined)[] = [];
    approvals.onDidChange((entry) => heard.push(entry?.name));
    storage.values.set('other', 1);
    await approve(workspaceEntry(stdio, { name: 'a', path: ['servers', 'a'] }));
    await approve(workspaceEntry(stdio, { name: 'b', path: ['servers', 'b'] }));
    await approvals.forgetAll();
    assert.deepEqual(heard, ['a', 'b', undefined]);
    assert.deepEqual([...storage.values.keys()], ['other']);
  });

  it('stores nothing that shows a definition, and trusts nothing that it did not store', async () => {
    const entry = workspaceEntry({ ...stdio, env: { KEY: 'hunter2' } });
    await approve(entry);
    const [key = ''] = storage.values.keys();
    const text = JSON.stringify([...storage.values]);
    for (const word of ['hunter2', 'server.js', 'orders', 'node']) assert.ok(!text.includes(word));
    const other = new MemoryStorage();
    const again = new ServerApprovals(other, { isWorkspaceTrusted: () => true });
    await again.answer(again.request(entry), entry, true);
    assert.notDeepEqual(other.values.get(key), storage.values.get(key));
    for (const forged of [true, {}, { isApproved: true }, { salt: '', hash: '', isApproved: true }, null, 'yes']) {
      storage.values.set(key, forged);
      assert.equal(approvals.check(entry), 'unknown');
    }
  });

  it('tells any two definitions apart', async () => {
    const text = fc.string({ maxLength: 4 });
    const template = fc.record({
      command: text,
      args: fc.array(text, { maxLength: 3 }),
      env: fc.dictionary(text, text, { maxKeys: 2, noNullPrototype: true }),
    });
    await fc.assert(
      fc.asyncProperty(template, template, async (one, two) => {
        const [first, second] = [one, two].map((each) => workspaceEntry({ transport: 'stdio', ...each }));
        await approve(first!);
        const isSame = JSON.stringify(sorted(one)) === JSON.stringify(sorted(two));
        assert.equal(approvals.check(second!), isSame ? 'approved' : 'changed');
      }),
    );
  });
});

function sorted(template: { command: string; args: string[]; env: Record<string, string> }): unknown {
  return [template.command, template.args, Object.entries(template.env).sort(([a], [b]) => (a < b ? -1 : 1))];
}
