import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import { errnoOf } from './ssoError';

/** A lock that one process at a time holds. */
export interface ProcessLock {
  /** Gives the lock back. Never throws. */
  release(): Promise<void>;
}

export interface ProcessLockOptions {
  /** Pause between two looks at a lock somebody else holds. Default 100 ms. */
  pollMs?: number;
  /** A holder that shows no sign of life for so long is taken for dead. Default 10 s. */
  staleMs?: number;
  /** After this time waiting ends with `Timeout`. Default 90 s. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Where process ids mean the same: a container and its host may share a home folder, never a process list.
 */
const processSpace = (() => {
  let namespace: string = process.platform;
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Only Linux has it.
  }
  return `${hostname()} ${namespace}`;
})();

interface Snapshot {
  holder: string;
  mtimeMs: number;
}

/**
 * Takes a lock file, which holds back other processes of ours on every platform and network folder: creating a file
 * that must not exist is atomic everywhere. The holder touches it while it works. One that was killed is noticed at
 * once where its process list is ours, else when the file has not been touched for `staleMs`. That time is counted in
 * looks and not on a clock, so that neither a file server's clock nor a laptop's sleep makes a holder look dead.
 * @throws WorkbenchError `Timeout` when it stays taken, `Cancelled` when `signal` fires; the file system's error where
 * no file can be made there (a read-only home).
 */
export async function acquireProcessLock(file: string, options: ProcessLockOptions = {}): Promise<ProcessLock> {
  const { pollMs = 100, staleMs = 10_000, timeoutMs = 90_000, signal } = options;
  const holder = JSON.stringify({ id: randomUUID(), pid: process.pid, space: processSpace });
  const staleLooks = Math.ceil(staleMs / pollMs);
  let last: Snapshot | undefined;
  let unchangedLooks = 0;

  for (let look = 0; !(await create(file, holder)); look++) {
    if (look * pollMs >= timeoutMs) {
      throw new WorkbenchError('Timeout', `Another window keeps its lock: ${file}`, {
        remedy: 'Close other windows that sign in to AWS, or delete that file.',
      });
    }
    const seen = await snapshot(file);
    if (seen !== undefined) {
      const isSame = seen.holder === last?.holder && seen.mtimeMs === last.mtimeMs;
      unchangedLooks = isSame ? unchangedLooks + 1 : 0;
      last = seen;
      if (isDead(seen.holder) || unchangedLooks >= staleLooks) await breakLock(file, seen);
    }
    try {
      await wait(pollMs, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw new WorkbenchError('Cancelled', 'Waiting for another window was cancelled.', {
        remedy: 'Start again when you are ready.',
        cause: error,
      });
    }
  }

  const heartbeat = setInterval(() => {
    const now = new Date();
    fs.utimes(file, now, now).catch(() => undefined);
  }, staleMs / 4);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      // Whoever took us for dead owns the file now.
      if ((await snapshot(file))?.holder === holder) await fs.rm(file, { force: true }).catch(() => undefined);
    },
  };
}

async function create(file: string, holder: string): Promise<boolean> {
  try {
    await fs.writeFile(file, holder, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    const code = errnoOf(error);
    // Windows answers EPERM or EACCES while a deleted file of that name is still open somewhere.
    const isTaken = code === 'EEXIST' || (process.platform === 'win32' && (code === 'EPERM' || code === 'EACCES'));
    if (isTaken) return false;
    throw error;
  }
}

async function snapshot(file: string): Promise<Snapshot | undefined> {
  try {
    const [holder, { mtimeMs }] = await Promise.all([fs.readFile(file, 'utf8'), fs.stat(file)]);
    return { holder, mtimeMs };
  } catch {
    return undefined;
  }
}

function isDead(holder: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(holder);
  } catch {
    // Its holder has not finished writing, or never will: then the time decides.
    return false;
  }
  if (!isRecord(parsed) || parsed['space'] !== processSpace || typeof parsed['pid'] !== 'number') return false;
  try {
    process.kill(parsed['pid'], 0);
    return false;
  } catch (error) {
    return errnoOf(error) === 'ESRCH';
  }
}

/**
 * Removes the lock of a dead holder. Two waiters that come to this at once must not remove each other's new lock, so a
 * second file lets only one of them compare and remove.
 */
async function breakLock(file: string, dead: Snapshot): Promise<void> {
  const guard = `${file}.break`;
  try {
    await fs.writeFile(guard, '', { flag: 'wx', mode: 0o600 });
  } catch {
    const left = await snapshot(guard);
    if (left !== undefined && Date.now() - left.mtimeMs > 30_000)
      await fs.rm(guard, { force: true }).catch(() => undefined);
    return;
  }
  try {
    const now = await snapshot(file);
    if (now?.holder === dead.holder && now.mtimeMs === dead.mtimeMs) await fs.rm(file, { force: true });
  } catch {
    // The next look tries again.
  } finally {
    await fs.rm(guard, { force: true }).catch(() => undefined);
  }
}
