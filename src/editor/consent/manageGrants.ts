import * as vscode from 'vscode';
import type { ConsentGrant, ConsentGrants } from '../../tools/consentGrants';
import { grantWords } from './grantWords';

interface GrantItem extends vscode.QuickPickItem {
  grant?: ConsentGrant;
}

const revoke: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('trash'),
  tooltip: vscode.l10n.t('Take Back'),
};
const revokeAll: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('clear-all'),
  tooltip: vscode.l10n.t('Take Back All'),
};

/** Lists what the user agreed to for a whole session, and takes back what they pick. */
export function manageGrants(grants: ConsentGrants): void {
  const pick = vscode.window.createQuickPick<GrantItem>();
  pick.title = vscode.l10n.t('Consents for This Session');
  pick.matchOnDescription = pick.matchOnDetail = true;
  const show = (): void => {
    const items = grants.list.map((grant): GrantItem => ({
      ...grantWords(grant, Date.now()),
      buttons: [revoke],
      grant,
    }));
    pick.items = items;
    pick.buttons = items.length > 0 ? [revokeAll] : [];
    pick.placeholder =
      items.length > 0
        ? vscode.l10n.t('Pick one to take it back. Later calls ask you again.')
        : vscode.l10n.t('Nothing holds for a whole session now. Every change asks you.');
  };
  const take = (item: GrantItem | undefined): void => {
    if (item?.grant) grants.revoke(item.grant.id);
  };
  show();
  const subscriptions = [
    grants.onDidChange(show),
    pick.onDidTriggerItemButton(({ item }) => take(item)),
    pick.onDidTriggerButton(() => grants.revokeAll()),
    pick.onDidAccept(() => take(pick.selectedItems[0])),
    pick.onDidHide(() => {
      for (const subscription of subscriptions) subscription.dispose();
      pick.dispose();
    }),
  ];
  pick.show();
}
