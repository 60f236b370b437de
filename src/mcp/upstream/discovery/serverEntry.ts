import type { ConfigFile, WorkspaceFolder } from './configFile';
import type { ConfigOwner, ConfigScope } from './configOwner';
import type { ConfigProblem } from './configProblem';
import type { InputDefinition, ServerTemplate } from './serverTemplate';
import type { TextPlace, TextSpan } from './sourceText';

/** One server in one config file. */
export interface ServerEntry {
  owner: ConfigOwner;
  scope: ConfigScope;
  /** The name it has in the file. */
  name: string;
  template: ServerTemplate;
  /** The owner has it switched off. */
  isDisabled: boolean;
  file: ConfigFile;
  /** Member names from the root of the file to the entry. */
  path: readonly string[];
  /** Where the entry stands: UTF-16 offsets without a byte order mark, and the line to show. */
  span: TextSpan;
  place: TextPlace;
  /** The folder that `${workspaceFolder}` and relative paths mean; of user-wide entries there is none. */
  folder?: WorkspaceFolder;
  /** What the file says about its `${input:…}` variables. */
  inputs: ReadonlyMap<string, InputDefinition>;
}

/** What was found in one file. */
export interface ConfigContents {
  file: ConfigFile;
  entries: ServerEntry[];
  problems: ConfigProblem[];
  /** The syntax is wrong, so that nothing is known about the servers in it. */
  isBroken: boolean;
}
