import assert from 'node:assert/strict';
import type { DiscoveryEnvironment } from '../../../../src/mcp/upstream/discovery/configLocations';
import type { ConfigReader } from '../../../../src/mcp/upstream/discovery/configReader';
import type { ServerEntry } from '../../../../src/mcp/upstream/discovery/serverEntry';
import type { InputDefinition, StdioTemplate } from '../../../../src/mcp/upstream/discovery/serverTemplate';
import {
  resolveServer,
  type Resolution,
  type ResolvedStdioServer,
} from '../../../../src/mcp/upstream/discovery/variables/resolveServer';
import { entryNamed, entryOf, environmentWith, readFixture } from './configFixtures';

interface Given {
  environment?: Partial<DiscoveryEnvironment>;
  files?: Record<string, string>;
  answers?: Record<string, string>;
  isWorkspaceTrusted?: boolean;
}

let asked: InputDefinition[];

async function resolve(entry: ServerEntry, given: Given = {}): Promise<Resolution> {
  asked = [];
  const { files = {}, answers = {} } = given;
  const reader: ConfigReader = {
    read: (file) => Promise.resolve(Object.hasOwn(files, file) ? Buffer.from(files[file] ?? '') : undefined),
    folders: () => Promise.resolve([]),
  };
  return resolveServer(entry, {
    environment: environmentWith(given.environment),
    reader,
    isWorkspaceTrusted: given.isWorkspaceTrusted ?? true,
    askInput: (input) => {
      asked.push(input);
      return Promise.resolve(answers[input.id]);
    },
    setting: (section) => (section === 'orders.port' ? '8080' : undefined),
  });
}

function stdio(template: Partial<StdioTemplate>): StdioTemplate {
  return { transport: 'stdio', command: 'node', args: [], env: {}, ...template };
}

function started(resolution: Resolution): ResolvedStdioServer {
  const { server } = resolution;
  assert.ok(server?.transport === 'stdio', JSON.stringify(resolution.problems));
  return server;
}

function messages(resolution: Resolution): string[] {
  return resolution.problems.map(({ severity, message }) => `${severity}: ${message}`);
}

describe('resolveServer', () => {
  it('resolves an entry of VS Code: inputs, folders, variable file, in that order', async () => {
    const entry = entryNamed(readFixture('vscode-mcp.json', 'vscode', 'workspace'), 'orders');
    const resolution = await resolve(entry, {
      files: { '/work/orders/.env': 'TOKEN=from-file\nexport DEBUG="a b"\n# note\n' },
      answers: { 'github-token': 'secret-token', region: 'us-east-1' },
    });
    assert.deepEqual(started(resolution), {
      transport: 'stdio',
      command: 'node',
      args: ['/work/orders/server.js', '--port', '8080'],
      env: { TOKEN: 'secret-token', DEBUG: 'a b', REGION: 'us-east-1', RETRIES: '3', NODE_OPTIONS: null },
      cwd: '/work/orders',
    });
    assert.deepEqual([...resolution.secretEnv].sort(), ['DEBUG', 'REGION', 'TOKEN']);
    assert.deepEqual(
      asked.map(({ id, isPassword }) => [id, isPassword]),
      [
        ['github-token', true],
        ['region', false],
      ],
    );
    assert.deepEqual(resolution.problems, []);
  });

  it('asks for an input once, however often it is used', async () => {
    const inputs = new Map([['key', { id: 'key', type: 'promptString' as const, isPassword: true }]]);
    const entry = entryOf(stdio({ args: ['${input:key}', '${input:key}'], env: { A: '${input:key}' } }), { inputs });
    const server = started(await resolve(entry, { answers: { key: 'k' } }));
    assert.deepEqual(server.args, ['k', 'k']);
    assert.equal(asked.length, 1);
  });

  it('knows the other variables of VS Code', async () => {
    const args = [
      '${workspaceFolder:api}',
      '${workspaceFolderBasename}',
      '${userHome}${/}x',
      '${pathSeparator}',
      '${config:orders.port}',
      '${env:PORT}',
      '${unknown}',
      '${env:',
      '${a${b}}',
      '$HOME',
    ];
    const folders = [
      { name: 'orders', path: '/work/orders' },
      { name: 'api', path: '/work/api' },
    ];
    const entry = entryOf(stdio({ args }), { scope: 'workspace' });
    const resolution = await resolve(entry, { environment: { folders, env: { PORT: '1' } } });
    assert.deepEqual(started(resolution).args, [
      '/work/api',
      'orders',
      '/home/ada/x',
      '/',
      '8080',
      '1',
      '${unknown}',
      '${env:',
      '${a${b}}',
      '$HOME',
    ]);
    assert.deepEqual(messages(resolution), ['warning: "${unknown}" is no variable that the owner knows.']);
  });

  it('leaves an unset variable empty for VS Code, as written for Gemini, and refuses it for the others', async () => {
    const of = (owner: ServerEntry['owner'], text: string): Promise<Resolution> =>
      resolve(entryOf(stdio({ args: [text] }), { owner }));
    const vscode = await of('vscode', 'a${env:NOPE}b');
    assert.deepEqual(started(vscode).args, ['ab']);
    assert.deepEqual(messages(vscode), ['warning: "${env:NOPE}" is not set in the environment.']);
    assert.deepEqual(started(await of('gemini', '$NOPE ${NOPE}')).args, ['$NOPE ${NOPE}']);
    for (const [owner, text] of [
      ['claudeCode', '${NOPE}'],
      ['cursor', '${env:NOPE}'],
      ['windsurf', '${env:NOPE}'],
    ] as const) {
      const resolution = await of(owner, text);
      assert.equal(resolution.server, undefined);
      assert.deepEqual(messages(resolution), [`error: ${JSON.stringify(text)} is not set in the environment.`]);
    }
  });

  it('resolves as Claude Code does: defaults, and nothing but ${VAR}', async () => {
    const entry = entryNamed(readFixture('claude-project.mcp.json', 'claudeCode', 'workspace'), 'tracker');
    const server = started(await resolve(entry, { environment: { env: { TEAM: 'blue', TRACKER_KEY: 'k' } } }));
    assert.equal(server.command, '/opt/tracker/bin/server');
    assert.deepEqual(server.args, ['--team', 'blue']);
    assert.deepEqual(server.env, { API_KEY: 'k' });
    assert.equal(server.cwd, '/work/orders');
    const literal = entryOf(stdio({ args: ['$TEAM', '${env:TEAM}', '${TEAM:-}x'] }), { owner: 'claudeCode' });
    const resolution = await resolve(literal, { environment: { env: { TEAM: 'blue' } } });
    assert.deepEqual(started(resolution).args, ['$TEAM', '${env:TEAM}', 'bluex']);
  });

  it('resolves as Cursor, Windsurf and Gemini do', async () => {
    const cursor = entryNamed(readFixture('cursor-mcp.json', 'cursor'), 'local');
    const local = started(await resolve(cursor, { files: { '/work/orders/.env': 'A=1' } }));
    assert.equal(local.command, '/home/ada/bin/tool');
    assert.deepEqual(local.args, ['--root', '/work/orders/src']);
    assert.deepEqual(local.env, { A: '1' });
    const windsurf = entryOf(stdio({ env: { KEY: '${file:/run/key}', B: '${env:B}' } }), { owner: 'windsurf' });
    const surf = started(await resolve(windsurf, { files: { '/run/key': 'k\n' }, environment: { env: { B: 'b' } } }));
    assert.deepEqual(surf.env, { KEY: 'k', B: 'b' });
    const gemini = entryNamed(readFixture('gemini-settings.json', 'gemini', 'workspace'), 'python');
    const python = started(await resolve(gemini, { environment: { env: { DB_URL: 'db://x' } } }));
    assert.deepEqual(python.env, { DATABASE_URL: 'db://x', KEY: 'none' });
    assert.equal(python.cwd, '/work/orders/servers/python');
  });

  it('hands on the variables that Codex names, and takes its texts as they are', async () => {
    const contents = readFixture('codex-config.toml', 'codex');
    const environment = { env: { HTTPS_PROXY: 'http://proxy', MY_TOKEN: 't', MY_KEY: 'k' } };
    const context = await resolve(entryNamed(contents, 'context'), { environment });
    assert.equal(started(context).env['HTTPS_PROXY'], 'http://proxy');
    assert.deepEqual(messages(context), ['warning: The variable "CONTEXT_TOKEN" is not set.']);
    const { server, secretHeaders } = await resolve(entryNamed(contents, 'my.server'), { environment });
    assert.ok(server?.transport === 'http');
    assert.deepEqual(server.headers, { 'X-Team': 'orders', 'X-Key': 'k', Authorization: 'Bearer t' });
    assert.deepEqual([...secretHeaders].sort(), ['Authorization', 'X-Key']);
    const literal = started(await resolve(entryOf(stdio({ args: ['${HOME}'] }), { owner: 'codex' })));
    assert.deepEqual(literal.args, ['${HOME}']);
  });

  it('ends variables that refer to each other in a circle or grow without end', async () => {
    const circle = await resolve(entryOf(stdio({ args: ['${env:A}'] })), {
      environment: { env: { A: '${env:B}', B: '${env:A}' } },
    });
    assert.equal(circle.server, undefined);
    assert.deepEqual(messages(circle), ['error: Variables in "args" refer to each other in a circle.']);
    const env = Object.fromEntries(
      Array.from({ length: 10 }, (_value, index) => [`V${index}`, `\${env:V${index + 1}}`.repeat(50)]),
    );
    const bomb = await resolve(entryOf(stdio({ args: ['${env:V0}'] })), { environment: { env: { ...env, V10: 'x' } } });
    assert.deepEqual(messages(bomb), ['error: The value of "args" is too long once it is resolved.']);
    const chain = await resolve(entryOf(stdio({ args: ['${env:A}'] })), {
      environment: { env: { A: '${env:B}!', B: 'b' } },
    });
    assert.deepEqual(started(chain).args, ['b!']);
  });

  it('never shows a value in a problem', async () => {
    const secret = 'sk-super-secret-value';
    const entries = [
      entryOf({ transport: 'http', url: 'ftp://${env:S}', headers: { 'X-A': 'a\n${env:S}' } }),
      entryOf(stdio({ command: '${env:S}\0', env: { 'A=B': '${env:S}' }, envFile: '/nope/${env:S}' })),
      entryOf(stdio({ args: [`\${nope ${secret}}`, `\${input:x}`] })),
      entryOf(stdio({ args: [`\${NOPE ${secret}}`] }), { owner: 'claudeCode' }),
    ];
    for (const entry of entries) {
      const resolution = await resolve(entry, { environment: { env: { S: secret } } });
      assert.ok(resolution.problems.length > 0);
      assert.ok(!JSON.stringify(resolution.problems).includes(secret), JSON.stringify(resolution.problems));
    }
  });

  it('names the input that has no definition or no answer', async () => {
    const missing = await resolve(entryOf(stdio({ args: ['${input:nope}'] })));
    assert.deepEqual(messages(missing), ['error: "${input:nope}" cannot be resolved. There is no input with this id.']);
    const own = entryOf(stdio({ args: ['${input:key}'] }), { owner: 'workbench' });
    assert.deepEqual(started(await resolve(own, { answers: { key: 'k' } })).args, ['k']);
    assert.deepEqual(asked, [{ id: 'key', type: 'promptString', isPassword: true }]);
    assert.deepEqual(messages(await resolve(own)), ['error: "${input:key}" cannot be resolved. No value was given.']);
  });

  it('keeps a server of the user out of a folder that is not trusted', async () => {
    const user = entryOf(stdio({}));
    assert.equal(started(await resolve(user)).cwd, '/work/orders');
    assert.equal(started(await resolve(user, { isWorkspaceTrusted: false })).cwd, '/home/ada');
    const named = await resolve(entryOf(stdio({ args: ['${workspaceFolder}'] })), { isWorkspaceTrusted: false });
    assert.equal(named.server, undefined);
  });

  it('resolves paths and variables as Windows does', async () => {
    const environment: Partial<DiscoveryEnvironment> = {
      platform: 'win32',
      home: 'C:\\Users\\Ada',
      env: { Path: 'C:\\bin' },
      folders: [{ name: 'orders', path: 'C:\\work\\orders' }],
    };
    const entry = entryOf(stdio({ args: ['${env:PATH}', '${userHome}${/}x'], cwd: '~\\servers' }));
    const server = started(await resolve(entry, { environment }));
    assert.deepEqual(server.args, ['C:\\bin', 'C:\\Users\\Ada\\x']);
    assert.equal(server.cwd, 'C:\\Users\\Ada\\servers');
  });
});
