/** Programs that keep a list of MCP servers; `workbench` is our own setting. Earlier ones win where names collide. */
export const configOwners = [
  'workbench',
  'vscode',
  'claudeCode',
  'claudeDesktop',
  'cursor',
  'windsurf',
  'codex',
  'gemini',
] as const;

export type ConfigOwner = (typeof configOwners)[number];

/**
 * Whom an entry is for. `user`: all work of this person. `workspace`: everyone who has the folder, so others may have
 * written it. `local`: this person in one folder, kept outside of it.
 */
export type ConfigScope = 'user' | 'workspace' | 'local';

/** Names of the owners as they call themselves. */
export const ownerLabels: Readonly<Record<ConfigOwner, string>> = {
  workbench: 'MCP Workbench',
  vscode: 'VS Code',
  claudeCode: 'Claude Code',
  claudeDesktop: 'Claude Desktop',
  cursor: 'Cursor',
  windsurf: 'Windsurf',
  codex: 'Codex',
  gemini: 'Gemini CLI',
};
