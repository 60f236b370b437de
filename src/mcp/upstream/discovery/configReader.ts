import * as fs from 'node:fs';

/** How config files are read; the disk in the product. */
export interface ConfigReader {
  /**
   * The bytes of a file, or `undefined` where there is none.
   * @param maxBytes a larger file is not read
   * @throws ConfigReadError
   */
  read(file: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** Names of the folders in a folder, sorted; none where it does not exist. */
  folders(folder: string): Promise<string[]>;
}

/** Why a config file was not read. */
export class ConfigReadError extends Error {
  override readonly name = 'ConfigReadError';
  readonly reason: 'tooLarge' | 'unreadable';

  constructor(reason: 'tooLarge' | 'unreadable', message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

const absentCodes = new Set(['ENOENT', 'ENOTDIR']);

/** Reads from the disk. Links are followed, as the owners of the files do; devices and pipes are not read. */
export const diskConfigReader: ConfigReader = {
  async read(file, maxBytes) {
    let handle: fs.promises.FileHandle | undefined;
    try {
      // Opening a pipe would wait for somebody who writes into it.
      handle = await fs.promises.open(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
      const stat = await handle.stat();
      if (!stat.isFile()) throw new ConfigReadError('unreadable', 'It is no regular file.');
      if (stat.size > maxBytes) throw tooLarge(maxBytes);
      const bytes = await readUpTo(handle, maxBytes);
      return bytes;
    } catch (error) {
      if (error instanceof ConfigReadError) throw error;
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (absentCodes.has(code)) return undefined;
      throw new ConfigReadError('unreadable', `It cannot be read (${code}).`, error);
    } finally {
      await handle?.close();
    }
  },

  async folders(folder) {
    const entries = await fs.promises.readdir(folder, { withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  },
};

/** Files of `/proc` and growing files say a size that is not what comes. */
async function readUpTo(handle: fs.promises.FileHandle, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(64 * 1024));
    if (bytesRead === 0) return Buffer.concat(chunks, total);
    total += bytesRead;
    if (total > maxBytes) throw tooLarge(maxBytes);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

function tooLarge(maxBytes: number): ConfigReadError {
  return new ConfigReadError('tooLarge', `It is larger than ${Math.floor(maxBytes / 1024 / 1024)} MB.`);
}
