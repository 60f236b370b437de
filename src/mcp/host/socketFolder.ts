import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, WorkbenchError } from '../../core/errors';

/** Longer socket paths do not fit into `sockaddr_un` everywhere (104 bytes on macOS). */
const maxSocketPathBytes = 100;

/** Where a private socket can be made, and how it goes away again. */
export interface SocketPlace {
  /** Path of the socket to be, or name of the named pipe on Windows. */
  path: string;
  /** Removes the socket and its folder. Safe to call twice. */
  remove(): Promise<void>;
}

/**
 * Makes a new folder that only this user can enter and names a socket in it. It goes away with the process even where
 * nobody calls `remove`.
 * @throws WorkbenchError `Internal` where no folder for temporary files can be written.
 */
export async function makeSocketPlace(): Promise<SocketPlace> {
  if (process.platform === 'win32') {
    // Named pipes are no files: the name is gone when the process is, and the secret is what keeps others out.
    return { path: `\\\\.\\pipe\\mcp-workbench-${randomBytes(16).toString('hex')}`, remove: () => Promise.resolve() };
  }
  const folder = await makeFolder();
  const removeAtExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  return {
    path: join(folder, 's'),
    async remove() {
      process.off('exit', removeAtExit);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeFolder(): Promise<string> {
  const { XDG_RUNTIME_DIR: runtimeDir } = process.env;
  const parents = [...(runtimeDir ? [runtimeDir] : []), tmpdir(), '/tmp'];
  let failure: unknown;
  for (const parent of parents) {
    const prefix = join(parent, 'mcpwb-');
    // The name gets six more characters, and the socket two.
    if (Buffer.byteLength(prefix) + 8 > maxSocketPathBytes) continue;
    try {
      const folder = await mkdtemp(prefix);
      await chmod(folder, 0o700);
      return folder;
    } catch (error) {
      failure = error;
    }
  }
  throw new WorkbenchError('Internal', `No folder for the private socket could be made: ${messageOf(failure)}`, {
    remedy: 'Set TMPDIR to a folder with a short path that you can write to.',
    cause: failure,
  });
}
