import * as vscode from 'vscode';
import type { InspectorLink } from './inspectorLink';

/** Opens what addresses of ours lead to, such as `vscode://mcp-workbench.mcp-workbench/inspect?filter=status%3Aerror`. */
export function registerAddresses(loadPanel: () => Promise<{ open(link: InspectorLink): void }>): vscode.Disposable {
  return vscode.window.registerUriHandler({
    async handleUri(uri) {
      try {
        const { readInspectorAddress } = await import('./inspectorLink');
        const link = readInspectorAddress(uri);
        if (link) (await loadPanel()).open(link);
      } catch (error) {
        const { showError } = await import('../commands/showError');
        showError(error);
      }
    },
  });
}
