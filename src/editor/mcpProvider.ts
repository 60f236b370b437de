import * as vscode from 'vscode';
import { messageOf, WorkbenchError } from '../core/errors';
import type { PolicySettings } from '../tools/policy';

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
}

/**
 * Offers our server to the editor without any configuration. The server starts when the editor first wants it, and the
 * secret exists only in the definition that the editor asks for at that moment.
 */
class McpProvider implements vscode.McpServerDefinitionProvider<vscode.McpHttpServerDefinition>, vscode.Disposable {
  readonly #options: McpProviderOptions;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscription: vscode.Disposable;
  readonly onDidChangeMcpServerDefinitions = this.#changed.event;

  constructor(options: McpProviderOptions) {
    this.#options = options;
    this.#subscription = options.policy.onDidChange(() => {
      // A new version makes the editor drop its session. With a running server that would only interrupt it: it is
      // told by `notifications/tools/list_changed`. Without one, the editor must learn that its cached list is old.
      if (!options.isListening()) this.#changed.fire();
    });
  }

  provideMcpServerDefinitions(): vscode.McpHttpServerDefinition[] {
    // The address never changes, whatever happens to identity and settings, so the editor never has to move.
    const address = vscode.Uri.from({ scheme: 'unix', path: '/mcp-workbench', fragment: '/mcp' });
    return [new vscode.McpHttpServerDefinition(serverLabel, address, {}, this.#toolsetVersion())];
  }

  async resolveMcpServerDefinition(): Promise<vscode.McpHttpServerDefinition> {
    try {
      const { socketPath, secret, path } = await this.#options.listen();
      return new vscode.McpHttpServerDefinition(
        serverLabel,
        socketUri(socketPath, path),
        { Authorization: `Bearer ${secret}` },
        this.#toolsetVersion(),
      );
    } catch (error) {
      // The editor hands this text on to whoever called a tool, so it must say what to do.
      const text = WorkbenchError.is(error)
        ? `${error.message} ${error.remedy}`
        : `The AWS tools could not be started: ${messageOf(error)}. Run "MCP Workbench: Show Log" for more.`;
      throw new Error(text, { cause: error });
    }
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  /** Changes only when other tools are offered: the editor compares it to decide whether its cached list is old. */
  #toolsetVersion(): string {
    const { access, toolsets } = this.#options.policy.current;
    return `${this.#options.version}+${[access, ...toolsets].join('.')}`;
  }
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
