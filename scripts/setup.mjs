/**
 * Makes node_modules hold exactly what package-lock.json says. Runs before tests and the demo, so it uses nothing but Node itself,
 * and answers within a fraction of a second when there is nothing to do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_MAJOR = 20;
const OLDEST_MINOR = 19;

/**
 * What a lock says of one package.
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockEntry
 */

/**
 * Whether a package is meant for this machine at all: the lock lists those of every platform.
 * @param {LockEntry} entry
 */
function isForThisMachine(entry) {
  /** @type {(list: string[] | undefined, value: string) => boolean} */
  const allows = (list, value) =>
    list === undefined || (list.some((one) => one === value || one.startsWith('!')) && !list.includes(`!${value}`));
  // Which C library this is cannot be asked cheaply, so a package that depends on it may be missing.
  return allows(entry.os, process.platform) && allows(entry.cpu, process.arch) && entry.libc === undefined;
}

/**
 * The packages of a lock file, by the folder that each is installed in.
 * @param {string} file
 */
function readLock(file) {
  const lock = /** @type {{ packages: Record<string, LockEntry> }} */ (JSON.parse(readFileSync(file, 'utf8')));
  return lock.packages;
}

/** The first difference between what is locked and what is installed, or undefined. */
function findDifference() {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return 'nothing is installed yet';
  const installed = readLock(installedFile);
  for (const [folder, entry] of Object.entries(readLock(join(root, 'package-lock.json')))) {
    if (folder === '' || entry.link) continue;
    const found = installed[folder];
    if (found === undefined) {
      if (!entry.optional || isForThisMachine(entry)) return `${folder} is missing`;
    } else if (found.version !== entry.version || found.integrity !== entry.integrity) {
      return `${folder} is ${found.version} instead of ${entry.version}`;
    } else if (!existsSync(join(root, folder, 'package.json'))) {
      return `${folder} was deleted`;
    }
  }
  return undefined;
}

/**
 * Runs npm, which tells the scripts that it starts where it is.
 * @param {string[]} args
 * @param {'inherit' | 'pipe'} errors where its complaints go
 */
function npm(args, errors) {
  const all = [...args, '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const script = process.env['npm_execpath'];
  const direct = script?.endsWith('.js') ?? false;
  return spawnSync(direct ? process.execPath : 'npm', direct && script ? [script, ...all] : all, {
    cwd: root,
    stdio: ['ignore', 'inherit', errors],
    encoding: 'utf8',
    // Windows starts npm.cmd through its shell only.
    shell: !direct && process.platform === 'win32',
  });
}

function install() {
  const clean = npm(['ci'], 'pipe');
  if (clean.status === 0) return true;
  if (!clean.stderr.includes('EUSAGE')) {
    process.stderr.write(clean.stderr);
    return false;
  }
  // A lock written where the registry lacks the binaries of some platforms does not mention them, and `npm ci` takes that for
  // a stale lock. `npm install` keeps to the lock all the same; whether it did is looked at below.
  return npm(['install', '--no-save'], 'inherit').status === 0;
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST_MAJOR || (major === OLDEST_MAJOR && minor < OLDEST_MINOR)) {
  console.error(
    `MCP Workbench needs Node.js ${OLDEST_MAJOR}.${OLDEST_MINOR} or later, and this is ${process.versions.node}.`,
  );
  process.exit(1);
}

const difference = findDifference();
if (difference !== undefined) {
  console.error(`Installing packages, since ${difference}…`);
  if (!install()) process.exit(1);
  const left = findDifference();
  if (left !== undefined) {
    console.error(`The packages could not be made to match package-lock.json: ${left}.`);
    process.exit(1);
  }
}
