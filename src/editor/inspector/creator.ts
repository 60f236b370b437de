import * as vscode from 'vscode';

/** Name and version of this extension, for the files that it writes. */
export function creatorOf(extensionUri: vscode.Uri): string {
  const extension = vscode.extensions.all.find((one) => one.extensionUri.toString() === extensionUri.toString());
  const { version = '' } = (extension?.packageJSON ?? {}) as { version?: string };
  return `MCP Workbench ${version}`.trim();
}
