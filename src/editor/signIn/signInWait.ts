import * as vscode from 'vscode';
import { SharedTasks } from '../../aws/sharedTask';
import type { SsoSession } from '../../aws/sso/ssoSession';
import type { SsoSessions } from '../../aws/ssoSessions';
import { DisposableStore } from '../../core/disposable';

/** How long a call waits for a person. */
export const waitForSignInMs = 2 * 60_000;

/** Lets calls wait until somebody signed in, here or with another program: one notification for all of them. */
export class SignInWait {
  readonly #sessions: SsoSessions;
  readonly #waits = new SharedTasks<boolean>();

  constructor(sessions: SsoSessions) {
    this.#sessions = sessions;
  }

  /**
   * Waits.
   * @param client who waits, for people.
   * @returns whether somebody signed in; false after two minutes, or where the person gave it up.
   * @throws WorkbenchError `Cancelled` when `signal` fires.
   */
  until(session: SsoSession, client: string, signal: AbortSignal): Promise<boolean> {
    return this.#waits.run(session.name, (shared) => this.#wait(session, client, shared), signal);
  }

  async #wait(session: SsoSession, client: string, signal: AbortSignal): Promise<boolean> {
    return vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('{0} waits for you to sign in to {1}', client, session.name),
        cancellable: true,
      },
      (_progress, token) => this.#watch(session, token, signal),
    );
  }

  #watch(session: SsoSession, token: vscode.CancellationToken, signal: AbortSignal): Promise<boolean> {
    const owned = new DisposableStore();
    return new Promise<boolean>((resolve) => {
      const look = async (): Promise<void> => {
        const { kind } = await this.#sessions.state(session);
        if (kind === 'active' || kind === 'expiring') resolve(true);
      };
      owned.add(this.#sessions.onDidChange(() => void look()));
      owned.add(token.onCancellationRequested(() => resolve(false)));
      const timer = setTimeout(() => resolve(false), waitForSignInMs);
      owned.add({ dispose: () => clearTimeout(timer) });
      const onAbort = (): void => resolve(false);
      signal.addEventListener('abort', onAbort, { once: true });
      owned.add({ dispose: () => signal.removeEventListener('abort', onAbort) });
      void look();
    }).finally(() => owned.dispose());
  }
}
