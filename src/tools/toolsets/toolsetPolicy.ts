import { DisposableStore, type Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import type { PolicySettings, PolicySource } from '../policy';
import type { Toolset } from '../tool';
import { chosenToolsets, isAutomatic, type ToolsetChoice } from './toolsetChoice';
import type { WorkspaceToolsets } from './workspaceToolsets';

/** Who says which toolsets are on, beside the files of the workspace. */
export interface ToolsetChoices {
  user: ToolsetChoice;
  /** Choices of the workspace, which can only take away. */
  restrictions: readonly ToolsetChoice[];
}

export interface ToolsetPolicyOptions {
  /** Everything else that policy says; its `toolsets` are not used. */
  base: PolicySource;
  /** The choices now. `base.onDidChange` says when they change. */
  choices: () => ToolsetChoices;
  workspace: WorkspaceToolsets;
}

/**
 * Policy whose toolsets follow the workspace where the user wants that. A change of either is one change of policy, so
 * that every client hears of its new list of tools.
 */
export class ToolsetPolicy implements PolicySource, Disposable {
  readonly #options: ToolsetPolicyOptions;
  readonly #changed = new Emitter<void>();
  readonly #subscriptions = new DisposableStore();
  #current: PolicySettings;

  constructor(options: ToolsetPolicyOptions) {
    this.#options = options;
    this.#current = this.#read();
    this.#subscriptions.add(options.base.onDidChange(() => this.#reread(true)));
    this.#subscriptions.add(options.workspace.onDidChange(() => this.#reread(false)));
  }

  get current(): PolicySettings {
    return this.#current;
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** Whether the files of the workspace matter now. Where they do not, nobody needs to look at them. */
  get isAutomatic(): boolean {
    const { user, restrictions } = this.#options.choices();
    return [user, ...restrictions].some(isAutomatic);
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#changed.dispose();
  }

  #reread(isBaseChanged: boolean): void {
    const before = this.#current.toolsets;
    this.#current = this.#read();
    if (isBaseChanged || !isSame(before, this.#current.toolsets)) this.#changed.fire();
  }

  #read(): PolicySettings {
    const { base, choices, workspace } = this.#options;
    const { user, restrictions } = choices();
    return { ...base.current, toolsets: chosenToolsets(user, restrictions, workspace.current.toolsets) };
  }
}

function isSame(before: readonly Toolset[], after: readonly Toolset[]): boolean {
  return before.length === after.length && before.every((toolset, index) => toolset === after[index]);
}
