import * as vscode from 'vscode';

/** How a row of a tree looks. */
export interface TreeItemLook {
  /** Codicon. */
  icon: string;
  /** Theme colour of the icon. */
  color?: string | undefined;
  description?: string;
  /** Default: label and description. */
  tooltip?: string | vscode.MarkdownString;
  /** Default: nothing below it. */
  state?: vscode.TreeItemCollapsibleState;
  /** For `when` clauses of the manifest; default: the first part of the id. */
  context?: string;
}

/** A row with the same way of being read out in all our trees. @param id stable while the row stands for the same thing */
export function treeItem(id: string, label: string, look: TreeItemLook): vscode.TreeItem {
  const { icon, color, description = '', tooltip, state = vscode.TreeItemCollapsibleState.None, context } = look;
  const parts = [label, description].filter((part) => part !== '');
  const made = new vscode.TreeItem(label, state);
  made.id = id;
  made.contextValue = context ?? id.split('/')[0] ?? id;
  made.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
  if (description !== '') made.description = description;
  made.tooltip = tooltip ?? parts.join(' · ');
  made.accessibilityInformation = { label: parts.join(', ') };
  return made;
}
