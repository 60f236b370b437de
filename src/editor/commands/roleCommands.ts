import * as vscode from 'vscode';
import type { SsoRoleChoice } from '../../aws/identity';
import type { AwsIdentityService } from '../../aws/identityService';
import { isUsable } from '../../aws/ssoSessions';
import { planConfigChange } from '../../aws/sso/profileWriter';
import { WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import type { AccountLists } from '../aws/accountLists';
import type { AwsTree } from '../aws/awsTree';
import { pickRole } from '../aws/pickRole';
import type { PinnedRoles } from '../aws/pinnedRoles';
import type { AccountBook } from '../identity/accountBook';
import { toRoleChoice } from '../identity/identityMemory';
import { accountOf, regionOf, type ProfileCatalog } from '../identity/profileCatalog';
import { accountColors } from '../settings/settingValues';
import { reviewConfigChange } from '../signIn/configReview';
import { suggestProfileName } from '../signIn/sessionNames';
import type { VirtualDocuments } from '../virtualDocuments';
import { say } from './say';

export interface RoleCommandsOptions {
  identity: AwsIdentityService;
  profiles: ProfileCatalog;
  lists: AccountLists;
  pins: PinnedRoles;
  accounts: AccountBook;
  documents: VirtualDocuments;
  tree: AwsTree;
  configFile: () => string;
  /** Asks AWS who the selection is, with a sign-in where that is needed. */
  verify: () => Promise<void>;
  /** Signs in to a session that the user picks. */
  signIn: () => Promise<void>;
}

/**
 * Lets tools act as a role: the one that is given, else one that the user picks from all that they may use.
 * @param target a row of the tree, or session, account and role.
 */
export async function selectRoleCommand(options: RoleCommandsOptions, target?: unknown): Promise<void> {
  const choice = roleOf(target) ?? (await askForRole(options));
  if (choice) await useRole(options, choice);
}

/** Offers the roles of one session, and uses the one that is picked. */
export async function pickRoleOf(options: RoleCommandsOptions, session: string): Promise<SsoRoleChoice | undefined> {
  const choice = await askForRole(options, session);
  if (choice) await useRole(options, choice);
  return choice;
}

/** Writes a profile for a role, once the change was seen. */
export async function saveAsProfileCommand(options: RoleCommandsOptions, target?: unknown): Promise<void> {
  const { identity, accounts, documents, profiles } = options;
  const choice = roleOf(target) ?? identity.selection.sso ?? (await askForRole(options));
  if (!choice) return;
  const { session, account, role } = choice;
  const config = await identity.readConfig();
  if (!config.ssoSessions.has(session)) {
    throw new WorkbenchError('InvalidInput', `${session} has no session section in the AWS config file.`, {
      remedy: 'Convert its profiles to an sso-session first.',
    });
  }
  const taken = new Set(config.profiles.keys());
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Save {0} as a profile', role),
    prompt: vscode.l10n.t('Name of the profile, for the AWS CLI and every other tool'),
    value: suggestProfileName(accounts.nameOf(account) ?? account, role, taken),
    ignoreFocusOut: true,
    validateInput: (text) =>
      taken.has(text.trim()) ? vscode.l10n.t('There is a profile of that name already.') : undefined,
  });
  if (!name?.trim()) return;
  const region = regionOf(profiles.current);
  const change = await planConfigChange(options.configFile(), [
    {
      kind: 'profile',
      name: name.trim(),
      ssoSession: session,
      accountId: account,
      roleName: role,
      ...(region === undefined ? {} : { region }),
    },
  ]);
  const question = vscode.l10n.t('Save {0} in {1} as profile {2}?', role, account, name.trim());
  if (!(await reviewConfigChange(documents, change, question))) return;
  await profiles.reload();
  say(vscode.l10n.t('Profile {0} is in the AWS config file.', name.trim()));
}

export async function pinRoleCommand(
  { pins }: RoleCommandsOptions,
  isPinned: boolean,
  target?: unknown,
): Promise<void> {
  const choice = roleOf(target);
  if (choice) await pins.set(choice, isPinned);
}

/** Shows only accounts and roles with these words in their names. */
export async function filterCommand({ tree }: RoleCommandsOptions, words?: unknown): Promise<void> {
  const text =
    typeof words === 'string'
      ? words
      : await vscode.window.showInputBox({
          title: vscode.l10n.t('Filter accounts and roles'),
          prompt: vscode.l10n.t('Part of a name, account id or role; empty shows all'),
          value: tree.filter,
        });
  if (text !== undefined) tree.filter = text;
}

/** Lists the accounts of a session again, or of all. */
export function refreshAccountsCommand({ lists, identity, tree }: RoleCommandsOptions, target?: unknown): void {
  const name = typeof target === 'string' ? target : sessionOf(target);
  for (const { session } of identity.sessions.all) {
    if (name === undefined || session.name === name) lists.forget(session.name);
  }
  tree.refresh();
}

export function stopListingCommand({ lists, identity }: RoleCommandsOptions, target?: unknown): void {
  const name = typeof target === 'string' ? target : sessionOf(target);
  for (const { session } of identity.sessions.all) {
    if (name === undefined || session.name === name) lists.stop(session.name);
  }
}

export async function copyAccountIdCommand({ profiles }: RoleCommandsOptions, target?: unknown): Promise<void> {
  const account = accountOfTarget(target) ?? accountOf(profiles.current.state);
  if (account === undefined) return;
  await vscode.env.clipboard.writeText(account);
  say(vscode.l10n.t('{0} is on the clipboard.', account));
}

/** Lets the user say what an account is called, whether it is production, and which colour it has. */
export async function labelAccountCommand(
  { accounts, profiles }: RoleCommandsOptions,
  target?: unknown,
): Promise<void> {
  const account = accountOfTarget(target) ?? accountOf(profiles.current.state);
  if (account === undefined) {
    throw new WorkbenchError('InvalidInput', 'There is no current account yet.', {
      remedy: 'Pick an account in the AWS view.',
    });
  }
  const before = accounts.setting(account);
  const label = await vscode.window.showInputBox({
    title: vscode.l10n.t('Label for account {0}', account),
    prompt: vscode.l10n.t('Shown in the status bar, in questions about changes, and on results. Empty for none.'),
    value: before.label ?? '',
  });
  if (label === undefined) return;
  const look = await pickLook(before);
  if (!look) return;
  await accounts.describe(account, { ...(label.trim() === '' ? {} : { label: label.trim() }), ...look });
}

type Look = Pick<ReturnType<AccountBook['setting']>, 'color' | 'production'>;

async function pickLook(before: Look): Promise<Look | undefined> {
  const items: (vscode.QuickPickItem & { look: Look })[] = [
    { label: vscode.l10n.t('No mark'), iconPath: new vscode.ThemeIcon('server-environment'), look: {} },
    {
      label: vscode.l10n.t('Production'),
      description: vscode.l10n.t('said wherever somebody decides about it'),
      iconPath: new vscode.ThemeIcon('shield', new vscode.ThemeColor('charts.red')),
      look: { color: 'red', production: true },
    },
    ...accountColors.map((color) => ({
      label: color,
      iconPath: new vscode.ThemeIcon('server-environment', new vscode.ThemeColor(`charts.${color}`)),
      look: { color },
    })),
  ];
  const isSame = ({ look }: { look: Look }): boolean =>
    look.color === before.color && look.production === before.production;
  const picked = await vscode.window.showQuickPick(
    items.map((item) => (isSame(item) ? { ...item, picked: true } : item)),
    { title: vscode.l10n.t('Mark for the account') },
  );
  return picked?.look;
}

async function useRole({ identity, profiles, verify }: RoleCommandsOptions, sso: SsoRoleChoice): Promise<void> {
  // Roles have no Region of their own: who goes from one to the other stays where they are.
  const region = regionOf(profiles.current);
  identity.select({ sso, ...(region === undefined ? {} : { region }) });
  await verify();
}

async function askForRole(options: RoleCommandsOptions, session?: string): Promise<SsoRoleChoice | undefined> {
  const { identity, lists, pins, accounts, profiles } = options;
  const usable = identity.sessions.all.filter(
    (known) => isUsable(known.state) && (session === undefined || known.session.name === session),
  );
  if (usable.length === 0) {
    // It asks for a role by itself when that is done.
    await options.signIn();
    return undefined;
  }
  return pickRole({
    sessions: usable,
    lists,
    pins,
    accounts,
    profiles: profiles.profiles,
    current: identity.selection.sso,
  });
}

/** The role that a row of the tree stands for, or that is given as such. */
function roleOf(target: unknown): SsoRoleChoice | undefined {
  return isRecord(target) ? toRoleChoice(target['choice'] ?? target) : undefined;
}

function sessionOf(target: unknown): string | undefined {
  const known = isRecord(target) ? target['session'] : undefined;
  const session = isRecord(known) ? known['session'] : undefined;
  return isRecord(session) && typeof session['name'] === 'string' ? session['name'] : undefined;
}

function accountOfTarget(target: unknown): string | undefined {
  if (typeof target === 'string') return /^\d{12}$/.test(target) ? target : undefined;
  const account = isRecord(target) ? target['account'] : undefined;
  const id = isRecord(account) ? account['accountId'] : undefined;
  return typeof id === 'string' ? id : roleOf(target)?.account;
}
