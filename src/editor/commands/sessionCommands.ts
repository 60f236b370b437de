import * as vscode from 'vscode';
import type { SsoRoleChoice } from '../../aws/identity';
import type { AwsIdentityService } from '../../aws/identityService';
import { planConfigChange } from '../../aws/sso/profileWriter';
import type { SsoSession } from '../../aws/sso/ssoSession';
import { isUsable, type KnownSession } from '../../aws/ssoSessions';
import { WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import type { AwsNode } from '../aws/awsNodes';
import { addSession } from '../signIn/addSession';
import { reviewConfigChange } from '../signIn/configReview';
import { suggestSessionName } from '../signIn/sessionNames';
import type { SessionActions } from '../signIn/sessionActions';
import type { VirtualDocuments } from '../virtualDocuments';
import { say } from './say';

export interface SessionCommandsOptions {
  identity: AwsIdentityService;
  actions: SessionActions;
  documents: VirtualDocuments;
  configFile: () => string;
  /** Asks AWS who the selection is. */
  verify: () => Promise<void>;
  /** Unfolds a session in the tree. */
  unfold: (session: string) => void;
  /** Lets the user pick one of the roles of a session. */
  pickRole: (session: string) => Promise<SsoRoleChoice | undefined>;
}

/**
 * Signs in to a session: the one that is named, the one that tools need, the only one, or one that the user picks or
 * adds. Whoever has not picked yet who tools act as is asked for it next.
 */
export async function signInCommand(options: SessionCommandsOptions, target?: unknown): Promise<void> {
  const { identity, actions } = options;
  const session = await sessionToSignIn(options, target);
  if (!session) return;
  await actions.signIn(session);
  options.unfold(session.name);
  const needed = await identity.sessionOf({}).catch(() => undefined);
  if (needed && needed.name === session.name) return options.verify();
  if (identity.state.kind === 'active' || identity.state.kind === 'expiring') {
    say(vscode.l10n.t('You are signed in to {0}.', session.name), {
      title: vscode.l10n.t('Select Role'),
      command: 'mcpWorkbench.aws.selectRole',
    });
    return;
  }
  await options.pickRole(session.name);
}

/** Signs out of a session: the one that is named, else one that the user picks. */
export async function signOutCommand({ identity, actions }: SessionCommandsOptions, target?: unknown): Promise<void> {
  const signedIn = identity.sessions.all.filter(({ state }) => state.kind !== 'signedOut');
  const known = named(identity, target) ?? (await pickSession(signedIn, vscode.l10n.t('Sign Out'), 'single'));
  if (!known) {
    if (signedIn.length === 0) say(vscode.l10n.t('Nobody is signed in to any session.'));
    return;
  }
  const { name } = known.session;
  const problem = await actions.signOut(known.session);
  if (problem !== undefined) {
    void vscode.window.showWarningMessage(vscode.l10n.t('{0} is signed out on this machine. {1}', name, problem));
  }
}

/** Renews a session: the one that is named, the one that tools use, or one that the user picks. */
export async function renewCommand(options: SessionCommandsOptions, target?: unknown): Promise<void> {
  const { identity, actions } = options;
  const used = await identity.sessionOf({}).catch(() => undefined);
  const known =
    named(identity, target) ??
    (used && identity.sessions.get(used.name)) ??
    (await pickSession(identity.sessions.all, vscode.l10n.t('Renew a Session'), 'single'));
  if (!known) return;
  await actions.renew(known.session);
  if (used?.name === known.session.name) await options.verify();
}

/** Adds a session and signs in to it. */
export async function addSessionCommand(options: SessionCommandsOptions): Promise<void> {
  const session = await addSession(options.identity, options.documents, options.configFile());
  if (session) await signInCommand(options, session.name);
}

/** Turns the profiles of a session without a section into profiles of an `[sso-session]`, which renews itself. */
export async function convertLegacyCommand(options: SessionCommandsOptions, target?: unknown): Promise<void> {
  const { identity, documents, configFile } = options;
  const legacy = identity.sessions.all.filter(({ session }) => session.legacy === true);
  const known =
    named(identity, target) ?? (await pickSession(legacy, vscode.l10n.t('Convert to sso-session'), 'single'));
  if (!known) {
    if (legacy.length === 0) say(vscode.l10n.t('Every SSO profile has a session section already.'));
    return;
  }
  const { session, profiles } = known;
  const taken = (await identity.readConfig()).ssoSessions;
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Convert to sso-session'),
    prompt: vscode.l10n.t('Name of the session for {0}', profiles.join(', ')),
    value: suggestSessionName(session.startUrl, new Set(taken.keys())),
    ignoreFocusOut: true,
  });
  if (!name) return;
  const change = await planConfigChange(configFile(), [{ kind: 'convertLegacy', profiles, ssoSession: name.trim() }]);
  const question = vscode.l10n.t('Convert {0} to the session {1}?', profiles.join(', '), name.trim());
  if (!(await reviewConfigChange(documents, change, question))) return;
  await identity.refresh();
  say(vscode.l10n.t('{0} can renew itself from the next sign-in on.', name.trim()), {
    title: vscode.l10n.t('Sign In'),
    command: 'mcpWorkbench.sso.signIn',
    args: [name.trim()],
  });
}

/** The session that a row of the tree or a name stands for. */
function named(identity: AwsIdentityService, target: unknown): KnownSession | undefined {
  const name = typeof target === 'string' ? target : sessionOfNode(target);
  return name === undefined ? undefined : identity.sessions.get(name);
}

function sessionOfNode(target: unknown): string | undefined {
  if (!isRecord(target)) return undefined;
  const node = target as unknown as AwsNode;
  return node.kind === 'session' ? node.session.session.name : undefined;
}

async function sessionToSignIn(options: SessionCommandsOptions, target: unknown): Promise<SsoSession | undefined> {
  const { identity, documents, configFile } = options;
  if (identity.sessions.all.length === 0) await identity.refresh();
  const known = named(identity, target);
  if (known) return known.session;
  if (typeof target === 'string') {
    throw new WorkbenchError('NotFound', `There is no SSO session ${target}.`, {
      remedy: 'Pick one of the sessions in the AWS config file, or add one.',
    });
  }
  const { all } = identity.sessions;
  if (all.length === 0) return addSession(identity, documents, configFile());
  const waiting = all.filter(({ state }) => !isUsable(state));
  const needed = await identity.sessionOf({}).catch(() => undefined);
  if (needed && waiting.some(({ session }) => session.name === needed.name)) return needed;
  const picked = await pickSession(all, vscode.l10n.t('Sign In'), waiting.length === all.length ? 'single' : 'always', {
    add: true,
  });
  if (picked === 'add') return addSession(identity, documents, configFile());
  return picked?.session;
}

interface SessionItem extends vscode.QuickPickItem {
  known?: KnownSession;
}

async function pickSession(
  sessions: readonly KnownSession[],
  title: string,
  mode: 'single' | 'always',
): Promise<KnownSession | undefined>;
async function pickSession(
  sessions: readonly KnownSession[],
  title: string,
  mode: 'single' | 'always',
  offer: { add: true },
): Promise<KnownSession | 'add' | undefined>;
/** @param mode `single`: takes the only one without asking. */
async function pickSession(
  sessions: readonly KnownSession[],
  title: string,
  mode: 'single' | 'always',
  offer?: { add: true },
): Promise<KnownSession | 'add' | undefined> {
  if (mode === 'single' && sessions.length === 1) return sessions[0];
  if (sessions.length === 0) return undefined;
  const items: SessionItem[] = sessions.map((known) => ({
    known,
    label: known.session.name,
    description: isUsable(known.state) ? vscode.l10n.t('signed in') : vscode.l10n.t('signed out'),
    detail: known.session.legacy === true ? known.profiles.join(', ') : known.session.startUrl,
  }));
  if (offer) items.push({ label: vscode.l10n.t('Add an SSO session…'), iconPath: new vscode.ThemeIcon('add') });
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: vscode.l10n.t('Session of IAM Identity Center'),
  });
  return picked && (picked.known ?? 'add');
}
