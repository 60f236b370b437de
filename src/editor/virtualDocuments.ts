import * as vscode from 'vscode';

const scheme = 'mcp-workbench';

/** Documents that exist only in the editor: schemas, plans, results. Read-only, because nothing could be saved. */
export class VirtualDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #subscription: vscode.Disposable;
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#subscription = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === scheme) this.#texts.delete(uri.toString());
      }),
    );
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? vscode.l10n.t('This document is no longer kept. Open it again.');
  }

  /**
   * Keeps a text to be shown, until its document is closed.
   * @param path unique for the content, e.g. `/tools/s3_get_object.json`; its ending decides the language.
   */
  put(path: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme, path });
    const isChange = this.#texts.has(uri.toString()) && this.#texts.get(uri.toString()) !== text;
    this.#texts.set(uri.toString(), text);
    if (isChange) this.#changed.fire(uri);
    return uri;
  }

  /** Brings a text up to date that is still shown; one whose document was closed is not kept. */
  update(path: string, text: string): void {
    if (this.#texts.has(vscode.Uri.from({ scheme, path }).toString())) this.put(path, text);
  }

  /** Shows a text in an editor tab; `path` as for `put`. */
  async show(path: string, text: string, { preview = true } = {}): Promise<vscode.TextEditor> {
    const document = await vscode.workspace.openTextDocument(this.put(path, text));
    return vscode.window.showTextDocument(document, { preview });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
    this.#texts.clear();
  }
}
