import * as vscode from 'vscode';
import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { toSettingValue, type PlainSettingName, type SettingName, type SettingValues } from './settingValues';

export const settingsSection = 'mcpWorkbench';

/** The value of a setting in each place where it can stand, as the editor tells it. */
export interface SettingLayers<T> {
  defaultValue?: T | undefined;
  globalValue?: T | undefined;
  workspaceValue?: T | undefined;
  workspaceFolderValue?: T | undefined;
}

/** Our settings with their types. It only reads them; what they mean is decided by who asks. */
export class Settings implements Disposable {
  readonly #changed = new Emitter<(name: SettingName) => boolean>();
  readonly #subscription: vscode.Disposable;

  constructor() {
    this.#subscription = vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration(settingsSection)) return;
      this.#changed.fire((name) => event.affectsConfiguration(`${settingsSection}.${name}`));
    });
  }

  /** Fires with a function that says whether a setting is among those that changed. */
  get onDidChange(): Event<(name: SettingName) => boolean> {
    return this.#changed.event;
  }

  /** The value in force, whoever set it. For what a workspace must not decide, use `layers`. */
  get<K extends PlainSettingName>(name: K): SettingValues[K] {
    return toSettingValue(name, vscode.workspace.getConfiguration(settingsSection).get(name));
  }

  /** The value of each layer. Files are edited by hand, so values can have any type. */
  layers(name: SettingName): SettingLayers<unknown> {
    return vscode.workspace.getConfiguration(settingsSection).inspect(name) ?? {};
  }

  /** Writes the user's own settings, on the machine where we run. */
  async setForUser<K extends SettingName>(name: K, value: SettingValues[K]): Promise<void> {
    const configuration = vscode.workspace.getConfiguration(settingsSection);
    await configuration.update(name, value, vscode.ConfigurationTarget.Global);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}
