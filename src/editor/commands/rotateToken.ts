import * as vscode from 'vscode';
import type { ExternalAccess } from '../servers/externalAccess';

/** Makes the token that external clients hold worthless, and offers the command with the new one. */
export async function rotateToken(access: ExternalAccess): Promise<void> {
  await access.rotateToken();
  const connect = vscode.l10n.t('Connect Claude Code');
  void vscode.window
    .showInformationMessage(
      vscode.l10n.t(
        'External access has a new token. Clients with the old one are disconnected until you set them up again.',
      ),
      connect,
    )
    .then(async (picked) => {
      if (picked === connect) await vscode.commands.executeCommand('mcpWorkbench.clients.connectClaudeCode');
    });
}
