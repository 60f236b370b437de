import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { delay } from './processGroup';

const POLL_MS = 250;
const WAIT_MS = 15 * 60_000;
const UNREADABLE_LOCK_MS = 10_000;
const TEMPORARY_PREFIX = 'mw-';
const ABANDONED_MS = 60 * 60_000;

/** The folder for what is fetched or built once per machine; never inside the checkout. */
export function cacheRoot(): string {
  const override = process.env['MCP_WORKBENCH_CACHE'];
  if (override) return path.resolve(override);
  const home = os.homedir();
  if (process.platform === 'win32') {
    return path.join(process.env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), 'mcp-workbench');
  }
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Caches', 'mcp-workbench');
  return path.join(process.env['XDG_CACHE_HOME'] ?? path.join(home, '.cache'), 'mcp-workbench');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function ownerEnded(lock: string): boolean {
  try {
    const pid = Number(fs.readFileSync(lock, 'utf8'));
    // Between being created and being written a lock is empty for a moment.
    return pid > 0 ? !isAlive(pid) : Date.now() - fs.statSync(lock).mtimeMs > UNREADABLE_LOCK_MS;
  } catch {
    return false;
  }
}

async function withLock(lock: string, done: () => boolean, work: () => Promise<void>): Promise<void> {
  const until = Date.now() + WAIT_MS;
  while (!done()) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (ownerEnded(lock)) fs.rmSync(lock, { force: true });
      else if (Date.now() > until)
        throw new Error(`Another process has held ${lock} for too long; delete it to go on.`, { cause: error });
      else await delay(POLL_MS);
      continue;
    }
    try {
      if (!done()) await work();
    } finally {
      fs.rmSync(lock, { force: true });
    }
  }
}

/**
 * Returns the cache folder of this name, calling `build` with an empty folder first if it is not there yet.
 *
 * What `build` leaves is renamed into place in one step, so an interrupted build is never mistaken for a finished one, and
 * two processes that want the same thing build it once.
 */
export async function ensureCached(name: string, build: (folder: string) => Promise<void>): Promise<string> {
  const root = cacheRoot();
  const target = path.join(root, name);
  const done = () => fs.existsSync(target);
  if (done()) return target;
  fs.mkdirSync(root, { recursive: true });
  await withLock(`${target}.lock`, done, async () => {
    const started = Date.now();
    process.stderr.write(`Preparing ${name} (once per machine)…\n`);
    for (const left of fs.readdirSync(root)) {
      if (left.startsWith(`${name}.building-`)) fs.rmSync(path.join(root, left), { recursive: true, force: true });
    }
    const building = fs.mkdtempSync(`${target}.building-`);
    try {
      await build(building);
      await renamePatiently(building, target);
    } catch (error) {
      fs.rmSync(building, { recursive: true, force: true });
      throw error;
    }
    process.stderr.write(`Prepared ${name} in ${((Date.now() - started) / 1000).toFixed(0)} s.\n`);
  });
  return target;
}

async function renamePatiently(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      fs.renameSync(from, to);
      return;
    } catch (error) {
      // On Windows a virus scanner may still hold files that were just written.
      if (process.platform !== 'win32' || attempt === 10) throw error;
      await delay(attempt * 100);
    }
  }
}

/** Makes a new temporary folder with a short path, since sockets inside it must stay under about 100 characters. */
export function makeTemporaryFolder(): string {
  const parent = fs.realpathSync(os.tmpdir());
  sweepTemporaryFolders(parent);
  return fs.mkdtempSync(path.join(parent, `${TEMPORARY_PREFIX}${process.pid}-`));
}

/** Removes what processes that were killed left in the temporary folder. */
function sweepTemporaryFolders(parent: string): void {
  for (const name of fs.readdirSync(parent)) {
    const pid = new RegExp(`^${TEMPORARY_PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const folder = path.join(parent, name);
    try {
      // The age spares the folders of a container that shares this folder but not our process ids.
      if (Date.now() - fs.statSync(folder).mtimeMs > ABANDONED_MS) fs.rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another process is sweeping too, or the folder belongs to another user.
    }
  }
}

/** Removes a folder made by `makeTemporaryFolder`, waiting a little for files that a dying process still holds. */
export async function removeFolder(folder: string): Promise<void> {
  for (let attempt = 1; attempt <= 10; attempt++) {
    try {
      fs.rmSync(folder, { recursive: true, force: true });
      return;
    } catch {
      await delay(attempt * 50);
    }
  }
}
