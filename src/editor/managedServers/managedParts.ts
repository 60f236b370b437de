import * as path from 'node:path';
import * as vscode from 'vscode';
import { WorkbenchError } from '../../core/errors';
import { ServerApprovals } from '../../mcp/upstream/trust/serverApprovals';
import { openBrowser } from '../signIn/openBrowser';
import { askInEditor } from '../callByHand/elicitationDialog';
import { approvalStorage, approve } from './approvalPrompt';
import { ConfigDiagnostics } from './configDiagnostics';
import { editorEnvironment } from './editorEnvironment';
import { InputPrompt } from './inputPrompt';
import type { KnownServer } from './knownServer';
import type { ManagedServersOptions } from './managedServers';
import { ManagedTree } from './managedTree';
import { RoutedServers } from './routedServers';
import { ServerActions } from './serverActions';
import { ServerCatalog } from './serverCatalog';
import { readServerFilter, readServerSigning } from './serverOptions';
import { ServerSecrets } from './serverSecrets';
import { signingCredentials } from './signingIdentity';
import { ToolBaselines } from './toolBaselines';

/** Everything about the user's servers that is loaded late. */
export interface ManagedParts {
  catalog: ServerCatalog;
  approvals: ServerApprovals;
  tree: ManagedTree;
  actions: ServerActions;
  dispose(): Promise<void>;
}

/** Makes all of it. In a file of its own, because it is loaded when the view is first seen. */
export function makeManagedParts(options: ManagedServersOptions): ManagedParts {
  const { aws, context, documents, externalAccess, host, logger, recorder, version, watched } = options;
  const environment = (): ReturnType<typeof editorEnvironment> => editorEnvironment(context.globalStorageUri);
  const isWorkspaceTrusted = (): boolean => vscode.workspace.isTrusted;
  const approvals = new ServerApprovals(approvalStorage(context.globalState), { isWorkspaceTrusted });
  const secrets = new ServerSecrets(context.secrets);
  const inputs = new InputPrompt(context.secrets);
  const routed = new RoutedServers(context.secrets);
  const catalog = new ServerCatalog({
    environment,
    watched,
    routed,
    externalEndpoint: () => externalAccess.endpoint,
    onDidChangeEndpoint: externalAccess.onDidChange,
    surroundings: {
      approvals,
      secrets,
      baselines: new ToolBaselines(path.join(context.globalStorageUri.fsPath, 'serverTools')),
      recorder,
      answer: askInEditor,
      logger,
      version,
      upstream: { openBrowser: openSignInPage, externalUri, awsCredentials: signingCredentials(aws) },
      environment,
      isWorkspaceTrusted,
      approve: (current, signing) => approve(approvals, current, signing),
      askInput: (input, entry, mayAsk) => inputs.value(input, entry, mayAsk),
      setting: settingValue,
      filter: readServerFilter,
      signing: readServerSigning,
    },
  });
  const signIns = aws.onDidChange(({ kind }) => {
    if (kind === 'active' || kind === 'expiring') for (const server of catalog.servers) server.noteSignIn();
  });
  const diagnostics = new ConfigDiagnostics();
  catalog.onDidChange(() => diagnostics.show(catalog.problems));
  const isWatched = (server: KnownServer): boolean => watched.has(server.key);
  const tree = new ManagedTree({
    catalog,
    approvals,
    isWatched,
    connections: () => host.connections,
    onDidChangeConnections: host.onDidChange,
  });
  const actions = new ServerActions({
    catalog,
    tree,
    approvals,
    inputs,
    routed,
    watched,
    documents,
    externalAccess,
    environment,
    inspect: options.inspect,
    tryIt: options.tryIt,
    aws,
  });
  return {
    catalog,
    approvals,
    tree,
    actions,
    dispose: async () => {
      signIns.dispose();
      actions.dispose();
      tree.dispose();
      await catalog.dispose();
      diagnostics.dispose();
      approvals.dispose();
    },
  };
}

async function openSignInPage(url: URL): Promise<void> {
  if (await openBrowser(url.href)) return;
  throw new WorkbenchError('Cancelled', 'The page to sign in at was not opened.', { remedy: 'Sign in again.' });
}

/** In a remote window this also makes the way back: the port listens there, and the browser is here. */
async function externalUri(uri: URL): Promise<URL> {
  return new URL((await vscode.env.asExternalUri(vscode.Uri.parse(uri.href, true))).toString(true));
}

/** For `${config:…}`: texts, numbers and booleans, as VS Code does. */
function settingValue(section: string): string | undefined {
  const value = vscode.workspace.getConfiguration().get<unknown>(section);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
