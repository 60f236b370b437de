import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { errnoOf } from './ssoError';

/** On Windows a rename fails while a virus scanner or another tool has the target open, which lasts milliseconds. */
const renameRetries = 12;
const renameFailures = new Set(['EPERM', 'EACCES', 'EBUSY']);

/**
 * Replaces a file so that a reader, or a machine that loses power, finds either the whole old or the whole new content.
 * The temporary file stands beside it and ends in `.tmp`, which no tool reads.
 * @param mode permissions of the new file, e.g. `0o600`; not narrowed by the umask.
 * @throws the file system's error; the old file is untouched then.
 */
export async function writeFileAtomically(file: string, data: string | Uint8Array, mode: number): Promise<void> {
  const temporary = path.join(
    path.dirname(file),
    `.${path.basename(file)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    const handle = await fs.open(temporary, 'wx', mode);
    try {
      await handle.chmod(mode);
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await renamePatiently(temporary, file);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function renamePatiently(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await fs.rename(from, to);
      return;
    } catch (error) {
      const isBusy = process.platform === 'win32' && renameFailures.has(errnoOf(error) ?? '');
      if (!isBusy || attempt === renameRetries) throw error;
      await wait(10 * attempt);
    }
  }
}

/**
 * Removes what writers that were killed left beside `file`. Failures are of no consequence.
 * @param olderThanMs younger ones may still be in use.
 */
export async function removeAbandonedTemporaries(file: string, olderThanMs: number): Promise<void> {
  const folder = path.dirname(file);
  const prefix = `.${path.basename(file)}.`;
  try {
    for (const name of await fs.readdir(folder)) {
      if (!name.startsWith(prefix) || !name.endsWith('.tmp')) continue;
      const candidate = path.join(folder, name);
      const { mtimeMs } = await fs.stat(candidate);
      if (Date.now() - mtimeMs > olderThanMs) await fs.rm(candidate, { force: true });
    }
  } catch {
    // The next write tries again.
  }
}
