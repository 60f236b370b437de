import * as path from 'node:path';
import * as vscode from 'vscode';
import type { DiscoveryEnvironment } from '../../mcp/upstream/discovery/configLocations';
import type { SettingServers } from '../../mcp/upstream/discovery/serverDiscovery';

/** Our own setting, layer by layer: what a workspace adds is asked about like any other file of it. */
export function settingServers(environment: DiscoveryEnvironment): SettingServers[] {
  const found: SettingServers[] = [];
  const { editorUserFolder, home, workspaceFile } = environment;
  const layers = vscode.workspace.getConfiguration('mcpWorkbench').inspect<unknown>('servers');
  if (layers?.globalValue !== undefined) {
    const file = path.join(editorUserFolder ?? home, 'settings.json');
    found.push(make({ owner: 'workbench', scope: 'user', path: file }, layers.globalValue));
  }
  const single = environment.folders.length === 1 ? environment.folders[0] : undefined;
  if (layers?.workspaceValue !== undefined) {
    if (workspaceFile !== undefined) {
      const file = { owner: 'workbench', scope: 'workspace', path: workspaceFile, section: ['settings'] } as const;
      found.push(make({ ...file, section: [...file.section] }, layers.workspaceValue));
    } else if (single) {
      found.push(make(folderFile(single), layers.workspaceValue));
    }
  }
  if (workspaceFile !== undefined) {
    for (const folder of environment.folders) {
      const scope = vscode.Uri.file(folder.path);
      const value = vscode.workspace.getConfiguration('mcpWorkbench', scope).inspect<unknown>('servers');
      if (value?.workspaceFolderValue !== undefined) found.push(make(folderFile(folder), value.workspaceFolderValue));
    }
  }
  return found;
}

function folderFile(folder: { name: string; path: string }): SettingServers['file'] {
  return { owner: 'workbench', scope: 'workspace', path: path.join(folder.path, '.vscode', 'settings.json'), folder };
}

/** The value in the place where the file has it, so that it is read as the file would be. */
function make(file: SettingServers['file'], value: unknown): SettingServers {
  // The editor merged comments away and hands out a proxy.
  const plain: unknown = JSON.parse(JSON.stringify(value));
  const inner = { 'mcpWorkbench.servers': plain };
  return { file, value: file.section === undefined ? inner : { settings: inner } };
}
