import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensureCached, makeTemporaryFolder, removeFolder } from './cache';
import { compilerNeeds, ensureDebianPackages } from './debianPackages';
import { newUserEnvironment } from './newUserEnvironment';
import { ensureNode24 } from './node24';
import { buildNative, runNpm, unpackPackage } from './npm';
import { settlesWithin, startProcessGroup } from './processGroup';

/** The npm package whose `lib/vscode` is VS Code's own server and web workbench, and the VS Code inside it. */
const CODE_SERVER = '4.139.1';
const VSCODE = '1.139.1';
/** Raise when the steps below change what the cache folder holds. */
const RECIPE = 2;
/** The only modules whose native part the server needs for what we do; the others it loads lazily or not at all. */
const NATIVE_MODULES = ['@vscode/spdlog', 'node-pty', '@vscode/native-watchdog'];
const START_MS = 60_000;

/** A VS Code server and the Node that runs it. */
export interface VsCodeServerInstallation {
  /** The folder that holds `out/server-main.js`. */
  root: string;
  node: string;
  vscodeVersion: string;
}

/** What the editor starts with. */
export interface VsCodeServerOptions {
  /** User settings, over quiet defaults. */
  userSettings?: Record<string, unknown>;
  /** Whether VS Code asks for trust in a folder, as it does for people. Off unless the test is about trust. */
  workspaceTrust?: boolean;
  /** Added to the environment of the server, and so of the extension host. */
  env?: Record<string, string>;
  /** More arguments for `server-main.js`. */
  extraArgs?: readonly string[];
  /** Keeps settings, state and HOME here instead of in a temporary folder that is removed at the end. */
  dataFolder?: string;
  /** Called with what the server writes. */
  onOutput?: (text: string) => void;
}

/** A running editor server. */
export interface VsCodeServer {
  /** Such as `http://127.0.0.1:40123`. */
  url: string;
  port: number;
  /** The folder of VS Code itself. */
  root: string;
  /** The home folder of the extension host: empty at the start, and no one else's. */
  home: string;
  /** The user's settings.json. An open window may not notice when a file outside its folder changes. */
  settingsFile: string;
  output: () => string;
  dispose: () => Promise<void>;
}

/** What keeps a new window still: no telemetry, updates, tips or welcome page. */
export const quietSettings: Readonly<Record<string, unknown>> = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'workbench.colorTheme': 'Dark 2026',
  'workbench.startupEditor': 'none',
  // The chat takes a third of a new window.
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.settings.enableNaturalLanguageSearch': false,
  'git.enabled': false,
};

/** Builds VS Code's server once per machine, from the npm registry alone, and returns where it is. */
export async function ensureVsCodeServer(): Promise<VsCodeServerInstallation> {
  const node24 = await ensureNode24();
  const name = `vscode-server-${CODE_SERVER}-${RECIPE}-node-${node24.version}-${process.platform}-${process.arch}`;
  const root = await ensureCached(name, async (folder) => {
    await ensureDebianPackages('Building the VS Code server', compilerNeeds);
    const unpacked = path.join(folder, 'code-server');
    fs.mkdirSync(unpacked);
    await unpackPackage('code-server', CODE_SERVER, unpacked);
    const server = path.join(unpacked, 'lib', 'vscode');
    // Peer dependencies are not in the shipped lock, and nothing here needs the one that there is.
    await runNpm(['ci', '--omit=dev', '--legacy-peer-deps', '--prefix', server], { cwd: server, node: node24.node });
    for (const name of NATIVE_MODULES) {
      await buildNative(path.join(server, 'node_modules', ...name.split('/')), node24);
    }
    for (const entry of fs.readdirSync(server)) fs.renameSync(path.join(server, entry), path.join(folder, entry));
    fs.rmSync(unpacked, { recursive: true });
  });
  return { root, node: node24.node, vscodeVersion: VSCODE };
}

/** Starts an editor of its own, with its own home, settings and state, on a free port of the loopback address. */
export async function startVsCodeServer(options: VsCodeServerOptions = {}): Promise<VsCodeServer> {
  const installation = await ensureVsCodeServer();
  const folder = options.dataFolder ?? makeTemporaryFolder();
  const home = path.join(folder, 'home');
  const data = path.join(folder, 'server');
  const userFolder = path.join(data, 'data', 'User');
  fs.mkdirSync(home, { recursive: true });
  fs.mkdirSync(userFolder, { recursive: true });
  const settings = { ...quietSettings, ...options.userSettings };
  const settingsFile = path.join(userFolder, 'settings.json');
  fs.writeFileSync(settingsFile, JSON.stringify(settings, undefined, 2));

  let announce: (port: number) => void;
  const announced = new Promise<number>((resolve) => (announce = resolve));
  let said = '';
  const group = startProcessGroup(
    installation.node,
    [
      path.join(installation.root, 'out', 'server-main.js'),
      '--host=127.0.0.1',
      // The server picks the port itself, so nobody else can take it in between.
      '--port=0',
      '--without-connection-token',
      '--accept-server-license-terms',
      // A built VS Code ignores extensions and tests named in the page's address without this flag.
      '--enable-smoke-test-driver',
      '--disable-telemetry',
      `--server-data-dir=${data}`,
      ...(options.workspaceTrust ? [] : ['--disable-workspace-trust']),
      ...(options.extraArgs ?? []),
    ],
    {
      cwd: home,
      // Without a gallery the workbench looks for no updates of its extensions on the network.
      env: newUserEnvironment(home, { EXTENSIONS_GALLERY: '{}', ...options.env }),
      onOutput: (text) => {
        options.onOutput?.(text);
        said = (said + text).slice(-4_000);
        const port = /Extension host agent listening on (\d+)/.exec(said)?.[1];
        if (port !== undefined) announce(Number(port));
      },
    },
  );
  const dispose = async () => {
    await group.dispose();
    if (options.dataFolder === undefined) await removeFolder(folder);
  };
  await settlesWithin(Promise.race([announced, group.exited]), START_MS);
  const port = await Promise.race([announced, Promise.resolve(undefined)]);
  if (port === undefined) {
    await dispose();
    throw new Error(`The VS Code server did not start:\n${group.output()}`);
  }
  const { root } = installation;
  return { url: `http://127.0.0.1:${port}`, port, root, home, settingsFile, output: () => group.output(), dispose };
}
