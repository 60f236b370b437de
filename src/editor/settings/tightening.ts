import type { PolicySettings } from '../../tools/policy';
import type { Toolset } from '../../tools/tool';
import type { SettingLayers } from './settings';

// The value of the user is where a workspace starts from, and each layer of the workspace can only take away from it:
// a repository that someone checks out must never decide what an agent may do on their account.

/** `readWrite` only where the user says so and no workspace objects. A value that is none of the two restricts. */
export function tightenAccess(layers: SettingLayers<unknown>): PolicySettings['access'] {
  const user = layers.globalValue ?? layers.defaultValue;
  const workspace = [layers.workspaceValue, layers.workspaceFolderValue];
  const mayWrite = user === 'readWrite' && workspace.every((value) => value === undefined || value === 'readWrite');
  return mayWrite ? 'readWrite' : 'readOnly';
}

/** What the user lists, without what a workspace leaves out. A value that is no list counts as empty. */
export function tightenList(layers: SettingLayers<unknown>): string[] {
  const restrictions = [layers.workspaceValue, layers.workspaceFolderValue].filter((value) => value !== undefined);
  return strings(layers.globalValue ?? layers.defaultValue).filter((item) =>
    restrictions.every((value) => strings(value).includes(item)),
  );
}

/** The names among `list` that are toolsets. */
export function toToolsets(list: readonly string[]): Toolset[] {
  return toolsets.filter((toolset) => list.includes(toolset));
}

/** Every toolset, in the order in which people see them. */
export const toolsets: readonly Toolset[] = ['aws', 'cloudformation', 'lambda', 's3', 'cdk'];

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
