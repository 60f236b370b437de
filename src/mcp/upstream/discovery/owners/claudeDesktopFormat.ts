import type { OwnerFormat } from '../ownerFormat';
import { readStandardServer, writeStandardServer } from './standardServer';

/**
 * `claude_desktop_config.json`: `mcpServers`, strict JSON, local servers only; an entry with a URL is skipped by the
 * application (anthropics/claude-ai-mcp#120). We read such entries with a warning, since we can reach them.
 * Source: modelcontextprotocol.io/docs/develop/connect-local-servers and VS Code's reader of this file,
 * `nativeMcpDiscoveryAdapters.ts`.
 */
export const claudeDesktopFormat: OwnerFormat = {
  owner: 'claudeDesktop',
  syntax: 'json',
  keeps: (path) => path[0] === 'mcpServers',
  lists: () => [{ path: ['mcpServers'] }],
  read: (fields) => {
    const template = readStandardServer(fields, {
      types: { stdio: 'stdio', http: 'http', sse: 'sse' },
      urlFields: [{ name: 'url', transport: 'http' }],
      stdioFields: [],
    });
    if (template && template.transport !== 'stdio') {
      fields.warn('ignoredField', 'Claude Desktop starts local servers only and skips this one.', 'url');
    }
    return template;
  },
  write: (template) =>
    template.transport === 'stdio' ? writeStandardServer(template, { stdioFields: [] }) : undefined,
};
