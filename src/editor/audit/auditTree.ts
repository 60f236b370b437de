import * as vscode from 'vscode';
import type { Disposable } from '../../core/disposable';
import type { Event } from '../../core/emitter';
import { messageOf } from '../../core/errors';
import { readAuditCalls, type AuditCall, type AuditFilter } from '../../tools/audit/auditReader';
import { auditWords, filterWords } from './auditWords';

/** A row of the *Audit Log* view. */
export type AuditNode = { kind: 'call'; call: AuditCall } | { kind: 'more' };

export interface AuditTreeOptions {
  folder: string;
  view: Pick<vscode.TreeView<AuditNode>, 'message' | 'visible' | 'onDidChangeVisibility'>;
  /** Fires when this window recorded something. */
  onDidRecord: Event<void>;
}

const pageSize = 100;
/** How long records are gathered before the rows are read again, in milliseconds. */
const minSettleMs = 1_000;

/** Recorded calls of all windows, newest first. Files are read only while the view can be seen. */
export class AuditTree implements vscode.TreeDataProvider<AuditNode>, Disposable {
  readonly #options: AuditTreeOptions;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #subscriptions: Disposable[];
  readonly onDidChangeTreeData = this.#changed.event;
  #filter: AuditFilter = {};
  #limit = pageSize;
  #calls: readonly AuditCall[] = [];
  #isStale = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #settleMs = minSettleMs;

  constructor(options: AuditTreeOptions) {
    this.#options = options;
    this.#subscriptions = [
      options.onDidRecord(() => this.#changeSoon()),
      options.view.onDidChangeVisibility(({ visible }) => {
        if (visible && this.#isStale) this.refresh();
      }),
    ];
  }

  get filter(): AuditFilter {
    return this.#filter;
  }

  /** The calls that were shown last. */
  get calls(): readonly AuditCall[] {
    return this.#calls;
  }

  /** Shows other calls. */
  setFilter(filter: AuditFilter): void {
    this.#filter = filter;
    this.#limit = pageSize;
    void vscode.commands.executeCommand('setContext', 'mcpWorkbench.auditFiltered', filterWords(filter) !== undefined);
    this.refresh();
  }

  /** Shows older calls, too. */
  showMore(): void {
    this.#limit += pageSize;
    this.refresh();
  }

  /** Reads the files again. */
  refresh(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isStale = false;
    this.#changed.fire(undefined);
  }

  async getChildren(node?: AuditNode): Promise<AuditNode[]> {
    if (node) return [];
    const { folder, view } = this.#options;
    const startedAt = performance.now();
    try {
      const { calls, nextCursor } = await readAuditCalls(folder, this.#filter, { limit: this.#limit });
      this.#calls = calls;
      const words = filterWords(this.#filter);
      view.message =
        words === undefined
          ? calls.length > 0
            ? undefined
            : vscode.l10n.t('No calls have been recorded yet. Every tool call is, in every window.')
          : vscode.l10n.t('Shown: {0}.', words);
      const rows = calls.map((call): AuditNode => ({ kind: 'call', call }));
      return nextCursor === undefined ? rows : [...rows, { kind: 'more' }];
    } catch (error) {
      view.message = vscode.l10n.t('The audit log cannot be read. {0}', messageOf(error));
      return [];
    } finally {
      // A log of many files takes long to read; that must not become what this process does all the time.
      this.#settleMs = Math.max(minSettleMs, (performance.now() - startedAt) * 20);
    }
  }

  getTreeItem(node: AuditNode): vscode.TreeItem {
    if (node.kind === 'more') {
      const item = new vscode.TreeItem(vscode.l10n.t('Show More'));
      item.id = 'more';
      item.contextValue = 'more';
      item.iconPath = new vscode.ThemeIcon('ellipsis');
      item.command = { command: 'mcpWorkbench.audit.showMore', title: vscode.l10n.t('Show More') };
      return item;
    }
    const { label, description, icon, color, tooltip } = auditWords(node.call, localTime);
    const item = new vscode.TreeItem(label);
    item.id = node.call.callId;
    item.contextValue = 'call';
    item.description = description;
    item.tooltip = tooltip;
    item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
    item.command = {
      command: 'mcpWorkbench.audit.openCall',
      title: vscode.l10n.t('Show Recorded Call'),
      arguments: [node],
    };
    return item;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  #changeSoon(): void {
    this.#isStale = true;
    if (!this.#options.view.visible) return;
    this.#timer ??= setTimeout(() => this.refresh(), this.#settleMs);
  }
}

function localTime(iso: string): string {
  const date = new Date(iso);
  // As the traffic list has it, and short enough for a side bar.
  const time = date.toLocaleTimeString(undefined, { hourCycle: 'h23' });
  return date.toDateString() === new Date().toDateString() ? time : `${date.toLocaleDateString()} ${time}`;
}
