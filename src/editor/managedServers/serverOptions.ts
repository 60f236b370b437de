import * as vscode from 'vscode';
import { isRecord } from '../../core/json';
import type { ServerFilter } from '../../mcp/upstream/managedServer';

/** What is changed between clients and one server, as the user wants it; by default nothing. */
export type ServerOptions = Partial<ServerFilter>;

const setting = 'serverOptions';

/** What the user set for a server, by its name. Only their own settings count: a workspace must not change tools. */
export function readServerOptions(name: string): ServerFilter | undefined {
  return toFilter(read()[name]);
}

/** Keeps what the user wants for a server; nothing removes it. */
export async function writeServerOptions(name: string, options: ServerOptions): Promise<void> {
  const all: Record<string, unknown> = { ...read() };
  if (toFilter(options)) all[name] = options;
  else delete all[name];
  const value = Object.keys(all).length === 0 ? undefined : all;
  await vscode.workspace.getConfiguration('mcpWorkbench').update(setting, value, vscode.ConfigurationTarget.Global);
}

function read(): Record<string, unknown> {
  const value = vscode.workspace.getConfiguration('mcpWorkbench').inspect<unknown>(setting)?.globalValue;
  return isRecord(value) ? value : {};
}

/** A usable filter of what people wrote by hand; what has the wrong type counts as not set. */
export function toFilter(value: unknown): ServerFilter | undefined {
  if (!isRecord(value)) return undefined;
  const { tools, readOnly, namePrefix, validateArguments } = value;
  const filter: ServerFilter = {
    readOnly: readOnly === true,
    validateArguments: validateArguments === true,
    ...(Array.isArray(tools) ? { tools: tools.filter((tool) => typeof tool === 'string') } : {}),
    ...(typeof namePrefix === 'string' && /^[A-Za-z0-9_.-]{1,32}$/.test(namePrefix) ? { namePrefix } : {}),
  };
  const isOff =
    !filter.readOnly && !filter.validateArguments && filter.tools === undefined && filter.namePrefix === undefined;
  return isOff ? undefined : filter;
}

/** What is on, in a few words, or nothing. */
export function optionWords(filter: ServerFilter | undefined): string[] {
  if (!filter) return [];
  return [
    ...(filter.tools ? [vscode.l10n.t('{0} tools picked', filter.tools.length)] : []),
    ...(filter.readOnly ? [vscode.l10n.t('read-only')] : []),
    ...(filter.namePrefix === undefined ? [] : [vscode.l10n.t('prefix {0}', filter.namePrefix)]),
    ...(filter.validateArguments ? [vscode.l10n.t('arguments checked')] : []),
  ];
}
