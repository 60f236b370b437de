import * as vscode from 'vscode';
import type { TraceEditorProvider } from './traceEditor';
import type { InspectorContext } from './webviewConnection';

type TraceDocument = Awaited<ReturnType<TraceEditorProvider['openCustomDocument']>>;

/**
 * Opens `.mcptrace` files in the inspector, which is loaded with the first of them.
 * @param loadCalls what recorded calls can be run again with
 */
export function registerTraceEditor(
  extensionUri: vscode.Uri,
  loadCalls: () => Promise<Pick<InspectorContext, 'servers' | 'replay' | 'savedInputs'>>,
): vscode.Disposable {
  let provider: Promise<TraceEditorProvider> | undefined;
  const load = (): Promise<TraceEditorProvider> =>
    (provider ??= Promise.all([import('./traceEditor'), loadCalls()]).then(
      ([{ TraceEditorProvider: Provider }, { servers, replay, savedInputs }]) =>
        new Provider({
          extensionUri,
          ...(servers ? { servers } : {}),
          ...(replay ? { replay } : {}),
          ...(savedInputs ? { savedInputs } : {}),
        }),
    ));
  const lazy: vscode.CustomReadonlyEditorProvider<TraceDocument> = {
    openCustomDocument: async (uri) => (await load()).openCustomDocument(uri),
    resolveCustomEditor: async (document, panel) => (await load()).resolveCustomEditor(document, panel),
  };
  return vscode.window.registerCustomEditorProvider('mcpWorkbench.trace', lazy, {
    supportsMultipleEditorsPerDocument: true,
  });
}
