import type { OwnerFormat } from '../ownerFormat';
import { commonTypes, readStandardServer, writeStandardServer } from './standardServer';

/**
 * `~/.codeium/windsurf/mcp_config.json`: `mcpServers`; remote ones have `serverUrl` or `url`; `disabled` switches off.
 * Source: docs.windsurf.com/windsurf/cascade/mcp ("mcp_config.json", "Remote HTTP MCPs", "Config interpolation").
 */
export const windsurfFormat: OwnerFormat = {
  owner: 'windsurf',
  syntax: 'json',
  keeps: (path) => path[0] === 'mcpServers',
  lists: () => [{ path: ['mcpServers'] }],
  read: (fields) =>
    readStandardServer(fields, {
      types: commonTypes,
      urlFields: [
        { name: 'serverUrl', transport: 'http' },
        { name: 'url', transport: 'http' },
      ],
      stdioFields: ['cwd'],
    }),
  isDisabled: (fields) => fields.boolean('disabled') === true,
  write: (template) => writeStandardServer(template, { urlField: 'serverUrl', stdioFields: [] }),
};
