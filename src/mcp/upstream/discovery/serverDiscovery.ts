import type { Disposable } from '../../../core/disposable';
import { Emitter, type Event } from '../../../core/emitter';
import { messageOf } from '../../../core/errors';
import { FileWatcher, type FileWatcherOptions, type WatchTargets } from '../../../core/fileWatcher';
import { canonicalJson } from '../../../core/json';
import type { ConfigFile } from './configFile';
import { brokenContents, readConfigBytes, readConfigValue } from './configContents';
import { configFiles, editorUserFolders, profilesFolder, type DiscoveryEnvironment } from './configLocations';
import type { ConfigProblem } from './configProblem';
import { ConfigReadError, diskConfigReader, type ConfigReader } from './configReader';
import type { ConfigContents, ServerEntry } from './serverEntry';

/** Everything found at a moment. */
export interface DiscoverySnapshot {
  /** In the order of precedence of their owners and files. Only files that exist. */
  contents: readonly ConfigContents[];
  entries: readonly ServerEntry[];
  problems: readonly ConfigProblem[];
}

/** Servers of our own setting, as the editor merged it. */
export interface SettingServers {
  file: ConfigFile;
  value: unknown;
}

export interface ServerDiscoveryOptions {
  reader?: ConfigReader;
  watch?: FileWatcherOptions;
  /** Our own setting; asked at every refresh. */
  settings?: () => readonly SettingServers[];
}

/** Larger files are not read: all known ones are far smaller, but for the history in `~/.claude.json`. */
const maxBytes = 8 * 1024 * 1024;
const maxClaudeBytes = 64 * 1024 * 1024;

/**
 * Knows all MCP servers in the config files of this person and workspace, and notices when they change. Reads only; no
 * server is started and no variable resolved.
 */
export class ServerDiscovery implements Disposable {
  readonly #environment: () => DiscoveryEnvironment;
  readonly #reader: ConfigReader;
  readonly #settings: () => readonly SettingServers[];
  readonly #watchOptions: FileWatcherOptions;
  readonly #changes = new Emitter<DiscoverySnapshot>();
  /** By path, since two owners never share a file. */
  #known = new Map<string, ConfigContents>();
  #snapshot: DiscoverySnapshot = { contents: [], entries: [], problems: [] };
  #watcher: FileWatcher | undefined;
  /** Refreshes run one after another, or an older reading could replace a newer one. */
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;

  /** @param environment asked at every look, since workspace folders come and go */
  constructor(environment: () => DiscoveryEnvironment, options: ServerDiscoveryOptions = {}) {
    this.#environment = environment;
    this.#reader = options.reader ?? diskConfigReader;
    this.#settings = options.settings ?? (() => []);
    this.#watchOptions = options.watch ?? {};
  }

  /** Fires after servers, their places or problems changed. */
  readonly onDidChange: Event<DiscoverySnapshot> = (listener) => this.#changes.event(listener);

  /** What the last refresh found; empty before the first. */
  get snapshot(): DiscoverySnapshot {
    return this.#snapshot;
  }

  /** Reads all files. Call it at the start and when folders or settings changed. */
  async refresh(): Promise<DiscoverySnapshot> {
    this.#watcher?.look();
    return this.#enqueue(undefined);
  }

  /** Reads all files and from then on every file that changes. Resolves when changes will be noticed. */
  async watch(): Promise<DiscoverySnapshot> {
    this.#watcher ??= new FileWatcher(
      () => this.#targets(),
      (files) => void this.#enqueue(files).catch(() => undefined),
      this.#watchOptions,
    );
    await this.#watcher.ready();
    return this.refresh();
  }

  dispose(): void {
    this.#disposed = true;
    this.#watcher?.dispose();
    this.#changes.dispose();
  }

  #enqueue(changed: ReadonlySet<string> | undefined): Promise<DiscoverySnapshot> {
    const next = this.#queue.then(() => this.#read(changed));
    this.#queue = next.catch(() => undefined);
    return next;
  }

  async #read(changed: ReadonlySet<string> | undefined): Promise<DiscoverySnapshot> {
    if (this.#disposed) return this.#snapshot;
    const known = new Map<string, ConfigContents>();
    for (const file of await this.#files()) {
      const previous = this.#known.get(file.path);
      const isCurrent = previous !== undefined && changed !== undefined && !changed.has(file.path);
      const contents = isCurrent ? previous : await this.#readFile(file);
      if (contents) known.set(file.path, contents);
    }
    if (this.#disposed) return this.#snapshot;
    this.#known = known;
    const settings = await Promise.all(this.#settings().map((found) => this.#readSetting(found)));
    if (this.#disposed) return this.#snapshot;
    const contents = [...settings, ...known.values()];
    const snapshot: DiscoverySnapshot = {
      contents,
      entries: contents.flatMap(({ entries }) => entries),
      problems: contents.flatMap(({ problems }) => problems),
    };
    // Some files change all the time for other reasons.
    const hasChanged = comparable(snapshot) !== comparable(this.#snapshot);
    this.#snapshot = snapshot;
    if (hasChanged) this.#changes.fire(snapshot);
    return snapshot;
  }

  /**
   * The editor says what holds and the file where it stands. They can differ: while the file is not saved, or where it
   * is on another machine or of another profile.
   */
  async #readSetting({ file, value }: SettingServers): Promise<ConfigContents> {
    const held = readConfigValue(file, value);
    const bytes = await this.#reader.read(file.path, maxBytes).catch(() => undefined);
    const written = bytes && readConfigBytes(file, bytes);
    return written && withoutPlaces(written) === withoutPlaces(held) ? written : held;
  }

  async #readFile(file: ConfigFile): Promise<ConfigContents | undefined> {
    try {
      const isClaude = file.owner === 'claudeCode' && file.scope === 'user';
      const bytes = await this.#reader.read(file.path, isClaude ? maxClaudeBytes : maxBytes);
      return bytes && readConfigBytes(file, bytes);
    } catch (error) {
      const code = error instanceof ConfigReadError ? error.reason : 'unreadable';
      const message = `The file was not read. ${messageOf(error)}`;
      return brokenContents(file, { severity: 'error', code, message, file: file.path, line: 1, column: 1 });
    }
  }

  async #files(): Promise<ConfigFile[]> {
    const environment = this.#environment();
    const profiles = new Map<string, string[]>();
    for (const userFolder of editorUserFolders(environment)) {
      const folder = profilesFolder(userFolder, environment);
      profiles.set(folder, await this.#reader.folders(folder));
    }
    return configFiles(environment, profiles);
  }

  async #targets(): Promise<WatchTargets> {
    const environment = this.#environment();
    const files = await this.#files();
    // Profiles come and go, and each brings a file.
    const folders = editorUserFolders(environment).map((userFolder) => profilesFolder(userFolder, environment));
    const settings = this.#settings().map(({ file }) => file);
    return { files: [...files, ...settings].map((file) => file.path), folders };
  }
}

function withoutPlaces({ entries, problems }: ConfigContents): string {
  return canonicalJson([
    entries.map(({ name, template, isDisabled }) => [name, template, isDisabled]),
    problems.map(({ code, message, server }) => [code, message, server ?? null]),
  ]);
}

function comparable({ entries, problems }: DiscoverySnapshot): string {
  return canonicalJson([
    entries.map(({ file, inputs, ...entry }) => ({ ...entry, file: file.path, inputs: [...inputs.values()] })),
    problems,
  ]);
}
