import * as vscode from 'vscode';
import { Policy } from '../../tools/policy';
import type { ToolRegistry } from '../../tools/registry';
import { toolsets } from '../../tools/tool';
import { toolCost } from '../../tools/toolsets/toolCost';
import { chosenToolsets } from '../../tools/toolsets/toolsetChoice';
import type { Settings } from '../settings/settings';
import { policySettingNames, type SettingsPolicy } from '../settings/settingsPolicy';
import type { EditorToolsets } from './editorToolsets';
import { choiceOf, fittingChecks, type ToolsetName } from './toolsetPick';
import { costWords, detectionWords, toolsetCostWords } from './toolsetWords';

export interface ChooseToolsetsOptions {
  registry: ToolRegistry;
  settings: Settings;
  base: SettingsPolicy;
  toolsets: EditorToolsets;
}

interface ToolsetItem extends vscode.QuickPickItem {
  name: ToolsetName;
}

/** Lets the user switch toolsets on and off, with what each costs, and writes their own settings. */
export async function chooseToolsets(options: ChooseToolsetsOptions): Promise<void> {
  const { registry, settings, base } = options;
  await options.toolsets.ready();
  const { detection } = options.toolsets;
  const detected = detection?.toolsets ?? [];
  const { user, restrictions } = base.choices;
  const pinned: readonly ToolsetName[] = user === 'auto' ? ['auto'] : user;
  const budget = settings.get('tokenBudget');
  // As if every toolset were on, so that each has a price.
  const everything = new Policy(
    { current: { ...options.toolsets.current, toolsets }, onDidChange: options.toolsets.onDidChange },
    policySettingNames,
  );
  const tools = registry.all.filter(({ tool }) => everything.allows(tool));
  const costs = new Map(toolCost(tools, { budget }).toolsets.map((cost) => [cost.toolset, cost]));
  const allowed = chosenToolsets(toolsets, restrictions, toolsets);
  const items: ToolsetItem[] = [
    {
      name: 'auto',
      label: vscode.l10n.t('Automatic'),
      description: 'auto',
      detail: vscode.l10n.t('Adds what the workspace has a use for. {0}', detectionWords(detection)),
    },
    ...toolsets.map((name): ToolsetItem => {
      const { tools: number = 0, tokens = 0 } = costs.get(name) ?? {};
      const isAdded = pinned.includes('auto') && !pinned.includes(name) && detected.includes(name);
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
  let checked = new Set<ToolsetName>([...pinned, ...(pinned.includes('auto') ? detected : [])]);
  const show = (): void => {
    if (pick.selectedItems.length !== checked.size || pick.selectedItems.some(({ name }) => !checked.has(name))) {
      pick.selectedItems = items.filter(({ name }) => checked.has(name));
    }
    const chosen = tools.filter(({ tool }) => checked.has(tool.toolset) && allowed.includes(tool.toolset));
    pick.title = vscode.l10n.t('Toolsets: {0}', costWords(toolCost(chosen, { budget }), budget).description);
  };
  show();
  const isAccepted = await new Promise<boolean>((resolve) => {
    pick.onDidChangeSelection((selected) => {
      checked = fittingChecks(new Set(selected.map(({ name }) => name)), checked, detected);
      show();
    });
    pick.onDidAccept(() => {
      resolve(true);
      pick.hide();
    });
    pick.onDidHide(() => resolve(false));
    pick.show();
  });
  pick.dispose();
  if (!isAccepted) return;
  const choice = choiceOf(checked, pinned, detected);
  await settings.setForUser(
    'toolsets',
    items.map(({ name }) => name).filter((name) => choice.includes(name)),
  );
}
