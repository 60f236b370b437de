import * as vscode from 'vscode';
import type { ConsentRequest } from '../../tools/consent';
import type { VirtualDocuments } from '../virtualDocuments';
import type { ConsentChoice, ConsentDialogs } from './consentQueue';
import { consentDocument, consentText } from './consentText';

interface Button extends vscode.MessageItem {
  choice: ConsentChoice;
}

const details: Button = { title: vscode.l10n.t('Show Details'), choice: 'details' };
const decline: Button = { title: vscode.l10n.t('Refuse'), choice: 'decline' };

/** Asks in the editor's own modal, so that no page and no other extension can stand in for it. */
export class EditorDialogs implements ConsentDialogs {
  readonly #documents: VirtualDocuments;

  constructor(documents: VirtualDocuments) {
    this.#documents = documents;
  }

  async askFirst(request: ConsentRequest): Promise<ConsentChoice> {
    const { title, detail, agree } = consentText(request);
    const picked = await vscode.window.showWarningMessage<Button>(
      title,
      { modal: true, detail },
      // First, because the first button has the focus: a stray Enter must not agree to anything.
      details,
      { title: agree, choice: 'agree' },
      // As the closing button it also stands for Escape, and replaces the editor's own "Cancel".
      { ...decline, isCloseAffordance: true },
    );
    return picked?.choice ?? 'dismiss';
  }

  async askWithDetails(request: ConsentRequest): Promise<ConsentChoice> {
    const { title, agree } = consentText(request);
    const name = `${request.tool} ${request.hash.slice(0, 8)}.txt`;
    await this.#documents.show(`/consent/${name}`, consentDocument(request));
    // Not a modal this time: it would stand in front of what the user wants to read.
    const picked = await vscode.window.showWarningMessage<Button>(
      vscode.l10n.t('{0} The whole plan is in the open document.', title),
      { title: agree, choice: 'agree' },
      decline,
    );
    return picked?.choice ?? 'dismiss';
  }

  sayTooLate(): void {
    void vscode.window.showInformationMessage(vscode.l10n.t('The question was no longer open. Nothing was sent.'));
  }
}
