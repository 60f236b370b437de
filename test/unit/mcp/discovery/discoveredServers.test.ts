import assert from 'node:assert/strict';
import { groupServers } from '../../../../src/mcp/upstream/discovery/discoveredServers';
import { managedDefinition } from '../../../../src/mcp/upstream/discovery/managedDefinition';
import type { ServerEntry } from '../../../../src/mcp/upstream/discovery/serverEntry';
import type { HttpTemplate, StdioTemplate } from '../../../../src/mcp/upstream/discovery/serverTemplate';
import { resolveServer } from '../../../../src/mcp/upstream/discovery/variables/resolveServer';
import { configFile, entryOf, environmentWith } from './configFixtures';

const environment = environmentWith({ env: { TOKEN: 'secret-token' } });

function stdio(template: Partial<StdioTemplate>): StdioTemplate {
  return { transport: 'stdio', command: 'npx', args: ['-y', 'server'], env: {}, ...template };
}

function http(url: string, headers: Record<string, string> = {}): HttpTemplate {
  return { transport: 'http', url, headers };
}

function groups(entries: readonly ServerEntry[]): string[] {
  return groupServers(entries, environment).servers.map(
    ({ name, origins }) => `${name}: ${origins.map(({ owner }) => owner).join(' ')}`,
  );
}

describe('groupServers', () => {
  it('recognises one server in the files of several owners', () => {
    assert.deepEqual(
      groups([
        entryOf(stdio({ env: { KEY: '${KEY}' } }), { owner: 'claudeCode', name: 'a' }),
        entryOf(stdio({ env: { KEY: '${env:KEY}' } }), { owner: 'cursor', name: 'b' }),
        entryOf(stdio({ env: { KEY: '$KEY' } }), { owner: 'gemini', name: 'c' }),
        entryOf(stdio({ forwardedEnv: ['KEY'] }), { owner: 'codex', name: 'd' }),
        entryOf(stdio({ command: 'cmd', args: ['/c', 'npx', '-y', 'server'], env: { KEY: '${env:KEY}' } }), {
          owner: 'vscode',
          name: 'e',
        }),
        entryOf(stdio({ env: { KEY: 'other' } }), { owner: 'vscode', name: 'f' }),
      ]),
      ['e: vscode claudeCode cursor codex gemini', 'f: vscode'],
    );
  });

  it('recognises one URL, whatever the headers, but keeps two accounts of one file apart', () => {
    const url = 'https://Example.com/mcp';
    assert.deepEqual(
      groups([
        entryOf(http(url, { Authorization: 'Bearer ${env:A}' }), { owner: 'cursor' }),
        entryOf(http('https://example.com/mcp'), { owner: 'vscode', scope: 'workspace' }),
      ]),
      ['server: vscode cursor'],
    );
    const vscode = configFile('vscode');
    const apart = groupServers(
      [
        entryOf(http(url, { Authorization: 'Bearer ${env:A}' }), { name: 'work', file: vscode }),
        entryOf(http(url, { Authorization: 'Bearer ${env:B}' }), { name: 'home', file: vscode }),
      ],
      environment,
    ).servers;
    assert.deepEqual(
      apart.map(({ name }) => name),
      ['work', 'home'],
    );
    assert.notEqual(apart[0]?.id, apart[1]?.id);
  });

  it('tells the same relative command in two folders apart', () => {
    const template = stdio({ command: 'node', args: ['./server.js'] });
    const one = entryOf(template, { scope: 'workspace', folder: { name: 'one', path: '/one' } });
    const two = entryOf(template, { scope: 'workspace', folder: { name: 'two', path: '/two' } });
    assert.equal(groupServers([one, two, one], environment).servers.length, 2);
    const anywhere = stdio({});
    const same = [one, two].map((entry) => ({ ...entry, template: anywhere }));
    assert.equal(groupServers(same, environment).servers.length, 1);
  });

  it('uses an entry that is switched on, and the user’s before a workspace’s', () => {
    const { servers } = groupServers(
      [
        entryOf(stdio({}), { owner: 'vscode', scope: 'workspace', name: 'workspace' }),
        entryOf(stdio({}), { owner: 'codex', name: 'off', isDisabled: true }),
        entryOf(stdio({}), { owner: 'gemini', name: 'user' }),
      ],
      environment,
    );
    assert.equal(servers[0]?.title, 'user');
    assert.equal(servers[0]?.origins.length, 3);
  });

  it('gives every server a name that fits a path, and the same id at every start', () => {
    const entries = ['a b/c', 'A-B-C', '日本', '', '../..', 'x'.repeat(200)].map((name, index) =>
      entryOf(stdio({ args: [String(index)] }), { name }),
    );
    const first = groupServers(entries, environment).servers;
    const second = groupServers(entries.toReversed(), environment).servers;
    const names = first.map(({ name }) => name);
    assert.equal(new Set(names.map((name) => name.toLowerCase())).size, names.length);
    for (const name of names) assert.match(name, /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
    assert.deepEqual(first.map(({ id }) => id).sort(), second.map(({ id }) => id).sort());
  });

  it('sets entries that lead to our own relay aside', () => {
    const ours = entryOf(http('http://127.0.0.1:1/servers/a/mcp'));
    const isRelay = (template: ServerEntry['template']): boolean =>
      template.transport !== 'stdio' && template.url.includes('/servers/');
    const { servers, relayed } = groupServers([ours, entryOf(stdio({}))], environment, isRelay);
    assert.deepEqual([servers.length, relayed], [1, [ours]]);
  });

  it('groups ten thousand servers of eight owners', () => {
    const owners = [
      'vscode',
      'claudeCode',
      'cursor',
      'codex',
      'gemini',
      'windsurf',
      'claudeDesktop',
      'workbench',
    ] as const;
    const entries = Array.from({ length: 10_000 }, (_value, index) =>
      entryOf(stdio({ args: [String(index >> 3)] }), { owner: owners[index % 8] ?? 'vscode', name: 'same' }),
    );
    assert.equal(groupServers(entries, environment).servers.length, 1250);
  });
});

describe('managedDefinition', () => {
  it('keeps what was looked up out of the definition', async () => {
    const entry = entryOf(stdio({ env: { TOKEN: '${env:TOKEN}', MODE: 'fast', PATH_EXTRA: null } }), {
      name: 'my server',
    });
    const [server] = groupServers([entry], environment).servers;
    assert.ok(server);
    const resolution = await resolveServer(entry, {
      environment,
      reader: { read: () => Promise.resolve(undefined), folders: () => Promise.resolve([]) },
      isWorkspaceTrusted: true,
      askInput: () => Promise.resolve(undefined),
    });
    const managed = managedDefinition(server, resolution);
    const key = `discovered/${server.id}/env/TOKEN`;
    assert.deepEqual(managed?.definition, {
      name: 'my-server',
      title: 'my server',
      transport: 'stdio',
      command: 'npx',
      args: ['-y', 'server'],
      cwd: '/work/orders',
      env: { TOKEN: { secret: key }, MODE: 'fast', PATH_EXTRA: null },
    });
    assert.deepEqual([...(managed?.secrets ?? [])], [[key, 'secret-token']]);
  });
});
