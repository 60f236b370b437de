import * as vscode from 'vscode';
import { claudeMcpAddCommand, mcpJsonEntry, type McpJsonForm } from '../servers/clientSetup';
import type { ExternalAccess } from '../servers/externalAccess';
import { say } from './say';

const stop = { title: vscode.l10n.t('Stop External Access'), command: 'mcpWorkbench.externalAccess.stop' } as const;

/**
 * Turns external access on and copies the command that makes Claude Code use it. Says so without a modal: the user
 * asked for just this.
 */
export async function connectClaudeCode(access: ExternalAccess): Promise<void> {
  const endpoint = await access.enable();
  await vscode.env.clipboard.writeText(claudeMcpAddCommand(endpoint));
  const where =
    vscode.env.remoteName === undefined ? vscode.l10n.t('a terminal') : vscode.l10n.t('a terminal of this window');
  say(
    vscode.l10n.t(
      'The command for Claude Code is on the clipboard: paste it into {0}. External access is on at {1}, for programs on this machine that have the token in that command.',
      where,
      endpoint.url,
    ),
    stop,
  );
}

/**
 * Turns external access on and copies an `mcp.json` entry.
 * @param form picks the form of the file without asking.
 */
export async function copyMcpJson(access: ExternalAccess, form?: unknown): Promise<void> {
  const picked = form === 'servers' || form === 'mcpServers' ? form : await pickForm();
  if (!picked) return;
  const endpoint = await access.enable();
  await vscode.env.clipboard.writeText(mcpJsonEntry(endpoint, picked));
  say(
    vscode.l10n.t(
      'The mcp.json entry is on the clipboard. It holds the token: keep it out of version control. External access is on at {0}, for programs on this machine.',
      endpoint.url,
    ),
    stop,
  );
}

async function pickForm(): Promise<McpJsonForm | undefined> {
  const items: (vscode.QuickPickItem & { form: McpJsonForm })[] = [
    {
      form: 'mcpServers',
      label: 'mcpServers',
      description: vscode.l10n.t('Cursor, Claude Code (.mcp.json), Windsurf and most others'),
    },
    { form: 'servers', label: 'servers', description: vscode.l10n.t('VS Code (another window or machine account)') },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Form of mcp.json'),
    placeHolder: vscode.l10n.t('Which program reads the file?'),
  });
  return picked?.form;
}
