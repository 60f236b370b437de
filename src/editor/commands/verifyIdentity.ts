import * as vscode from 'vscode';
import type { IdentityService } from '../../aws/identity';

const verifyTimeoutMs = 20_000;

/**
 * Asks AWS who the selection is, with the status bar showing that it is being asked.
 * @throws WorkbenchError as `IdentityService.resolve`; the user acted, so they are told.
 */
export async function verifyIdentity(identity: IdentityService): Promise<void> {
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Asking AWS who this is') },
    () => identity.resolve({}, AbortSignal.timeout(verifyTimeoutMs)),
  );
}
