import * as vscode from 'vscode';
import { registerCommands } from './editor/commands/registerCommands';
import type { Container } from './editor/container';
import { registerAddresses } from './editor/inspector/registerAddresses';
import { registerTraceEditor } from './editor/inspector/registerTraceEditor';
import { LazyService } from './editor/lazyService';
import { LazyTree } from './editor/lazyTree';
import { WatchedServers } from './editor/managedServers/watchedServers';
import { registerMcpProvider } from './editor/mcpProvider';
import type { AuditNode } from './editor/audit/auditTree';
import { Settings } from './editor/settings/settings';
import { SettingsPolicy } from './editor/settings/settingsPolicy';
import type { TestApi } from './editor/testApi';

let container: LazyService<Container> | undefined;

/**
 * Registers what the editor must find at once and nothing else: no file is written, no network used, no package loaded.
 * The container follows when something needs it, or when the editor has finished starting us.
 */
export function activate(context: vscode.ExtensionContext): TestApi | undefined {
  const started = performance.now();
  const { version } = context.extension.packageJSON as { version: string };
  const settings = new Settings();
  const policy = new SettingsPolicy(settings);
  const watched = new WatchedServers(context.globalState, context.workspaceState);
  const lazy: LazyService<Container> = new LazyService(async () => {
    const { Container } = await import('./editor/container');
    return new Container({ context, settings, policy, version, watched, awsView, auditView });
  });
  container = lazy;
  const awsTree = new LazyTree(async () => (await lazy.get()).awsTree);
  const awsView = vscode.window.createTreeView('mcpWorkbench.aws', {
    treeDataProvider: awsTree,
    showCollapseAll: true,
  });
  const auditTree = new LazyTree<AuditNode>(async () => (await (await lazy.get()).auditParts.get()).tree);
  const auditView = vscode.window.createTreeView('mcpWorkbench.audit', { treeDataProvider: auditTree });
  context.subscriptions.push(
    settings,
    policy,
    watched,
    awsView,
    awsTree,
    auditView,
    auditTree,
    registerMcpProvider({
      version,
      policy,
      isListening: () => lazy.ready?.host.isRunning ?? false,
      listen: async () => {
        const { host } = await lazy.get();
        return (await host.start()).listenOnSocket();
      },
      watched,
      listenWatched: async (name) => (await lazy.get()).managed.listen(name),
    }),
    registerCommands(
      async () => (await lazy.get()).commands,
      (error) => lazy.ready?.logError(error),
    ),
    vscode.window.registerTreeDataProvider(
      'mcpWorkbench.servers',
      new LazyTree(async () => (await lazy.get()).serversTree),
    ),
    vscode.window.registerWebviewViewProvider('mcpWorkbench.traffic', {
      resolveWebviewView: async (view) => (await inspector(lazy)).view.resolveWebviewView(view),
    }),
    registerTraceEditor(context.extensionUri, () => inspector(lazy)),
    registerAddresses(async () => (await inspector(lazy)).panel),
    vscode.window.registerWebviewPanelSerializer('mcpWorkbench.inspector', {
      deserializeWebviewPanel: async (panel) => (await inspector(lazy)).panel.deserializeWebviewPanel(panel),
    }),
  );
  setImmediate(() => void resume(lazy));
  // Read by the benchmark, and by whoever profiles the extension host.
  performance.measure('mcpWorkbench.activate', { start: started });
  return process.env['MCP_WORKBENCH_TESTS'] === undefined ? undefined : { container: () => lazy.get() };
}

/** Waits until every server, socket and watcher of ours is gone. */
export async function deactivate(): Promise<void> {
  await container?.dispose();
  container = undefined;
}

async function inspector(lazy: LazyService<Container>): Promise<Awaited<ReturnType<Container['inspector']['get']>>> {
  return (await lazy.get()).inspector.get();
}

/** Shows the status bar and goes on with external access. */
async function resume(lazy: LazyService<Container>): Promise<void> {
  try {
    (await lazy.get()).resume();
  } catch (error) {
    // The window may have closed already; else the first command says what is wrong.
    console.error(error);
  }
}
