import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { canonicalJson } from '../../core/json';
import type { PolicySettingNames, PolicySettings, PolicySource } from '../../tools/policy';
import { tightenPolicy } from '../../tools/policy/tightenPolicy';
import { toolsets } from '../../tools/tool';
import { chosenToolsets } from '../../tools/toolsets/toolsetChoice';
import type { ToolsetChoices } from '../../tools/toolsets/toolsetPolicy';
import { policyLayers, policySettings, toolsetChoices } from './policyLayers';
import type { Settings } from './settings';
import type { SettingName } from './settingValues';

const names: readonly SettingName[] = [...Object.values(policySettings), 'accounts'];

/** What refusals tell people to change. */
export const policySettingNames: PolicySettingNames = {
  access: 'the setting mcpWorkbench.access',
  toolsets: 'the setting mcpWorkbench.toolsets',
  allowedProfiles: 'the setting mcpWorkbench.allowedProfiles',
  allowedRegions: 'the setting mcpWorkbench.allowedRegions',
  tools: 'the setting mcpWorkbench.tools',
  allowResources: 'the setting mcpWorkbench.resources.allow',
  denyResources: 'the setting mcpWorkbench.resources.deny',
  productionWrites: 'the setting mcpWorkbench.productionWrites',
};

/** What the user allows, from the editor's settings. */
export class SettingsPolicy implements PolicySource, Disposable {
  readonly #settings: Settings;
  readonly #changed = new Emitter<void>();
  readonly #subscription: Disposable;
  #choices: ToolsetChoices;
  #current: PolicySettings;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#choices = this.#readChoices();
    this.#current = this.#read();
    this.#subscription = settings.onDidChange((affects) => {
      if (!names.some(affects)) return;
      const before = canonicalJson([this.#current, this.#choices]);
      this.#choices = this.#readChoices();
      this.#current = this.#read();
      if (canonicalJson([this.#current, this.#choices]) !== before) this.#changed.fire();
    });
  }

  /** With every toolset that the choices can switch on, whatever the workspace holds. */
  get current(): PolicySettings {
    return this.#current;
  }

  /** Who chose which toolsets. */
  get choices(): ToolsetChoices {
    return this.#choices;
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  #readChoices(): ToolsetChoices {
    return toolsetChoices((name) => this.#settings.layers(name));
  }

  #read(): PolicySettings {
    const { user, workspaces } = policyLayers((name) => this.#settings.layers(name));
    const possible = chosenToolsets(this.#choices.user, this.#choices.restrictions, toolsets);
    return { ...tightenPolicy(user, workspaces), toolsets: possible };
  }
}
