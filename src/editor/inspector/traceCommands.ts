import * as vscode from 'vscode';
import { compareTraces } from '../../traffic/trace/compareTraces';
import { comparisonText } from '../../traffic/trace/comparisonText';
import type { SegmentStore } from '../../traffic/trace/segmentStore';
import { traceEnding } from '../../traffic/trace/traceFormat';
import { TraceSource } from '../../traffic/trace/traceSource';
import type { TrafficSource } from '../../traffic/trafficSource';
import type { VirtualDocuments } from '../virtualDocuments';
import { traceEditorType } from './traceEditor';
import { readTraceFile } from './traceFiles';

/** One side of a comparison. */
interface Side {
  name: string;
  source: TrafficSource;
}

/**
 * Compares two traces, or a trace with the traffic of this window, and shows the result as a document.
 * @param given files to compare, as the explorer hands over a selection; asked for otherwise.
 */
export async function compareTraffic(
  recorder: TrafficSource,
  documents: VirtualDocuments,
  given: readonly vscode.Uri[] = [],
): Promise<void> {
  const files = given.length > 0 ? given : await askForFiles(recorder);
  const [first, second] = files ?? [];
  if (!first) return;
  const before = await readSide(first);
  const after = second ? await readSide(second) : { name: vscode.l10n.t('Traffic of this window'), source: recorder };
  const text = comparisonText(compareTraces(before.source, after.source), { before: before.name, after: after.name });
  const { document } = await documents.show(`/comparison/${before.name} - ${second ? after.name : 'now'}.md`, text);
  await vscode.commands.executeCommand('markdown.showPreview', document.uri);
}

async function askForFiles(recorder: TrafficSource): Promise<vscode.Uri[] | undefined> {
  const { firstSeq, nextSeq } = recorder.extent;
  const choices = [
    {
      label: vscode.l10n.t('Two trace files'),
      detail: vscode.l10n.t('The one that was changed earlier counts as the one before.'),
      isMany: true,
    },
    {
      label: vscode.l10n.t('A trace file and the traffic of this window'),
      detail: vscode.l10n.t('{0} messages are recorded now.', nextSeq - firstSeq),
      isMany: false,
    },
  ];
  const choice = await vscode.window.showQuickPick(choices, { title: vscode.l10n.t('Compare Traffic') });
  if (!choice) return undefined;
  const files = await vscode.window.showOpenDialog({
    canSelectMany: choice.isMany,
    filters: { [vscode.l10n.t('MCP trace')]: [traceEnding] },
    openLabel: vscode.l10n.t('Compare'),
    title: choice.isMany ? vscode.l10n.t('Choose Two Traces') : vscode.l10n.t('Choose a Trace'),
  });
  if (!files || !choice.isMany) return files;
  if (files.length !== 2) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Choose two trace files to compare.'));
    return undefined;
  }
  return sortByChange(files);
}

async function sortByChange(files: readonly vscode.Uri[]): Promise<vscode.Uri[]> {
  const dated = await Promise.all(
    files.map(async (uri) => ({ uri, changed: (await vscode.workspace.fs.stat(uri)).mtime })),
  );
  return dated.sort((left, right) => left.changed - right.changed).map(({ uri }) => uri);
}

async function readSide(uri: vscode.Uri): Promise<Side> {
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  const source = new TraceSource();
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Reading {0}', name),
      cancellable: true,
    },
    async (_progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      source.finish(await readTraceFile(uri, { signal: abort.signal }));
    },
  );
  return { name, source };
}

/** Lets the person open what was recorded to disk before this window was loaded. */
export async function openEarlierTraffic(store: SegmentStore | undefined): Promise<void> {
  const segments = (await store?.list()) ?? [];
  if (segments.length === 0) {
    const settings = vscode.l10n.t('Open Settings');
    const picked = await vscode.window.showInformationMessage(
      vscode.l10n.t('Nothing was recorded to disk. Turn on recording to keep traffic across reloads.'),
      settings,
    );
    if (picked === settings) {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'mcpWorkbench.traffic.record');
    }
    return;
  }
  const picked = await vscode.window.showQuickPick(
    segments.map(({ path, startedAt, bytes }) => ({
      label: new Date(startedAt).toLocaleString(),
      description: vscode.l10n.t('{0} kB', Math.ceil(bytes / 1024)),
      path,
    })),
    {
      title: vscode.l10n.t('Open Earlier Traffic'),
      placeHolder: vscode.l10n.t('Recorded before this window was loaded'),
    },
  );
  if (picked) {
    await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(picked.path), traceEditorType);
  }
}
