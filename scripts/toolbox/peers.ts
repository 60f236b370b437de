import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensureCached, makeTemporaryFolder, removeFolder } from './cache';
import { newUserEnvironment } from './newUserEnvironment';
import { ensureNode24 } from './node24';
import { runNpm } from './npm';
import { runCommand, type CommandResult } from './processGroup';

const PEER_MS = 120_000;

/** The script behind each peer's command, inside test/peers' node_modules. */
const scripts = {
  // The wrapper finds the binary of this platform; the `claude` command itself would need an install script to have run.
  claude: '@anthropic-ai/claude-code/cli-wrapper.cjs',
  inspector: '@modelcontextprotocol/inspector/clients/launcher/build/index.js',
  conformance: '@modelcontextprotocol/conformance/dist/index.js',
  'conformance-next': 'conformance-next/dist/index.js',
  mcporter: 'mcporter/dist/cli.js',
  'server-everything': '@modelcontextprotocol/server-everything/dist/index.js',
  'server-filesystem': '@modelcontextprotocol/server-filesystem/dist/index.js',
  'server-memory': '@modelcontextprotocol/server-memory/dist/index.js',
} as const;

/** A real program that we are tested against; `conformance-next` is the suite that knows the 2026-07-28 protocol. */
export type PeerName = keyof typeof scripts;

/** How a peer runs. */
export interface PeerOptions {
  cwd?: string;
  /** Added to the environment of a new user. */
  env?: Record<string, string>;
  /** A home folder to keep between runs; without it each run has an empty one of its own. */
  home?: string;
  input?: string;
  /** Two minutes unless given; then the peer and all that it started is killed. */
  timeoutMs?: number;
}

/** Installs the peers once per machine, as test/peers/package-lock.json pins them, and returns their node_modules. */
export function ensurePeers(): Promise<string> {
  return ensurePackages('peers', path.join(import.meta.dirname, '..', '..', 'test', 'peers'));
}

/** Installs what a folder's package-lock.json pins once per machine, and returns its node_modules. */
export async function ensurePackages(label: string, source: string): Promise<string> {
  const files = ['package.json', 'package-lock.json', '.npmrc'];
  const hash = createHash('sha256');
  for (const file of files) hash.update(fs.readFileSync(path.join(source, file), 'utf8').replaceAll('\r', ''));
  const name = `${label}-${hash.digest('hex').slice(0, 12)}-${process.platform}-${process.arch}`;
  const { node } = await ensureNode24();
  const folder = await ensureCached(name, async (building) => {
    for (const file of files) fs.copyFileSync(path.join(source, file), path.join(building, file));
    await runNpm(['ci', '--prefix', building], { cwd: building, node });
  });
  return path.join(folder, 'node_modules');
}

/** The command that starts a peer, for tests that speak with it while it runs. */
export async function peerCommand(name: PeerName): Promise<{ command: string; args: string[] }> {
  const modules = await ensurePeers();
  const { node } = await ensureNode24();
  return { command: node, args: [path.join(modules, ...scripts[name].split('/'))] };
}

/** Runs a peer to its end as a new user, and returns what it wrote and its exit code. */
export async function runPeer(
  name: PeerName,
  args: readonly string[],
  options: PeerOptions = {},
): Promise<CommandResult> {
  const peer = await peerCommand(name);
  const home = options.home ?? makeTemporaryFolder();
  try {
    return await runCommand(peer.command, [...peer.args, ...args], {
      cwd: options.cwd ?? home,
      env: newUserEnvironment(home, {
        // Some peers start `node` by its name and need the new one then too.
        PATH: path.dirname(peer.command) + path.delimiter + (process.env['PATH'] ?? ''),
        NO_COLOR: '1',
        DISABLE_AUTOUPDATER: '1',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        ...options.env,
      }),
      input: options.input ?? '',
      timeoutMs: options.timeoutMs ?? PEER_MS,
    });
  } finally {
    if (options.home === undefined) await removeFolder(home);
  }
}
