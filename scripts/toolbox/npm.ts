import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { findOnPath } from './executables';
import { mustRun, type CommandResult } from './processGroup';

/** How npm is run. */
export interface NpmOptions {
  cwd: string;
  /** The Node that runs npm and what it starts; ours unless given. */
  node?: string;
  timeoutMs?: number;
}

/** The script behind the `npm` command, so that it can be run by any Node and without a shell. */
export function findNpm(): string {
  const beside = path.dirname(process.execPath);
  const onPath = findOnPath('npm');
  const candidates = [
    process.env['npm_execpath'],
    path.join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    path.join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    onPath === undefined ? undefined : fs.realpathSync(onPath),
    onPath === undefined ? undefined : path.join(path.dirname(onPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const found = candidates.find((file) => file !== undefined && file.endsWith('npm-cli.js') && fs.existsSync(file));
  if (found === undefined) throw new Error('npm was not found: please install the npm that belongs to your Node.js.');
  return found;
}

/** An environment in which this Node comes first and no outer `npm run` speaks into what runs. */
export function npmEnvironment(node: string = process.execPath): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    // An outer npm hands down the folder and package that it works on, and npm would take them for its own.
    if (/^npm_(package|lifecycle|command|execpath|node_execpath|config_(local_)?prefix)/i.test(name)) continue;
    env[name] = value;
  }
  delete env['NODE_ENV'];
  delete env['NODE_OPTIONS'];
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  env[pathName] = path.dirname(node) + path.delimiter + (env[pathName] ?? '');
  return env;
}

/** Runs npm in a folder and throws with the end of its output if it fails. Nothing that it installs runs a script. */
export function runNpm(args: readonly string[], options: NpmOptions): Promise<CommandResult> {
  const node = options.node ?? process.execPath;
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  return mustRun(node, [findNpm(), ...args, ...quiet], {
    cwd: options.cwd,
    env: npmEnvironment(node),
    timeoutMs: options.timeoutMs ?? 10 * 60_000,
  });
}

/** Fetches one published package, by exact version, and unpacks it into a folder. */
export async function unpackPackage(name: string, version: string, folder: string): Promise<void> {
  const downloads = path.join(folder, '.download');
  fs.mkdirSync(downloads, { recursive: true });
  await runNpm(['pack', `${name}@${version}`, '--pack-destination', downloads], { cwd: downloads });
  const archive = fs.readdirSync(downloads).find((file) => file.endsWith('.tgz'));
  if (archive === undefined) throw new Error(`npm fetched nothing for ${name}@${version}.`);
  // Names relative to the folder, since GNU tar takes the colon of a Windows drive for a host name.
  await mustRun('tar', ['-xzf', `.download/${archive}`, '--strip-components=1'], { cwd: folder });
  fs.rmSync(downloads, { recursive: true });
}

/** Builds the native part of a package against the headers of a Node installation. */
export async function buildNative(folder: string, installation: { root: string; node: string }): Promise<void> {
  // Each npm carries a node-gyp that knows the compilers of its time.
  const nodeGyp = createRequire(findNpm()).resolve('node-gyp/bin/node-gyp.js');
  const env = npmEnvironment(installation.node);
  // node-gyp puts npm's settings above its own arguments, and a person's `nodedir` names the headers of another Node.
  for (const name of Object.keys(env)) if (/^npm_config_/i.test(name)) delete env[name];
  await mustRun(installation.node, [nodeGyp, 'rebuild', `--nodedir=${installation.root}`], {
    cwd: folder,
    env,
    timeoutMs: 10 * 60_000,
  });
}
