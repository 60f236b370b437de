import type { ExternalEndpoint } from './externalAccess';

/** What clients call our server. */
const clientSideName = 'mcp-workbench';

/**
 * The command that makes Claude Code know our server. It reads the same in every shell.
 * Source: https://docs.anthropic.com/en/docs/claude-code/mcp
 */
export function claudeMcpAddCommand({ url, token }: ExternalEndpoint): string {
  return `claude mcp add --transport http ${clientSideName} ${url} --header "Authorization: Bearer ${token}"`;
}

/** Files of that name come in two forms: VS Code's own, and the one that Cursor, Claude and others share. */
export type McpJsonForm = 'servers' | 'mcpServers';

/** A whole `mcp.json` with our server as its only entry, ready to paste or to merge. */
export function mcpJsonEntry({ url, token }: ExternalEndpoint, form: McpJsonForm): string {
  const entry = { type: 'http', url, headers: { Authorization: `Bearer ${token}` } };
  return `${JSON.stringify({ [form]: { [clientSideName]: entry } }, undefined, 2)}\n`;
}
