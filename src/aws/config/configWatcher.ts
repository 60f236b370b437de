import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Disposable } from '../../core/disposable';
import type { AwsEnvironment } from '../environment';

export interface ConfigWatcherOptions {
  /** How long the files must be quiet before `onChange` is called. Default 150. */
  debounceMs?: number;
  /** How often to look where the system sends no events, as on network drives. Default 5000. */
  pollMs?: number;
}

const defaultDebounceMs = 150;
const defaultPollMs = 5_000;

/**
 * Notices every change of the shared config and credentials files and of the folder of IAM Identity Center tokens,
 * whoever makes it: an editor, the AWS CLI, another window.
 *
 * It watches the folders rather than the files, since most programs replace a file instead of writing into it; where a
 * folder does not exist yet it watches the nearest one above. What counts in the end is a comparison of names, sizes
 * and times, so that a lost event only makes it late and a superfluous one is not passed on.
 */
export class ConfigWatcher implements Disposable {
  readonly #environment: AwsEnvironment;
  readonly #onChange: () => void;
  readonly #debounceMs: number;
  readonly #poll: NodeJS.Timeout;
  /** Folder → watcher and the names in it that matter; `undefined`: all of them. */
  readonly #watchers = new Map<string, { watcher: fs.FSWatcher; names: Set<string> | undefined }>();
  #pending: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;
  #last: string | undefined;
  #disposed = false;

  /**
   * Starts to watch.
   * @param onChange called after something changed; it must not throw
   */
  constructor(environment: AwsEnvironment, onChange: () => void, options: ConfigWatcherOptions = {}) {
    this.#environment = environment;
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
    await this.#rewatch();
    const stamp = await this.#stamp();
    if (this.#disposed) return;
    const isFirst = this.#last === undefined;
    const hasChanged = stamp !== this.#last;
    this.#last = stamp;
    if (hasChanged && !isFirst) this.#onChange();
  }

  async #stamp(): Promise<string> {
    const { configFile, credentialsFile, ssoCacheFolder } = this.#environment;
    const tokens = await fs.promises.readdir(ssoCacheFolder).catch(() => []);
    const files = tokens.filter((name) => name.endsWith('.json')).sort();
    const paths = [configFile, credentialsFile, ...files.map((name) => path.join(ssoCacheFolder, name))];
    const stamps = await Promise.all(
      paths.map(async (file) => {
        const stat = await fs.promises.stat(file, { bigint: true }).catch(() => undefined);
        return stat ? `${file} ${stat.ino} ${stat.size} ${stat.mtimeNs}` : `${file} -`;
      }),
    );
    return stamps.join('\n');
  }

  /** Sees to it that exactly the right folders are watched, as folders come and go. */
  async #rewatch(): Promise<void> {
    const { configFile, credentialsFile, ssoCacheFolder } = this.#environment;
    const wanted = new Map<string, Set<string> | undefined>();
    for (const file of [configFile, credentialsFile]) {
      await wantParent(file, wanted);
      // Where the file is a link, as dotfile managers make them, what it points to changes elsewhere.
      const real = await fs.promises.realpath(file).catch(() => file);
      if (real !== file) await wantParent(real, wanted);
    }
    if (await isFolder(ssoCacheFolder)) wanted.set(ssoCacheFolder, undefined);
    // Also its parent, or nobody would tell that it was removed and made again.
    await wantParent(ssoCacheFolder, wanted);

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
