import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { DiscoveryEnvironment } from '../../mcp/upstream/discovery/configLocations';

/** Where this editor looks for config files. @param globalStorage the extension's own folder, which lies in the user's */
export function editorEnvironment(globalStorage: vscode.Uri): DiscoveryEnvironment {
  const folders = (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .map(({ name, uri }) => ({ name, path: uri.fsPath }));
  const workspaceFile = vscode.workspace.workspaceFile;
  const editorUserFolder = userFolderOf(globalStorage);
  return {
    platform: process.platform,
    home: os.homedir(),
    env: process.env,
    folders,
    ...(workspaceFile?.scheme === 'file' ? { workspaceFile: workspaceFile.fsPath } : {}),
    ...(editorUserFolder === undefined ? {} : { editorUserFolder }),
  };
}

/** `User` of `User/globalStorage/<us>`, also where a profile has a storage of its own. */
function userFolderOf(globalStorage: vscode.Uri): string | undefined {
  if (globalStorage.scheme !== 'file') return undefined;
  const folder = path.dirname(path.dirname(globalStorage.fsPath));
  const parent = path.dirname(folder);
  return path.basename(parent) === 'profiles' ? path.dirname(parent) : folder;
}
