import * as vscode from 'vscode';
import { isRecord } from '../../core/json';
import { ownerLabels } from '../../mcp/upstream/discovery/configOwner';
import type { ServerEntry } from '../../mcp/upstream/discovery/serverEntry';
import { KnownServer } from './knownServer';
import type { ServerCatalog } from './serverCatalog';

/**
 * The server that a command is about.
 * @param target a row of the tree, or the name of a server; else the person picks one
 */
export async function serverOf(
  catalog: ServerCatalog,
  target: unknown,
  title: string,
  isOffered: (server: KnownServer) => boolean = () => true,
): Promise<KnownServer | undefined> {
  await catalog.load();
  if (isRecord(target) && target['server'] instanceof KnownServer) return target['server'];
  if (typeof target === 'string') {
    return catalog.get(target) ?? catalog.servers.find((server) => server.name === target || server.title === target);
  }
  const items = catalog.servers.filter(isOffered).map((server) => ({
    label: server.title,
    description: ownerLabels[server.entry.owner],
    server,
  }));
  const placeHolder =
    items.length === 0 ? vscode.l10n.t('There is no server to do this with') : vscode.l10n.t('Which server?');
  return (await vscode.window.showQuickPick(items, { title, placeHolder, matchOnDescription: true }))?.server;
}

/** The entry of a server that is meant, where several files have it. */
export async function entryOf(server: KnownServer, title: string): Promise<ServerEntry | undefined> {
  const { origins } = server.discovered;
  if (origins.length <= 1) return origins[0];
  const items = origins.map((entry) => ({
    label: ownerLabels[entry.owner],
    description: entry.name,
    detail: `${entry.file.path}:${entry.place.line}`,
    entry,
  }));
  return (await vscode.window.showQuickPick(items, { title, placeHolder: vscode.l10n.t('In which file?') }))?.entry;
}
