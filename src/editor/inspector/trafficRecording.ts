import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { messageOf } from '../../core/errors';
import type { Logger } from '../../core/logger';
import type { SegmentStore } from '../../traffic/trace/segmentStore';
import { TrafficHistory } from '../../traffic/trafficHistory';
import type { TrafficRecorder } from '../../traffic/trafficRecorder';
import { showError } from '../commands/showError';
import type { Settings } from '../settings/settings';

export interface TrafficRecordingOptions {
  settings: Settings;
  recorder: TrafficRecorder;
  /** Folder of the workspace's own data; a window without a workspace records nothing. */
  storage: vscode.Uri | undefined;
  /** Name and version of the extension. */
  creator: string;
  logger: Logger;
}

const bytesPerMb = 1024 * 1024;
/** More messages than may be on disk: the records of this window are numbered after them. */
const roomBefore = 10_000_000;

/** Number of the first record of this window, which leaves room for those of before where any are kept. */
export function windowStart(settings: Settings): number {
  return settings.get('traffic.record') ? roomBefore + 1 : 1;
}

/** Records traffic to disk while the setting says so; what writes it is loaded when it first does. */
export class TrafficRecording implements vscode.Disposable {
  readonly creator: string;
  /** The traffic of this window, and what is on disk of before as soon as somebody looks. */
  readonly history: TrafficHistory;
  readonly #run = randomBytes(6).toString('hex');
  readonly #options: TrafficRecordingOptions;
  readonly #subscription: { dispose(): void };
  #store: Promise<SegmentStore> | undefined;
  #work: Promise<void> = Promise.resolve();
  #isLookedAt = false;

  constructor(options: TrafficRecordingOptions) {
    this.#options = options;
    this.creator = options.creator;
    const { settings, recorder, logger } = options;
    const memory = (): number => settings.get('traffic.memoryLimitMb') * bytesPerMb;
    this.history = new TrafficHistory(recorder, {
      maxBytes: memory(),
      windowStart: recorder.extent.firstSeq,
      onError: (error) => {
        logger.error(`Earlier traffic could not be read: ${messageOf(error)}`);
        showError(error);
      },
    });
    this.#subscription = settings.onDidChange((affects) => {
      if (affects('traffic.memoryLimitMb')) this.history.setMaxBytes(memory());
      if (affects('traffic.record') || affects('traffic.recordLimitMb')) this.#follow(true);
    });
    if (settings.get('traffic.record')) this.#follow(false);
  }

  /** Reads what was recorded before this window was loaded, the first time that somebody looks at the traffic. */
  async showEarlier(): Promise<void> {
    if (this.#isLookedAt) return;
    this.#isLookedAt = true;
    await this.#work;
    if (this.#options.settings.get('traffic.record')) this.history.follow(await this.store(), true);
  }

  /** Where the segments are; `undefined` in a window without a workspace. */
  async store(): Promise<SegmentStore | undefined> {
    const { storage, settings, creator, logger } = this.#options;
    if (!storage) return undefined;
    this.#store ??= import('../../traffic/trace/segmentStore').then(
      ({ SegmentStore: Store }) =>
        new Store({
          folder: vscode.Uri.joinPath(storage, 'traffic').fsPath,
          maxBytes: settings.get('traffic.recordLimitMb') * bytesPerMb,
          creator,
          run: this.#run,
          logger,
        }),
    );
    return this.#store;
  }

  async dispose(): Promise<void> {
    this.#subscription.dispose();
    this.history.dispose();
    await this.#work;
    await (await this.#store)?.stop();
  }

  #follow(isChange: boolean): void {
    this.#work = this.#restart(this.#work, isChange);
  }

  /** Starts or stops as the settings say, after what was begun before. */
  async #restart(before: Promise<void>, isChange: boolean): Promise<void> {
    await before;
    try {
      if (isChange) {
        await (await this.#store)?.stop();
        this.#store = undefined;
      }
      if (!this.#options.settings.get('traffic.record')) {
        this.history.follow(undefined);
        return;
      }
      const store = await this.store();
      store?.start(this.#options.recorder);
      // What was read stays; from now on it is this store that has more.
      if (isChange) this.history.follow(store);
    } catch (error) {
      this.#options.logger.error(`Traffic is not recorded to disk: ${messageOf(error)}`);
    }
  }
}
