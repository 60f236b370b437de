import * as vscode from 'vscode';
import type { SignInEvent } from '../../aws/sso/signIn';
import type { Disposable } from '../../core/disposable';

interface Choice extends vscode.QuickPickItem {
  run(): unknown;
}

/**
 * What a person sees of a sign-in that waits for them: the code where there is one, and what they can do. It goes away
 * by itself when they are signed in. Closing it does not end the sign-in, since any other quick pick closes it, too:
 * then a notification goes on in its place.
 */
export class SignInPick implements Disposable {
  readonly #session: string;
  readonly #cancel: () => void;
  #picker: vscode.QuickPick<Choice> | undefined;
  #event: Exclude<SignInEvent, { kind: 'signedIn' }> | undefined;
  #hasFailedToOpen = false;
  #end: () => void = () => undefined;
  readonly #ended = new Promise<void>((resolve) => (this.#end = resolve));
  #isDisposed = false;
  #hasNotification = false;

  /** @param cancel ends the sign-in. */
  constructor(session: string, cancel: () => void) {
    this.#session = session;
    this.#cancel = cancel;
    this.show();
  }

  /** Brings it to the front, again if it was closed. */
  show(): void {
    if (this.#picker || this.#isDisposed) return;
    const picker = vscode.window.createQuickPick<Choice>();
    this.#picker = picker;
    picker.ignoreFocusOut = true;
    picker.busy = true;
    picker.onDidAccept(() => void picker.selectedItems[0]?.run());
    picker.onDidHide(() => {
      picker.dispose();
      if (this.#picker !== picker) return;
      this.#picker = undefined;
      if (!this.#isDisposed) this.#notify();
    });
    this.#draw();
    picker.show();
  }

  /** Takes up what the sign-in says. */
  update(event: SignInEvent): void {
    if (event.kind === 'signedIn') return;
    this.#event = event;
    this.#hasFailedToOpen = event.kind === 'browser' && !event.opened;
    this.#draw();
    // The code must be seen, whatever is open by now.
    if (event.kind === 'deviceCode') this.show();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#end();
    const picker = this.#picker;
    this.#picker = undefined;
    picker?.dispose();
  }

  #draw(): void {
    const picker = this.#picker;
    if (!picker) return;
    const event = this.#event;
    picker.title =
      event?.kind === 'deviceCode'
        ? vscode.l10n.t('Sign in to {0}: code {1}', this.#session, event.userCode)
        : vscode.l10n.t('Sign in to {0}', this.#session);
    picker.placeholder = this.#placeholder();
    picker.items = this.#choices();
  }

  #placeholder(): string {
    if (this.#hasFailedToOpen)
      return vscode.l10n.t('The browser could not be opened. Copy the address, or use a code.');
    switch (this.#event?.kind) {
      case 'browser':
        return vscode.l10n.t('Allow access in the browser, then come back');
      case 'deviceCode':
        return vscode.l10n.t('Compare the code with the one on the page, and allow access there');
      case undefined:
        break;
    }
    return vscode.l10n.t('Asking IAM Identity Center');
  }

  #choices(): Choice[] {
    const event = this.#event;
    const cancel: Choice = {
      label: vscode.l10n.t('Cancel the sign-in'),
      iconPath: new vscode.ThemeIcon('close'),
      run: this.#cancel,
    };
    if (event === undefined) return [cancel];
    if (event.kind === 'browser') {
      return [
        {
          label: vscode.l10n.t('Open the page again'),
          iconPath: new vscode.ThemeIcon('link-external'),
          run: () => this.#open(event),
        },
        {
          label: vscode.l10n.t('Copy the address of the page'),
          iconPath: new vscode.ThemeIcon('copy'),
          run: () => vscode.env.clipboard.writeText(event.url),
        },
        {
          label: vscode.l10n.t('Use a device code instead'),
          description: vscode.l10n.t('for a browser on another device, or when the page does not come back'),
          iconPath: new vscode.ThemeIcon('device-mobile'),
          run: () => event.useDeviceCode(),
        },
        cancel,
      ];
    }
    return [
      {
        label: vscode.l10n.t('Copy the code and open the page'),
        description: event.userCode,
        iconPath: new vscode.ThemeIcon('link-external'),
        run: async () => {
          await vscode.env.clipboard.writeText(event.userCode);
          await this.#open(event);
        },
      },
      {
        label: vscode.l10n.t('Copy the address, for a browser on another device'),
        description: event.verificationUri,
        iconPath: new vscode.ThemeIcon('copy'),
        run: () => vscode.env.clipboard.writeText(event.verificationUriComplete),
      },
      cancel,
    ];
  }

  async #open(event: { open: () => Promise<boolean> }): Promise<void> {
    this.#hasFailedToOpen = !(await event.open());
    this.#draw();
  }

  #notify(): void {
    if (this.#hasNotification) return;
    this.#hasNotification = true;
    void vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Signing in to {0}', this.#session),
        cancellable: true,
      },
      async (progress, token) => {
        token.onCancellationRequested(this.#cancel);
        if (this.#event?.kind === 'deviceCode') progress.report({ message: this.#event.userCode });
        await this.#ended;
      },
    );
  }
}
