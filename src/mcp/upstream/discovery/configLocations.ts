import * as path from 'node:path';
import type { ConfigFile, WorkspaceFolder } from './configFile';

/** What decides where the config files are. Everything is given, so that any machine can be played in a test. */
export interface DiscoveryEnvironment {
  platform: NodeJS.Platform;
  /** The home folder of the user. */
  home: string;
  /** Environment of the process; on Windows the names are looked up whatever their case. */
  env: Readonly<Record<string, string | undefined>>;
  /** Folders of the open workspace. */
  folders: readonly WorkspaceFolder[];
  /** The open `.code-workspace` file. */
  workspaceFile?: string;
  /**
   * The `User` folder of the running editor, which knows it best (a portable or renamed build); others that are
   * installed beside it are looked for at their usual places.
   */
  editorUserFolder?: string;
}

/** A `User` folder of an editor of the VS Code family. */
export interface EditorUserFolder {
  label: string;
  path: string;
}

/** The value of an environment variable as the platform looks it up; empty ones count as absent. */
export function environmentValue(
  env: DiscoveryEnvironment['env'],
  name: string,
  platform: NodeJS.Platform,
): string | undefined {
  let value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value === undefined && platform === 'win32') {
    const key = Object.keys(env).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    value = key === undefined ? undefined : env[key];
  }
  return value === '' ? undefined : value;
}

/**
 * The `User` folders whose `mcp.json` may list servers, also those of remote extension hosts.
 * Source: code.visualstudio.com/docs/configure/settings ("Settings file locations"); servers: `~/.vscode-server/data`,
 * the folder that `--server-data-dir` defaults to.
 */
export function editorUserFolders(environment: DiscoveryEnvironment): EditorUserFolder[] {
  const { home, editorUserFolder } = environment;
  const join = joinerOf(environment);
  const base = applicationData(environment);
  const folders: EditorUserFolder[] = [
    { label: 'VS Code', path: join(base, 'Code', 'User') },
    { label: 'VS Code Insiders', path: join(base, 'Code - Insiders', 'User') },
    { label: 'VSCodium', path: join(base, 'VSCodium', 'User') },
    { label: 'VS Code Server', path: join(home, '.vscode-server', 'data', 'User') },
    { label: 'VS Code Server Insiders', path: join(home, '.vscode-server-insiders', 'data', 'User') },
    { label: 'Codespaces', path: join(home, '.vscode-remote', 'data', 'User') },
  ];
  if (editorUserFolder === undefined) return folders;
  const known = folders.find((folder) => folder.path === editorUserFolder);
  const others = folders.filter((folder) => folder !== known);
  return [known ?? { label: 'This editor', path: editorUserFolder }, ...others];
}

/** The folder in which an editor keeps one folder for each profile. */
export function profilesFolder(userFolder: EditorUserFolder, environment: DiscoveryEnvironment): string {
  return joinerOf(environment)(userFolder.path, 'profiles');
}

/**
 * Every file that may list servers, whether it exists or not.
 * @param profiles names of the folders in each `profilesFolder`, by its path
 */
export function configFiles(
  environment: DiscoveryEnvironment,
  profiles: ReadonlyMap<string, readonly string[]>,
): ConfigFile[] {
  const { home, platform, env, folders, workspaceFile } = environment;
  const join = joinerOf(environment);
  const files: ConfigFile[] = [];
  for (const folder of folders) {
    const inFolder = (...parts: string[]): string => join(folder.path, ...parts);
    files.push(
      { owner: 'vscode', scope: 'workspace', path: inFolder('.vscode', 'mcp.json'), folder },
      { owner: 'claudeCode', scope: 'workspace', path: inFolder('.mcp.json'), folder },
      { owner: 'cursor', scope: 'workspace', path: inFolder('.cursor', 'mcp.json'), folder },
      { owner: 'codex', scope: 'workspace', path: inFolder('.codex', 'config.toml'), folder },
      { owner: 'gemini', scope: 'workspace', path: inFolder('.gemini', 'settings.json'), folder },
    );
  }
  if (workspaceFile !== undefined) {
    files.push({ owner: 'vscode', scope: 'workspace', path: workspaceFile, section: ['settings', 'mcp'] });
  }
  for (const userFolder of editorUserFolders(environment)) {
    const { label } = userFolder;
    files.push({ owner: 'vscode', scope: 'user', path: join(userFolder.path, 'mcp.json'), label });
    const parent = profilesFolder(userFolder, environment);
    for (const profile of profiles.get(parent) ?? []) {
      const file = join(parent, profile, 'mcp.json');
      files.push({ owner: 'vscode', scope: 'user', path: file, label: `${label}, profile ${profile}` });
    }
  }
  const claudeFolder = environmentValue(env, 'CLAUDE_CONFIG_DIR', platform) ?? home;
  files.push({
    owner: 'claudeCode',
    scope: 'user',
    path: join(claudeFolder, '.claude.json'),
    openFolders: folders.map((folder) => folder.path),
  });
  for (const file of claudeDesktopFiles(environment)) files.push({ owner: 'claudeDesktop', scope: 'user', path: file });
  files.push(
    { owner: 'cursor', scope: 'user', path: join(home, '.cursor', 'mcp.json') },
    { owner: 'windsurf', scope: 'user', path: join(home, '.codeium', 'windsurf', 'mcp_config.json') },
    {
      owner: 'windsurf',
      scope: 'user',
      path: join(home, '.codeium', 'windsurf-next', 'mcp_config.json'),
      label: 'Windsurf Next',
    },
    // The plugin for other editors has a file of its own.
    { owner: 'windsurf', scope: 'user', path: join(home, '.codeium', 'mcp_config.json'), label: 'Windsurf plugin' },
    {
      owner: 'codex',
      scope: 'user',
      path: join(environmentValue(env, 'CODEX_HOME', platform) ?? join(home, '.codex'), 'config.toml'),
    },
    { owner: 'gemini', scope: 'user', path: join(home, '.gemini', 'settings.json') },
  );
  return withoutRepeats(files);
}

/** The package of the Microsoft Store sees its own copy of the roaming folder. */
const claudeStorePackage = 'Claude_pzs8sxrjxfjjc';

function claudeDesktopFiles(environment: DiscoveryEnvironment): string[] {
  const { home, platform, env } = environment;
  const join = joinerOf(environment);
  const name = 'claude_desktop_config.json';
  const files = [join(applicationData(environment), 'Claude', name)];
  if (platform === 'win32') {
    const local = environmentValue(env, 'LOCALAPPDATA', platform) ?? join(home, 'AppData', 'Local');
    files.push(join(local, 'Packages', claudeStorePackage, 'LocalCache', 'Roaming', 'Claude', name));
  }
  return files;
}

/** Where desktop applications keep their user's data. */
function applicationData(environment: DiscoveryEnvironment): string {
  const { home, platform, env } = environment;
  const join = joinerOf(environment);
  if (platform === 'win32') return environmentValue(env, 'APPDATA', platform) ?? join(home, 'AppData', 'Roaming');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  return environmentValue(env, 'XDG_CONFIG_HOME', platform) ?? join(home, '.config');
}

/** Path functions of the platform that is described, which in tests is not the one we run on. */
export function pathsOf({ platform }: Pick<DiscoveryEnvironment, 'platform'>): path.PlatformPath {
  return platform === 'win32' ? path.win32 : path.posix;
}

function joinerOf(environment: DiscoveryEnvironment): (...parts: string[]) => string {
  const paths = pathsOf(environment);
  return (...parts) => paths.join(...parts);
}

/** With the home folder as workspace, a project file and a user file are the same one; it then is the user's. */
function withoutRepeats(files: readonly ConfigFile[]): ConfigFile[] {
  const users = new Set(files.filter(({ scope }) => scope === 'user').map((file) => `${file.owner} ${file.path}`));
  const seen = new Set<string>();
  return files.filter((file) => {
    const key = `${file.owner} ${file.path}`;
    if (seen.has(key) || (file.scope === 'workspace' && users.has(key))) return false;
    seen.add(key);
    return true;
  });
}
