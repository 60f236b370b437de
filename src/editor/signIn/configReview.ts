import * as path from 'node:path';
import * as vscode from 'vscode';
import { applyConfigChange, type ConfigChange } from '../../aws/sso/profileWriter';
import type { VirtualDocuments } from '../virtualDocuments';

/** More than any change of ours has, but for a conversion of many profiles. */
const maxLines = 14;

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
    if (!(await ask(question, change))) return false;
    await applyConfigChange(change);
    return true;
  } finally {
    await closeDiff(after);
  }
}

interface Row extends vscode.QuickPickItem {
  /** Rows without an answer are there to be read. */
  answer?: 'write' | 'discard';
}

/** The question has the changed lines in it, because it may stand in front of where the diff shows them. */
function ask(question: string, { file, changes }: ConfigChange): Promise<boolean> {
  const lines = changes.flatMap(({ removed, added }) => [
    ...removed.filter(isWritten).map((line) => lineRow('diff-removed', line)),
    ...added.filter(isWritten).map((line) => lineRow('diff-added', line)),
  ]);
  const picker = vscode.window.createQuickPick<Row>();
  picker.title = question;
  picker.placeholder = vscode.l10n.t('Nothing has been written yet; the rest of the file stays as it is');
  picker.ignoreFocusOut = true;
  picker.items = [
    {
      label: vscode.l10n.t('Write the change'),
      description: file,
      iconPath: new vscode.ThemeIcon('check'),
      answer: 'write',
    },
    { label: vscode.l10n.t('Discard it'), iconPath: new vscode.ThemeIcon('close'), answer: 'discard' },
    { label: vscode.l10n.t('what changes'), kind: vscode.QuickPickItemKind.Separator },
    ...lines.slice(0, maxLines),
    ...(lines.length > maxLines
      ? [{ label: vscode.l10n.t('{0} more lines in the diff', lines.length - maxLines) }]
      : []),
  ];
  return new Promise((resolve) => {
    picker.onDidAccept(() => {
      const answer = picker.selectedItems[0]?.answer;
      if (answer === undefined) return;
      resolve(answer === 'write');
      picker.hide();
    });
    picker.onDidHide(() => {
      resolve(false);
      picker.dispose();
    });
    picker.show();
  });
}

function lineRow(icon: string, line: string): Row {
  return { label: line, iconPath: new vscode.ThemeIcon(icon) };
}

function isWritten(line: string): boolean {
  return line.trim() !== '';
}

async function closeDiff(after: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs);
  const ours = tabs.filter(
    ({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.toString() === after.toString(),
  );
  if (ours.length > 0) await vscode.window.tabGroups.close(ours, true);
}
