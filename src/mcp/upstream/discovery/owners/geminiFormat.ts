import { nodeAt, type ConfigNode } from '../configNode';
import type { OwnerFormat } from '../ownerFormat';
import { commonTypes, readStandardServer, writeStandardServer } from './standardServer';

/**
 * `settings.json` of Gemini CLI: `mcpServers` among other settings; `httpUrl` is Streamable HTTP, `url` is SSE unless
 * `type` says otherwise; `mcp.excluded` and `mcp.allowed` switch servers off.
 * Source: google-gemini/gemini-cli `docs/tools/mcp-server.md` and `docs/reference/configuration.md`.
 */
export const geminiFormat: OwnerFormat = {
  owner: 'gemini',
  syntax: 'jsonc',
  keeps: (path) => path[0] === 'mcpServers' || path[0] === 'mcp',
  lists: (root) => {
    const excluded = textsAt(root, ['mcp', 'excluded']);
    const allowed = textsAt(root, ['mcp', 'allowed']);
    return [
      {
        path: ['mcpServers'],
        isDisabled: (name) => excluded?.includes(name) === true || allowed?.includes(name) === false,
      },
    ];
  },
  read: (fields) =>
    readStandardServer(fields, {
      types: commonTypes,
      urlFields: [
        { name: 'httpUrl', transport: 'http' },
        { name: 'url', transport: 'sse' },
      ],
      stdioFields: ['cwd'],
    }),
  write: (template) =>
    writeStandardServer(template, {
      urlField: template.transport === 'sse' ? 'url' : 'httpUrl',
      stdioFields: ['cwd'],
    }),
};

function textsAt(root: ConfigNode | undefined, path: readonly string[]): unknown[] | undefined {
  const list = nodeAt(root, path);
  if (list?.kind !== 'array') return undefined;
  return list.items.map((item) => (item.kind === 'scalar' ? item.value : undefined));
}
