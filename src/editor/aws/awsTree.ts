import * as vscode from 'vscode';
import type { ProfileSummary, SsoRoleChoice } from '../../aws/identity';
import type { AwsIdentityService } from '../../aws/identityService';
import type { SsoAccountRoles } from '../../aws/sso/accounts';
import type { SsoSessionState } from '../../aws/sso/ssoSession';
import { isUsable, type KnownSession } from '../../aws/ssoSessions';
import { timeOfDay } from '../../aws/timeOfDay';
import type { Disposable } from '../../core/disposable';
import type { AccountBook } from '../identity/accountBook';
import { kindWords } from '../identity/identityWords';
import { profileName, type ProfileCatalog } from '../identity/profileCatalog';
import { treeItem } from '../treeItem';
import type { AccountList, AccountLists } from './accountLists';
import { filterAccount, isSessionProfile, profilesOfRole, type AwsNode } from './awsNodes';
import { isSameRole, type PinnedRoles } from './pinnedRoles';

export interface AwsTreeOptions {
  identity: AwsIdentityService;
  profiles: ProfileCatalog;
  accounts: AccountBook;
  lists: AccountLists;
  pins: PinnedRoles;
}

/** With so few accounts all are unfolded. */
const shortList = 5;

/** How long changes are gathered before the tree is drawn again, in milliseconds. */
const settleMs = 100;

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/** The *AWS* view: sessions with their accounts and roles, then the profiles whose credentials come from elsewhere. */
export class AwsTree implements vscode.TreeDataProvider<AwsNode>, Disposable {
  readonly #options: AwsTreeOptions;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #subscriptions: Disposable[];
  /** Sessions that somebody signed in to in this window: they are unfolded by themselves. */
  readonly #fresh = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #filter = '';
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(options: AwsTreeOptions) {
    this.#options = options;
    const { profiles, lists, pins } = options;
    this.#subscriptions = [profiles, lists, pins].map((source) => source.onDidChange(() => this.#changeSoon()));
  }

  /** What accounts and roles must have in their names to be shown; empty for all. */
  get filter(): string {
    return this.#filter;
  }

  set filter(text: string) {
    this.#filter = text.trim();
    this.refresh();
  }

  /** Unfolds a session from the next drawing on. */
  unfold(session: string): void {
    this.#fresh.add(session);
    this.#changeSoon();
  }

  /** Draws everything again now. */
  refresh(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changed.fire(undefined);
  }

  getChildren(node?: AwsNode): AwsNode[] {
    switch (node?.kind) {
      case undefined:
        return this.#roots();
      case 'session':
        return this.#sessionChildren(node.session);
      case 'account':
        return this.#accountChildren(node.session, node.account);
      case 'profiles':
        return this.#otherProfiles().map((profile) => ({ kind: 'profile', profile }));
      case 'role':
      case 'profile':
      case 'note':
        break;
    }
    return [];
  }

  getTreeItem(node: AwsNode): vscode.TreeItem {
    switch (node.kind) {
      case 'session':
        return this.#sessionItem(node.session);
      case 'account':
        return this.#accountItem(node.session, node.account);
      case 'role':
        return this.#roleItem(node.choice, node.place);
      case 'profile':
        return this.#profileItem(node.profile, node.isUnassigned === true);
      case 'profiles':
        return treeItem('profiles', vscode.l10n.t('Other credentials'), {
          icon: 'key',
          state: Expanded,
          description: String(this.#otherProfiles().length),
          tooltip: vscode.l10n.t(
            'Profiles of the config files whose credentials do not come from IAM Identity Center.',
          ),
        });
      case 'note':
        break;
    }
    return noteItem(node);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  #changeSoon(): void {
    this.#timer ??= setTimeout(() => this.refresh(), settleMs);
  }

  #roots(): AwsNode[] {
    const { sessions } = this.#options.identity;
    const roots: AwsNode[] = sessions.all.map((session) => ({ kind: 'session', session }));
    const others = this.#otherProfiles();
    // A group of its own is worth it only beside something else.
    if (roots.length === 0) return others.map((profile) => ({ kind: 'profile', profile }));
    return others.length === 0 ? roots : [...roots, { kind: 'profiles' }];
  }

  #otherProfiles(): ProfileSummary[] {
    const { sessions } = this.#options.identity;
    const known = new Set(sessions.all.flatMap(({ profiles }) => profiles));
    return this.#options.profiles.profiles.filter((profile) => !(isSessionProfile(profile) && known.has(profile.name)));
  }

  #sessionChildren({ session, profiles: names, state }: KnownSession): AwsNode[] {
    const { pins, lists, profiles, accounts } = this.#options;
    const pinned: AwsNode[] = pins.all
      .filter((choice) => choice.session === session.name)
      .map((choice) => ({ kind: 'role', choice, place: 'pins' }));
    const own = profiles.profiles.filter(({ name }) => names.includes(name));
    if (!isUsable(state)) return [...pinned, ...own.map((profile): AwsNode => ({ kind: 'profile', profile }))];
    void lists.load(session);
    const list = lists.get(session.name);
    if (!list) return pinned;
    const shown = list.accounts
      .map((account) => filterAccount({ name: accounts.nameOf(account.accountId), account }, this.#filter))
      .filter((account) => account !== undefined)
      .sort((left, right) => this.#accountName(left).localeCompare(this.#accountName(right)));
    const assigned = new Set(
      list.accounts.flatMap(({ accountId, roles }) => roles.map((role) => `${accountId} ${role}`)),
    );
    const unassigned = own.filter(({ account, role }) => !assigned.has(`${account ?? ''} ${role ?? ''}`));
    return [
      ...pinned,
      ...shown.map((account): AwsNode => ({ kind: 'account', session: session.name, account })),
      ...(list.status === 'complete' && this.#filter === ''
        ? unassigned.map((profile): AwsNode => ({ kind: 'profile', profile, isUnassigned: true }))
        : []),
      ...this.#notes(session.name, list, shown.length),
    ];
  }

  #notes(session: string, list: AccountList, shown: number): AwsNode[] {
    const note = (text: string, icon: string, command?: { id: string; title: string }): AwsNode[] => [
      {
        kind: 'note',
        id: `note/${session}`,
        text,
        icon,
        ...(command ? { command: { ...command, argument: session } } : {}),
      },
    ];
    const again = { id: 'mcpWorkbench.aws.refresh', title: vscode.l10n.t('List the accounts again') };
    switch (list.status) {
      case 'loading':
        return note(progressWords(list), 'loading~spin');
      case 'stopped':
        return note(vscode.l10n.t('Stopped. List them again'), 'debug-stop', again);
      case 'failed':
        return note(list.problem ?? vscode.l10n.t('The accounts could not be listed'), 'warning', again);
      case 'complete':
        break;
    }
    if (list.accounts.length === 0) return note(vscode.l10n.t('No accounts are assigned to you'), 'info');
    return shown === 0 ? note(vscode.l10n.t('Nothing matches "{0}"', this.#filter), 'filter') : [];
  }

  #accountChildren(session: string, account: SsoAccountRoles): AwsNode[] {
    const { pins } = this.#options;
    const choices = account.roles.map((role) => ({ session, account: account.accountId, role }));
    // Sorting is stable: within both parts the order of names stays.
    choices.sort((left, right) => Number(pins.has(right)) - Number(pins.has(left)));
    const roles = choices.map((choice): AwsNode => ({ kind: 'role', choice, place: 'account' }));
    if (account.problem === undefined) return roles;
    return [
      ...roles,
      { kind: 'note', id: `note/${session}/${account.accountId}`, text: account.problem, icon: 'warning' },
    ];
  }

  #sessionItem({ session, state, profiles }: KnownSession): vscode.TreeItem {
    const list = this.#options.lists.get(session.name);
    const isListing = list?.status === 'loading';
    const isFresh = this.#fresh.has(session.name);
    const hasChildren =
      isUsable(state) ||
      profiles.length > 0 ||
      this.#options.pins.all.some((choice) => choice.session === session.name);
    const name = session.legacy === true ? hostOf(session.startUrl) : session.name;
    const { icon, words, color } = sessionLook(state);
    const lines = [
      session.legacy === true
        ? vscode.l10n.t(
            '{0}, by profiles without a session section. Such a sign-in cannot renew itself.',
            session.startUrl,
          )
        : session.startUrl,
      vscode.l10n.t('IAM Identity Center in {0}', session.region),
      'reason' in state ? state.reason : undefined,
      state.kind === 'active' && state.renewable ? vscode.l10n.t('The session renews itself.') : undefined,
    ];
    // Another id when it becomes usable, because the editor keeps the folding of an id that it knows.
    const id = `session/${session.name}/${isUsable(state) ? (isFresh ? 'fresh' : 'in') : 'out'}`;
    const made = treeItem(id, name, {
      description: isListing ? `${words} · ${progressWords(list)}` : words,
      icon,
      color,
      state: !hasChildren ? None : isFresh && isUsable(state) ? Expanded : Collapsed,
      tooltip: lines.filter((line) => line !== undefined).join('\n'),
      context: [
        'session',
        state.kind === 'signingIn' ? 'waiting' : isUsable(state) ? 'in' : 'out',
        ...(isListing ? ['listing'] : []),
        ...(session.legacy === true ? ['legacy'] : []),
      ].join('.'),
    });
    return made;
  }

  #accountItem(session: string, account: SsoAccountRoles): vscode.TreeItem {
    const { accountId, emailAddress, roles } = account;
    const { color, production } = this.#options.accounts.setting(accountId);
    const name = this.#accountName(account);
    const progress = this.#options.lists.get(session)?.progress;
    const isShort = progress?.isTotal === true && progress.accountsFound <= shortList;
    const hasCurrent = roles.some((role) => this.#isCurrent({ session, account: accountId, role }));
    const description = [
      // First, because a narrow side bar cuts the end.
      production === true ? vscode.l10n.t('production') : undefined,
      name === accountId ? undefined : accountId,
    ].filter((part) => part !== undefined);
    return treeItem(`account/${session}/${accountId}${this.#filter === '' ? '' : `/${this.#filter}`}`, name, {
      description: description.join(' · '),
      icon: production === true ? 'shield' : 'server-environment',
      color: color === undefined ? undefined : `charts.${color}`,
      state: hasCurrent || isShort || this.#filter !== '' ? Expanded : Collapsed,
      tooltip: [name, accountId, emailAddress, roles.length === 1 ? '1 role' : `${roles.length} roles`]
        .filter((line) => line)
        .join('\n'),
      context: 'account',
    });
  }

  #roleItem(choice: SsoRoleChoice, place: 'pins' | 'account'): vscode.TreeItem {
    const { pins, profiles, accounts } = this.#options;
    const isPinned = pins.has(choice);
    const isCurrent = this.#isCurrent(choice);
    const named = profilesOfRole(profiles.profiles, choice);
    const account = accounts.nameOf(choice.account) ?? choice.account;
    const isProduction = accounts.setting(choice.account).production === true;
    const description = [
      place === 'pins' ? account : undefined,
      place === 'pins' && isProduction ? vscode.l10n.t('production') : undefined,
      isCurrent ? vscode.l10n.t('current') : undefined,
      named.length > 0 ? vscode.l10n.t('profile {0}', named.join(', ')) : undefined,
    ].filter((part) => part !== undefined);
    const made = treeItem(`role/${place}/${choice.session}/${choice.account}/${choice.role}`, choice.role, {
      description: description.join(' · '),
      icon: isCurrent ? 'pass-filled' : place === 'pins' ? 'pinned' : 'account',
      color: isCurrent ? 'charts.green' : undefined,
      tooltip: isCurrent
        ? vscode.l10n.t('Tools act as {0} in {1}.', choice.role, account)
        : vscode.l10n.t('Let tools act as {0} in {1}', choice.role, account),
      context: ['role', isPinned ? 'pinned' : 'loose', named.length > 0 ? 'profiled' : 'bare'].join('.'),
    });
    made.command = {
      command: 'mcpWorkbench.aws.selectRole',
      title: vscode.l10n.t('Use This Role'),
      arguments: [choice],
    };
    return made;
  }

  #profileItem(profile: ProfileSummary, isUnassigned: boolean): vscode.TreeItem {
    const { accounts, profiles, identity } = this.#options;
    const isCurrent = profileName(profiles.current.state) === profile.name && identity.selection.sso === undefined;
    const { account, role, name } = profile;
    const isBroken = profile.kind === 'incomplete' || isUnassigned;
    const description = [
      isCurrent ? vscode.l10n.t('current') : undefined,
      isUnassigned ? vscode.l10n.t('not among your roles') : kindWords(profile),
    ].filter((part) => part !== undefined);
    const lines = [
      kindWords(profile),
      role === undefined ? undefined : vscode.l10n.t('Role {0}', role),
      account === undefined
        ? undefined
        : vscode.l10n.t('Account {0}', [accounts.nameOf(account), account].filter((part) => part).join(' · ')),
      profile.sourceProfile === undefined ? undefined : vscode.l10n.t('From profile {0}', profile.sourceProfile),
      profile.credentialSource === undefined ? undefined : vscode.l10n.t('From {0}', profile.credentialSource),
      profile.region,
    ];
    const made = treeItem(`profile/${name}`, name, {
      description: description.join(' · '),
      icon: isCurrent ? 'pass-filled' : isBroken ? 'warning' : kindIcons[profile.kind],
      color: isCurrent ? 'charts.green' : undefined,
      tooltip: lines.filter((line) => line !== undefined).join('\n'),
      context: profile.kind === 'sso-legacy' ? 'profile.legacy' : 'profile',
    });
    made.command = {
      command: 'mcpWorkbench.identity.selectProfile',
      title: vscode.l10n.t('Use This Profile'),
      arguments: [name],
    };
    return made;
  }

  #accountName({ accountId, accountName }: SsoAccountRoles): string {
    return this.#options.accounts.nameOf(accountId) ?? accountName ?? accountId;
  }

  /** Whether tools act as that role now, picked as such or by a profile that names it. */
  #isCurrent(choice: SsoRoleChoice): boolean {
    const { identity, profiles } = this.#options;
    const { sso, profile } = identity.selection;
    if (profile === undefined && sso) return isSameRole(sso, choice);
    const current = profileName(profiles.current.state);
    return current !== undefined && profilesOfRole(profiles.profiles, choice).includes(current);
  }
}

function noteItem({ id, text, icon, command }: Extract<AwsNode, { kind: 'note' }>): vscode.TreeItem {
  const made = treeItem(id, text, { icon, context: 'note' });
  if (command) made.command = { command: command.id, title: command.title, arguments: [command.argument] };
  return made;
}

function sessionLook(state: SsoSessionState): { icon: string; words: string; color?: string } {
  switch (state.kind) {
    case 'signedOut':
      return { icon: 'circle-slash', words: vscode.l10n.t('signed out') };
    case 'signingIn':
      return { icon: 'loading~spin', words: vscode.l10n.t('signing in') };
    case 'active':
      return {
        icon: 'organization',
        words: state.renewable ? vscode.l10n.t('signed in') : vscode.l10n.t('ends {0}', timeOfDay(state.expiresAt)),
      };
    case 'expiring':
      return { icon: 'clock', words: vscode.l10n.t('ends {0}', timeOfDay(state.expiresAt)), color: 'charts.yellow' };
    case 'expired':
      return state.renewable
        ? { icon: 'organization', words: vscode.l10n.t('signed in') }
        : { icon: 'key', words: vscode.l10n.t('ended') };
    case 'failed':
      break;
  }
  return { icon: 'warning', words: vscode.l10n.t('cannot be read') };
}

function progressWords({ progress }: AccountList): string {
  const { accountsFound, accountsDone, isTotal } = progress;
  if (accountsFound === 0) return vscode.l10n.t('listing accounts');
  return vscode.l10n.t('{0} of {1}{2} accounts', accountsDone, accountsFound, isTotal ? '' : '+');
}

function hostOf(startUrl: string): string {
  return URL.canParse(startUrl) ? new URL(startUrl).host : startUrl;
}

const kindIcons: Record<ProfileSummary['kind'], string> = {
  'sso-session': 'account',
  'sso-legacy': 'account',
  'assume-role': 'arrow-swap',
  'web-identity': 'globe',
  static: 'lock',
  'credential-process': 'terminal',
  'login-session': 'browser',
  environment: 'symbol-variable',
  container: 'package',
  incomplete: 'warning',
};
