import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../core/disposable';
import type { CallableServers } from '../../mcp/caller/callableServer';
import type { TrafficSource } from '../../traffic/trafficSource';
import { creatorOf } from './creator';
import { inspectorHtml, type InspectorSurface } from './html';
import { inspectorAddress } from './inspectorLink';
import { InspectorSession } from './inspectorSession';
import type { DocumentLanguage, ReplayHost } from './replayBridge';
import type { SavedFilters } from './savedFilters';
import type { SavedInputs } from './savedInputs';
import { saveText } from './saveText';
import { saveExchanges, saveTraffic } from './traceSaving';

/** What both forms of the inspector are made from. */
export interface InspectorContext {
  extensionUri: vscode.Uri;
  recorder: TrafficSource;
  /** Whether the traffic is that of a file. */
  isReadOnly?: boolean;
  savedFilters?: SavedFilters;
  /** Inputs of calls by hand that the person saved. */
  savedInputs?: SavedInputs;
  /** Servers that can be looked at and called by hand. */
  servers?: CallableServers;
  /** What replay can do besides sending calls. */
  replay?: Pick<ReplayHost, 'openDiff' | 'endpointOf' | 'revealLive'>;
}

/** A webview that shows the inspector. */
export interface InspectorConnection extends Disposable {
  readonly bridge: InspectorSession;
}

/** Options for every webview of the inspector: scripts, and no files but its own. */
export function inspectorWebviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [distFolder(extensionUri)] };
}

/** Loads the inspector into a webview and connects it to the recorder until disposed. */
export function connectInspector(
  webview: vscode.Webview,
  surface: InspectorSurface,
  { extensionUri, recorder, isReadOnly = false, savedFilters, savedInputs, servers, replay }: InspectorContext,
): InspectorConnection {
  const store = new DisposableStore();
  const bridge = store.add(
    new InspectorSession(recorder, {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a webview's is no window's
      post: (message) => void webview.postMessage(message),
      copyText: (text) => void vscode.env.clipboard.writeText(text),
      openDocument: (text, language = 'json') => void openText(text, language),
      ...replay,
      saveExchanges: (source, seqs) => void saveExchanges(source, seqs, creatorOf(extensionUri)),
      saveText: (name, text) => void saveText(name, text),
      linkTo: (link) => inspectorAddress(vscode.env.uriScheme, extensionId, link),
      ...(savedFilters ? { savedFilters } : {}),
      ...(savedInputs ? { savedInputs } : {}),
      ...(servers ? { servers } : {}),
      saveTraffic: (source, filter) => void saveTraffic(source, filter, creatorOf(extensionUri)),
    }),
  );
  store.add(webview.onDidReceiveMessage((message: unknown) => bridge.receive(message)));
  webview.options = inspectorWebviewOptions(extensionUri);
  webview.html = inspectorHtml({
    surface,
    isReadOnly,
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString('base64'),
    scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(distFolder(extensionUri), 'inspector.js')).toString(),
  });
  return { bridge, dispose: () => store.dispose() };
}

/** Publisher and name in the manifest. */
const extensionId = 'mcp-workbench.mcp-workbench';

function distFolder(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
}

async function openText(text: string, language: DocumentLanguage): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language, content: text });
  await vscode.window.showTextDocument(document, { preview: true });
}
