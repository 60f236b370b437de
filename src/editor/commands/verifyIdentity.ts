import * as vscode from 'vscode';
import type { AwsIdentityService } from '../../aws/identityService';
import { WorkbenchError } from '../../core/errors';
import type { MfaPrompt } from '../signIn/mfaPrompt';
import type { SessionActions } from '../signIn/sessionActions';

const verifyTimeoutMs = 120_000;

export interface VerifyOptions {
  identity: AwsIdentityService;
  actions: SessionActions;
  mfa: MfaPrompt;
}

/**
 * Asks AWS who the selection is, with the status bar showing that it is being asked. Where somebody must sign in for
 * it, they are let to: it is them who asked.
 * @throws WorkbenchError as `IdentityService.resolve` and `SessionActions.signIn`.
 */
export async function verifyIdentity({ identity, actions, mfa }: VerifyOptions): Promise<void> {
  mfa.allowAgain();
  const ask = (): Thenable<unknown> =>
    vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Asking AWS who this is') },
      () => identity.resolve({}, AbortSignal.timeout(verifyTimeoutMs)),
    );
  try {
    await ask();
  } catch (error) {
    if (!WorkbenchError.is(error, 'SignInRequired')) throw error;
    const session = await identity.sessionToSignIn({});
    if (!session) throw error;
    await actions.signIn(session);
    await ask();
  }
}
