import * as vscode from 'vscode';
import type { AwsIdentityService } from '../../aws/identityService';
import type { SsoServices } from '../../aws/sso/ssoServices';
import type { SignInFlow, SsoSession } from '../../aws/sso/ssoSession';
import { isSameSession } from '../../aws/ssoTargets';
import type { Disposable } from '../../core/disposable';
import { WorkbenchError } from '../../core/errors';
import { SignInPick } from './signInPick';

export interface SessionActionsOptions {
  sso: SsoServices;
  identity: AwsIdentityService;
  /** Which way to sign in, asked at each sign-in. */
  flow: () => SignInFlow;
}

interface Running {
  session: SsoSession;
  pick: SignInPick;
  done: Promise<void>;
}

/** Signs people in and out of sessions and renews them, with what they see of it. */
export class SessionActions implements Disposable {
  readonly #options: SessionActionsOptions;
  readonly #running = new Map<SsoSession, Running>();

  constructor(options: SessionActionsOptions) {
    this.#options = options;
  }

  /**
   * Signs in. A sign-in of that session that is waiting comes to the front instead of being started again.
   * @throws WorkbenchError as `SsoSignIn.signIn`; `Cancelled` where the person gave it up.
   */
  async signIn(session: SsoSession): Promise<void> {
    const running = [...this.#running.values()].find((each) => isSameSession(each.session, session));
    if (running) {
      running.pick.show();
      return running.done;
    }
    const controller = new AbortController();
    const pick = new SignInPick(session.name, () => controller.abort());
    const done = this.#run(session, pick, controller.signal);
    this.#running.set(session, { session, pick, done });
    try {
      await done;
    } finally {
      this.#running.delete(session);
      pick.dispose();
    }
  }

  /**
   * Makes a session last longer: by itself where it can renew itself, else by a sign-in.
   * @throws WorkbenchError as `signIn`; `Timeout` and other passing errors where AWS cannot be reached.
   */
  async renew(session: SsoSession): Promise<'renewed' | 'signedIn'> {
    const { tokens } = this.#options.sso;
    const token = await tokens.peek(session);
    if (token?.refreshToken !== undefined) {
      try {
        await vscode.window.withProgress(
          { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Renewing {0}', session.name) },
          () => tokens.get(session, { rejected: token.accessToken }),
        );
        return 'renewed';
      } catch (error) {
        if (!WorkbenchError.is(error, 'SignInRequired')) throw error;
      }
    }
    await this.signIn(session);
    return 'signedIn';
  }

  /**
   * Signs out on this machine and at AWS.
   * @returns what AWS did not confirm, for people.
   * @throws WorkbenchError where the cached token cannot be deleted.
   */
  async signOut(session: SsoSession): Promise<string | undefined> {
    const { revoked, problem } = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Signing out of {0}', session.name) },
      () => this.#options.sso.signOut(session),
    );
    await this.#options.identity.refresh();
    return revoked ? undefined : problem;
  }

  dispose(): void {
    for (const { pick } of this.#running.values()) pick.dispose();
  }

  async #run(session: SsoSession, pick: SignInPick, signal: AbortSignal): Promise<void> {
    const { identity, flow } = this.#options;
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Signing in to {0}', session.name) },
      () =>
        identity.sessions.signIn({
          session,
          flow: flow(),
          signal,
          onUserAction: (event) => pick.update(event),
        }),
    );
    await identity.refresh();
  }
}
