import type * as vscode from 'vscode';
import { connectInspector, type InspectorConnection, type InspectorContext } from './webviewConnection';

/** Id of the view in the manifest. */
export const trafficViewId = 'mcpWorkbench.traffic';

/** The inspector in the side bar. The editor makes and unmakes its page as the view is shown and hidden. */
export class InspectorViewProvider implements vscode.WebviewViewProvider {
  readonly #context: InspectorContext;
  #connection: InspectorConnection | undefined;

  constructor(context: InspectorContext) {
    this.#context = context;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const connection = connectInspector(view.webview, 'view', this.#context);
    this.#connection = connection;
    connection.bridge.setVisible(view.visible);
    view.onDidChangeVisibility(() => connection.bridge.setVisible(view.visible));
    view.onDidDispose(() => {
      connection.dispose();
      if (this.#connection === connection) this.#connection = undefined;
    });
  }

  /** Selects and opens a record in the view, if the view is there. */
  reveal(seq: number): void {
    this.#connection?.bridge.reveal(seq);
  }

  dispose(): void {
    this.#connection?.dispose();
    this.#connection = undefined;
  }
}
