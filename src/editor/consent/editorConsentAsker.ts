import * as vscode from 'vscode';
import { messageOf } from '../../core/errors';
import type { Logger } from '../../core/logger';
import type { ConsentAnswer, ConsentAsker, ConsentRequest } from '../../tools/consent';
import { consentDocument, consentText, type ConsentText } from './consentText';

export interface EditorConsentAskerOptions {
  /** Opens the whole plan in an editor tab. */
  showDocument(path: string, text: string): Promise<unknown>;
  /** How long a question waits for an answer; asked anew for each question. */
  timeoutMs(): number;
  logger: Logger;
}

type Dismissed = Extract<ConsentAnswer, { kind: 'refused' }>;
type Choice = 'agree' | 'details' | 'decline' | 'dismiss';

const dismissed: Dismissed = { kind: 'refused', reason: 'dismissed' };

/**
 * Puts consents to the user in the editor's own modal, one at a time. The editor gives no way to close a modal from
 * here, so a question that ended otherwise (time, cancelled call) may still be on screen; a click on it does nothing
 * but say so.
 */
export class EditorConsentAsker implements ConsentAsker {
  readonly #options: EditorConsentAskerOptions;
  readonly #disposal = new AbortController();
  /** Settles when the question before has left the screen. */
  #screen: Promise<void> = Promise.resolve();

  constructor(options: EditorConsentAskerOptions) {
    this.#options = options;
  }

  async ask(request: ConsentRequest, signal: AbortSignal): Promise<ConsentAnswer> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), this.#options.timeoutMs());
    const ended = AbortSignal.any([signal, timeout.signal, this.#disposal.signal]);
    try {
      const answer = await Promise.race([this.#askInTurn(request, ended), whenAborted(ended)]);
      if (answer) return answer;
      return timeout.signal.aborted && !signal.aborted ? { kind: 'refused', reason: 'timedOut' } : dismissed;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends all questions as dismissed. */
  dispose(): void {
    this.#disposal.abort();
  }

  async #askInTurn(request: ConsentRequest, ended: AbortSignal): Promise<ConsentAnswer | undefined> {
    const before = this.#screen;
    let leave: () => void = () => undefined;
    this.#screen = new Promise((resolve) => (leave = resolve));
    try {
      await before;
      return ended.aborted ? undefined : await this.#askUntilAnswered(request, ended);
    } catch (error) {
      // An editor that cannot show a question has not had a yes.
      this.#options.logger.warn(`A question could not be shown: ${messageOf(error)}`);
      return dismissed;
    } finally {
      leave();
    }
  }

  async #askUntilAnswered(request: ConsentRequest, ended: AbortSignal): Promise<ConsentAnswer | undefined> {
    const text = consentText(request);
    let choice = await showModal(text);
    if (choice === 'details' && !ended.aborted) {
      await this.#options.showDocument(
        `/consent/${request.plan.action} ${request.hash.slice(0, 8)}.txt`,
        consentDocument(request),
      );
      // Not a modal this time: it would stand in front of what the user wants to read.
      choice = await showNotification(text);
    }
    if (ended.aborted) {
      if (choice === 'agree') {
        void vscode.window.showInformationMessage(vscode.l10n.t('The question was no longer open. Nothing was sent.'));
      }
      return undefined;
    }
    if (choice === 'agree') return { kind: 'allowed', by: 'editor' };
    return choice === 'decline' ? { kind: 'refused', reason: 'declined' } : dismissed;
  }
}

async function showModal({ title, detail, agree }: ConsentText): Promise<Choice> {
  const picked = await vscode.window.showWarningMessage(
    title,
    { modal: true, detail },
    // First, because the first button has the focus: a stray Enter must not agree to anything.
    { title: vscode.l10n.t('Show Details'), choice: 'details' as const },
    { title: agree, choice: 'agree' as const },
    // As the closing button it also stands for Escape, and replaces the editor's own "Cancel".
    { title: vscode.l10n.t('Refuse'), choice: 'decline' as const, isCloseAffordance: true },
  );
  return picked?.choice ?? 'dismiss';
}

async function showNotification({ title, agree }: ConsentText): Promise<Choice> {
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('{0} The whole plan is in the open document.', title),
    { title: agree, choice: 'agree' as const },
    { title: vscode.l10n.t('Refuse'), choice: 'decline' as const },
  );
  return picked?.choice ?? 'dismiss';
}

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
