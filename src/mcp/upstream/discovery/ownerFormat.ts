import type { JsonObject } from '../../../core/json';
import type { ConfigFile } from './configFile';
import type { ConfigNode } from './configNode';
import type { ConfigOwner, ConfigScope } from './configOwner';
import type { FieldReader } from './fieldReader';
import type { InputDefinition, ServerTemplate } from './serverTemplate';

/** A place in a config file where servers are listed. */
export interface ServerList {
  path: readonly string[];
  /** Differs from the file's own where one file holds lists of several (Claude Code). */
  scope?: ConfigScope;
  /** The folder a `local` list is for. */
  folder?: string;
  /** Where the inputs for these servers are. */
  inputsPath?: readonly string[];
  /** Servers of this list that are switched off elsewhere in the file. */
  isDisabled?: (name: string) => boolean;
}

/** How one program writes its MCP servers. Each owner has a file with one of these, which cites its source. */
export interface OwnerFormat {
  owner: ConfigOwner;
  /** `json`: the owner reads strict JSON, so comments break the file for it. */
  syntax: 'json' | 'jsonc' | 'toml';
  /** Members that matter, in files that hold much else. */
  keeps?: (path: readonly string[]) => boolean;
  /** The lists in a file; where there is none yet, the place of the one to make. */
  lists(root: ConfigNode | undefined, file: ConfigFile): ServerList[];
  /** Reads one entry; reports what is wrong and returns `undefined` where it cannot be used. */
  read(fields: FieldReader): ServerTemplate | undefined;
  /** Whether the entry itself says that it is off. */
  isDisabled?(fields: FieldReader): boolean;
  /**
   * The entry as this owner writes it.
   * @returns `undefined` where the owner cannot have such a server.
   */
  write(template: ServerTemplate): JsonObject | undefined;
}

/** What a file says about servers and the values they ask for. */
export interface InputList {
  path: readonly string[];
  inputs: InputDefinition[];
}
