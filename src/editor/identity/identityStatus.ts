import * as vscode from 'vscode';
import type { Disposable } from '../../core/disposable';
import { endsSoonMs, identityWords } from './identityWords';
import type { ProfileCatalog } from './profileCatalog';

/** The status-bar item: who tools act as, and what is wrong where something is. */
export class IdentityStatus implements Disposable {
  readonly #catalog: ProfileCatalog;
  readonly #item: vscode.StatusBarItem;
  readonly #subscription: Disposable;
  #timer: ReturnType<typeof setTimeout> | undefined;

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
    clearTimeout(this.#timer);
    this.#subscription.dispose();
    this.#item.dispose();
  }

  #update(): void {
    const known = this.#catalog.current;
    const now = Date.now();
    const words = identityWords(known, now);
    this.#item.text = `$(${words.icon}) ${words.text}`;
    this.#item.tooltip = tooltip(words.lines);
    this.#item.accessibilityInformation = { label: `AWS: ${words.text}. ${words.lines.join(' ')}` };
    this.#item.backgroundColor = words.isEndingSoon
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    clearTimeout(this.#timer);
    const expiresAt = known.state.kind === 'active' ? known.state.expiresAt : undefined;
    if (expiresAt === undefined) return;
    // The words change twice by themselves: when the end is near and when it has come.
    const next = [expiresAt - endsSoonMs, expiresAt].find((time) => time > now);
    if (next !== undefined) this.#timer = setTimeout(() => this.#update(), Math.min(next - now + 1000, 2 ** 31 - 1));
  }
}

function tooltip(lines: readonly string[]): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  // Profile and role names are the user's own, but what looks like Markdown in them must still be shown as it is.
  for (const line of lines) text.appendText(line).appendMarkdown('\n\n');
  text.appendMarkdown(vscode.l10n.t('Click to choose another profile or Region.'));
  return text;
}
