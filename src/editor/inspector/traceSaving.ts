import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as vscode from 'vscode';
import { messageOf } from '../../core/errors';
import { parseQuery } from '../../traffic/query';
import type { ExportChoices } from '../../traffic/trace/exportRecords';
import { harText } from '../../traffic/trace/har';
import { pickExchanges } from '../../traffic/trace/pickExchanges';
import { countRemovals, removalKinds, type RemovalKind, type Removals } from '../../traffic/trace/removals';
import { traceEnding } from '../../traffic/trace/traceFormat';
import { traceText } from '../../traffic/trace/writeTrace';
import type { TrafficSource } from '../../traffic/trafficSource';

type Choice = vscode.QuickPickItem & { id: 'filter' | 'withoutBodies' | 'withoutAccounts' };

/**
 * Lets the person save traffic as a trace or as HAR: which format, what to leave out, and where. Before that it says
 * which secrets are not in it. Never rejects: what goes wrong is shown.
 * @param filter what the page shows of the source, offered as a choice.
 * @param creator name and version of the extension.
 */
export async function saveTraffic(source: TrafficSource, filter: string, creator: string): Promise<void> {
  try {
    await askAndSave(source, filter, creator);
  } catch (error) {
    void vscode.window.showErrorMessage(vscode.l10n.t('The traffic was not saved. {0}', messageOf(error)));
  }
}

/**
 * Lets the person save some exchanges as a trace, redacted as they are kept. Never rejects: what goes wrong is shown.
 * @param creator name and version of the extension.
 */
export async function saveExchanges(source: TrafficSource, seqs: ReadonlySet<number>, creator: string): Promise<void> {
  try {
    const uri = await vscode.window.showSaveDialog({
      ...suggestion(`mcp-calls.${traceEnding}`),
      filters: { [vscode.l10n.t('MCP trace')]: [traceEnding] },
      title: vscode.l10n.t('Save Calls'),
    });
    if (!uri) return;
    await write(uri, traceText(source, { creator, picks: (seq) => seqs.has(seq) }));
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Saved {0}.', uri.path.slice(uri.path.lastIndexOf('/') + 1)),
    );
  } catch (error) {
    void vscode.window.showErrorMessage(vscode.l10n.t('The calls were not saved. {0}', messageOf(error)));
  }
}

async function askAndSave(source: TrafficSource, filter: string, creator: string): Promise<void> {
  const { firstSeq, nextSeq } = source.extent;
  if (firstSeq === nextSeq) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is no traffic to save yet.'));
    return;
  }
  const format = await pickFormat();
  if (!format) return;
  const matching = filter.trim() === '' ? undefined : pickExchanges(source, parseQuery(filter));
  const choices = await pickChoices(countRemovals(source), nextSeq - firstSeq, matching?.size);
  if (!choices) return;
  const ids = new Set(choices.map(({ id }) => id));
  const options: ExportChoices & { creator: string } = {
    creator,
    withoutBodies: ids.has('withoutBodies'),
    withoutAccounts: ids.has('withoutAccounts'),
    ...(matching && ids.has('filter') ? { picks: (seq: number) => matching.has(seq) } : {}),
  };
  const uri = await vscode.window.showSaveDialog({
    ...suggestion(`mcp-traffic-${new Date().toISOString().slice(0, 16).replaceAll(':', '')}.${format.ending}`),
    filters: { [format.label]: [format.ending] },
    title: vscode.l10n.t('Save Traffic'),
  });
  if (!uri) return;
  const pieces = format.ending === 'har' ? harText(source, options) : traceText(source, options);
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Saving traffic') },
    () => write(uri, pieces),
  );
  const open = vscode.l10n.t('Open');
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  const picked = await vscode.window.showInformationMessage(vscode.l10n.t('Saved {0}.', name), open);
  if (picked === open) await vscode.commands.executeCommand('vscode.open', uri);
}

async function pickFormat(): Promise<{ label: string; ending: string } | undefined> {
  return vscode.window.showQuickPick(
    [
      {
        label: vscode.l10n.t('MCP trace'),
        description: `.${traceEnding}`,
        detail: vscode.l10n.t('Every message. Opens here as it looks now, and as lines of JSON anywhere else.'),
        ending: traceEnding,
      },
      {
        label: 'HAR 1.2',
        description: '.har',
        detail: vscode.l10n.t('Requests with their responses, for the viewers of browsers and proxies.'),
        ending: 'har',
      },
    ],
    { title: vscode.l10n.t('Save Traffic: Format'), placeHolder: vscode.l10n.t('Choose a format') },
  );
}

async function pickChoices(
  removals: Removals,
  all: number,
  matching: number | undefined,
): Promise<Choice[] | undefined> {
  const items: Choice[] = [];
  if (matching !== undefined) {
    items.push({
      id: 'filter',
      label: vscode.l10n.t('Only what the filter shows'),
      description: vscode.l10n.t('{0} of {1} messages', matching, all),
      picked: true,
    });
  }
  items.push(
    {
      id: 'withoutBodies',
      label: vscode.l10n.t('Leave out what messages say'),
      description: vscode.l10n.t('keeps names, times, sizes and results'),
    },
    {
      id: 'withoutAccounts',
      label: vscode.l10n.t('Replace AWS account ids'),
      description: vscode.l10n.t('by made-up ones, the same always by the same'),
    },
  );
  return vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: vscode.l10n.t('Save Traffic: What Else to Leave Out'),
    placeHolder: removalSentence(removals),
  });
}

/** What was removed, of which kind and how often: `Already removed: 3 passwords, 1 token`. */
function removalSentence({ counts, total }: Removals): string {
  if (total === 0) return vscode.l10n.t('No secret was found in this traffic');
  const parts = removalKinds.flatMap((kind) => {
    const found = counts[kind] ?? 0;
    return found === 0 ? [] : [`${found} ${kindNames[kind][found === 1 ? 0 : 1]}`];
  });
  return vscode.l10n.t('Already removed: {0}', parts.join(', '));
}

/** What one and several of each kind are called. */
const kindNames: Readonly<Record<RemovalKind, readonly [one: string, several: string]>> = {
  awsKeys: [vscode.l10n.t('AWS key'), vscode.l10n.t('AWS keys')],
  headers: [vscode.l10n.t('authorization header or cookie'), vscode.l10n.t('authorization headers and cookies')],
  passwords: [vscode.l10n.t('password'), vscode.l10n.t('passwords')],
  tokens: [vscode.l10n.t('token'), vscode.l10n.t('tokens')],
  apiKeys: [vscode.l10n.t('API key'), vscode.l10n.t('API keys')],
  privateKeys: [vscode.l10n.t('private key'), vscode.l10n.t('private keys')],
  signatures: [vscode.l10n.t('signature of a URL'), vscode.l10n.t('signatures of URLs')],
  other: [vscode.l10n.t('other secret'), vscode.l10n.t('other secrets')],
};

function suggestion(name: string): vscode.SaveDialogOptions {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {};
}

/** Writes piece by piece where the file is on a disk that we see; only the user may read it there. */
async function write(uri: vscode.Uri, pieces: Iterable<string>): Promise<void> {
  if (uri.scheme === 'file') {
    await pipeline(Readable.from(pieces), createWriteStream(uri.fsPath, { mode: 0o600 }));
  } else {
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode([...pieces].join('')));
  }
}
