import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../core/disposable';
import type { AwsNode } from './awsNodes';
import type { AccountLists } from './accountLists';
import type { AwsTree } from './awsTree';
import type { KnownSession, SsoSessions } from '../../aws/ssoSessions';

/** Shows in the view's own places what is going on in it: a bar while accounts are listed, the filter as a message. */
export function dressAwsView(
  view: vscode.TreeView<AwsNode>,
  tree: AwsTree,
  lists: AccountLists,
  sessions: SsoSessions,
): Disposable {
  const store = new DisposableStore();
  let isBusy = false;
  const showBar = async (): Promise<void> => {
    isBusy = true;
    for (let loading = loadingNow(); loading.length > 0; loading = loadingNow()) {
      const all = Promise.all(loading.map(({ session }) => lists.load(session)));
      await vscode.window.withProgress({ location: { viewId: 'mcpWorkbench.aws' } }, () => all);
    }
    isBusy = false;
  };
  const loadingNow = (): KnownSession[] =>
    sessions.all.filter(({ session }) => lists.get(session.name)?.status === 'loading');
  const follow = (): void => {
    if (!isBusy && loadingNow().length > 0) void showBar();
  };
  store.add(lists.onDidChange(follow));
  store.add(
    tree.onDidChangeTreeData(() => {
      view.message = tree.filter === '' ? '' : vscode.l10n.t('Only what matches "{0}"', tree.filter);
      void vscode.commands.executeCommand('setContext', 'mcpWorkbench.awsFiltered', tree.filter !== '');
    }),
  );
  return store;
}
