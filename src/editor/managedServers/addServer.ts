import * as path from 'node:path';
import * as vscode from 'vscode';
import { WorkbenchError } from '../../core/errors';
import { parseNewServer } from '../../mcp/upstream/discovery/add/parseNewServer';
import type { NewServer } from '../../mcp/upstream/discovery/add/newServer';
import type { ConfigFile } from '../../mcp/upstream/discovery/configFile';
import type { DiscoveryEnvironment } from '../../mcp/upstream/discovery/configLocations';
import { ownerLabels } from '../../mcp/upstream/discovery/configOwner';
import { addServer } from '../../mcp/upstream/discovery/edits/serverEdits';
import { ownerFormats } from '../../mcp/upstream/discovery/ownerFormats';
import type { ServerTemplate } from '../../mcp/upstream/discovery/serverTemplate';
import { translateVariables } from '../../mcp/upstream/discovery/variables/translateVariables';
import type { RequestSigning } from '../../mcp/upstream/requestSigning';
import type { VirtualDocuments } from '../virtualDocuments';
import { proposeEdit, undoEdit } from './configEdits';
import { readServerOptions, writeServerOptions } from './serverOptions';
import { offerSigning } from './signingPick';

/** What "Add Server…" did, and how it is taken back. */
export interface AddedServer {
  names: string[];
  place: string;
  undo: () => Promise<void>;
}

/** Asks for a server by command, address, package or pasted configuration, and writes it where the person wants it. */
export async function addServerByHand(
  documents: VirtualDocuments,
  environment: DiscoveryEnvironment,
  given?: unknown,
): Promise<AddedServer | undefined> {
  const title = vscode.l10n.t('Add an MCP Server');
  const text = typeof given === 'string' ? given : await askText(title);
  if (text === undefined) return undefined;
  const servers = await choose(title, text);
  if (!servers) return undefined;
  const [first] = servers;
  if (!first) return undefined;
  const named = servers.length === 1 ? await nameIt(title, first) : servers;
  if (!named) return undefined;
  const signed = await signThem(title, named);
  if (!signed) return undefined;
  const place = await choosePlace(title, environment, signed);
  if (!place) return undefined;
  return place.file === undefined ? writeSetting(signed) : writeFile(documents, place.file, place.label, signed);
}

function askText(title: string): Promise<string | undefined> {
  return Promise.resolve(
    vscode.window.showInputBox({
      title,
      prompt: vscode.l10n.t('A command, a URL, a package of npm or PyPI, or a configuration pasted from anywhere'),
      placeHolder: 'npx -y @modelcontextprotocol/server-everything',
      ignoreFocusOut: true,
      validateInput: (value) => {
        if (value.trim() === '') return undefined;
        const { servers, problems } = parseNewServer(value, process.platform);
        return servers.length === 0 ? problems[0] : undefined;
      },
    }),
  );
}

async function choose(title: string, text: string): Promise<NewServer[] | undefined> {
  const { choice, servers, problems } = parseNewServer(text, process.platform);
  if (servers.length === 0) {
    throw new WorkbenchError('InvalidInput', problems.join(' ') || 'There is no MCP server in this text.', {
      remedy: 'Enter a command, a URL, the name of a package, or a configuration.',
    });
  }
  if (choice === 'all' || servers.length === 1) return servers;
  const items = servers.map((server) => ({
    label: server.kind,
    description: summaryOf(server),
    server,
  }));
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: vscode.l10n.t('What is it?') });
  return picked && [picked.server];
}

async function nameIt(title: string, server: NewServer): Promise<NewServer[] | undefined> {
  const name = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('A name for it'),
    value: server.name,
    ignoreFocusOut: true,
    validateInput: (value) =>
      /^[^\s"'\\]{1,80}$/.test(value) ? undefined : vscode.l10n.t('Use 1 to 80 characters without spaces and quotes.'),
  });
  return name === undefined ? undefined : [{ ...server, name }];
}

/** Asks for each server that AWS serves whether its requests are signed. */
async function signThem(title: string, servers: readonly NewServer[]): Promise<NewServer[] | undefined> {
  const signed: NewServer[] = [];
  for (const server of servers) {
    const { template } = server;
    const isOpen = template.transport !== 'stdio' && Object.keys(template.headers).length === 0 && !template.oauth;
    const signing = isOpen ? await offerSigning(title, template.url) : null;
    if (signing === undefined) return undefined;
    signed.push(signing && isOpen ? { ...server, template: { ...template, signing } } : server);
  }
  return signed;
}

interface Place extends vscode.QuickPickItem {
  /** Absent: our own setting. */
  file?: ConfigFile;
}

async function choosePlace(
  title: string,
  environment: DiscoveryEnvironment,
  servers: readonly NewServer[],
): Promise<Place | undefined> {
  const { editorUserFolder, folders, home } = environment;
  const own: Place = {
    label: ownerLabels.workbench,
    description: vscode.l10n.t('your settings'),
    detail: vscode.l10n.t('Only this view has it, until you watch it.'),
  };
  const place = (file: ConfigFile, description: string): Place => ({
    label: ownerLabels[file.owner],
    description,
    detail: file.path,
    file,
  });
  const places: Place[] = [
    own,
    ...(editorUserFolder === undefined
      ? []
      : [
          place(
            { owner: 'vscode', scope: 'user', path: path.join(editorUserFolder, 'mcp.json') },
            vscode.l10n.t('for all your work'),
          ),
        ]),
    ...folders.flatMap((folder) => [
      place(
        { owner: 'vscode', scope: 'workspace', path: path.join(folder.path, '.vscode', 'mcp.json'), folder },
        vscode.l10n.t('for everyone in {0}', folder.name),
      ),
      place(
        { owner: 'claudeCode', scope: 'workspace', path: path.join(folder.path, '.mcp.json'), folder },
        vscode.l10n.t('for everyone in {0}', folder.name),
      ),
    ]),
    place(
      { owner: 'cursor', scope: 'user', path: path.join(home, '.cursor', 'mcp.json') },
      vscode.l10n.t('for all your work'),
    ),
  ];
  const possible = places.filter(({ file }) =>
    servers.every((server) => ownerFormats[file?.owner ?? 'workbench'].write(server.template) !== undefined),
  );
  return vscode.window.showQuickPick(possible, {
    title,
    placeHolder: vscode.l10n.t('Where should it be written?'),
    matchOnDetail: true,
    ignoreFocusOut: true,
  });
}

async function writeSetting(servers: readonly NewServer[]): Promise<AddedServer> {
  const configuration = vscode.workspace.getConfiguration('mcpWorkbench');
  const before = configuration.inspect<Record<string, unknown>>('servers')?.globalValue;
  const after: Record<string, unknown> = { ...before };
  for (const { name, template, owner } of servers) {
    if (Object.hasOwn(after, name)) {
      throw new WorkbenchError('InvalidInput', `There is a server ${name} in your settings already.`, {
        remedy: 'Choose another name.',
      });
    }
    after[name] = ownerFormats.workbench.write(translateVariables(template, owner, 'workbench').template);
  }
  await configuration.update('servers', after, vscode.ConfigurationTarget.Global);
  return {
    names: servers.map(({ name }) => name),
    place: vscode.l10n.t('your settings'),
    undo: async () => vscode.workspace.getConfiguration('mcpWorkbench').update('servers', before, true),
  };
}

async function writeFile(
  documents: VirtualDocuments,
  file: ConfigFile,
  label: string,
  servers: readonly NewServer[],
): Promise<AddedServer | undefined> {
  const undos: (() => Promise<void>)[] = [];
  const names: string[] = [];
  for (const { name, template, owner, inputs } of servers) {
    const { template: translated, signing } = withoutSigning(translateVariables(template, owner, file.owner).template);
    const edit = await proposeEdit(documents, {
      file,
      title: vscode.l10n.t('Add {0} to {1}', name, label),
      compute: (text) => addServer(file, text, name, translated, { inputs }),
    });
    if (!edit) continue;
    names.push(name);
    undos.unshift(() => undoEdit(file, edit.undo));
    if (!signing) continue;
    // Only our own setting has a place for it in the definition.
    const before = readServerOptions(name);
    await writeServerOptions(name, { ...before, auth: { type: 'sigv4', ...signing } });
    undos.unshift(() => writeServerOptions(name, before));
  }
  if (names.length === 0) return undefined;
  return {
    names,
    place: path.basename(file.path),
    undo: async () => {
      for (const undo of undos) await undo();
    },
  };
}

function withoutSigning(template: ServerTemplate): { template: ServerTemplate; signing?: Partial<RequestSigning> } {
  if (template.transport === 'stdio') return { template };
  const { signing, ...rest } = template;
  return { template: rest, ...(signing ? { signing } : {}) };
}

function summaryOf({ template }: NewServer): string {
  return template.transport === 'stdio' ? [template.command, ...template.args].join(' ') : template.url;
}
