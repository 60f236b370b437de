import * as vscode from 'vscode';
import type { IdentityState } from '../../aws/identity';
import type { AwsIdentityService } from '../../aws/identityService';
import { identityWords } from '../identity/identityWords';
import { profileName, regionOf, type ProfileCatalog } from '../identity/profileCatalog';
import type { CommandId } from './commandIds';

interface ActionItem extends vscode.QuickPickItem {
  command: CommandId;
  args?: unknown[];
}

/** Shows who tools act as, and offers what can be changed about it: first what is needed now. */
export async function showIdentity(catalog: ProfileCatalog, identity: AwsIdentityService): Promise<void> {
  const known = catalog.current;
  const only = onlyCommand(catalog, identity);
  if (only) {
    // There is one thing to do, so it is not put behind a menu.
    await vscode.commands.executeCommand(only);
    return;
  }
  const words = identityWords(known, Date.now());
  const items = [...sessionItems(known.state), ...choiceItems(catalog, identity)];
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('AWS: {0}', words.text),
    placeHolder: words.lines.join(' '),
  });
  if (picked) await vscode.commands.executeCommand(picked.command, ...(picked.args ?? []));
}

function onlyCommand(catalog: ProfileCatalog, { sessions }: AwsIdentityService): CommandId | undefined {
  const { state, hasNoProfiles, onlySessions } = catalog.current;
  if (state.kind !== 'signedOut' || state.profile !== undefined || hasNoProfiles) return undefined;
  if (onlySessions === 'signedIn') return 'mcpWorkbench.aws.selectRole';
  if (onlySessions === 'signedOut') return 'mcpWorkbench.sso.signIn';
  return sessions.all.length === 0 ? 'mcpWorkbench.identity.selectProfile' : undefined;
}

function sessionItems(state: IdentityState): ActionItem[] {
  const { session } = state;
  const args = session === undefined ? [] : [session];
  switch (state.kind) {
    case 'signingIn':
      return [
        {
          command: 'mcpWorkbench.sso.signIn',
          args,
          label: vscode.l10n.t('Go On with the Sign-In'),
          description: session ?? '',
          iconPath: new vscode.ThemeIcon('sign-in'),
        },
      ];
    case 'signedOut':
    case 'expired':
      if (state.profile !== undefined && session === undefined) return [];
      return [
        {
          command: 'mcpWorkbench.sso.signIn',
          args,
          label: vscode.l10n.t('Sign In with IAM Identity Center'),
          description: session ?? '',
          iconPath: new vscode.ThemeIcon('sign-in'),
        },
      ];
    case 'active':
    case 'expiring': {
      if (session === undefined) return [];
      const renew: ActionItem = {
        command: 'mcpWorkbench.sso.renew',
        args,
        label: vscode.l10n.t('Renew the Session'),
        description: session,
        iconPath: new vscode.ThemeIcon('history'),
      };
      return [renew];
    }
    case 'unverified':
    case 'failed':
      break;
  }
  return [];
}

function choiceItems(catalog: ProfileCatalog, identity: AwsIdentityService): ActionItem[] {
  const known = catalog.current;
  const { state } = known;
  const { sso } = identity.selection;
  const items: ActionItem[] = [];
  if (identity.sessions.all.length > 0) {
    items.push({
      command: 'mcpWorkbench.aws.selectRole',
      label: vscode.l10n.t('Select AWS Role…'),
      description: sso?.role ?? '',
      iconPath: new vscode.ThemeIcon('organization'),
    });
  }
  if (catalog.profiles.length > 0) {
    items.push({
      command: 'mcpWorkbench.identity.selectProfile',
      label: vscode.l10n.t('Select AWS Profile…'),
      description: sso ? '' : (profileName(state) ?? ''),
      iconPath: new vscode.ThemeIcon('account'),
    });
  }
  items.push({
    command: 'mcpWorkbench.identity.selectRegion',
    label: vscode.l10n.t('Select AWS Region…'),
    description: regionOf(known) ?? '',
    iconPath: new vscode.ThemeIcon('globe'),
  });
  if (sso) {
    items.push({
      command: 'mcpWorkbench.aws.saveAsProfile',
      args: [sso],
      label: vscode.l10n.t('Save the Role as a Profile…'),
      iconPath: new vscode.ThemeIcon('save'),
    });
  }
  items.push(
    {
      command: 'mcpWorkbench.identity.refresh',
      label: vscode.l10n.t('Ask AWS Again'),
      description: vscode.l10n.t('who this is'),
      iconPath: new vscode.ThemeIcon('refresh'),
    },
    {
      command: 'mcpWorkbench.identity.openConfig',
      label: vscode.l10n.t('Open AWS Config File'),
      iconPath: new vscode.ThemeIcon('go-to-file'),
    },
  );
  if ('identity' in state && state.session !== undefined) {
    items.push({
      command: 'mcpWorkbench.sso.signOut',
      args: [state.session],
      label: vscode.l10n.t('Sign Out'),
      description: state.session,
      iconPath: new vscode.ThemeIcon('sign-out'),
    });
  }
  if (identity.sessions.all.length === 0 && state.kind !== 'signedOut') {
    items.push({
      command: 'mcpWorkbench.sso.signIn',
      label: vscode.l10n.t('Sign In with IAM Identity Center'),
      iconPath: new vscode.ThemeIcon('sign-in'),
    });
  }
  return items;
}
