import type { JsonObject } from '../../../../core/json';
import { nodeAt, type ConfigNode } from '../configNode';
import type { FieldReader } from '../fieldReader';
import type { OwnerFormat, ServerList } from '../ownerFormat';
import type { HttpTemplate } from '../serverTemplate';
import { readStandardServer, writeStandardServer } from './standardServer';

/**
 * `.mcp.json` of a project and `~/.claude.json`: strict JSON. The latter holds `mcpServers` (user) and
 * `projects.<folder>.mcpServers` (this person in this folder) among megabytes of history, of which we read nothing.
 * Source: code.claude.com/docs/en/mcp (scopes, `.mcp.json`, OAuth), checked against what `claude mcp add` writes.
 */
export const claudeCodeFormat: OwnerFormat = {
  owner: 'claudeCode',
  syntax: 'json',
  keeps: (path) =>
    path[0] === 'mcpServers' ||
    (path[0] === 'projects' && (path.length < 3 || path[2] === 'mcpServers' || path[2] === 'disabledMcpServers')),
  lists: (root, file) => {
    if (file.scope === 'workspace') return [{ path: ['mcpServers'] }];
    const lists: ServerList[] = [{ path: ['mcpServers'], scope: 'user' }];
    const projects = nodeAt(root, ['projects']);
    if (projects?.kind !== 'object') return lists;
    for (const [folder, { value: project }] of projects.members) {
      if (nodeAt(project, ['mcpServers']) === undefined || !isOpen(folder, file.openFolders)) continue;
      const disabled = namesAt(project, 'disabledMcpServers');
      lists.push({
        path: ['projects', folder, 'mcpServers'],
        scope: 'local',
        folder,
        isDisabled: (name) => disabled.has(name),
      });
    }
    return lists;
  },
  read: (fields) =>
    readStandardServer(fields, {
      types: { stdio: 'stdio', http: 'http', 'streamable-http': 'http', sse: 'sse' },
      urlFields: [{ name: 'url', transport: 'http' }],
      stdioFields: [],
      needsTypeForUrl: true,
      oauth: readOauth,
    }),
  write: (template) =>
    writeStandardServer(template, {
      types: { stdio: 'stdio', http: 'http', sse: 'sse' },
      stdioFields: [],
      writeOauth: ({ clientId }): JsonObject => (clientId === undefined ? {} : { oauth: { clientId } }),
    }),
};

function readOauth(fields: FieldReader): HttpTemplate['oauth'] {
  const oauth = fields.object('oauth');
  const clientId = oauth?.string('clientId');
  const scope = oauth?.string('scopes');
  if (clientId === undefined && scope === undefined) return undefined;
  return { ...(clientId === undefined ? {} : { clientId }), ...(scope === undefined ? {} : { scope }) };
}

/** Claude Code knows a project by the folder it was started in, which may be above the one that is open. */
function isOpen(folder: string, openFolders: readonly string[] | undefined): boolean {
  if (openFolders === undefined) return true;
  const project = comparable(folder);
  return openFolders.some((open) => `${comparable(open)}/`.startsWith(`${project}/`));
}

/** Windows takes either separator and either case. */
function comparable(folder: string): string {
  const plain = folder.replaceAll('\\', '/').replace(/\/+$/, '');
  return /^[A-Za-z]:/.test(plain) ? plain.toLowerCase() : plain;
}

function namesAt(project: ConfigNode, name: string): Set<string> {
  const list = nodeAt(project, [name]);
  const names = new Set<string>();
  for (const item of list?.kind === 'array' ? list.items : []) {
    if (item.kind === 'scalar' && typeof item.value === 'string') names.add(item.value);
  }
  return names;
}
