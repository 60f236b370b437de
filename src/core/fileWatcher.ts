import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Disposable } from './disposable';

/** What to watch at a moment; it may change as files come and go. */
export interface WatchTargets {
  /** Files whose edits, creation and removal count. They need not exist. */
  files: readonly string[];
  /** Folders in which files of any name may come and go. They need not exist. */
  folders?: readonly string[];
}

export interface FileWatcherOptions {
  /** How long the files must be quiet before `onChange` is called. Default 150. */
  debounceMs?: number;
  /** How often to look where the system sends no events, as on network drives. Default 5000. */
  pollMs?: number;
}

const defaultDebounceMs = 150;
const defaultPollMs = 5_000;

/**
 * Notices every change of some files, whoever makes it: an editor, a command line, another window.
 *
 * It watches the folders rather than the files, since most programs replace a file instead of writing into it; where a
 * folder does not exist yet it watches the nearest one above. What counts in the end is a comparison of names, sizes
 * and times, so that a lost event only makes it late and a superfluous one is not passed on.
 */
export class FileWatcher implements Disposable {
  readonly #targets: () => WatchTargets | Promise<WatchTargets>;
  readonly #onChange: (files: ReadonlySet<string>) => void;
  readonly #debounceMs: number;
  readonly #poll: NodeJS.Timeout;
  /** Folder → watcher and the names in it that matter; `undefined`: all of them. */
  readonly #watchers = new Map<string, { watcher: fs.FSWatcher; names: Set<string> | undefined }>();
  #pending: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;
  #last: ReadonlyMap<string, string> | undefined;
  #disposed = false;

  /**
   * Starts to watch.
   * @param targets asked at every look; it must not throw
   * @param onChange told which files changed, came or went; it must not throw
   */
  constructor(
    targets: () => WatchTargets | Promise<WatchTargets>,
    onChange: (files: ReadonlySet<string>) => void,
    options: FileWatcherOptions = {},
  ) {
    this.#targets = targets;
    this.#onChange = onChange;
    this.#debounceMs = options.debounceMs ?? defaultDebounceMs;
    this.#poll = setInterval(() => this.#check(), options.pollMs ?? defaultPollMs);
    // Watching must not keep a program alive that has nothing else to do.
    this.#poll.unref();
    this.#check();
  }

  /** Resolves when the first look is done and later changes will be noticed. For tests and for start-up order. */
  async ready(): Promise<void> {
    await this.#checking;
  }

  /** Looks at once, e.g. when the targets are others than before. */
  look(): void {
    this.#check();
  }

  dispose(): void {
    this.#disposed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#pending);
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #schedule(): void {
    if (this.#disposed) return;
    clearTimeout(this.#pending);
    this.#pending = setTimeout(() => {
      // A look that began before the change may have missed it.
      if (this.#checking) this.#schedule();
      else this.#check();
    }, this.#debounceMs);
    this.#pending.unref();
  }

  #check(): void {
    this.#checking ??= this.#look().finally(() => (this.#checking = undefined));
  }

  async #look(): Promise<void> {
    if (this.#disposed) return;
    // Watch first, compare then: what changes in between is seen by the one or the other.
    await this.#rewatch(await this.#targets());
    const { files } = await this.#targets();
    const stamps = new Map(await Promise.all(files.map(async (file) => [file, await stampOf(file)] as const)));
    if (this.#disposed) return;
    const previous = this.#last;
    this.#last = stamps;
    if (!previous) return;
    const changed = new Set<string>();
    for (const [file, stamp] of stamps) if ((previous.get(file) ?? absent) !== stamp) changed.add(file);
    for (const [file, stamp] of previous) if (!stamps.has(file) && stamp !== absent) changed.add(file);
    if (changed.size > 0) this.#onChange(changed);
  }

  /** Sees to it that exactly the right folders are watched, as folders come and go. */
  async #rewatch({ files, folders = [] }: WatchTargets): Promise<void> {
    const wanted = new Map<string, Set<string> | undefined>();
    for (const file of files) {
      await wantParent(file, wanted);
      // Where the file is a link, as dotfile managers make them, what it points to changes elsewhere.
      const real = await fs.promises.realpath(file).catch(() => file);
      if (real !== file) await wantParent(real, wanted);
    }
    for (const folder of folders) {
      // Also its parent, or nobody would tell that it was removed and made again.
      await wantParent(folder, wanted);
      if (await isFolder(folder)) wanted.set(folder, undefined);
    }

    if (this.#disposed) return;
    for (const [folder, { watcher }] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const [folder, names] of wanted) {
      const existing = this.#watchers.get(folder);
      if (existing) existing.names = names;
      else this.#watch(folder, names);
    }
  }

  #watch(folder: string, names: Set<string> | undefined): void {
    let watcher: fs.FSWatcher;
    try {
      watcher = fs.watch(folder, { persistent: false });
    } catch {
      // No watch descriptor left, or a file system without events: the polling is still there.
      return;
    }
    const entry = { watcher, names };
    this.#watchers.set(folder, entry);
    const forget = (): void => {
      if (this.#watchers.get(folder) === entry) this.#watchers.delete(folder);
      watcher.close();
      this.#schedule();
    };
    watcher.on('error', forget);
    watcher.on('change', (event, name) => {
      // The folder itself was removed or renamed; one made anew under its name needs a new watcher.
      if (event === 'rename' && name === path.basename(folder)) forget();
      else if (!entry.names || typeof name !== 'string' || entry.names.has(name)) this.#schedule();
    });
  }
}

const absent = '-';

async function stampOf(file: string): Promise<string> {
  const stat = await fs.promises.stat(file, { bigint: true }).catch(() => undefined);
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs}` : absent;
}

/** Adds the folder of `target`, or the nearest one above that exists, with the name in it that leads to `target`. */
async function wantParent(target: string, wanted: Map<string, Set<string> | undefined>): Promise<void> {
  let name = path.basename(target);
  let folder = path.dirname(target);
  while (!(await isFolder(folder))) {
    const parent = path.dirname(folder);
    if (parent === folder) return;
    name = path.basename(folder);
    folder = parent;
  }
  if (wanted.has(folder)) wanted.get(folder)?.add(name);
  else wanted.set(folder, new Set([name]));
}

async function isFolder(folder: string): Promise<boolean> {
  return fs.promises.stat(folder).then(
    (stat) => stat.isDirectory(),
    () => false,
  );
}
