import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../core/disposable';
import { WorkbenchError } from '../core/errors';
import type { ResultStore } from '../tools/resultStore';

const scheme = 'workbench';
const resultUri = /workbench:\/\/results\/[0-9a-f-]{36}/g;

/**
 * Opens kept results as read-only documents by the URIs that clients know them by, and makes such a URI a link wherever
 * JSON is shown: in the messages that the inspector opens, and in recorded calls.
 */
export class ResultDocuments implements vscode.TextDocumentContentProvider, vscode.DocumentLinkProvider, Disposable {
  readonly #results: () => ResultStore | undefined;
  readonly #subscriptions = new DisposableStore();

  /** @param results the store, once there is one. */
  constructor(results: () => ResultStore | undefined) {
    this.#results = results;
    for (const subscription of [
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      vscode.languages.registerDocumentLinkProvider([{ language: 'json' }, { language: 'jsonc' }], this),
      // Its URI has no ending that says so.
      vscode.workspace.onDidOpenTextDocument((document) => {
        if (document.uri.scheme !== scheme || document.languageId === 'json') return;
        void vscode.languages.setTextDocumentLanguage(document, 'json');
      }),
    ]) {
      this.#subscriptions.add(subscription);
    }
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const text = this.#results()?.read(uri.toString());
    if (text === undefined) return vscode.l10n.t('This result is no longer kept. Call the tool again.');
    return `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`;
  }

  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    return [...document.getText().matchAll(resultUri)].map(({ 0: uri, index }) => {
      const range = new vscode.Range(document.positionAt(index), document.positionAt(index + uri.length));
      const link = new vscode.DocumentLink(range, vscode.Uri.parse(uri, true));
      link.tooltip = vscode.l10n.t('Open the whole result');
      return link;
    });
  }

  /**
   * Opens a result in an editor tab.
   * @param target its URI; without one the user picks among those that are kept.
   * @throws WorkbenchError `NotFound` for one that is not kept.
   */
  async open(target?: unknown): Promise<void> {
    const results = this.#results();
    const uri = typeof target === 'string' ? target : await pick(results?.kept ?? []);
    if (uri === undefined) return;
    if (results?.read(uri) === undefined) {
      throw new WorkbenchError('NotFound', 'The result is no longer kept.', {
        remedy: 'Call the tool again. Results are kept in memory while there is room and the identity stays the same.',
      });
    }
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri, true));
    await vscode.window.showTextDocument(document, { preview: true });
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }
}

async function pick(kept: readonly { uri: string; bytes: number }[]): Promise<string | undefined> {
  const items = kept.map(({ uri, bytes }, index) => ({
    label: index === 0 ? vscode.l10n.t('Newest result') : vscode.l10n.t('Result {0}', index + 1),
    description: `${Math.ceil(bytes / 1024)} KB`,
    detail: uri,
    uri,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Open Result'),
    placeHolder:
      items.length > 0
        ? vscode.l10n.t('Results that were cut are kept whole for a while.')
        : vscode.l10n.t('No result has been cut, so none is kept.'),
    matchOnDetail: true,
  });
  return picked?.uri;
}
