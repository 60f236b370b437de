import type { OwnerFormat } from '../ownerFormat';
import { readVscodeServer, vscodeFormat } from './vscodeFormat';

/** The member of `settings.json` that holds our own servers: an object by name, each entry as in VS Code's `mcp.json`. */
export const serversSetting = 'mcpWorkbench.servers';

/** Our own setting. In a `.code-workspace` file it stands in the section `settings`. */
export const workbenchFormat: OwnerFormat = {
  owner: 'workbench',
  syntax: 'jsonc',
  keeps: (path) => path[0] === serversSetting || path[0] === 'settings',
  lists: (_root, file) => [{ path: [...(file.section ?? []), serversSetting] }],
  read: readVscodeServer,
  write: (template) => vscodeFormat.write(template),
};
