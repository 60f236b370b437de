import * as vscode from 'vscode';
import { DisposableStore } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { messageOf, WorkbenchError } from '../../core/errors';
import { estimateTokens } from '../../core/tokens';
import { escapeUnseen } from '../../core/unseen';
import type { ClientConnection } from '../../mcp/host/clientConnection';
import { ownerLabels } from '../../mcp/upstream/discovery/configOwner';
import { pathOfServer } from '../../mcp/upstream/managedServer';
import { signedEndpointOf } from '../../mcp/upstream/requestSigning';
import type { ServerApprovals } from '../../mcp/upstream/trust/serverApprovals';
import { count, tokenWords } from '../servers/serverNodes';
import { treeItem } from '../treeItem';
import type { KnownServer, ServerLists } from './knownServer';
import type { ManagedItem, ManagedNode } from './managedNodes';
import type { RouteState } from './routedAddress';
import type { ServerCatalog } from './serverCatalog';
import { changeWords, serverLook } from './serverLook';
import { optionWords } from './serverOptions';

export interface ManagedTreeOptions {
  catalog: ServerCatalog;
  approvals: ServerApprovals;
  isWatched(server: KnownServer): boolean;
  /** Clients of our host, whichever path they use. */
  connections(): readonly ClientConnection[];
  onDidChangeConnections: Event<void>;
}

/** Longest list of one kind that is shown row by row. */
const maxRows = 5000;
const { None, Collapsed } = vscode.TreeItemCollapsibleState;

const listNames: Record<keyof ServerLists, () => string> = {
  tools: () => vscode.l10n.t('Tools'),
  resources: () => vscode.l10n.t('Resources'),
  resourceTemplates: () => vscode.l10n.t('Resource Templates'),
  prompts: () => vscode.l10n.t('Prompts'),
};

const listIcons: Record<keyof ServerLists, string> = {
  tools: 'tools',
  resources: 'file',
  resourceTemplates: 'file-code',
  prompts: 'comment',
};

const listKinds = ['tools', 'resources', 'resourceTemplates', 'prompts'] as const;

/** How long new figures wait to be drawn, in milliseconds: longer where there are more rows. */
const minFiguresMs = 500;
const figuresMsPerRow = 5;
const maxFiguresMs = 10_000;

/** Scheme of the addresses that rows have for the badge alone. */
const badgeScheme = 'mcp-workbench-server';

/** Nodes of one server that are the same object as long as it is known, so that single rows can be drawn again. */
interface OwnNodes {
  server: Extract<ManagedNode, { kind: 'managed' }>;
  clients: Extract<ManagedNode, { kind: 'managedClients' }>;
  lists: Record<keyof ServerLists, Extract<ManagedNode, { kind: 'managedList' }>>;
}

/** The rows of the *Servers* view about servers of the user. Asks a server for its lists only when they are unfolded. */
export class ManagedTree {
  readonly #options: ManagedTreeOptions;
  readonly #changed = new Emitter<ManagedNode | undefined>();
  readonly #badges = new Emitter<vscode.Uri[]>();
  readonly #store = new DisposableStore();
  readonly #nodes = new WeakMap<KnownServer, OwnNodes>();
  readonly #listSubscriptions = new Map<KnownServer, { dispose(): void }>();
  #connected: ReadonlyMap<string, string> = new Map();
  /** What was drawn of each server, but for its figures. */
  readonly #drawn = new WeakMap<KnownServer, string>();
  readonly #timers = new Map<KnownServer, NodeJS.Timeout>();

  constructor(options: ManagedTreeOptions) {
    this.#options = options;
    const { catalog } = options;
    this.#store.add(
      catalog.onDidChange(() => {
        this.#followLists();
        this.#changed.fire(undefined);
      }),
    );
    this.#store.add(catalog.onDidChangeServer((server) => this.#drawSoon(server)));
    this.#store.add(options.onDidChangeConnections(() => this.#noticeConnections()));
    this.#store.add(
      vscode.window.registerFileDecorationProvider({
        onDidChangeFileDecorations: this.#badges.event as vscode.Event<vscode.Uri[]>,
        provideFileDecoration: (uri) => this.#badge(uri),
      }),
    );
    this.#followLists();
  }

  /** Fires with a row that changed, or with nothing when rows came or went at the top. */
  get onDidChange(): Event<ManagedNode | undefined> {
    return this.#changed.event;
  }

  async children(node?: ManagedNode): Promise<ManagedNode[]> {
    switch (node?.kind) {
      case undefined:
        return this.#roots();
      case 'managed':
        return this.#childrenOf(node.server);
      case 'managedClients':
        return this.#connectionsOf(node.server).map((connection) => ({
          kind: 'managedClient',
          server: node.server,
          connection,
        }));
      case 'managedList':
        return this.#itemsOf(node.server, node.list);
      case 'managedNote':
      case 'managedClient':
      case 'managedItem':
      case 'managedProblem':
        break;
    }
    return [];
  }

  item(node: ManagedNode): vscode.TreeItem {
    switch (node.kind) {
      case 'managed':
        return this.#serverItem(node.server);
      case 'managedNote':
        return noteItem(node);
      case 'managedClients': {
        const connections = this.#connectionsOf(node.server);
        return treeItem(`managedClients/${node.server.key}`, vscode.l10n.t('Clients'), {
          icon: 'plug',
          description: String(connections.length),
          state: Collapsed,
        });
      }
      case 'managedClient':
        return clientItem(node.connection);
      case 'managedList':
        return listItem(node);
      case 'managedItem':
        return itemItem(node);
      case 'managedProblem':
        break;
    }
    return problemItem(node);
  }

  /** Draws everything of a server again. */
  refresh(server: KnownServer): void {
    this.#changed.fire(this.#of(server).server);
  }

  dispose(): void {
    this.#store.dispose();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const subscription of this.#listSubscriptions.values()) subscription.dispose();
    this.#changed.dispose();
    this.#badges.dispose();
  }

  /**
   * Draws a server again: at once when its state changed, after a while for its figures, since the editor then also
   * fetches every row below it that is unfolded.
   */
  #drawSoon(server: KnownServer): void {
    const now = JSON.stringify([
      server.state,
      server.changes?.changes,
      server.introduction?.version,
      listKinds.map((list) => server.lists[list]?.length),
      server.filter,
      server.signing,
      this.#options.catalog.routeOf(server),
      this.#options.approvals.check(server.entry),
    ]);
    if (now !== this.#drawn.get(server)) {
      this.#drawn.set(server, now);
      this.#draw(server);
    } else if (!this.#timers.has(server)) {
      const rows = listKinds.reduce((sum, list) => sum + (server.lists[list]?.length ?? 0), 0);
      this.#timers.set(
        server,
        setTimeout(() => this.#draw(server), Math.min(maxFiguresMs, minFiguresMs + rows * figuresMsPerRow)).unref(),
      );
    }
  }

  #draw(server: KnownServer): void {
    clearTimeout(this.#timers.get(server));
    this.#timers.delete(server);
    this.#changed.fire(this.#of(server).server);
    this.#badges.fire([badgeUri(server)]);
  }

  #roots(): ManagedNode[] {
    const { catalog } = this.#options;
    const broken = catalog.problems.filter(({ server, severity }) => server === undefined && severity === 'error');
    return [
      ...catalog.servers.map((server) => this.#of(server).server),
      ...broken.map((problem): ManagedNode => ({ kind: 'managedProblem', problem })),
    ];
  }

  #childrenOf(server: KnownServer): ManagedNode[] {
    const own = this.#of(server);
    const rows: ManagedNode[] = this.#notesOf(server);
    if (this.#connectionsOf(server).length > 0) rows.push(own.clients);
    const { introduction, lists } = server;
    // Before it has said what it has, only what a person asks for is looked up.
    const isUp = server.state.kind === 'ready' || server.state.kind === 'starting';
    for (const list of listKinds) {
      const isKnown = lists[list] !== undefined;
      const capability = list === 'resourceTemplates' ? 'resources' : list;
      const isOffered = introduction ? introduction.capabilities[capability] !== undefined : isUp;
      if (isKnown || isOffered) rows.push(own.lists[list]);
    }
    return rows;
  }

  #notesOf(server: KnownServer): ManagedNode[] {
    const notes: ManagedNode[] = [];
    const add = (id: string, text: string, icon: string, command?: { id: string; title: string }): void => {
      notes.push({
        kind: 'managedNote',
        server,
        note: { id, text, icon, ...(command ? { command: { ...command, argument: this.#of(server).server } } : {}) },
      });
    };
    const { state, changes } = server;
    const approval = this.#options.approvals.check(server.entry);
    const start = { id: 'mcpWorkbench.servers.start', title: vscode.l10n.t('Start Server') };
    if (changes) {
      add('changes', changeWords(changes.changes), 'warning', {
        id: 'mcpWorkbench.servers.showChanges',
        title: vscode.l10n.t('Show Changes'),
      });
    }
    const route = this.#options.catalog.routeOf(server);
    const repair = { id: 'mcpWorkbench.servers.route', title: vscode.l10n.t('Route Through MCP Workbench') };
    const owner = ownerLabels[server.entry.owner];
    if (route === 'outdated') {
      add('route', vscode.l10n.t('Correct its address in {0}', owner), 'warning', repair);
    } else if (route === 'closed') {
      add('route', vscode.l10n.t('Turn on external access for {0}', owner), 'warning', repair);
    }
    if (approval === 'untrustedWorkspace') {
      add('untrusted', vscode.l10n.t('The workspace is not trusted, so it does not start'), 'shield', {
        id: 'workbench.trust.manage',
        title: vscode.l10n.t('Manage Workspace Trust'),
      });
    } else if (state.kind === 'needsSignIn') {
      add('signIn', vscode.l10n.t('Sign in'), 'sign-in', {
        id: 'mcpWorkbench.servers.signIn',
        title: vscode.l10n.t('Sign In to Server'),
      });
    } else if (state.kind === 'failed') {
      add('failed', escapeUnseen(state.reason), 'error', {
        id: 'mcpWorkbench.servers.showLog',
        title: vscode.l10n.t('Show Server Log'),
      });
      const { template } = server.entry;
      if (template.transport !== 'stdio' && !server.signing && signedEndpointOf(template.url)) {
        add('signing', vscode.l10n.t('Sign its requests with AWS credentials'), 'cloud', {
          id: 'mcpWorkbench.servers.options',
          title: vscode.l10n.t('Server Options'),
        });
      }
    } else if (state.kind === 'stopped') {
      add('start', vscode.l10n.t('Start it to see what it offers'), 'play', start);
    }
    const { entry } = server;
    const known = this.#options.catalog.problems.filter(
      (problem) => problem.server === entry.name && problem.file === entry.file.path,
    );
    for (const problem of [...known, ...server.resolutionProblems]) notes.push({ kind: 'managedProblem', problem });
    return notes;
  }

  async #itemsOf(server: KnownServer, list: keyof ServerLists): Promise<ManagedNode[]> {
    try {
      const items = (await server.list(
        list,
        { isByPerson: false },
        AbortSignal.timeout(120_000),
      )) as readonly ManagedItem[];
      const shownItems = items.slice(0, maxRows);
      const rows = shownItems.map((each): ManagedNode => ({ kind: 'managedItem', server, list, item: each }));
      if (items.length > maxRows) {
        const text = vscode.l10n.t('{0} more', items.length - maxRows);
        rows.push({ kind: 'managedNote', server, note: { id: `${list}/more`, text, icon: 'ellipsis' } });
      }
      return rows;
    } catch (error) {
      const text = WorkbenchError.is(error) ? `${error.message} ${error.remedy}` : messageOf(error);
      return [{ kind: 'managedNote', server, note: { id: `${list}/error`, text: escapeUnseen(text), icon: 'error' } }];
    }
  }

  #serverItem(server: KnownServer): vscode.TreeItem {
    const { entry, state, figures, changes } = server;
    const approval = this.#options.approvals.check(entry);
    const connections = this.#connectionsOf(server);
    const isWatched = this.#options.isWatched(server);
    const isRouted = this.#options.catalog.isRouted(server);
    const look = serverLook({
      state,
      approval,
      entry,
      hasChanges: changes !== undefined,
      silentMs: figures?.silentMs ?? 0,
    });
    const made = treeItem(`managed/${server.key}`, shown(server.title), {
      icon: look.icon,
      color: look.color,
      state: Collapsed,
    });
    const options = optionWords(server.filter, server.signing);
    const numbers = [
      figures && figures.errorCount > 0 ? count(figures.errorCount, 'error') : '',
      connections.length > 0 ? count(connections.length, 'client') : '',
      figures && figures.callCount > 0 ? count(figures.callCount, 'call') : '',
      figures?.latencyMs === undefined ? '' : milliseconds(figures.latencyMs),
    ];
    const era = server.introduction?.protocolVersion ?? server.era;
    const facts = [
      look.words,
      isRouted ? routeWords(this.#options.catalog.routeOf(server)) : isWatched ? vscode.l10n.t('watched') : '',
      ...numbers,
      transportWords(server),
      state.kind === 'ready' ? (era ?? '') : '',
    ];
    made.description = facts.filter((fact) => fact !== '').join(' · ');
    made.resourceUri = badgeUri(server);
    made.tooltip = this.#tooltip(server, [look.words, ...numbers, ...options]);
    made.accessibilityInformation = { label: `${shown(server.title)}, ${made.description}` };
    made.contextValue = [
      'managed',
      state.kind,
      isRouted ? 'routed' : 'direct',
      isWatched ? 'watched' : 'unwatched',
      entry.template.transport === 'stdio' ? 'stdio' : 'web',
      changes ? 'changed' : 'same',
    ].join('.');
    return made;
  }

  #tooltip(server: KnownServer, words: readonly string[]): string {
    const { entry, introduction, state } = server;
    const { template } = entry;
    const where = server.discovered.origins.map(
      ({ owner, file, place }) => `${ownerLabels[owner]}: ${shown(file.path)}:${place.line}`,
    );
    return [
      shown(server.title),
      words.filter((word) => word !== '').join(' · '),
      ...(state.kind === 'failed' || state.kind === 'needsSignIn' ? [escapeUnseen(state.reason).slice(0, 500)] : []),
      ...(introduction
        ? [
            `${shown(introduction.title ?? introduction.name)} ${shown(introduction.version)}, MCP ${shown(introduction.protocolVersion)}`,
          ]
        : []),
      template.transport === 'stdio' ? shown(template.command) : shown(template.url.replace(/\?.*$/s, '')),
      ...where,
    ].join('\n');
  }

  #badge(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (uri.scheme !== badgeScheme) return undefined;
    const server = this.#options.catalog.get(uri.path.slice(1));
    if (!server?.changes) return undefined;
    return new vscode.FileDecoration(
      '!',
      vscode.l10n.t('Its tools are not those that you have seen'),
      new vscode.ThemeColor('list.warningForeground'),
    );
  }

  #connectionsOf(server: KnownServer): ClientConnection[] {
    const path = pathOfServer(server.name);
    return this.#options.connections().filter((connection) => connection.path === path);
  }

  /** Draws only those servers again whose clients came, went or worked. */
  #noticeConnections(): void {
    const byPath = new Map<string, string>();
    for (const { path, id, callCount, name } of this.#options.connections()) {
      byPath.set(path, `${byPath.get(path) ?? ''} ${id} ${name} ${callCount}`);
    }
    const before = this.#connected;
    this.#connected = byPath;
    for (const server of this.#options.catalog.servers) {
      const path = pathOfServer(server.name);
      if (before.get(path) !== byPath.get(path)) this.#changed.fire(this.#of(server).server);
    }
  }

  #followLists(): void {
    const servers = new Set(this.#options.catalog.servers);
    for (const [server, subscription] of this.#listSubscriptions) {
      if (servers.has(server)) continue;
      subscription.dispose();
      this.#listSubscriptions.delete(server);
    }
    for (const server of servers) {
      if (this.#listSubscriptions.has(server)) continue;
      this.#listSubscriptions.set(
        server,
        server.onDidChangeList((list) => {
          this.#changed.fire(this.#of(server).lists[list]);
          if (list === 'resources') this.#changed.fire(this.#of(server).lists.resourceTemplates);
        }),
      );
    }
  }

  #of(server: KnownServer): OwnNodes {
    let nodes = this.#nodes.get(server);
    if (!nodes) {
      const listNode = (list: keyof ServerLists): Extract<ManagedNode, { kind: 'managedList' }> => ({
        kind: 'managedList',
        server,
        list,
      });
      nodes = {
        server: { kind: 'managed', server },
        clients: { kind: 'managedClients', server },
        lists: {
          tools: listNode('tools'),
          resources: listNode('resources'),
          resourceTemplates: listNode('resourceTemplates'),
          prompts: listNode('prompts'),
        },
      };
      this.#nodes.set(server, nodes);
    }
    return nodes;
  }
}

function noteItem({ server, note }: Extract<ManagedNode, { kind: 'managedNote' }>): vscode.TreeItem {
  const made = treeItem(`managedNote/${server.key}/${note.id}`, note.text, { icon: note.icon });
  if (note.command) {
    made.command = { command: note.command.id, title: note.command.title, arguments: [note.command.argument] };
  }
  return made;
}

function listItem({ server, list }: Extract<ManagedNode, { kind: 'managedList' }>): vscode.TreeItem {
  const known: readonly object[] | undefined = server.lists[list];
  const cost =
    known &&
    (known.length === 0
      ? '0'
      : `${known.length} · ${tokenWords(known.reduce((sum, each) => sum + estimateTokens(JSON.stringify(each)), 0))}`);
  return treeItem(`managedList/${server.key}/${list}`, listNames[list](), {
    icon: listIcons[list],
    state: known?.length === 0 ? None : Collapsed,
    ...(cost === undefined ? {} : { description: cost }),
  });
}

function itemItem(node: Extract<ManagedNode, { kind: 'managedItem' }>): vscode.TreeItem {
  const { server, list, item: each } = node;
  const uri = each.uri ?? each.uriTemplate;
  const made = treeItem(`managedItem/${server.key}/${list}/${uri ?? each.name}`, shown(each.title ?? each.name), {
    icon: list === 'tools' ? 'symbol-method' : listIcons[list],
    description: shown(uri ?? (each.title === undefined ? '' : each.name)),
    tooltip: escapeUnseen([each.name, uri, each.description].filter((line) => line).join('\n\n')).slice(0, 4000),
  });
  made.contextValue = `managedItem.${list}`;
  made.command = {
    command: 'mcpWorkbench.servers.showItem',
    title: vscode.l10n.t('Show'),
    arguments: [node],
  };
  return made;
}

function clientItem(connection: ClientConnection): vscode.TreeItem {
  const name = shown(connection.title ?? connection.name);
  return treeItem(`managedClient/${connection.id}`, name, {
    icon: connection.transport === 'loopback' ? 'terminal' : 'vm-active',
    description: [shown(connection.version), connection.protocolVersion].filter((part) => part !== '').join(' · '),
    tooltip: [name, `MCP ${connection.protocolVersion}`, count(connection.callCount, 'tool call')].join('\n'),
  });
}

function problemItem({ problem }: Extract<ManagedNode, { kind: 'managedProblem' }>): vscode.TreeItem {
  const { file, line, column, message, severity, server } = problem;
  const base = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  const about = vscode.l10n.t('{0}, line {1}', shown(base), line);
  const label = server === undefined ? about : escapeUnseen(message);
  const made = treeItem(`managedProblem/${file}/${line}/${column}/${message}`, label, {
    icon: severity === 'error' ? 'error' : 'warning',
    color: severity === 'error' ? 'list.errorForeground' : 'list.warningForeground',
    description: server === undefined ? escapeUnseen(message) : about,
    tooltip: escapeUnseen(`${message}\n${file}:${line}:${column}`),
  });
  made.command = {
    command: 'mcpWorkbench.servers.openConfig',
    title: vscode.l10n.t('Open Config File'),
    arguments: [{ problem }],
  };
  return made;
}

function routeWords(state: RouteState): string {
  return state === 'routed' ? vscode.l10n.t('routed') : vscode.l10n.t('route broken');
}

function transportWords(server: KnownServer): string {
  const { transport } = server.entry.template;
  return transport === 'http' ? 'HTTP' : transport === 'sse' ? 'SSE' : 'stdio';
}

function milliseconds(value: number): string {
  return value < 10
    ? `${value.toFixed(1)} ms`
    : value < 10_000
      ? `${Math.round(value)} ms`
      : `${Math.round(value / 1000)} s`;
}

function badgeUri(server: KnownServer): vscode.Uri {
  return vscode.Uri.from({ scheme: badgeScheme, path: `/${server.key}` });
}

function shown(text: string): string {
  return escapeUnseen(text).replaceAll(/\s+/g, ' ').slice(0, 200);
}
