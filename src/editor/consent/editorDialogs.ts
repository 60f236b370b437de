import * as vscode from 'vscode';
import { escapeUnseen } from '../../core/unseen';
import type { ConsentChange, ConsentRequest } from '../../tools/consent';
import type { VirtualDocuments } from '../virtualDocuments';
import type { ConsentChoice, ConsentDialogs } from './consentQueue';
import { consentDocument, consentText } from './consentText';

interface Button extends vscode.MessageItem {
  choice: ConsentChoice;
}

const details: Button = { title: vscode.l10n.t('Show Details'), choice: 'details' };
const decline: Button = { title: vscode.l10n.t('Refuse'), choice: 'decline' };

/** Differences that open by themselves; the plan has all of them. */
const maxDiffs = 5;

/** Asks in the editor's own modal, so that no page and no other extension can stand in for it. */
export class EditorDialogs implements ConsentDialogs {
  readonly #documents: VirtualDocuments;

  constructor(documents: VirtualDocuments) {
    this.#documents = documents;
  }

  async askFirst(request: ConsentRequest): Promise<ConsentChoice> {
    const { title, detail, agree, agreeForSession } = consentText(request);
    const picked = await vscode.window.showWarningMessage<Button>(
      title,
      { modal: true, detail },
      // First, because the first button has the focus: a stray Enter must not agree to anything.
      details,
      { title: agree, choice: 'agree' },
      ...(agreeForSession === undefined ? [] : [{ title: agreeForSession, choice: 'agreeForSession' } as const]),
      // As the closing button it also stands for Escape, and replaces the editor's own "Cancel".
      { ...decline, isCloseAffordance: true },
    );
    return picked?.choice ?? 'dismiss';
  }

  async askWithDetails(request: ConsentRequest): Promise<ConsentChoice> {
    const { title, agree, agreeForSession } = consentText(request);
    const where = await this.#showPlan(request);
    // Not a modal this time: it would stand in front of what the user wants to read.
    const picked = await vscode.window.showWarningMessage<Button>(
      `${title} ${where}`,
      { title: agree, choice: 'agree' },
      ...(agreeForSession === undefined ? [] : [{ title: agreeForSession, choice: 'agreeForSession' } as const]),
      decline,
    );
    return picked?.choice ?? 'dismiss';
  }

  sayTooLate(): void {
    void vscode.window.showInformationMessage(vscode.l10n.t('The question was no longer open. Nothing was sent.'));
  }

  /** Opens the whole plan, and in front of it what it changes. @returns a sentence that says where it is. */
  async #showPlan(request: ConsentRequest): Promise<string> {
    const name = `${request.tool} ${request.hash.slice(0, 8)}`;
    const [first, ...others] = request.plan.changes ?? [];
    await this.#documents.show(`/consent/${name}.txt`, consentDocument(request), { preview: first === undefined });
    if (!first) return vscode.l10n.t('The whole plan is in the open document.');
    // The first one last, so that it is in front.
    for (const [index, change] of [...[first, ...others].slice(0, maxDiffs).entries()].toReversed()) {
      await this.#showChange(`${name}/${index}`, change);
    }
    return vscode.l10n.t('The open editor shows what changes; the whole plan is in the tab beside it.');
  }

  async #showChange(plan: string, { label, before, after }: ConsentChange): Promise<void> {
    const file = escapeUnseen(label).replaceAll(/[\s/\\?%*:|"<>]+/g, '-');
    const side = (when: string, text: string): vscode.Uri =>
      this.#documents.put(`/consent/${plan}/${when}/${file}`, escapeUnseen(text));
    await vscode.commands.executeCommand(
      'vscode.diff',
      side('now', before),
      side('afterwards', after),
      vscode.l10n.t('{0} (now ↔ afterwards)', file),
      { preview: false } satisfies vscode.TextDocumentShowOptions,
    );
  }
}
