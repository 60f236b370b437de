import * as vscode from 'vscode';
import type { AwsIdentityService } from '../../aws/identityService';
import type { SsoSession } from '../../aws/sso/ssoSession';
import type { Disposable } from '../../core/disposable';
import type { WorkbenchError } from '../../core/errors';
import { profileName } from '../identity/profileCatalog';

export interface SignInNoticesOptions {
  identity: AwsIdentityService;
  /** What the button does. */
  signIn: (session: SsoSession) => Promise<void>;
  /** What the button does where no session is behind it. */
  tryAgain: () => Promise<void>;
  /** Told of what went wrong after the person pressed the button. */
  onError: (error: unknown) => void;
}

/** Says once that a person is needed, however many calls fail for it. */
export class SignInNotices implements Disposable {
  readonly #options: SignInNoticesOptions;
  readonly #subscriptions: Disposable[];
  /** Names of sessions, and of profiles without one, that the person has been told of and that are still not usable. */
  readonly #told = new Set<string>();

  constructor(options: SignInNoticesOptions) {
    this.#options = options;
    const { identity } = options;
    this.#subscriptions = [
      identity.sessions.onDidChange(() => {
        for (const { session, state } of identity.sessions.all) {
          if (state.kind === 'active' || state.kind === 'expiring') this.#told.delete(session.name);
        }
      }),
      identity.onDidChange((state) => {
        if (state.kind === 'active') this.#told.delete(`profile ${profileName(state)}`);
      }),
    ];
  }

  /** A call failed because a person must sign in to that session. */
  sessionNeeded(session: SsoSession, error: WorkbenchError): void {
    this.#tell(session.name, error.message, vscode.l10n.t('Sign In'), () => this.#options.signIn(session));
  }

  /** A call failed because credentials of another kind need a person. */
  personNeeded(profile: string, error: WorkbenchError): void {
    this.#tell(`profile ${profile}`, `${error.message} ${error.remedy}`, vscode.l10n.t('Try Again'), () =>
      this.#options.tryAgain(),
    );
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #tell(key: string, text: string, title: string, act: () => Promise<void>): void {
    if (this.#told.has(key)) return;
    this.#told.add(key);
    void this.#offer(text, title, act);
  }

  async #offer(text: string, title: string, act: () => Promise<void>): Promise<void> {
    const picked = await vscode.window.showWarningMessage(text, title);
    if (picked !== title) return;
    try {
      await act();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
