import type { PolicyLayer } from '../../tools/policy/tightenPolicy';
import { toToolsetChoice } from '../../tools/toolsets/toolsetChoice';
import type { ToolsetChoices } from '../../tools/toolsets/toolsetPolicy';
import type { SettingLayers } from './settings';
import type { SettingName } from './settingValues';
import { readAccounts } from './userSettings';

/** The settings that say what tools may do, by what policy calls them. Each takes a workspace's word only to tighten. */
export const policySettings = {
  access: 'access',
  toolsets: 'toolsets',
  tools: 'tools',
  allowedProfiles: 'allowedProfiles',
  allowedRegions: 'allowedRegions',
  allowResources: 'resources.allow',
  denyResources: 'resources.deny',
  productionWrites: 'productionWrites',
} as const satisfies Partial<Record<keyof PolicyLayer, SettingName>>;

type PolicySetting = keyof typeof policySettings;

/** What stands in each place for a setting, as `Settings.layers` gives it. */
export type ReadLayers = (name: SettingName) => SettingLayers<unknown>;

/** What the user says, defaults filled in, and what the workspace and its folder say. */
export function policyLayers(read: ReadLayers): { user: PolicyLayer; workspaces: PolicyLayer[] } {
  const given = (Object.entries(policySettings) as [PolicySetting, SettingName][]).map(
    ([name, setting]): [string, SettingLayers<unknown>] => [name, read(setting)],
  );
  const layer = (pick: (layers: SettingLayers<unknown>) => unknown): PolicyLayer =>
    Object.fromEntries<unknown>(
      given.map(([name, layers]): [string, unknown] => [name, pick(layers)]).filter(([, value]) => value !== undefined),
    );
  const productionAccounts = [...readAccounts(read('accounts'))]
    .filter(([, { production }]) => production === true)
    .map(([account]) => account);
  return {
    user: { ...layer(({ globalValue, defaultValue }) => globalValue ?? defaultValue), productionAccounts },
    workspaces: [
      layer(({ workspaceValue }) => workspaceValue),
      layer(({ workspaceFolderValue }) => workspaceFolderValue),
    ],
  };
}

/** Who chose which toolsets. */
export function toolsetChoices(read: ReadLayers): ToolsetChoices {
  const { globalValue, defaultValue, workspaceValue, workspaceFolderValue } = read('toolsets');
  return {
    user: toToolsetChoice(globalValue ?? defaultValue),
    restrictions: [workspaceValue, workspaceFolderValue]
      .filter((value) => value !== undefined)
      .map((value) => toToolsetChoice(value)),
  };
}
