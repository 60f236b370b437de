import * as vscode from 'vscode';
import type { AwsIdentityService } from '../../aws/identityService';
import { planConfigChange } from '../../aws/sso/profileWriter';
import { regionPattern } from '../../aws/regionPattern';
import { partitionRegions } from '../../aws/regions';
import { parseStartUrl, type SsoSession } from '../../aws/sso/ssoSession';
import { findSession } from '../../aws/ssoTargets';
import { messageOf, WorkbenchError } from '../../core/errors';
import type { VirtualDocuments } from '../virtualDocuments';
import { reviewConfigChange } from './configReview';
import { suggestSessionName } from './sessionNames';

const steps = 3;

/**
 * Asks for a new session, step by step, and writes it to the AWS config file once the change was seen.
 * @returns the session, or `undefined` where the person left.
 * @throws WorkbenchError as `planConfigChange` and `applyConfigChange`.
 */
export async function addSession(
  identity: AwsIdentityService,
  documents: VirtualDocuments,
  configFile: string,
): Promise<SsoSession | undefined> {
  const startUrl = await askStartUrl();
  if (startUrl === undefined) return undefined;
  const region = await askRegion();
  if (region === undefined) return undefined;
  const taken = new Set((await identity.readConfig()).ssoSessions.keys());
  const name = await askName(suggestSessionName(startUrl, taken), taken);
  if (name === undefined) return undefined;
  const change = await planConfigChange(configFile, [{ kind: 'ssoSession', name, startUrl, region }]);
  if (!(await reviewConfigChange(documents, change, vscode.l10n.t('Add the session {0}?', name)))) return undefined;
  await identity.refresh();
  return findSession(await identity.readConfig(), name);
}

async function askStartUrl(): Promise<string | undefined> {
  const value = await vscode.window.showInputBox({
    title: vscode.l10n.t('Add an SSO session ({0}/{1}): start URL', 1, steps),
    prompt: vscode.l10n.t('The address of your AWS access portal'),
    placeHolder: 'https://d-0123456789.awsapps.com/start',
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? undefined : problemOf(() => parseStartUrl(text))),
  });
  return value === undefined || value.trim() === '' ? undefined : parseStartUrl(value);
}

function askRegion(): Promise<string | undefined> {
  const known: vscode.QuickPickItem[] = partitionRegions.flatMap(({ label, regions }) => [
    { label, kind: vscode.QuickPickItemKind.Separator },
    ...regions.map(([code, name]) => ({ label: code, description: name })),
  ]);
  const picker = vscode.window.createQuickPick();
  picker.title = vscode.l10n.t('Add an SSO session ({0}/{1}): Region of IAM Identity Center', 2, steps);
  picker.placeholder = vscode.l10n.t('Where IAM Identity Center is switched on; your work may be elsewhere');
  picker.matchOnDescription = true;
  picker.ignoreFocusOut = true;
  picker.items = known;
  return new Promise((resolve) => {
    picker.onDidChangeValue((value) => {
      const typed = value.trim();
      const isNew = regionPattern.test(typed) && !known.some(({ label }) => label === typed);
      picker.items = isNew ? [{ label: typed }, ...known] : known;
    });
    picker.onDidAccept(() => {
      resolve(picker.selectedItems[0]?.label);
      picker.hide();
    });
    picker.onDidHide(() => {
      resolve(undefined);
      picker.dispose();
    });
    picker.show();
  });
}

async function askName(suggested: string, taken: ReadonlySet<string>): Promise<string | undefined> {
  const value = await vscode.window.showInputBox({
    title: vscode.l10n.t('Add an SSO session ({0}/{1}): name', 3, steps),
    prompt: vscode.l10n.t('What the session is called in the AWS config file; the AWS CLI shows it, too'),
    value: suggested,
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (taken.has(text.trim())) return vscode.l10n.t('There is a session of that name already.');
      return /^[\w@+.%:/-]{1,128}$/.test(text.trim())
        ? undefined
        : vscode.l10n.t('Use letters, digits and _ - . @ + % : / only, so that every AWS tool reads it.');
    },
  });
  return value?.trim() || undefined;
}

function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return WorkbenchError.is(error) ? error.remedy : messageOf(error);
  }
}
