import * as vscode from 'vscode';
import type { IdentityState } from '../../aws/identity';
import type { Disposable } from '../../core/disposable';
import { identityWords } from './identityWords';
import type { ProfileCatalog } from './profileCatalog';

/** The status-bar item: who tools act as, and what is wrong where something is. */
export class IdentityStatus implements Disposable {
  readonly #catalog: ProfileCatalog;
  readonly #item: vscode.StatusBarItem;
  readonly #subscription: Disposable;

  constructor(catalog: ProfileCatalog) {
    this.#catalog = catalog;
    this.#item = vscode.window.createStatusBarItem('mcpWorkbench.identity', vscode.StatusBarAlignment.Left, 10);
    this.#item.name = vscode.l10n.t('AWS Identity');
    this.#item.command = 'mcpWorkbench.identity.show';
    this.#subscription = catalog.onDidChange(() => this.#update());
    this.#update();
    this.#item.show();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#item.dispose();
  }

  #update(): void {
    const known = this.#catalog.current;
    const words = identityWords(known, Date.now());
    this.#item.text = `$(${words.icon}) ${words.text}`;
    this.#item.tooltip = tooltip(words.lines, clickWords(known.state));
    this.#item.accessibilityInformation = { label: `AWS: ${words.text}. ${words.lines.join(' ')}` };
    this.#item.backgroundColor = words.isWarning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
  }
}

function clickWords(state: IdentityState): string {
  switch (state.kind) {
    case 'expiring':
      return vscode.l10n.t('Click to renew it.');
    case 'expired':
    case 'signedOut':
      return vscode.l10n.t('Click to sign in or to choose somebody else.');
    case 'signingIn':
    case 'unverified':
    case 'active':
    case 'failed':
      break;
  }
  return vscode.l10n.t('Click to choose another role, profile or Region.');
}

function tooltip(lines: readonly string[], click: string): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  // Profile and role names are the user's own, but what looks like Markdown in them must still be shown as it is.
  for (const line of lines) text.appendText(line).appendMarkdown('\n\n');
  text.appendText(click);
  return text;
}
