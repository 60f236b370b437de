import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { Emitter, type Event } from '../../core/emitter';
import { messageOf, WorkbenchError } from '../../core/errors';
import { TraceSource } from '../../traffic/trace/traceSource';
import { problemHtml } from './html';
import { readTraceFile, skippedSentence } from './traceFiles';
import { connectInspector, type InspectorContext } from './webviewConnection';

/** Type of the custom editor in the manifest. */
export const traceEditorType = 'mcpWorkbench.trace';

/** Files read within this time show no progress; what is wrong with them is shown in place of their traffic. */
const quietMs = 500;

/** An open trace file. */
class TraceDocument implements vscode.CustomDocument {
  readonly uri: vscode.Uri;
  readonly source = new TraceSource();
  readonly #abort = new AbortController();
  readonly #progressEmitter = new Emitter<number>();
  /** Why there is nothing to show. */
  failure: unknown;

  constructor(uri: vscode.Uri) {
    this.uri = uri;
  }

  /** Fires while the file is read, with the bytes read so far. */
  readonly onDidProgress: Event<number> = this.#progressEmitter.event;

  get name(): string {
    return this.uri.path.slice(this.uri.path.lastIndexOf('/') + 1);
  }

  /** Reads the file into `source`, which shows it as it comes. @throws as `readTraceFile`. */
  async read(): Promise<void> {
    const trace = await readTraceFile(this.uri, {
      signal: this.#abort.signal,
      onProgress: ({ records, updated, bytes }) => {
        this.source.show(records, updated);
        this.#progressEmitter.fire(bytes);
      },
    });
    this.source.finish(trace);
    const skipped = skippedSentence(trace);
    if (skipped !== undefined) void vscode.window.showWarningMessage(`${this.name}: ${skipped}`);
  }

  /** Stops reading; what was read stays. */
  cancel(): void {
    this.#abort.abort();
  }

  dispose(): void {
    this.cancel();
    this.#progressEmitter.dispose();
    this.source.dispose();
  }
}

/** Shows `.mcptrace` files in the inspector, read-only. */
export class TraceEditorProvider implements vscode.CustomReadonlyEditorProvider<TraceDocument> {
  readonly #context: Omit<InspectorContext, 'recorder'>;

  constructor(context: Omit<InspectorContext, 'recorder'>) {
    this.#context = context;
  }

  async openCustomDocument(uri: vscode.Uri): Promise<TraceDocument> {
    const document = new TraceDocument(uri);
    const reading = document.read();
    try {
      const isRead = await Promise.race([reading.then(() => true), delay(quietMs, false)]);
      if (!isRead) void showProgress(document, reading);
    } catch (error) {
      // Thrown, the editor would only say that something is wrong, not what.
      document.failure = error;
    }
    return document;
  }

  resolveCustomEditor(document: TraceDocument, panel: vscode.WebviewPanel): void {
    const { failure } = document;
    if (failure !== undefined) {
      panel.webview.html = problemHtml({
        problem: messageOf(failure),
        remedy: WorkbenchError.is(failure) ? failure.remedy : vscode.l10n.t('Close this tab and open the file again.'),
        nonce: randomBytes(16).toString('base64'),
      });
      return;
    }
    const connection = connectInspector(panel.webview, 'panel', {
      ...this.#context,
      recorder: document.source,
      isReadOnly: true,
    });
    connection.bridge.setVisible(panel.visible);
    panel.onDidChangeViewState(() => connection.bridge.setVisible(panel.visible));
    panel.onDidDispose(() => connection.dispose());
  }
}

async function showProgress(document: TraceDocument, reading: Promise<void>): Promise<void> {
  try {
    await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Reading {0}', document.name),
        cancellable: true,
      },
      async (progress, token) => {
        token.onCancellationRequested(() => document.cancel());
        const { size } = await vscode.workspace.fs.stat(document.uri);
        let told = 0;
        const subscription = document.onDidProgress((bytes) => {
          const percent = size > 0 ? Math.floor((bytes / size) * 100) : 0;
          if (percent <= told) return;
          progress.report({ increment: percent - told, message: vscode.l10n.t('{0} %', percent) });
          told = percent;
        });
        await reading.finally(() => subscription.dispose());
      },
    );
  } catch (error) {
    if (WorkbenchError.is(error, 'Cancelled')) {
      const { nextSeq } = document.source.extent;
      // A tab that was closed needs no word about it.
      if (nextSeq === 1) return;
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Reading {0} was stopped. Its first {1} messages are shown.', document.name, nextSeq - 1),
      );
      return;
    }
    void vscode.window.showErrorMessage(
      vscode.l10n.t('{0} could not be read to its end. {1}', document.name, messageOf(error)),
    );
  }
}
