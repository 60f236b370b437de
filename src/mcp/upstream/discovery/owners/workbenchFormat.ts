import type { OwnerFormat } from '../ownerFormat';
import { readSigning } from '../signingFields';
import { readStandardServer } from './standardServer';
import { vscodeFormat, vscodeRules } from './vscodeFormat';

/**
 * The member of `settings.json` that holds our own servers: an object by name, each entry as in VS Code's `mcp.json`,
 * and `auth` for servers behind IAM.
 */
export const serversSetting = 'mcpWorkbench.servers';

/** Our own setting. In a `.code-workspace` file it stands in the section `settings`. */
export const workbenchFormat: OwnerFormat = {
  owner: 'workbench',
  syntax: 'jsonc',
  keeps: (path) => path[0] === serversSetting || path[0] === 'settings',
  lists: (_root, file) => [{ path: [...(file.section ?? []), serversSetting] }],
  read: (fields) => readStandardServer(fields, { ...vscodeRules, signing: readSigning }),
  write: (template) => {
    const written = vscodeFormat.write(template);
    const signing = template.transport === 'stdio' ? undefined : template.signing;
    return written && signing ? { ...written, auth: { type: 'sigv4', ...signing } } : written;
  },
};
