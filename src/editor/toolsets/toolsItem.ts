import * as vscode from 'vscode';
import type { RegisteredTool } from '../../tools/registry';
import { toolCost } from '../../tools/toolsets/toolCost';
import { costWords } from './toolsetWords';

/** The row above all tools in *Servers*: how many there are, what they cost of the budget, and what is wrong with that. */
export function toolsItem(tools: readonly RegisteredTool[], budget: number): vscode.TreeItem {
  const costs = toolCost(tools, { budget, otherTools: countOtherTools(tools) });
  const { description, warnings } = costWords(costs, budget);
  const made = new vscode.TreeItem(vscode.l10n.t('Tools'), vscode.TreeItemCollapsibleState.Expanded);
  made.id = made.contextValue = 'tools';
  made.description = description;
  made.iconPath =
    warnings.length > 0
      ? new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'))
      : new vscode.ThemeIcon('tools');
  made.tooltip = [
    ...warnings,
    vscode.l10n.t('What clients are offered now. Tokens are an estimate of what the list costs a model.'),
  ].join('\n\n');
  return made;
}

/** Tools that the editor's chat has from elsewhere: the limit of an editor is for all of them together. */
function countOtherTools(tools: readonly RegisteredTool[]): number {
  const isOurs = (name: string): boolean =>
    name.startsWith('mcp_') && tools.some(({ listing }) => name.endsWith(listing.name));
  return vscode.lm.tools.filter(({ name }) => !isOurs(name)).length;
}
