import type { ConfigOwner, ConfigScope } from './configOwner';

/** A folder of the open workspace. */
export interface WorkspaceFolder {
  name: string;
  path: string;
}

/** A file that may hold MCP servers. */
export interface ConfigFile {
  owner: ConfigOwner;
  scope: ConfigScope;
  path: string;
  /** What tells it from other files of the owner, e.g. the name of the editor or of a profile. */
  label?: string;
  /** The folder of a `workspace` file. */
  folder?: WorkspaceFolder;
  /** The open folders, where a file holds lists for folders (`~/.claude.json`): others are left out. Absent: none is. */
  openFolders?: readonly string[];
  /** Where the servers stand in a file of another purpose, e.g. `settings.mcp` in a `.code-workspace` file. */
  section?: readonly string[];
}
