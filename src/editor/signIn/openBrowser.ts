import * as vscode from 'vscode';

/**
 * Opens a page in the browser of the person, wherever the extension host runs.
 * @returns whether the editor could do it.
 */
export async function openBrowser(url: string): Promise<boolean> {
  return vscode.env.openExternal(vscode.Uri.parse(url, true));
}
