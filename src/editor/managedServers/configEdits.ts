import * as path from 'node:path';
import * as vscode from 'vscode';
import { WorkbenchError } from '../../core/errors';
import { undoServerEdit, type ServerEdit, type ServerUndo } from '../../mcp/upstream/discovery/edits/serverEdits';
import type { TextEdit } from '../../mcp/upstream/discovery/edits/textEdit';
import type { ConfigFile } from '../../mcp/upstream/discovery/configFile';
import type { VirtualDocuments } from '../virtualDocuments';

/** A change of a config file that a person is to see before it is made. */
export interface ProposedEdit {
  file: ConfigFile;
  /** e.g. `Add everything` */
  title: string;
  /** One sentence on what follows from it. */
  consequence?: string;
  /** Computes it from the text of the file, which is empty where there is none. @throws WorkbenchError */
  compute(text: string): ServerEdit;
  /** The person has asked for exactly this change, so that it is not shown first. */
  isAgreed?: boolean;
  /** Called right before the file is written. */
  beforeWrite?(edit: ServerEdit): Promise<void>;
}

let proposalCount = 0;

/**
 * Shows a change side by side, and makes it when the person agrees. It is an edit of the editor, so its own undo works.
 * @returns the change, or `undefined` where the person did not want it
 * @throws WorkbenchError as `compute`, and `InvalidInput` where the file changed while the question was open
 */
export async function proposeEdit(
  documents: VirtualDocuments,
  proposal: ProposedEdit,
): Promise<ServerEdit | undefined> {
  const { file, title } = proposal;
  const uri = vscode.Uri.file(file.path);
  const before = await textOf(uri);
  const edit = proposal.compute(before ?? '');
  const name = path.basename(file.path);
  if (proposal.isAgreed) {
    await proposal.beforeWrite?.(edit);
    await write(uri, before, edit.edits, edit.text);
    return edit;
  }
  const folder = `/edits/${++proposalCount}`;
  const left = before === undefined ? documents.put(`${folder}/new/${name}`, '') : uri;
  const right = documents.put(`${folder}/${name}`, edit.text);
  await vscode.commands.executeCommand('vscode.diff', left, right, `${title} (${name})`, { preview: true });
  try {
    if (!(await agrees(proposal))) return undefined;
  } finally {
    await closeDiff(right);
  }
  if ((await textOf(uri)) !== before) {
    throw new WorkbenchError('InvalidInput', `The file ${name} changed meanwhile, so nothing was written.`, {
      remedy: 'Try again.',
    });
  }
  await proposal.beforeWrite?.(edit);
  await write(uri, before, edit.edits, edit.text);
  return edit;
}

/** Takes a change back. @throws WorkbenchError where the entry is not as the change left it */
export async function undoEdit(file: ConfigFile, undo: ServerUndo): Promise<void> {
  const uri = vscode.Uri.file(file.path);
  const before = await textOf(uri);
  const edit = undoServerEdit(file, before ?? '', undo);
  await write(uri, before, edit.edits, edit.text);
}

async function agrees({ title, consequence }: ProposedEdit): Promise<boolean> {
  const write = vscode.l10n.t('Write the change');
  const picked = await vscode.window.showQuickPick(
    [
      { label: write, ...(consequence === undefined ? {} : { detail: consequence }) },
      { label: vscode.l10n.t('Leave the file as it is') },
    ],
    { title, placeHolder: vscode.l10n.t('The change is shown below. Nothing is written yet.'), ignoreFocusOut: true },
  );
  return picked?.label === write;
}

/** The text as the editor has it, unsaved changes included. */
async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open) return open.getText();
  try {
    await vscode.workspace.fs.stat(uri);
  } catch {
    return undefined;
  }
  return (await vscode.workspace.openTextDocument(uri)).getText();
}

async function write(
  uri: vscode.Uri,
  before: string | undefined,
  edits: readonly TextEdit[],
  after: string,
): Promise<void> {
  if (before === undefined) {
    // Makes the folders above it, too.
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(after));
    return;
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const wasDirty = document.isDirty;
  const change = new vscode.WorkspaceEdit();
  for (const { offset, length, text } of edits) {
    const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
    change.replace(uri, range, text);
  }
  if (!(await vscode.workspace.applyEdit(change))) {
    throw new WorkbenchError('Internal', `The file ${path.basename(uri.fsPath)} could not be edited.`, {
      remedy: 'Open it and try again.',
    });
  }
  // What the person has not saved is theirs to save.
  if (!wasDirty && !(await document.save())) {
    throw new WorkbenchError('Internal', `The file ${path.basename(uri.fsPath)} could not be saved.`, {
      remedy: 'Save it in its editor.',
    });
  }
}

async function closeDiff(right: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const shown = tabs.filter(
    ({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.toString() === right.toString(),
  );
  if (shown.length > 0) await vscode.window.tabGroups.close(shown, true);
}
