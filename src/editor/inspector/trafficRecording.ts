import * as vscode from 'vscode';
import { messageOf } from '../../core/errors';
import type { Logger } from '../../core/logger';
import type { SegmentStore } from '../../traffic/trace/segmentStore';
import type { TrafficSource } from '../../traffic/trafficSource';
import type { Settings } from '../settings/settings';

export interface TrafficRecordingOptions {
  settings: Settings;
  recorder: TrafficSource;
  /** Folder of the workspace's own data; a window without a workspace records nothing. */
  storage: vscode.Uri | undefined;
  /** Name and version of the extension. */
  creator: string;
  logger: Logger;
}

const bytesPerMb = 1024 * 1024;

/** Records traffic to disk while the setting says so; what writes it is loaded when it first does. */
export class TrafficRecording implements vscode.Disposable {
  readonly creator: string;
  readonly #options: TrafficRecordingOptions;
  readonly #subscription: { dispose(): void };
  #store: Promise<SegmentStore> | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(options: TrafficRecordingOptions) {
    this.#options = options;
    this.creator = options.creator;
    this.#subscription = options.settings.onDidChange((affects) => {
      if (affects('traffic.record') || affects('traffic.recordLimitMb')) this.#follow(true);
    });
    if (options.settings.get('traffic.record')) this.#follow(false);
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
          logger,
        }),
    );
    return this.#store;
  }

  async dispose(): Promise<void> {
    this.#subscription.dispose();
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
      if (!this.#options.settings.get('traffic.record')) return;
      const store = await this.store();
      store?.start(this.#options.recorder);
    } catch (error) {
      this.#options.logger.error(`Traffic is not recorded to disk: ${messageOf(error)}`);
    }
  }
}
