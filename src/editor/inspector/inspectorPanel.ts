import * as vscode from 'vscode';
import type { InspectorLink } from './inspectorLink';
import type { OfferLink } from './offerLink';
import {
  connectInspector,
  inspectorWebviewOptions,
  type InspectorConnection,
  type InspectorContext,
} from './webviewConnection';

/** Type of the editor tab; `onWebviewPanel:mcpWorkbench.inspector` activates the extension to restore one. */
export const inspectorPanelType = 'mcpWorkbench.inspector';

/** The inspector as an editor tab: one of them, restored after a reload. */
export class InspectorPanel implements vscode.WebviewPanelSerializer {
  readonly #context: InspectorContext;
  #panel: vscode.WebviewPanel | undefined;
  #connection: InspectorConnection | undefined;

  constructor(context: InspectorContext) {
    this.#context = context;
  }

  /**
   * Shows the tab, made anew if there is none.
   * @param link what it is to show; by default what it showed before.
   */
  open({ seq, filter, mode }: InspectorLink = {}): void {
    if (this.#panel) {
      this.#panel.reveal();
    } else {
      this.#adopt(
        vscode.window.createWebviewPanel(
          inspectorPanelType,
          'MCP Traffic',
          vscode.ViewColumn.Active,
          inspectorWebviewOptions(this.#context.extensionUri),
        ),
      );
    }
    if (filter !== undefined || mode !== undefined) this.#connection?.bridge.filter(filter ?? '', mode);
    if (seq !== undefined) this.#connection?.bridge.reveal(seq);
  }

  /** Shows the tab with what can be tried on a server, or with one item of it. */
  tryIt(link: OfferLink): void {
    this.open();
    this.#connection?.bridge.tryIt(link);
  }

  /** Shows the tab with what a server offers, or with one item of it. */
  showSchema(link: OfferLink): void {
    this.open();
    this.#connection?.bridge.showSchema(link);
  }

  /** Takes over a tab from before a reload; the page itself remembers its filter and selection. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    if (this.#panel) panel.dispose();
    else this.#adopt(panel);
    return Promise.resolve();
  }

  dispose(): void {
    this.#panel?.dispose();
  }

  #adopt(panel: vscode.WebviewPanel): void {
    const connection = connectInspector(panel.webview, 'panel', this.#context);
    this.#panel = panel;
    this.#connection = connection;
    connection.bridge.setVisible(panel.visible);
    panel.onDidChangeViewState(() => connection.bridge.setVisible(panel.visible));
    panel.onDidDispose(() => {
      connection.dispose();
      this.#panel = undefined;
      this.#connection = undefined;
    });
  }
}
