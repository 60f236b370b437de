import { createReadStream } from 'node:fs';
import * as vscode from 'vscode';
import { readTrace, type ReadTraceOptions, type SkipReason, type Trace } from '../../traffic/trace/readTrace';

/**
 * Reads a trace file from wherever the editor can read.
 * @throws WorkbenchError as `readTrace`; an error of the file system.
 */
export async function readTraceFile(uri: vscode.Uri, options: ReadTraceOptions = {}): Promise<Trace> {
  if (uri.scheme === 'file') return readTrace(createReadStream(uri.fsPath, { highWaterMark: 256 * 1024 }), options);
  return readTrace(slices(await vscode.workspace.fs.readFile(uri)), options);
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 256 * 1024) yield bytes.subarray(at, at + 256 * 1024);
}

/** What could not be read of a trace, as a sentence; nothing where all could. */
export function skippedSentence({ skipped, firstSkipped }: Trace): string | undefined {
  const total = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const reasons = Object.entries(skipped).map(([reason, count]) => `${count} ${reasonName(reason as SkipReason)}`);
  return total === 1
    ? vscode.l10n.t('Line {0} was left out: {1}.', firstSkipped ?? 0, reasons.join(', '))
    : vscode.l10n.t(
        '{0} lines were left out, the first is line {1}: {2}.',
        total,
        firstSkipped ?? 0,
        reasons.join(', '),
      );
}

function reasonName(reason: SkipReason): string {
  const names: Readonly<Record<SkipReason, string>> = {
    tooLong: vscode.l10n.t('too long'),
    notUtf8: vscode.l10n.t('not UTF-8'),
    notJson: vscode.l10n.t('not JSON'),
    notMessage: vscode.l10n.t('no message'),
    duplicate: vscode.l10n.t('there twice'),
    tooMany: vscode.l10n.t('more than can be shown'),
  };
  return names[reason];
}
