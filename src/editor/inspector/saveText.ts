import * as vscode from 'vscode';
import { messageOf } from '../../core/errors';

/**
 * Asks where to save a text, saves it and says so. Never rejects: what goes wrong is shown.
 * @param name suggested name; its ending is offered as the type.
 * @returns where it was saved; `undefined` where it was not.
 */
export async function saveText(name: string, text: string): Promise<vscode.Uri | undefined> {
  const ending = name.slice(name.lastIndexOf('.') + 1);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
    filters: { [ending.toUpperCase()]: [ending] },
  });
  if (!uri) return undefined;
  try {
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  } catch (error) {
    void vscode.window.showErrorMessage(vscode.l10n.t('The file was not saved. {0}', messageOf(error)));
    return undefined;
  }
  void offerToOpen(uri);
  return uri;
}

async function offerToOpen(uri: vscode.Uri): Promise<void> {
  const open = vscode.l10n.t('Open');
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  const picked = await vscode.window.showInformationMessage(vscode.l10n.t('Saved {0}.', name), open);
  if (picked === open) await vscode.commands.executeCommand('vscode.open', uri);
}
