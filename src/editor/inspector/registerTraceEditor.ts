import * as vscode from 'vscode';
import type { TraceEditorProvider } from './traceEditor';

type TraceDocument = Awaited<ReturnType<TraceEditorProvider['openCustomDocument']>>;

/** Opens `.mcptrace` files in the inspector, which is loaded with the first of them. */
export function registerTraceEditor(extensionUri: vscode.Uri): vscode.Disposable {
  let provider: Promise<TraceEditorProvider> | undefined;
  const load = (): Promise<TraceEditorProvider> =>
    (provider ??= import('./traceEditor').then(({ TraceEditorProvider: Provider }) => new Provider({ extensionUri })));
  const lazy: vscode.CustomReadonlyEditorProvider<TraceDocument> = {
    openCustomDocument: async (uri) => (await load()).openCustomDocument(uri),
    resolveCustomEditor: async (document, panel) => (await load()).resolveCustomEditor(document, panel),
  };
  return vscode.window.registerCustomEditorProvider('mcpWorkbench.trace', lazy, {
    supportsMultipleEditorsPerDocument: true,
  });
}
