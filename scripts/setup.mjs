/**
 * Makes node_modules hold exactly what package-lock.json says. Runs before tests and the demo, so it uses nothing but Node itself,
 * and answers within a fraction of a second when there is nothing to do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = [20, 19];

/** Whether this package is meant for this machine at all; the lock lists those of every platform. */
function isForThisMachine({ os, cpu, libc }) {
  const allows = (list, value) =>
    list === undefined || (list.some((one) => one === value || one.startsWith('!')) && !list.includes(`!${value}`));
  // Which C library this is cannot be asked cheaply, so a package that depends on it may be missing.
  return allows(os, process.platform) && allows(cpu, process.arch) && libc === undefined;
}

/** The first difference between what is locked and what is installed, or undefined. */
function findDifference() {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return 'nothing is installed yet';
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  for (const [folder, entry] of Object.entries(locked)) {
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

/** Runs npm, which tells the scripts that it starts where it is. */
function npm(args, stdio) {
  const all = [...args, '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npmScript = process.env.npm_execpath;
  return npmScript?.endsWith('.js')
    ? spawnSync(process.execPath, [npmScript, ...all], { cwd: root, stdio, encoding: 'utf8' })
    : spawnSync('npm', all, { cwd: root, stdio, encoding: 'utf8', shell: process.platform === 'win32' });
}

function install() {
  const clean = npm(['ci'], ['ignore', 'inherit', 'pipe']);
  if (clean.status === 0) return true;
  if (!clean.stderr?.includes('EUSAGE')) {
    process.stderr.write(clean.stderr ?? '');
    return false;
  }
  // A lock written where the registry lacks the binaries of some platforms does not mention them, and `npm ci` takes that for
  // a stale lock. `npm install` keeps to the lock all the same; whether it did is looked at below.
  return npm(['install', '--no-save'], 'inherit').status === 0;
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  console.error(`MCP Workbench needs Node.js ${OLDEST_NODE.join('.')} or later, and this is ${process.versions.node}.`);
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
