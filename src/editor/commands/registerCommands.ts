import * as vscode from 'vscode';
import { commandIds, type CommandTable } from './commandIds';

/**
 * Registers every command at once, before what carries them out is loaded.
 * @param loadTable gives the handlers; called when the first command runs.
 * @param logError told of each error besides the user.
 */
export function registerCommands(
  loadTable: () => Promise<CommandTable>,
  logError: (error: unknown) => void,
): vscode.Disposable {
  const registrations = commandIds.map((id) =>
    vscode.commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        const table = await loadTable();
        return await table[id](...args);
      } catch (error) {
        logError(error);
        // Redaction comes with it, a third of what activation would load.
        const { showError } = await import('./showError');
        showError(error);
        return undefined;
      }
    }),
  );
  return vscode.Disposable.from(...registrations);
}
