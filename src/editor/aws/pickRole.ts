import * as vscode from 'vscode';
import type { ProfileSummary, SsoRoleChoice } from '../../aws/identity';
import type { KnownSession } from '../../aws/ssoSessions';
import type { AccountBook } from '../identity/accountBook';
import type { AccountLists } from './accountLists';
import { profilesOfRole } from './awsNodes';
import { isSameRole, type PinnedRoles } from './pinnedRoles';

interface RoleItem extends vscode.QuickPickItem {
  choice?: SsoRoleChoice;
}

export interface PickRoleOptions {
  /** Those whose roles are offered. */
  sessions: readonly KnownSession[];
  lists: AccountLists;
  pins: PinnedRoles;
  accounts: AccountBook;
  profiles: readonly ProfileSummary[];
  current: SsoRoleChoice | undefined;
}

/** A quick pick of all roles in all accounts, filled while they are listed. Leaving it stops what it started. */
export function pickRole(options: PickRoleOptions): Promise<SsoRoleChoice | undefined> {
  const { sessions, lists, pins, accounts } = options;
  const picker = vscode.window.createQuickPick<RoleItem>();
  picker.title = vscode.l10n.t('AWS Role');
  picker.placeholder = vscode.l10n.t('Who tools act as: type part of an account or role');
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  let last = '';
  const fill = (): void => {
    const items = roleItems(options);
    picker.busy = sessions.some(({ session }) => lists.get(session.name)?.status === 'loading');
    // Setting the same items again would move what is marked.
    const now = JSON.stringify(items.map(({ label, description }) => [label, description]));
    if (now === last) return;
    last = now;
    const active = picker.activeItems[0]?.choice;
    picker.items = items;
    const kept = items.find(({ choice }) => choice && isSameRole(choice, active));
    if (kept) picker.activeItems = [kept];
  };
  const started: string[] = [];
  for (const { session } of sessions) {
    const status = lists.get(session.name)?.status;
    if (status === 'stopped' || status === 'failed') lists.forget(session.name);
    if (!lists.get(session.name)) started.push(session.name);
    void lists.load(session);
  }
  const subscriptions = [lists.onDidChange(fill), pins.onDidChange(fill), accounts.onDidChange(fill)];
  fill();
  return new Promise((resolve) => {
    picker.onDidAccept(() => {
      const [item] = picker.selectedItems;
      if (!item?.choice) return;
      started.length = 0;
      resolve(item.choice);
      picker.hide();
    });
    picker.onDidTriggerItemButton(({ item: { choice } }) => {
      if (choice) void pins.set(choice, !pins.has(choice));
    });
    picker.onDidHide(() => {
      resolve(undefined);
      for (const session of started) lists.stop(session);
      for (const subscription of subscriptions) subscription.dispose();
      picker.dispose();
    });
    picker.show();
  });
}

function roleItems({ sessions, lists, pins, accounts, profiles, current }: PickRoleOptions): RoleItem[] {
  const toItem = (choice: SsoRoleChoice): RoleItem => {
    const isPinned = pins.has(choice);
    const { production } = accounts.setting(choice.account);
    const named = profilesOfRole(profiles, choice);
    return {
      choice,
      label: `${isSameRole(choice, current) ? '$(check) ' : ''}${accounts.nameOf(choice.account) ?? choice.account} · ${choice.role}`,
      description: [
        choice.account,
        production === true ? vscode.l10n.t('production') : undefined,
        named.length > 0 ? vscode.l10n.t('profile {0}', named.join(', ')) : undefined,
        sessions.length > 1 ? choice.session : undefined,
      ]
        .filter((part) => part !== undefined)
        .join(' · '),
      buttons: [
        {
          iconPath: new vscode.ThemeIcon(isPinned ? 'pinned' : 'pin'),
          tooltip: isPinned ? vscode.l10n.t('Unpin') : vscode.l10n.t('Pin'),
        },
      ],
    };
  };
  const names = new Set(sessions.map(({ session }) => session.name));
  const pinned = pins.all.filter(({ session }) => names.has(session));
  const others = sessions
    .flatMap(({ session }) =>
      (lists.get(session.name)?.accounts ?? []).flatMap(({ accountId, roles }) =>
        roles.map((role) => ({ session: session.name, account: accountId, role })),
      ),
    )
    .filter((choice) => !pinned.some((each) => isSameRole(each, choice)));
  const otherItems = others.map(toItem).sort((left, right) => left.label.localeCompare(right.label));
  if (pinned.length === 0) return otherItems;
  return [
    { label: vscode.l10n.t('pinned'), kind: vscode.QuickPickItemKind.Separator },
    ...pinned.map(toItem),
    { label: vscode.l10n.t('all roles'), kind: vscode.QuickPickItemKind.Separator },
    ...otherItems,
  ];
}
