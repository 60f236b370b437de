import * as vscode from 'vscode';
import { messageOf, WorkbenchError } from '../core/errors';
import type { PolicySettings } from '../tools/policy';
import { readServerOptions } from './managedServers/serverOptions';
import { watchedLabel, type WatchedServers } from './managedServers/watchedServers';

/** Id of the provider in the manifest. */
const providerId = 'mcpWorkbench.servers';

/** What the editor calls our server; with the extension's id it is what `workbench.mcp.startServer` takes. */
export const serverLabel = 'AWS tools';

/** Where the editor's own MCP client finds our server, and what it must say to be let in. */
export interface EditorEndpoint {
  socketPath: string;
  secret: string;
  path: string;
}

export interface McpProviderOptions {
  /** Version of the extension. */
  version: string;
  /** Starts the server, or gives the running one. */
  listen(): Promise<EditorEndpoint>;
  /** Whether the server runs already; then it tells its clients itself what changed. */
  isListening(): boolean;
  policy: { readonly current: PolicySettings; onDidChange(listener: () => void): { dispose(): void } };
  /** Servers of the user that are offered beside the user's own definitions. */
  watched: Pick<WatchedServers, 'all' | 'onDidChange'>;
  /** Where a watched server is. @throws WorkbenchError where it may not or cannot start */
  listenWatched(name: string): Promise<EditorEndpoint>;
}

/**
 * Offers our server to the editor without any configuration. The server starts when the editor first wants it, and the
 * secret exists only in the definition that the editor asks for at that moment.
 */
class McpProvider implements vscode.McpServerDefinitionProvider<vscode.McpHttpServerDefinition>, vscode.Disposable {
  readonly #options: McpProviderOptions;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: { dispose(): void }[];
  readonly onDidChangeMcpServerDefinitions = this.#changed.event;

  constructor(options: McpProviderOptions) {
    this.#options = options;
    const policy = options.policy.onDidChange(() => {
      // A new version makes the editor drop its session. With a running server that would only interrupt it: it is
      // told by `notifications/tools/list_changed`. Without one, the editor must learn that its cached list is old.
      if (!options.isListening()) this.#changed.fire();
    });
    this.#subscriptions = [
      policy,
      options.watched.onDidChange(() => this.#changed.fire()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('mcpWorkbench.serverOptions')) this.#changed.fire();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#changed.fire()),
    ];
  }

  provideMcpServerDefinitions(): vscode.McpHttpServerDefinition[] {
    // The address never changes, whatever happens to identity and settings, so the editor never has to move.
    return [
      new vscode.McpHttpServerDefinition(serverLabel, placeholder('/mcp'), {}, this.#toolsetVersion()),
      ...this.#options.watched.all
        .filter(({ isOfWorkspace }) => !isOfWorkspace || vscode.workspace.isTrusted)
        .map((server) => {
          const address = placeholder(`${watchedPrefix}${server.name}${watchedSuffix}`);
          return new vscode.McpHttpServerDefinition(
            watchedLabel(server),
            address,
            {},
            this.#watchedVersion(server.title),
          );
        }),
    ];
  }

  async resolveMcpServerDefinition(
    definition: vscode.McpHttpServerDefinition,
  ): Promise<vscode.McpHttpServerDefinition> {
    const name = watchedName(definition.uri);
    try {
      const { socketPath, secret, path } =
        name === undefined ? await this.#options.listen() : await this.#options.listenWatched(name);
      return new vscode.McpHttpServerDefinition(
        definition.label,
        socketUri(socketPath, path),
        { Authorization: `Bearer ${secret}` },
        definition.version,
      );
    } catch (error) {
      // The editor hands this text on to whoever called a tool, so it must say what to do.
      const text = WorkbenchError.is(error)
        ? `${error.message} ${error.remedy}`
        : `${definition.label} could not be started: ${messageOf(error)}. Run "MCP Workbench: Show Log" for more.`;
      throw new Error(text, { cause: error });
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  /** Changes when other tools of it are offered. */
  #watchedVersion(title: string): string {
    return `${this.#options.version}+${JSON.stringify(readServerOptions(title) ?? {})}`;
  }

  /** Changes only when other tools are offered: the editor compares it to decide whether its cached list is old. */
  #toolsetVersion(): string {
    const { access, toolsets, tools = {} } = this.#options.policy.current;
    return `${this.#options.version}+${[access, ...toolsets, ...Object.entries(tools).flat()].join('.')}`;
  }
}

const watchedPrefix = '/servers/';
const watchedSuffix = '/mcp';

/** An address that says which server is meant, before there is a socket. */
function placeholder(httpPath: string): vscode.Uri {
  return vscode.Uri.from({ scheme: 'unix', path: '/mcp-workbench', fragment: httpPath });
}

function watchedName({ fragment }: vscode.Uri): string | undefined {
  return fragment.startsWith(watchedPrefix) ? fragment.slice(watchedPrefix.length, -watchedSuffix.length) : undefined;
}

/** The editor's address of a unix socket or a Windows named pipe, with the HTTP path as its fragment. */
function socketUri(socketPath: string, httpPath: string): vscode.Uri {
  // A pipe's name keeps its backslashes: a path that starts with two slashes is not allowed without an authority.
  const scheme = socketPath.startsWith('\\\\') ? 'pipe' : 'unix';
  return vscode.Uri.from({ scheme, path: socketPath, fragment: httpPath });
}

/** Registers the provider where the editor knows about MCP; some editors built on VS Code do not. */
export function registerMcpProvider(options: McpProviderOptions): vscode.Disposable {
  if (typeof vscode.lm.registerMcpServerDefinitionProvider !== 'function') return new vscode.Disposable(() => {});
  const provider = new McpProvider(options);
  return vscode.Disposable.from(vscode.lm.registerMcpServerDefinitionProvider(providerId, provider), provider);
}
