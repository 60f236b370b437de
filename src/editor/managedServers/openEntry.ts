import * as vscode from 'vscode';
import type { ServerEntry } from '../../mcp/upstream/discovery/serverEntry';

/** Shows an entry in its config file. */
export async function openEntry({ owner, scope, file, place }: ServerEntry): Promise<void> {
  if (owner === 'workbench' && scope === 'user') await openSetting();
  else await openAt(file.path, place.line, place.column);
}

/** Shows our setting in the user's settings; the editor knows best in which of its files it stands. */
export async function openSetting(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openSettingsJson', {
    revealSetting: { key: 'mcpWorkbench.servers' },
  });
}

/** Shows a place of a file on disk; line and column count from 1. */
export async function openAt(path: string, line: number, column: number): Promise<void> {
  const position = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
  await vscode.window.showTextDocument(vscode.Uri.file(path), { selection: new vscode.Range(position, position) });
}
