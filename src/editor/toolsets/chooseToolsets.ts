import * as vscode from 'vscode';
import { Policy } from '../../tools/policy';
import type { ToolRegistry } from '../../tools/registry';
import { toolsets, type Toolset } from '../../tools/tool';
import { toolCost } from '../../tools/toolsets/toolCost';
import { chosenToolsets } from '../../tools/toolsets/toolsetChoice';
import type { Settings } from '../settings/settings';
import { policySettingNames, type SettingsPolicy } from '../settings/settingsPolicy';
import type { EditorToolsets } from './editorToolsets';
import { costWords, detectionWords, isInChoice, toolsetCostWords } from './toolsetWords';

export interface ChooseToolsetsOptions {
  registry: ToolRegistry;
  settings: Settings;
  base: SettingsPolicy;
  toolsets: EditorToolsets;
}

interface ToolsetItem extends vscode.QuickPickItem {
  name: 'auto' | Toolset;
}

/** Lets the user switch toolsets on and off, with what each costs, and writes their own settings. */
export async function chooseToolsets(options: ChooseToolsetsOptions): Promise<void> {
  const { registry, settings, base } = options;
  await options.toolsets.ready();
  const { detection } = options.toolsets;
  const { user, restrictions } = base.choices;
  const budget = settings.get('tokenBudget');
  // As if every toolset were on, so that each has a price.
  const everything = new Policy(
    { current: { ...options.toolsets.current, toolsets }, onDidChange: options.toolsets.onDidChange },
    policySettingNames,
  );
  const tools = registry.all.filter(({ tool }) => everything.allows(tool));
  const costs = new Map(toolCost(tools, { budget }).toolsets.map((cost) => [cost.toolset, cost]));
  const allowed = chosenToolsets(toolsets, restrictions, detection?.toolsets ?? toolsets);
  const items: ToolsetItem[] = [
    {
      name: 'auto',
      label: vscode.l10n.t('Automatic'),
      description: 'auto',
      detail: vscode.l10n.t('Adds what the workspace has a use for: {0}.', detectionWords(detection)),
    },
    ...toolsets.map((name): ToolsetItem => {
      const { tools: number = 0, tokens = 0 } = costs.get(name) ?? {};
      const isAdded =
        isInChoice(user, 'auto') && !isInChoice(user, name) && detection?.toolsets.includes(name) === true;
      const notes = [
        ...(isAdded ? [vscode.l10n.t('on by itself')] : []),
        ...(allowed.includes(name) ? [] : [vscode.l10n.t('left out by the workspace')]),
      ];
      return { name, label: name, description: [toolsetCostWords(number, tokens), ...notes].join(' · ') };
    }),
  ];
  const pick = vscode.window.createQuickPick<ToolsetItem>();
  pick.canSelectMany = true;
  pick.matchOnDescription = true;
  pick.placeholder = vscode.l10n.t('Which toolsets are clients offered?');
  pick.items = items;
  pick.selectedItems = items.filter(({ name }) => isInChoice(user, name));
  const showTotal = (): void => {
    const choice = pick.selectedItems.map(({ name }) => name);
    const on = chosenToolsets(choice, restrictions, detection?.toolsets ?? []);
    const chosen = tools.filter(({ tool }) => on.includes(tool.toolset));
    pick.title = vscode.l10n.t('Toolsets: {0}', costWords(toolCost(chosen, { budget }), budget).description);
  };
  showTotal();
  const accepted = await new Promise<readonly ToolsetItem[] | undefined>((resolve) => {
    pick.onDidChangeSelection(showTotal);
    pick.onDidAccept(() => {
      resolve(pick.selectedItems);
      pick.hide();
    });
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  });
  pick.dispose();
  if (!accepted) return;
  const wanted = items.filter((item) => accepted.includes(item)).map(({ name }) => name);
  await settings.setForUser('toolsets', wanted);
}
