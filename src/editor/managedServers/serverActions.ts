import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { messageOf, WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import { escapeUnseen } from '../../core/unseen';
import type { ConfigProblem } from '../../mcp/upstream/discovery/configProblem';
import type { DiscoveryEnvironment } from '../../mcp/upstream/discovery/configLocations';
import { ownerLabels } from '../../mcp/upstream/discovery/configOwner';
import { removeServer, switchServer, switchServerAgain } from '../../mcp/upstream/discovery/edits/serverEdits';
import { ownerFormats } from '../../mcp/upstream/discovery/ownerFormats';
import { translateVariables } from '../../mcp/upstream/discovery/variables/translateVariables';
import type { ServerEntry } from '../../mcp/upstream/discovery/serverEntry';
import type { ServerApprovals } from '../../mcp/upstream/trust/serverApprovals';
import type { OfferLink } from '../inspector/offerLink';
import { offerOfRow } from '../inspector/offerOfRow';
import { trafficFilterOf } from '../inspector/trafficOfRow';
import type { ExternalAccess } from '../servers/externalAccess';
import type { VirtualDocuments } from '../virtualDocuments';
import { addServerByHand } from './addServer';
import { proposeEdit, undoEdit } from './configEdits';
import { entryKey } from './entryKey';
import { healthText, toolsText } from './healthText';
import type { InputPrompt } from './inputPrompt';
import type { KnownServer } from './knownServer';
import type { ManagedTree } from './managedTree';
import { openAt, openEntry, openSetting } from './openEntry';
import { routedTemplate } from './routedAddress';
import type { RoutedServers } from './routedServers';
import type { ServerCatalog } from './serverCatalog';
import { editOptions } from './optionsPick';
import { ServerLogs } from './serverLogs';
import { showItem } from './showItem';
import { signInForSigning, type SigningIdentity } from './signingIdentity';
import { entryOf, serverOf } from './serverTarget';
import type { WatchedServers } from './watchedServers';
import { watchedLabel } from './watchedServers';

export interface ServerActionsOptions {
  catalog: ServerCatalog;
  tree: ManagedTree;
  approvals: ServerApprovals;
  inputs: InputPrompt;
  routed: RoutedServers;
  watched: WatchedServers;
  documents: VirtualDocuments;
  externalAccess: ExternalAccess;
  environment: () => DiscoveryEnvironment;
  inspect: (filter: string) => Promise<void>;
  tryIt: (link: OfferLink) => Promise<void>;
  aws: SigningIdentity;
}

/** What people can do with their servers. Each takes a row of the tree, a name, or nothing: then it asks. */
export class ServerActions {
  readonly #options: ServerActionsOptions;
  readonly #logs: ServerLogs;

  constructor(options: ServerActionsOptions) {
    this.#options = options;
    this.#logs = new ServerLogs(options.documents);
  }

  async add(text?: unknown): Promise<void> {
    const { documents, environment, catalog } = this.#options;
    const added = await addServerByHand(documents, environment(), text);
    if (!added) return;
    await catalog.refresh();
    sayWithUndo(vscode.l10n.t('{0} was added to {1}.', added.names.join(', '), added.place), added.undo);
  }

  async start(target?: unknown): Promise<void> {
    const server = await this.#pick(target, vscode.l10n.t('Start Server'));
    if (server) await this.#run(server, (signal) => server.start(signal));
  }

  async stop(target?: unknown): Promise<void> {
    const server = await this.#pick(target, vscode.l10n.t('Stop Server'), ({ state }) => state.kind !== 'stopped');
    await server?.stop();
  }

  async restart(target?: unknown): Promise<void> {
    const server = await this.#pick(target, vscode.l10n.t('Restart Server'));
    if (server) await this.#run(server, (signal) => server.restart(signal));
  }

  async showLog(target?: unknown): Promise<void> {
    const server = await this.#pick(target, vscode.l10n.t('Show Server Log'));
    if (server) await this.#logs.show(server);
  }

  async signIn(target?: unknown): Promise<void> {
    const isWeb = ({ entry }: KnownServer): boolean => entry.template.transport !== 'stdio';
    const server = await this.#pick(target, vscode.l10n.t('Sign In to Server'), isWeb);
    if (!server) return;
    if (server.signing) {
      await signInForSigning(this.#options.aws, server.signing.profile);
      await this.start({ server });
      return;
    }
    await withProgress(vscode.l10n.t('Signing in to {0} in the browser', server.title), async (signal) => {
      const supervisor = await server.prepare({ isByPerson: true });
      const oauth = supervisor.oauth();
      if (!oauth) {
        throw new WorkbenchError('Unsupported', `The server ${server.title} takes no sign-in of its own.`, {
          remedy: 'It uses what its definition says; correct it there.',
        });
      }
      await oauth.signIn(signal);
      await server.start(signal);
    });
  }

  async signOut(target?: unknown): Promise<void> {
    const server = await this.#pick(target, vscode.l10n.t('Sign Out of Server'));
    if (server?.signing) {
      throw new WorkbenchError('Unsupported', `Nobody signs in to ${server.title} itself.`, {
        remedy: 'Its requests are signed with AWS credentials: sign out in the AWS view.',
      });
    }
    const oauth = server?.supervisor?.oauth();
    if (!server || !oauth) return;
    await oauth.signOut();
    await server.stop();
  }

  async inspect(target?: unknown): Promise<void> {
    const server = await this.#pick(target, vscode.l10n.t('Show Traffic of Server'));
    if (!server) return;
    await this.#options.inspect(trafficFilterOf({ kind: 'managed', server }) ?? '');
  }

  async runTool(target?: unknown): Promise<void> {
    await this.#options.tryIt(offerOfRow(target));
  }

  async showItem(target?: unknown): Promise<void> {
    await showItem(this.#options.documents, target);
  }

  async check(target?: unknown): Promise<void> {
    const server = await this.#pick(target, vscode.l10n.t('Check Server'));
    if (!server) return;
    await withProgress(vscode.l10n.t('Checking {0}', server.title), async (signal) => {
      const report = await server.check(signal);
      await this.#options.documents.show(`/servers/${server.name}/check.md`, healthText(server, report));
    });
    if (server.changes) await this.showChanges({ server });
  }

  async showChanges(target?: unknown): Promise<void> {
    const server = await this.#pick(target, vscode.l10n.t('Show Changes'), ({ changes }) => changes !== undefined);
    const { changes } = server ?? {};
    if (!server || !changes) return;
    const { documents } = this.#options;
    const left = documents.put(`/servers/${server.name}/seen/tools.json`, toolsText(changes.before));
    const right = documents.put(`/servers/${server.name}/now/tools.json`, toolsText(changes.after));
    const title = vscode.l10n.t('Tools of {0}: as you have seen them, and now', server.title);
    await vscode.commands.executeCommand('vscode.diff', left, right, title, { preview: true });
  }

  async acceptChanges(target?: unknown): Promise<void> {
    const server = await this.#pick(target, vscode.l10n.t('Accept Changes'), ({ changes }) => changes !== undefined);
    await server?.acceptChanges();
  }

  async watch(target?: unknown): Promise<void> {
    const { watched } = this.#options;
    const server = await this.#pick(target, vscode.l10n.t('Watch Server'), ({ key }) => !watched.has(key));
    if (!server) return;
    await this.#watch(server);
    const text = watchedWords(server);
    const route = vscode.l10n.t('Route Through MCP Workbench…');
    void offer(text, canRoute(server) ? route : undefined, async () => {
      await vscode.commands.executeCommand('mcpWorkbench.servers.route', server.key);
    });
  }

  async unwatch(target?: unknown): Promise<void> {
    const { watched, catalog } = this.#options;
    const server = await this.#pick(target, vscode.l10n.t('Stop Watching Server'), ({ key }) => watched.has(key));
    if (!server) return;
    if (catalog.isRouted(server)) await this.unroute({ server });
    await watched.remove(server.key);
  }

  async route(target?: unknown): Promise<void> {
    const { routed, externalAccess, documents, catalog } = this.#options;
    const title = vscode.l10n.t('Route Through MCP Workbench');
    const server = await this.#pick(target, title, canRoute);
    if (!server) return;
    const entry = server.entry;
    if (!canRoute(server)) {
      throw new WorkbenchError('Unsupported', `The entry of ${server.title} cannot be routed.`, {
        remedy: 'It stands in our own setting, so that no client goes to it directly. Watch it instead.',
      });
    }
    const { name } = await this.#watch(server);
    const template = routedTemplate(name, await externalAccess.enable());
    const before = catalog.isRouted(server) ? routed.get(entryKey(entry)) : undefined;
    const owner = ownerLabels[entry.owner];
    const edit = await proposeEdit(documents, {
      file: entry.file,
      title: vscode.l10n.t('Route {0} through MCP Workbench', server.title),
      consequence: consequenceOf(entry),
      // Only the address and the token of what is ours anyway.
      isAgreed: before !== undefined,
      compute: (text) =>
        before
          ? switchServerAgain(entry.file, text, before.undo, template)
          : switchServer(entry.file, text, entry.path, template),
      beforeWrite: async ({ undo }) => {
        await routed.add({
          key: entryKey(entry),
          template: entry.template,
          inputs: [...entry.inputs.values()],
          undo,
        });
      },
    });
    if (!edit) return;
    await catalog.refresh();
    sayWithUndo(vscode.l10n.t('{0} now reaches {1} through MCP Workbench.', owner, server.title), () =>
      this.unroute({ server }),
    );
  }

  async unroute(target?: unknown): Promise<void> {
    const { routed, catalog } = this.#options;
    const isRouted = (server: KnownServer): boolean => catalog.isRouted(server);
    const server = await this.#pick(target, vscode.l10n.t('Stop Routing Server'), isRouted);
    const record = server && routed.get(server.key);
    if (!server || !record) return;
    await undoEdit(server.entry.file, record.undo);
    await routed.remove(server.key);
    await catalog.refresh();
  }

  async editOptions(target?: unknown): Promise<void> {
    const server = await this.#pick(target, vscode.l10n.t('Server Options'));
    if (server) await editOptions(server);
  }

  async copyConfig(target?: unknown): Promise<void> {
    const title = vscode.l10n.t('Copy Server Configuration');
    const server = await this.#pick(target, title);
    if (!server) return;
    const forms = [
      { label: 'mcpServers', description: vscode.l10n.t('Claude, Cursor and most others'), owner: 'claudeCode' },
      { label: 'servers', description: 'VS Code', owner: 'vscode' },
    ] as const;
    const picked = await vscode.window.showQuickPick(forms, { title });
    if (!picked) return;
    const { entry } = server;
    const { template } = translateVariables(entry.template, entry.owner, picked.owner);
    const value = ownerFormats[picked.owner].write(template);
    await vscode.env.clipboard.writeText(
      `${JSON.stringify({ [picked.label]: { [entry.name]: value } }, undefined, 2)}\n`,
    );
    void vscode.window.showInformationMessage(
      vscode.l10n.t('The configuration is on the clipboard, as it is written: look for secrets before you share it.'),
    );
  }

  async openConfig(target?: unknown): Promise<void> {
    const problem = isRecord(target) ? target['problem'] : undefined;
    if (isProblem(problem)) {
      const isSetting = path.basename(problem.file) === 'settings.json';
      // The settings of the user may be on another machine than we are.
      if (isSetting && !fs.existsSync(problem.file)) await openSetting();
      else await openAt(problem.file, problem.line, problem.column);
      return;
    }
    const title = vscode.l10n.t('Open Server Configuration');
    const server = await this.#pick(target, title);
    const entry = server && (await entryOf(server, title));
    if (entry) await openEntry(entry);
  }

  async forgetValues(target?: unknown): Promise<void> {
    const server = await this.#pick(target, vscode.l10n.t('Forget Entered Values'));
    if (!server) return;
    await this.#options.inputs.forget(server.entry);
    await this.#options.approvals.forget(server.entry);
    await server.reset();
  }

  async remove(target?: unknown): Promise<void> {
    const { documents, catalog, watched, routed } = this.#options;
    const title = vscode.l10n.t('Remove Server');
    const server = await this.#pick(target, title);
    const entry = server && (await entryOf(server, title));
    if (!server || !entry) return;
    const { file, path } = entry;
    let undo: () => Promise<void>;
    if (entry.owner === 'workbench' && entry.scope === 'user') {
      const configuration = vscode.workspace.getConfiguration('mcpWorkbench');
      const before = configuration.inspect<Record<string, unknown>>('servers')?.globalValue;
      const { [entry.name]: _removed, ...rest } = before ?? {};
      await configuration.update('servers', Object.keys(rest).length === 0 ? undefined : rest, true);
      undo = async () => vscode.workspace.getConfiguration('mcpWorkbench').update('servers', before, true);
    } else {
      const edit = await proposeEdit(documents, {
        file,
        title: vscode.l10n.t('Remove {0} from {1}', entry.name, ownerLabels[entry.owner]),
        compute: (text) => removeServer(file, text, path),
      });
      if (!edit) return;
      undo = () => undoEdit(file, edit.undo);
    }
    const record = routed.get(entryKey(entry));
    await routed.remove(entryKey(entry));
    if (server.discovered.origins.length <= 1) await watched.remove(server.key);
    await catalog.refresh();
    sayWithUndo(vscode.l10n.t('{0} was removed.', entry.name), async () => {
      if (record) await routed.add(record);
      await undo();
    });
  }

  dispose(): void {
    this.#logs.dispose();
  }

  /** Starts a server; one that wants a sign-in says so with the way to it. */
  async #run(server: KnownServer, start: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await withProgress(vscode.l10n.t('Starting {0}', server.title), start);
    } catch (error) {
      if (!WorkbenchError.is(error, 'SignInRequired')) throw error;
      void offer(escapeUnseen(error.message), vscode.l10n.t('Sign In'), () => this.signIn({ server }));
    }
  }

  async #watch(server: KnownServer): Promise<{ name: string }> {
    // Agreed to and resolved now, while the person is here to be asked.
    await server.prepare({ isByPerson: true });
    const { entry } = server;
    return this.#options.watched.add({
      key: server.key,
      name: server.name,
      title: server.title,
      isOfWorkspace: entry.scope !== 'user',
    });
  }

  #pick(
    target: unknown,
    title: string,
    isOffered?: (server: KnownServer) => boolean,
  ): Promise<KnownServer | undefined> {
    return serverOf(this.#options.catalog, target, title, isOffered);
  }
}

/** Whether another program has it, which could reach it through us. */
function canRoute({ entry }: KnownServer): boolean {
  return entry.owner !== 'workbench';
}

/** What a person should know before a file is changed to lead through us. */
function consequenceOf(entry: ServerEntry): string {
  const owner = ownerLabels[entry.owner];
  return entry.scope === 'workspace'
    ? vscode.l10n.t(
        '{0} will reach it through this window, while it is open. The address holds the token of external access: do not commit the file while it is routed.',
        owner,
      )
    : vscode.l10n.t(
        '{0} will reach it through this window, while it is open. The address holds the token of external access.',
        owner,
      );
}

/** What follows from watching a server, and what is left to do. */
function watchedWords(server: KnownServer): string {
  const label = watchedLabel(server);
  const owners = new Set(server.discovered.origins.map(({ owner }) => owner));
  if (owners.has('vscode')) {
    return vscode.l10n.t(
      'Chat now has "{0}" beside "{1}". To see its traffic, switch "{1}" off and "{0}" on in the tool picker of chat.',
      label,
      server.title,
    );
  }
  owners.delete('workbench');
  if (owners.size === 0) {
    return vscode.l10n.t('Chat now has "{0}". No other program has this server, so all of its traffic is seen.', label);
  }
  return vscode.l10n.t(
    'Chat now has "{0}". {1} still goes to the server directly; route it to see its traffic, too.',
    label,
    [...owners].map((owner) => ownerLabels[owner]).join(', '),
  );
}

function isProblem(value: unknown): value is ConfigProblem {
  return isRecord(value) && typeof value['file'] === 'string' && typeof value['line'] === 'number';
}

function sayWithUndo(text: string, undo: () => Promise<void>): void {
  void offer(text, vscode.l10n.t('Undo'), undo);
}

/** Says something with one thing to do about it. Never throws, and nobody has to wait until it was read. */
async function offer(text: string, button: string | undefined, act: () => Promise<void>): Promise<void> {
  const picked = await vscode.window.showInformationMessage(text, ...(button === undefined ? [] : [button]));
  if (picked === undefined) return;
  try {
    await act();
  } catch (error) {
    const reason = WorkbenchError.is(error) ? `${error.message} ${error.remedy}` : messageOf(error);
    void vscode.window.showErrorMessage(escapeUnseen(reason));
  }
}

/** Runs something that a person waits for and can give up. */
async function withProgress(title: string, run: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const aborting = new AbortController();
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (_progress, token) => {
      const subscription = token.onCancellationRequested(() => aborting.abort());
      try {
        await run(aborting.signal);
      } finally {
        subscription.dispose();
      }
    },
  );
}
