import * as vscode from 'vscode';
import type { ExternalAccess } from '../servers/externalAccess';
import { say } from './say';

/** Makes the token that external clients hold worthless, and offers the command with the new one. */
export async function rotateToken(access: ExternalAccess): Promise<void> {
  await access.rotateToken();
  say(
    vscode.l10n.t(
      'External access has a new token. Clients with the old one are disconnected until you set them up again.',
    ),
    { title: vscode.l10n.t('Connect Claude Code'), command: 'mcpWorkbench.clients.connectClaudeCode' },
  );
}
