import * as path from 'node:path';
import * as vscode from 'vscode';
import { applyConfigChange, type ConfigChange } from '../../aws/sso/profileWriter';
import type { VirtualDocuments } from '../virtualDocuments';

/**
 * Shows a change to the AWS config file as a diff, and makes it if the person says so. The question stays until it is
 * answered and leaves the diff in reach.
 * @returns whether the file now says what was planned.
 * @throws WorkbenchError as `applyConfigChange`.
 */
export async function reviewConfigChange(
  documents: VirtualDocuments,
  change: ConfigChange,
  question: string,
): Promise<boolean> {
  if (change.changes.length === 0) return true;
  const name = path.basename(change.file);
  const before = change.before === undefined ? documents.put(`/before/${name}.ini`, '') : vscode.Uri.file(change.file);
  const after = documents.put(`/after/${name}.ini`, change.after);
  const title = vscode.l10n.t('{0} (planned change)', name);
  await vscode.commands.executeCommand('vscode.diff', before, after, title, { preview: true });
  try {
    if (!(await ask(question, change.file))) return false;
    await applyConfigChange(change);
    return true;
  } finally {
    await closeDiff(after);
  }
}

interface Answer extends vscode.QuickPickItem {
  yes: boolean;
}

async function ask(question: string, file: string): Promise<boolean> {
  const answers: Answer[] = [
    {
      label: vscode.l10n.t('Write the change'),
      description: file,
      iconPath: new vscode.ThemeIcon('check'),
      yes: true,
    },
    { label: vscode.l10n.t('Discard it'), iconPath: new vscode.ThemeIcon('close'), yes: false },
  ];
  const picked = await vscode.window.showQuickPick(answers, {
    title: question,
    placeHolder: vscode.l10n.t('Nothing has been written yet; the rest of the file stays as it is'),
    ignoreFocusOut: true,
  });
  return picked?.yes === true;
}

async function closeDiff(after: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs);
  const ours = tabs.filter(
    ({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.toString() === after.toString(),
  );
  if (ours.length > 0) await vscode.window.tabGroups.close(ours, true);
}
