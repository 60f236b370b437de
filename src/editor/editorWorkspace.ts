import * as vscode from 'vscode';
import type { Disposable } from '../core/disposable';
import { Emitter, type Event } from '../core/emitter';
import type { Workspace } from '../tools/workspace';

/** The folders open in this window, as tools see them. */
export class EditorWorkspace implements Workspace, Disposable {
  readonly #changed = new Emitter<void>();
  readonly #subscriptions: vscode.Disposable[];

  constructor() {
    this.#subscriptions = [
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#changed.fire()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#changed.fire()),
    ];
  }

  get folders(): readonly string[] {
    const folders = vscode.workspace.workspaceFolders ?? [];
    // Folders of virtual file systems have no path that a CDK app could be run in.
    return folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
  }

  get isTrusted(): boolean {
    return vscode.workspace.isTrusted;
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }
}
