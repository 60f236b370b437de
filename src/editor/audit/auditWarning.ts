import * as vscode from 'vscode';
import type { WorkbenchError } from '../../core/errors';
import { redactText } from '../../core/redact';

/** Tells the user, without a modal, that calls are not recorded. */
export function warnOfAudit({ message, remedy }: WorkbenchError): void {
  void offerLog(redactText(`${message} ${remedy} ${vscode.l10n.t('Until then nothing is changed, only read.')}`));
}

async function offerLog(text: string): Promise<void> {
  const showLog = vscode.l10n.t('Show Log');
  const picked = await vscode.window.showWarningMessage(text, showLog);
  if (picked === showLog) await vscode.commands.executeCommand('mcpWorkbench.log.show');
}
