import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { configFiles, type DiscoveryEnvironment } from '../../../../src/mcp/upstream/discovery/configLocations';
import { diskConfigReader } from '../../../../src/mcp/upstream/discovery/configReader';
import { ServerDiscovery } from '../../../../src/mcp/upstream/discovery/serverDiscovery';
import { configFile } from './configFixtures';

/** Long enough never to fire in a test: what is noticed then was noticed by an event. */
const never = 3_600_000;

describe('ServerDiscovery', () => {
  let root: string;
  let environment: DiscoveryEnvironment;
  let discovery: ServerDiscovery;

  beforeEach(() => {
    root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'mcp-discovery-')));
    const folder = path.join(root, 'work', 'orders');
    fs.mkdirSync(folder, { recursive: true });
    environment = {
      platform: 'linux',
      home: path.join(root, 'home'),
      env: {},
      folders: [{ name: 'orders', path: folder }],
    };
    fs.mkdirSync(environment.home);
    discovery = new ServerDiscovery(() => environment, { watch: { debounceMs: 10, pollMs: never } });
  });
  afterEach(() => {
    discovery.dispose();
    fs.rmSync(root, { recursive: true, force: true });
  });

  function write(file: string, text: string): string {
    const target = path.join(root, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
    return target;
  }

  function servers(key: string, ...names: string[]): string {
    return JSON.stringify({ [key]: Object.fromEntries(names.map((name) => [name, { command: name }])) });
  }

  function found(): string[] {
    return discovery.snapshot.entries.map(({ owner, scope, name }) => `${owner} ${scope} ${name}`);
  }

  /** Resolves at the next change; the test's own time limit is the only clock. */
  async function changeAfter(act: () => void): Promise<void> {
    await new Promise<void>((resolve) => {
      const listening = discovery.onDidChange(() => {
        listening.dispose();
        resolve();
      });
      act();
    });
  }

  it('finds the servers of every owner, and of all profiles', async () => {
    write('work/orders/.vscode/mcp.json', servers('servers', 'a'));
    write('work/orders/.mcp.json', servers('mcpServers', 'b'));
    write('work/orders/.cursor/mcp.json', servers('mcpServers', 'c'));
    write('work/orders/.gemini/settings.json', servers('mcpServers', 'd'));
    write('work/orders/.codex/config.toml', '[mcp_servers.e]\ncommand = "e"\n');
    write('home/.config/Code/User/mcp.json', servers('servers', 'f'));
    write('home/.config/Code/User/profiles/-1a2b/mcp.json', servers('servers', 'g'));
    write('home/.config/Code - Insiders/User/mcp.json', servers('servers', 'h'));
    write('home/.vscode-server/data/User/mcp.json', servers('servers', 'i'));
    write('home/.claude.json', servers('mcpServers', 'j'));
    write('home/.config/Claude/claude_desktop_config.json', servers('mcpServers', 'k'));
    write('home/.cursor/mcp.json', servers('mcpServers', 'l'));
    write('home/.codeium/windsurf/mcp_config.json', servers('mcpServers', 'm'));
    write('home/.codex/config.toml', '[mcp_servers.n]\ncommand = "n"\n');
    write('home/.gemini/settings.json', servers('mcpServers', 'o'));
    const workspaceFile = write(
      'work/all.code-workspace',
      JSON.stringify({ folders: [], settings: { mcp: JSON.parse(servers('servers', 'p')) as unknown } }),
    );
    environment = { ...environment, workspaceFile };
    await discovery.refresh();
    assert.deepEqual(found().sort(), [
      'claudeCode user j',
      'claudeCode workspace b',
      'claudeDesktop user k',
      'codex user n',
      'codex workspace e',
      'cursor user l',
      'cursor workspace c',
      'gemini user o',
      'gemini workspace d',
      'vscode user f',
      'vscode user g',
      'vscode user h',
      'vscode user i',
      'vscode workspace a',
      'vscode workspace p',
      'windsurf user m',
    ]);
    assert.deepEqual(discovery.snapshot.problems, []);
  });

  it('takes from ~/.claude.json what is for the open folders only', async () => {
    const list = (name: string): unknown => ({ mcpServers: { [name]: { type: 'stdio', command: name } } });
    const projects = {
      [path.join(root, 'work', 'orders')]: list('here'),
      [path.join(root, 'work')]: list('above'),
      [path.join(root, 'work', 'orders', 'inside')]: list('inside'),
      [path.join(root, 'work', 'ord')]: list('other'),
    };
    write('home/.claude.json', JSON.stringify({ projects }));
    await discovery.refresh();
    assert.deepEqual(found(), ['claudeCode local here', 'claudeCode local above']);
  });

  it('notices edits, creation and removal of files, folders and profiles', async () => {
    await discovery.watch();
    assert.deepEqual(found(), []);
    await changeAfter(() => write('work/orders/.mcp.json', servers('mcpServers', 'a')));
    assert.deepEqual(found(), ['claudeCode workspace a']);
    await changeAfter(() => write('work/orders/.mcp.json', servers('mcpServers', 'a', 'b')));
    assert.equal(found().length, 2);
    await changeAfter(() => write('home/.config/Code/User/mcp.json', servers('servers', 'c')));
    await changeAfter(() => write('home/.config/Code/User/profiles/new/mcp.json', servers('servers', 'd')));
    assert.ok(found().includes('vscode user d'));
    await changeAfter(() => fs.rmSync(path.join(root, 'home/.config/Code/User/profiles'), { recursive: true }));
    await changeAfter(() => fs.rmSync(path.join(root, 'work/orders/.mcp.json')));
    assert.deepEqual(found(), ['vscode user c']);
  });

  it('says nothing when a file changes in other ways', async () => {
    write('home/.claude.json', JSON.stringify({ starts: 1, mcpServers: { a: { command: 'a' } } }));
    await discovery.watch();
    let changes = 0;
    discovery.onDidChange(() => changes++);
    write('home/.claude.json', JSON.stringify({ starts: 22, mcpServers: { a: { command: 'a' } } }));
    await changeAfter(() => write('work/orders/.mcp.json', servers('mcpServers', 'b')));
    await discovery.refresh();
    assert.equal(changes, 1);
  });

  it('says which file is broken and keeps the others', async () => {
    write('home/.cursor/mcp.json', '{ "mcpServers": { "a": ');
    write('home/.gemini/settings.json', servers('mcpServers', 'b'));
    await discovery.refresh();
    assert.deepEqual(found(), ['gemini user b']);
    const [broken] = discovery.snapshot.contents.filter(({ isBroken }) => isBroken);
    assert.equal(broken?.file.owner, 'cursor');
    await discovery.watch();
    await changeAfter(() => write('home/.cursor/mcp.json', servers('mcpServers', 'a')));
    assert.equal(found().length, 2);
  });

  it('follows links to files, and reads no folders, devices, pipes or huge files', async () => {
    const dotfiles = write('dotfiles/cursor.json', servers('mcpServers', 'a'));
    fs.mkdirSync(path.join(environment.home, '.cursor'), { recursive: true });
    fs.symlinkSync(dotfiles, path.join(environment.home, '.cursor', 'mcp.json'));
    fs.mkdirSync(path.join(root, 'work/orders/.mcp.json'));
    const huge = write('home/.gemini/settings.json', '');
    fs.truncateSync(huge, 9 * 1024 * 1024);
    if (process.platform !== 'win32') {
      fs.mkdirSync(path.join(root, 'work/orders/.vscode'));
      fs.symlinkSync('/dev/zero', path.join(root, 'work/orders/.vscode/mcp.json'));
      fs.mkdirSync(path.join(root, 'work/orders/.cursor'));
      execFileSync('mkfifo', [path.join(root, 'work/orders/.cursor/mcp.json')]);
      // A link to itself.
      fs.mkdirSync(path.join(root, 'work/orders/.gemini'));
      fs.symlinkSync('settings.json', path.join(root, 'work/orders/.gemini/settings.json'));
    }
    await discovery.watch();
    assert.deepEqual(found(), ['cursor user a']);
    const codes = discovery.snapshot.problems.map(({ code }) => code);
    assert.ok(codes.includes('tooLarge'));
    assert.ok(codes.every((code) => code === 'tooLarge' || code === 'unreadable'));
    await changeAfter(() => fs.writeFileSync(dotfiles, servers('mcpServers', 'a', 'b')));
    assert.equal(found().length, 2);
  });

  it('takes our own setting before all others', async () => {
    discovery.dispose();
    let value: unknown = { 'mcpWorkbench.servers': { own: { url: 'https://own.example/mcp' } } };
    discovery = new ServerDiscovery(() => environment, {
      settings: () => [{ file: configFile('workbench'), value }],
    });
    write('home/.cursor/mcp.json', servers('mcpServers', 'a'));
    await discovery.refresh();
    assert.deepEqual(found(), ['workbench user own', 'cursor user a']);
    value = {};
    await discovery.refresh();
    assert.deepEqual(found(), ['cursor user a']);
  });

  it('finds the lines of our own setting where its file says the same, and none where it does not', async () => {
    discovery.dispose();
    const file = { ...configFile('workbench'), path: path.join(root, 'settings.json') };
    let value: unknown = { 'mcpWorkbench.servers': { own: { command: 'a' }, bad: { type: 'http', url: 7 } } };
    discovery = new ServerDiscovery(() => environment, { settings: () => [{ file, value }] });
    const text =
      '{\n  // Mine.\n  "editor.tabSize": 2,\n  "mcpWorkbench.servers": {\n    "own": { "command": "a" },\n    "bad": {\n      "type": "http",\n      "url": 7\n    }\n  }\n}\n';
    write('settings.json', text);
    const lines = async (): Promise<number[]> => {
      const { entries, problems } = await discovery.refresh();
      return [...entries.map(({ place }) => place.line), ...problems.map(({ line }) => line)];
    };
    assert.deepEqual(await lines(), [5, 8]);
    // The editor has what is not saved yet.
    value = { 'mcpWorkbench.servers': { own: { command: 'b' }, bad: { type: 'http', url: 7 } } };
    assert.deepEqual(await lines(), [1, 1]);
    assert.equal(
      discovery.snapshot.entries[0]?.template.transport === 'stdio' && discovery.snapshot.entries[0].template.command,
      'b',
    );
    fs.rmSync(file.path);
    assert.deepEqual(await lines(), [1, 1]);
  });

  it('reads nothing any more after it was disposed', async () => {
    await discovery.watch();
    discovery.dispose();
    write('home/.cursor/mcp.json', servers('mcpServers', 'a'));
    await discovery.refresh();
    assert.deepEqual(found(), []);
  });
});

describe('configFiles', () => {
  const files = (environment: Partial<DiscoveryEnvironment>): string[] =>
    configFiles({ platform: 'linux', home: '/home/ada', env: {}, folders: [], ...environment }, new Map()).map(
      ({ path: file }) => file,
    );

  it('knows the places of each platform', () => {
    const windows = files({
      platform: 'win32',
      home: 'C:\\Users\\Ada',
      env: { appdata: 'D:\\Roaming', LOCALAPPDATA: 'D:\\Local' },
    });
    assert.ok(windows.includes('D:\\Roaming\\Code\\User\\mcp.json'));
    assert.ok(windows.includes('D:\\Roaming\\Claude\\claude_desktop_config.json'));
    assert.ok(
      windows.includes(
        'D:\\Local\\Packages\\Claude_pzs8sxrjxfjjc\\LocalCache\\Roaming\\Claude\\claude_desktop_config.json',
      ),
    );
    assert.ok(windows.includes('C:\\Users\\Ada\\.cursor\\mcp.json'));
    const mac = files({ platform: 'darwin', home: '/Users/ada' });
    assert.ok(mac.includes('/Users/ada/Library/Application Support/Code/User/mcp.json'));
    assert.ok(mac.includes('/Users/ada/Library/Application Support/Claude/claude_desktop_config.json'));
    const linux = files({ env: { XDG_CONFIG_HOME: '/xdg', CODEX_HOME: '/codex', CLAUDE_CONFIG_DIR: '' } });
    assert.ok(linux.includes('/xdg/VSCodium/User/mcp.json'));
    assert.ok(linux.includes('/codex/config.toml'));
    assert.ok(linux.includes('/home/ada/.claude.json'));
  });

  it('begins with the folder of the running editor, and names no file twice', () => {
    const own = files({ editorUserFolder: '/portable/user-data/User' });
    assert.equal(own[0], '/portable/user-data/User/mcp.json');
    const home = files({ folders: [{ name: 'home', path: '/home/ada' }] });
    assert.equal(home.filter((file) => file === '/home/ada/.cursor/mcp.json').length, 1);
    assert.equal(new Set(home).size, home.length);
  });
});

describe('diskConfigReader', () => {
  it('stops at the limit also where the size is not known beforehand', async function () {
    if (process.platform !== 'linux') return;
    await assert.rejects(diskConfigReader.read('/proc/self/environ', 1), { reason: 'tooLarge' });
    assert.equal(await diskConfigReader.read('/nope/nope', 10), undefined);
  });
});
