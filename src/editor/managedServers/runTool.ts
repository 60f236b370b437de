import * as vscode from 'vscode';
import { isRecord } from '../../core/json';
import { escapeUnseen } from '../../core/unseen';
import type { VirtualDocuments } from '../virtualDocuments';
import type { KnownServer } from './knownServer';

const listMs = 120_000;

/** Calls a tool with arguments that a person types, and shows what comes back. */
export async function runToolByHand(documents: VirtualDocuments, server: KnownServer, name?: string): Promise<void> {
  const tools = await server.list('tools', { isByPerson: true }, AbortSignal.timeout(listMs));
  const items = tools.map((tool) => ({
    label: escapeUnseen(tool.name),
    detail: escapeUnseen(tool.description ?? '').slice(0, 200),
    tool,
  }));
  const tool =
    tools.find((each) => each.name === name) ??
    (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Run a Tool'), matchOnDetail: true }))?.tool;
  if (!tool) return;
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Run {0} of {1}', escapeUnseen(tool.name), server.title),
    prompt: vscode.l10n.t('Arguments as a JSON object'),
    value: JSON.stringify(sampleOf(tool.inputSchema)),
    ignoreFocusOut: true,
    validateInput: (value) => (parse(value) ? undefined : vscode.l10n.t('This is no JSON object.')),
  });
  const given = text === undefined ? undefined : parse(text);
  if (!given) return;
  const aborting = new AbortController();
  const result = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: escapeUnseen(tool.name), cancellable: true },
    async (progress, token) => {
      token.onCancellationRequested(() => aborting.abort());
      const client = await server.connect({ isByPerson: true }, aborting.signal);
      return client.callTool(tool.name, given, aborting.signal, ({ message }) => {
        if (message !== undefined) progress.report({ message: escapeUnseen(message).slice(0, 200) });
      });
    },
  );
  const path = `/servers/${server.name}/results/${tool.name.replaceAll(/[^\w.-]/g, '_')}.json`;
  await documents.show(path, `${escapeUnseen(JSON.stringify(result, undefined, 2))}\n`);
}

/** What must be given, with empty values to fill in. */
function sampleOf(schema: unknown): Record<string, unknown> {
  if (!isRecord(schema) || !Array.isArray(schema['required'])) return {};
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  const sample: Record<string, unknown> = {};
  for (const name of schema['required'] as unknown[]) {
    if (typeof name !== 'string') continue;
    const property = properties[name];
    sample[name] = isRecord(property) ? valueOf(property) : null;
  }
  return sample;
}

function valueOf(property: Record<string, unknown>): unknown {
  if (property['default'] !== undefined) return property['default'];
  const { enum: values } = property;
  if (Array.isArray(values)) return values[0] as unknown;
  switch (property['type']) {
    case 'string':
      return '';
    case 'number':
    case 'integer':
      return 0;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'object':
      return {};
    default:
      return null;
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return isRecord(value) && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
