import { setTimeout as delay } from 'node:timers/promises';
import { DisposableStore, type Disposable } from '../../core/disposable';
import type { Event } from '../../core/emitter';
import type { Logger } from '../../core/logger';
import type { PolicySettings, PolicySource } from '../../tools/policy';
import type { Detection } from '../../tools/toolsets/detectToolsets';
import { ToolsetPolicy } from '../../tools/toolsets/toolsetPolicy';
import { WorkspaceToolsets } from '../../tools/toolsets/workspaceToolsets';
import type { SettingsPolicy } from '../settings/settingsPolicy';
import { EditorFiles } from './editorFiles';

/** How long the first client waits for a look at the files, in milliseconds: a list that changes at once is worse. */
const patienceMs = 2_000;

/** The policy of this window: what the settings say, with toolsets that follow the workspace where the user wants it. */
export class EditorToolsets implements PolicySource, Disposable {
  readonly #files = new EditorFiles();
  readonly #workspace: WorkspaceToolsets;
  readonly #policy: ToolsetPolicy;
  readonly #subscriptions = new DisposableStore();
  #isWanted = false;
  #firstLook: Promise<void> | undefined;

  constructor(base: SettingsPolicy, logger: Logger) {
    this.#workspace = new WorkspaceToolsets({
      files: this.#files,
      onDidChangeFiles: [this.#files.onDidChange],
      logger,
    });
    this.#policy = new ToolsetPolicy({ base, choices: () => base.choices, workspace: this.#workspace });
    this.#subscriptions.add(base.onDidChange(() => void this.#lookIfWanted()));
  }

  get current(): PolicySettings {
    return this.#policy.current;
  }

  get onDidChange(): Event<void> {
    return this.#policy.onDidChange;
  }

  /** What the files of the workspace say, where anybody looked at them. */
  get detection(): Detection | undefined {
    return this.#firstLook ? this.#workspace.current : undefined;
  }

  /** Looks at the files where the choice of toolsets needs it. Nothing is read or watched before the first call. */
  async ready(): Promise<void> {
    this.#isWanted = true;
    const patience = new AbortController();
    await Promise.race([
      this.#lookIfWanted(),
      delay(patienceMs, undefined, { signal: patience.signal }).catch(() => {}),
    ]);
    patience.abort();
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#policy.dispose();
    this.#workspace.dispose();
    this.#files.dispose();
  }

  #lookIfWanted(): Promise<void> {
    if (!this.#isWanted || !this.#policy.isAutomatic) return Promise.resolve();
    this.#files.watch();
    this.#firstLook ??= this.#workspace.refresh();
    return this.#firstLook;
  }
}
