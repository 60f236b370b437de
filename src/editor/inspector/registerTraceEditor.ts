import * as vscode from 'vscode';
import type { CallableServers } from '../../mcp/caller/callableServer';
import type { TraceEditorProvider } from './traceEditor';

type TraceDocument = Awaited<ReturnType<TraceEditorProvider['openCustomDocument']>>;

/**
 * Opens `.mcptrace` files in the inspector, which is loaded with the first of them.
 * @param loadServers what recorded calls can be run again on
 */
export function registerTraceEditor(
  extensionUri: vscode.Uri,
  loadServers: () => Promise<CallableServers>,
): vscode.Disposable {
  let provider: Promise<TraceEditorProvider> | undefined;
  const load = (): Promise<TraceEditorProvider> =>
    (provider ??= Promise.all([import('./traceEditor'), loadServers()]).then(
      ([{ TraceEditorProvider: Provider }, servers]) => new Provider({ extensionUri, servers }),
    ));
  const lazy: vscode.CustomReadonlyEditorProvider<TraceDocument> = {
    openCustomDocument: async (uri) => (await load()).openCustomDocument(uri),
    resolveCustomEditor: async (document, panel) => (await load()).resolveCustomEditor(document, panel),
  };
  return vscode.window.registerCustomEditorProvider('mcpWorkbench.trace', lazy, {
    supportsMultipleEditorsPerDocument: true,
  });
}
