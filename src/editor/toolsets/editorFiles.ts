import { open } from 'node:fs/promises';
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { watchedFiles } from '../../tools/toolsets/detectToolsets';
import { skippedGlob, toGlob, type FileInterest, type WorkspaceFiles } from '../../tools/toolsets/workspaceFiles';

/** Of a file system that cannot read a part of a file, no larger files are read. */
const maxWholeBytes = 1024 * 1024;

/** The files of this window's folders, whatever file system they are on. */
export class EditorFiles implements WorkspaceFiles, Disposable {
  readonly #changed = new Emitter<void>();
  readonly #subscriptions = new DisposableStore();
  #isWatching = false;

  /** Fires when files came, went or were saved that may say something of the workspace, from `watch` on. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** Begins to watch the folders. Safe to call twice. */
  watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    const changed = (): void => this.#changed.fire();
    // Files that programs only write to are not listened to: that would be a search with every build.
    const watcher = vscode.workspace.createFileSystemWatcher(toGlob(watchedFiles), false, true, false);
    const selector: vscode.DocumentSelector = { pattern: toGlob(watchedFiles) };
    for (const subscription of [
      watcher,
      watcher.onDidCreate(changed),
      watcher.onDidDelete(changed),
      vscode.workspace.onDidSaveTextDocument((document) => {
        if (vscode.languages.match(selector, document) > 0) changed();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(changed),
    ]) {
      this.#subscriptions.add(subscription);
    }
  }

  async find(interest: FileInterest, limit: number, signal: AbortSignal): Promise<string[]> {
    const source = new vscode.CancellationTokenSource();
    const cancel = (): void => source.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      signal.throwIfAborted();
      const found = await vscode.workspace.findFiles(toGlob(interest), skippedGlob, limit, source.token);
      signal.throwIfAborted();
      return found.toSorted((a, b) => depthOf(a) - depthOf(b)).map(pathOf);
    } finally {
      signal.removeEventListener('abort', cancel);
      source.dispose();
    }
  }

  async readStart(path: string, maxBytes: number, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    try {
      const uri = uriOf(path);
      return uri.scheme === 'file' ? await readStartOnDisk(path, maxBytes) : await readStartElsewhere(uri, maxBytes);
    } catch {
      // Gone again, or not readable for us.
      return undefined;
    }
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#changed.dispose();
  }
}

async function readStartOnDisk(path: string, maxBytes: number): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function readStartElsewhere(uri: vscode.Uri, maxBytes: number): Promise<string | undefined> {
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > maxWholeBytes) return undefined;
  const bytes = await vscode.workspace.fs.readFile(uri);
  return Buffer.from(bytes).toString('utf8', 0, maxBytes);
}

function depthOf({ path }: vscode.Uri): number {
  return path.split('/').length;
}

function pathOf(uri: vscode.Uri): string {
  return uri.scheme === 'file' ? uri.fsPath : uri.toString();
}

function uriOf(path: string): vscode.Uri {
  return /^[a-z][a-z\d+.-]+:\/\//i.test(path) ? vscode.Uri.parse(path, true) : vscode.Uri.file(path);
}
