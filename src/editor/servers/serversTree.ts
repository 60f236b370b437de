import * as vscode from 'vscode';
import type { Event } from '../../core/emitter';
import type { Disposable } from '../../core/disposable';
import { escapeUnseen } from '../../core/unseen';
import type { ClientConnection } from '../../mcp/host/clientConnection';
import type { RegisteredTool } from '../../tools/registry';
import type { ToolAccess } from '../../tools/tool';
import { isManagedNode, type ManagedNode } from '../managedServers/managedNodes';
import { serverLabel } from '../mcpProvider';
import { toolsItem } from '../toolsets/toolsItem';
import { treeItem } from '../treeItem';
import { byToolset, costWords, count, listingTokens, tokenWords, type ServerNode } from './serverNodes';

/** What the tree shows, as it is now. */
export interface ServersTreeSource {
  isRunning(): boolean;
  connections(): readonly ClientConnection[];
  externalUrl(): string | undefined;
  /** Whether a setting or an organisation keeps the editor's chat from using MCP servers at all. */
  isHiddenFromChat(): boolean;
  /** The tools that policy allows. */
  listTools(): Promise<readonly RegisteredTool[]>;
  /** What their list may cost a model, in tokens. */
  tokenBudget(): number;
  readonly onDidChange: readonly Event<unknown>[];
  /** The servers of the user, which follow ours. */
  managed: {
    children(node?: ManagedNode): Promise<ManagedNode[]>;
    item(node: ManagedNode): vscode.TreeItem;
    /** Fires with a row that changed, or with nothing when rows came or went at the top. */
    readonly onDidChange: Event<ManagedNode | undefined>;
  };
}

/** How long changes are gathered before the tree is drawn again, in milliseconds. */
const settleMs = 100;

/** The *Servers* view: our server, who is connected to it, and what it offers. */
export class ServersTree implements vscode.TreeDataProvider<ServerNode>, Disposable {
  readonly #source: ServersTreeSource;
  readonly #changed = new vscode.EventEmitter<ServerNode | undefined>();
  /** Always the same object, so that our row can be drawn again without the others. */
  readonly #own: ServerNode = { kind: 'server' };
  readonly #subscriptions: Disposable[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(source: ServersTreeSource) {
    this.#source = source;
    this.#subscriptions = [
      ...source.onDidChange.map((event) => event(() => this.#changeSoon())),
      source.managed.onDidChange((node) => this.#changed.fire(node)),
    ];
  }

  /** Draws everything again now. */
  refresh(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changed.fire(undefined);
  }

  async getChildren(node?: ServerNode): Promise<ServerNode[]> {
    if (node && isManagedNode(node)) return this.#source.managed.children(node);
    const connections = this.#source.connections();
    const externalUrl = this.#source.externalUrl();
    switch (node?.kind) {
      case undefined:
        return [this.#own, ...(await this.#source.managed.children())];
      case 'server': {
        const tools = await this.#source.listTools();
        const external: ServerNode[] = externalUrl === undefined ? [] : [{ kind: 'externalAccess', url: externalUrl }];
        return [{ kind: 'clients' }, ...external, { kind: 'tools', tools }];
      }
      case 'clients':
        return connections.map((connection) => ({ kind: 'client', connection }));
      case 'tools':
        return [...byToolset(node.tools)].map(([toolset, tools]) => ({ kind: 'toolset', toolset, tools }));
      case 'toolset':
        return node.tools.map((tool) => ({ kind: 'tool', tool }));
      case 'client':
      case 'externalAccess':
      case 'tool':
        break;
    }
    return [];
  }

  getTreeItem(node: ServerNode): vscode.TreeItem {
    if (isManagedNode(node)) return this.#source.managed.item(node);
    switch (node.kind) {
      case 'server':
        return this.#serverItem();
      case 'clients':
        return this.#clientsItem();
      case 'client':
        return clientItem(node.connection);
      case 'externalAccess':
        return externalAccessItem(node.url);
      case 'tools':
        return toolsItem(node.tools, this.#source.tokenBudget());
      case 'toolset':
        return treeItem(`toolset/${node.toolset}`, node.toolset, {
          description: costWords(node.tools),
          icon: 'symbol-namespace',
          state: vscode.TreeItemCollapsibleState.Collapsed,
        });
      case 'tool':
        break;
    }
    return toolItem(node);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  #changeSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#changed.fire(this.#own);
    }, settleMs);
  }

  #serverItem(): vscode.TreeItem {
    const isRunning = this.#source.isRunning();
    const state = isRunning ? count(this.#source.connections().length, 'client') : vscode.l10n.t('not started');
    if (this.#source.isHiddenFromChat()) {
      return treeItem('server', serverLabel, {
        description: `${state} · ${vscode.l10n.t('hidden from chat')}`,
        icon: 'warning',
        state: vscode.TreeItemCollapsibleState.Expanded,
        tooltip: vscode.l10n.t(
          'Chat uses no MCP servers while the setting chat.mcp.access is "none"; your organisation may have set it. Other clients are not affected.',
        ),
      });
    }
    return treeItem('server', serverLabel, {
      description: state,
      icon: isRunning ? 'server-process' : 'server',
      state: vscode.TreeItemCollapsibleState.Expanded,
      tooltip: isRunning
        ? vscode.l10n.t('Hosted by this window. It ends with it.')
        : vscode.l10n.t('Starts by itself when chat or another client first needs it.'),
    });
  }

  #clientsItem(): vscode.TreeItem {
    const connections = this.#source.connections();
    const isEmpty = connections.length === 0;
    // Another row than the empty one: the editor would keep that one's state and not unfold it for the first client.
    return treeItem(isEmpty ? 'clients/none' : 'clients', vscode.l10n.t('Clients'), {
      description: isEmpty ? vscode.l10n.t('none connected') : String(connections.length),
      icon: 'plug',
      state: isEmpty ? vscode.TreeItemCollapsibleState.None : vscode.TreeItemCollapsibleState.Expanded,
      tooltip: vscode.l10n.t('Chat connects by itself. For Claude Code, run "Connect Claude Code".'),
    });
  }
}

/** How a client reaches us, in words. */
const viaWords: Readonly<Record<ClientConnection['transport'], string>> = {
  socket: 'the private socket of the editor',
  loopback: 'external access',
  stdio: 'standard input and output',
  inProcess: 'this window itself, for calls by hand',
};

function clientItem(connection: ClientConnection): vscode.TreeItem {
  const { id, protocolVersion, transport, callCount } = connection;
  const name = clientName(connection);
  const version = shown(connection.version);
  const via = viaWords[transport];
  const since = new Date(connection.connectedAt).toLocaleTimeString();
  return treeItem(`client/${id}`, name, {
    description: [version, protocolVersion].filter((part) => part !== '').join(' · '),
    icon: transport === 'loopback' ? 'terminal' : 'vm-active',
    tooltip: [
      `${name} ${version}`.trim(),
      `Speaks MCP ${protocolVersion}, through ${via}.`,
      `Connected at ${since}, ${count(callCount, 'tool call')} so far.`,
    ].join('\n'),
  });
}

/** The name a client gave for people. It is a claim, so what cannot be seen in it is made visible. */
function clientName({ title, name }: ClientConnection): string {
  return shown(title ?? name);
}

function shown(text: string): string {
  return escapeUnseen(text).slice(0, 80);
}

function externalAccessItem(url: string): vscode.TreeItem {
  return treeItem('externalAccess', vscode.l10n.t('External access'), {
    description: new URL(url).host,
    icon: 'radio-tower',
    tooltip: vscode.l10n.t('Programs on this machine that have the token can connect to {0}.', url),
  });
}

const accessIcons: Record<ToolAccess, string> = { read: 'eye', write: 'edit', destructive: 'flame' };
const accessWords: Record<ToolAccess, string> = {
  read: 'Reads only.',
  write: 'Changes something; each call asks you first.',
  destructive: 'Cannot be undone; each call asks you first.',
};

function toolItem(node: Extract<ServerNode, { kind: 'tool' }>): vscode.TreeItem {
  const { tool, listing } = node.tool;
  const made = treeItem(`tool/${tool.name}`, tool.title, {
    description: `${tool.name} · ${tokenWords(listingTokens(node.tool))}`,
    icon: accessIcons[tool.access],
    tooltip: [listing.description, accessWords[tool.access]].join('\n\n'),
  });
  made.command = {
    command: 'mcpWorkbench.tools.showSchema',
    title: vscode.l10n.t('Show Tool Schema'),
    arguments: [node],
  };
  return made;
}
