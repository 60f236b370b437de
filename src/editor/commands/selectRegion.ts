import * as vscode from 'vscode';
import type { IdentityService } from '../../aws/identity';
import { regionPattern } from '../../aws/regionPattern';
import { partitionRegions } from '../../aws/regions';
import { WorkbenchError } from '../../core/errors';
import { regionOf, type ProfileCatalog } from '../identity/profileCatalog';

interface RegionItem extends vscode.QuickPickItem {
  /** `undefined` stands for the Region that the profile names. */
  region?: string | undefined;
}

/**
 * Lets the user pick the Region that tools use when a call names none.
 * @param verify asks AWS who that is, and lets the user sign in where that is needed.
 * @param code picks without asking, for other commands and key bindings.
 * @throws WorkbenchError `InvalidInput` for what is no Region code.
 */
export async function selectRegion(
  identity: IdentityService,
  catalog: ProfileCatalog,
  verify: () => Promise<void>,
  code?: unknown,
): Promise<void> {
  if (typeof code === 'string' && !regionPattern.test(code)) {
    throw new WorkbenchError('InvalidInput', `${code} is not a Region code.`, {
      remedy: 'Region codes look like eu-west-1.',
    });
  }
  const picked = typeof code === 'string' ? { region: code } : await pickRegion(identity, catalog);
  if (!picked) return;
  identity.select({ ...identity.selection, region: picked.region });
  await verify();
}

/** A quick pick of the known Regions that also takes a code which it does not know. */
function pickRegion(
  identity: IdentityService,
  catalog: ProfileCatalog,
): Promise<{ region: string | undefined } | undefined> {
  const current = regionOf(catalog.current);
  const known = knownItems(identity, current);
  const picker = vscode.window.createQuickPick<RegionItem>();
  picker.title = vscode.l10n.t('AWS Region');
  picker.placeholder = vscode.l10n.t('Where tools act when a call names no Region');
  picker.matchOnDescription = true;
  picker.items = known;
  picker.activeItems = known.filter(({ region }) => region !== undefined && region === current).slice(0, 1);
  return new Promise((resolve) => {
    picker.onDidChangeValue((value) => {
      const typed = value.trim();
      const isNew = regionPattern.test(typed) && !known.some(({ region }) => region === typed);
      picker.items = isNew ? [{ label: typed, region: typed }, ...known] : known;
    });
    picker.onDidAccept(() => {
      const [item] = picker.selectedItems;
      resolve(item && { region: item.region });
      picker.hide();
    });
    picker.onDidHide(() => {
      resolve(undefined);
      picker.dispose();
    });
    picker.show();
  });
}

function knownItems({ selection }: IdentityService, current: string | undefined): RegionItem[] {
  const ofProfile: RegionItem[] =
    selection.region === undefined
      ? []
      : [{ label: vscode.l10n.t('Region of the profile'), iconPath: new vscode.ThemeIcon('account') }];
  return [
    ...ofProfile,
    ...partitionRegions.flatMap(({ label, regions }) => [
      { label, kind: vscode.QuickPickItemKind.Separator },
      ...regions.map(([code, name]) => ({
        region: code,
        label: code === current ? `$(check) ${code}` : code,
        description: name,
      })),
    ]),
  ];
}
