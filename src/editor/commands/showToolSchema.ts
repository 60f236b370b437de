import * as vscode from 'vscode';
import { isRecord } from '../../core/json';
import type { RegisteredTool, ToolRegistry } from '../../tools/registry';
import type { VirtualDocuments } from '../virtualDocuments';

/**
 * Opens what clients are told of a tool, as read-only JSON.
 * @param target a row of the tree or a tool's name; without one the user picks.
 */
export async function showToolSchema(
  registry: ToolRegistry,
  documents: VirtualDocuments,
  target?: unknown,
): Promise<void> {
  const tool = toolOf(registry, target) ?? (await pickTool(registry));
  if (!tool) return;
  await documents.show(`/tools/${tool.listing.name}.json`, `${JSON.stringify(tool.listing, undefined, 2)}\n`);
}

function toolOf(registry: ToolRegistry, target: unknown): RegisteredTool | undefined {
  if (typeof target === 'string') return registry.get(target);
  const tool = isRecord(target) ? target['tool'] : undefined;
  const listing = isRecord(tool) ? tool['listing'] : undefined;
  return isRecord(listing) && typeof listing['name'] === 'string' ? registry.get(listing['name']) : undefined;
}

async function pickTool(registry: ToolRegistry): Promise<RegisteredTool | undefined> {
  const items = registry.all.map((tool) => ({ label: tool.listing.name, description: tool.listing.title, tool }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Show Tool Schema'),
    matchOnDescription: true,
  });
  return picked?.tool;
}
