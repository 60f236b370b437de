import type { Dirent } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { skippedFolders, type FileInterest, type WorkspaceFiles } from './workspaceFiles';

/** Monorepos keep apps at `packages/<area>/<app>`; looking deeper costs more than it finds. */
const maxDepth = 5;
const maxFolders = 5000;

/** The files of folders on the local file system. Symbolic links are not followed: no loops, nothing from outside. */
export class FolderFiles implements WorkspaceFiles {
  readonly #folders: () => readonly string[];

  /** @param folders absolute paths of the workspace folders now. */
  constructor(folders: () => readonly string[]) {
    this.#folders = folders;
  }

  async find({ names, endings }: FileInterest, limit: number, signal: AbortSignal): Promise<string[]> {
    const found: string[] = [];
    const wanted = new Set(names);
    const skipped = new Set(skippedFolders);
    let level = [...this.#folders()];
    let visited = 0;
    for (let depth = 0; depth <= maxDepth && level.length > 0; depth++) {
      const next: string[] = [];
      for (const folder of level) {
        signal.throwIfAborted();
        if (++visited > maxFolders) return found;
        for (const entry of await entriesOf(folder)) {
          if (entry.isDirectory()) {
            if (!entry.name.startsWith('.') && !skipped.has(entry.name)) next.push(path.join(folder, entry.name));
          } else if (entry.isFile() && (wanted.has(entry.name) || endings.some((end) => entry.name.endsWith(end)))) {
            if (found.push(path.join(folder, entry.name)) >= limit) return found;
          }
        }
      }
      level = next;
    }
    return found;
  }

  async readStart(file: string, maxBytes: number, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    try {
      const handle = await open(file, 'r');
      try {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
        return buffer.toString('utf8', 0, bytesRead);
      } finally {
        await handle.close();
      }
    } catch {
      // Gone again, or not readable for us.
      return undefined;
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    // Not readable for us, so it holds nothing for us.
    return [];
  }
}
