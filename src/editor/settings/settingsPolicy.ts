import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { canonicalJson } from '../../core/json';
import type { PolicySettingNames, PolicySettings, PolicySource } from '../../tools/policy';
import type { Settings } from './settings';
import type { SettingName } from './settingValues';
import { tightenAccess, tightenList, toToolsets } from './tightening';

const names = ['access', 'toolsets', 'allowedProfiles', 'allowedRegions'] as const satisfies readonly SettingName[];

/** What refusals tell people to change. */
export const policySettingNames: PolicySettingNames = {
  access: 'the setting mcpWorkbench.access',
  toolsets: 'the setting mcpWorkbench.toolsets',
  allowedProfiles: 'the setting mcpWorkbench.allowedProfiles',
  allowedRegions: 'the setting mcpWorkbench.allowedRegions',
};

/** What the user allows, from the editor's settings. */
export class SettingsPolicy implements PolicySource, Disposable {
  readonly #settings: Settings;
  readonly #changed = new Emitter<void>();
  readonly #subscription: Disposable;
  #current: PolicySettings;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#current = this.#read();
    this.#subscription = settings.onDidChange((affects) => {
      if (!names.some(affects)) return;
      const before = canonicalJson(this.#current);
      this.#current = this.#read();
      if (canonicalJson(this.#current) !== before) this.#changed.fire();
    });
  }

  get current(): PolicySettings {
    return this.#current;
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  #read(): PolicySettings {
    return {
      access: tightenAccess(this.#settings.layers('access')),
      toolsets: toToolsets(tightenList(this.#settings.layers('toolsets'))),
      allowedProfiles: tightenList(this.#settings.layers('allowedProfiles')),
      allowedRegions: tightenList(this.#settings.layers('allowedRegions')),
    };
  }
}
