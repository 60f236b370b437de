import type { Disposable } from '../../core/disposable';
import { DisposableStore } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { messageOf } from '../../core/errors';
import type { Logger } from '../../core/logger';
import { toolsets as allToolsets } from '../tool';
import { detectToolsets, type Detection } from './detectToolsets';
import type { WorkspaceFiles } from './workspaceFiles';

export interface WorkspaceToolsetsOptions {
  files: WorkspaceFiles;
  /** Fires when files came or went that may matter: a change of folders, a file watcher. */
  onDidChangeFiles: readonly Event<unknown>[];
  logger: Logger;
  /** Milliseconds for which changes are gathered before files are looked at again. */
  settleMs?: number;
}

/** Changes of files come in crowds: a checkout, a build. */
const defaultSettleMs = 2_000;

/** Knows which toolsets the open workspace has a use for, and says when that changes. */
export class WorkspaceToolsets implements Disposable {
  readonly #options: WorkspaceToolsetsOptions;
  readonly #changed = new Emitter<void>();
  readonly #subscriptions = new DisposableStore();
  readonly #ending = new AbortController();
  #current: Detection = { toolsets: allToolsets, signs: [] };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> | undefined;
  #mustLookAgain = false;

  constructor(options: WorkspaceToolsetsOptions) {
    this.#options = options;
    for (const event of options.onDidChangeFiles) this.#subscriptions.add(event(() => this.#lookSoon()));
  }

  /** What is known now; every toolset until files have been looked at. */
  get current(): Detection {
    return this.#current;
  }

  /** Fires when `current` changed. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** Looks at the files; resolves when `current` holds what they say now. Nothing is looked at before the first call. */
  refresh(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#looking) {
      this.#mustLookAgain = true;
      return this.#looking;
    }
    this.#looking = this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  dispose(): void {
    this.#ending.abort();
    clearTimeout(this.#timer);
    this.#subscriptions.dispose();
    this.#changed.dispose();
  }

  #lookSoon(): void {
    if (this.#ending.signal.aborted) return;
    this.#timer ??= setTimeout(() => void this.refresh(), this.#options.settleMs ?? defaultSettleMs);
  }

  async #look(): Promise<void> {
    do {
      this.#mustLookAgain = false;
      try {
        const found = await detectToolsets(this.#options.files, this.#ending.signal);
        if (this.#ending.signal.aborted) return;
        const isSame = JSON.stringify(found) === JSON.stringify(this.#current);
        this.#current = found;
        if (!isSame) this.#changed.fire();
      } catch (error) {
        // What was known stays; the next change is another chance.
        if (!this.#ending.signal.aborted) this.#options.logger.warn(`Toolsets were not detected: ${messageOf(error)}`);
      }
    } while (this.#mustLookAgain && !this.#ending.signal.aborted);
  }
}
