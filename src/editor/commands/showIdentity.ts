import * as vscode from 'vscode';
import { identityWords } from '../identity/identityWords';
import { profileName, regionOf, type ProfileCatalog } from '../identity/profileCatalog';
import type { CommandId } from './commandIds';

interface ActionItem extends vscode.QuickPickItem {
  command: CommandId;
}

/** Shows who tools act as, and offers what can be changed about it. */
export async function showIdentity(catalog: ProfileCatalog): Promise<void> {
  const known = catalog.current;
  if (known.state.kind === 'none' && !known.hasNoProfiles) {
    // There is one thing to do, so it is not put behind a menu.
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile' satisfies CommandId);
    return;
  }
  const words = identityWords(known, Date.now());
  const items: ActionItem[] = [
    {
      command: 'mcpWorkbench.identity.selectProfile',
      label: vscode.l10n.t('Select AWS Profile…'),
      description: profileName(known.state) ?? '',
      iconPath: new vscode.ThemeIcon('account'),
    },
    {
      command: 'mcpWorkbench.identity.selectRegion',
      label: vscode.l10n.t('Select AWS Region…'),
      description: regionOf(known) ?? '',
      iconPath: new vscode.ThemeIcon('globe'),
    },
    {
      command: 'mcpWorkbench.identity.refresh',
      label: vscode.l10n.t('Ask AWS Again'),
      description: vscode.l10n.t('after signing in elsewhere'),
      iconPath: new vscode.ThemeIcon('refresh'),
    },
    {
      command: 'mcpWorkbench.identity.openConfig',
      label: vscode.l10n.t('Open AWS Config File'),
      iconPath: new vscode.ThemeIcon('go-to-file'),
    },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('AWS: {0}', words.text),
    placeHolder: words.lines.join(' '),
  });
  if (picked) await vscode.commands.executeCommand(picked.command);
}
