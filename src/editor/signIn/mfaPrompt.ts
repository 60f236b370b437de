import * as vscode from 'vscode';
import type { MfaCodeProvider } from '../../aws/environment';

/**
 * Asks for the code of an MFA device. Who closes the question is not asked again by background calls, only after they
 * did something themselves.
 */
export class MfaPrompt {
  readonly #dismissed = new Set<string>();

  /** Lets the next call ask again: the person acted. */
  allowAgain(): void {
    this.#dismissed.clear();
  }

  readonly ask: MfaCodeProvider = async ({ profile, serialNumber }, signal) => {
    if (this.#dismissed.has(profile)) return undefined;
    const cancellation = new vscode.CancellationTokenSource();
    const onAbort = (): void => cancellation.cancel();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) cancellation.cancel();
    try {
      const code = await vscode.window.showInputBox(
        {
          title: vscode.l10n.t('MFA code for profile {0}', profile),
          prompt: vscode.l10n.t('The code that {0} shows now', deviceName(serialNumber)),
          placeHolder: '123456',
          password: true,
          ignoreFocusOut: true,
          validateInput: (value) =>
            value === '' || /^\d{6}$/.test(value.trim()) ? undefined : vscode.l10n.t('The code has six digits.'),
        },
        cancellation.token,
      );
      if (!code?.trim() && !signal.aborted) this.#dismissed.add(profile);
      return code?.trim();
    } finally {
      signal.removeEventListener('abort', onAbort);
      cancellation.dispose();
    }
  };
}

/** The name of a device by its ARN, e.g. `phone` of `arn:aws:iam::111122223333:mfa/phone`. */
function deviceName(serialNumber: string): string {
  return serialNumber.split('/').at(-1) ?? serialNumber;
}
