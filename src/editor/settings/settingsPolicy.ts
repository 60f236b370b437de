import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { canonicalJson } from '../../core/json';
import type { PolicySettingNames, PolicySettings, PolicySource } from '../../tools/policy';
import { tightenPolicy } from '../../tools/policy/tightenPolicy';
import { toolsets } from '../../tools/tool';
import { chosenToolsets } from '../../tools/toolsets/toolsetChoice';
import type { ToolsetChoices } from '../../tools/toolsets/toolsetPolicy';
import { policyLayers, policySettings, toolsetChoices } from './policyLayers';
import type { SettingLayers, Settings } from './settings';
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

/** What the settings say. */
interface Said {
  choices: ToolsetChoices;
  current: PolicySettings;
}

/**
 * What the user allows, from the editor's settings. They are read when somebody first asks, because reading them in all
 * their layers takes a good part of the time that activation may.
 */
export class SettingsPolicy implements PolicySource, Disposable {
  readonly #settings: Settings;
  readonly #changed = new Emitter<void>();
  readonly #subscription: Disposable;
  #said: Said | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#subscription = settings.onDidChange((affects) => {
      if (!names.some(affects)) return;
      const before = this.#said;
      this.#said = undefined;
      // Who was told nothing yet may still wait for a change.
      if (!before || canonicalJson(this.#now) !== canonicalJson(before)) this.#changed.fire();
    });
  }

  /** With every toolset that the choices can switch on, whatever the workspace holds. */
  get current(): PolicySettings {
    return this.#now.current;
  }

  /** Who chose which toolsets. */
  get choices(): ToolsetChoices {
    return this.#now.choices;
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  get #now(): Said {
    return (this.#said ??= this.#read());
  }

  #read(): Said {
    const read = (name: SettingName): SettingLayers<unknown> => this.#settings.layers(name);
    const choices = toolsetChoices(read);
    const { user, workspaces } = policyLayers(read);
    const possible = chosenToolsets(choices.user, choices.restrictions, toolsets);
    return { choices, current: { ...tightenPolicy(user, workspaces), toolsets: possible } };
  }
}
