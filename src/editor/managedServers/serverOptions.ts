import * as vscode from 'vscode';
import { isRecord } from '../../core/json';
import { nodeOf } from '../../mcp/upstream/discovery/configNode';
import { FieldReader } from '../../mcp/upstream/discovery/fieldReader';
import { readSigning } from '../../mcp/upstream/discovery/signingFields';
import type { ServerFilter } from '../../mcp/upstream/managedServer';
import type { RequestSigning } from '../../mcp/upstream/requestSigning';

/** What is changed between clients and one server, as the user wants it; by default nothing. */
export interface ServerOptions extends Partial<ServerFilter> {
  /** How requests to it are signed, as the setting has it. */
  auth?: { type: 'sigv4' } & Partial<RequestSigning>;
}

const setting = 'serverOptions';

/** What the user set for a server, by its name. Only their own settings count: a workspace must not change tools. */
export function readServerFilter(name: string): ServerFilter | undefined {
  return toFilter(read()[name]);
}

/** How the user wants requests to a server signed, by its name; only their own settings count, as above. */
export function readServerSigning(name: string): Partial<RequestSigning> | undefined {
  return toSigning(read()[name]);
}

/** All that the user set for a server, as far as it is usable. */
export function readServerOptions(name: string): ServerOptions {
  const signing = readServerSigning(name);
  return { ...readServerFilter(name), ...(signing ? { auth: { type: 'sigv4', ...signing } } : {}) };
}

/** Keeps what the user wants for a server; nothing removes it. */
export async function writeServerOptions(name: string, options: ServerOptions): Promise<void> {
  const all: Record<string, unknown> = { ...read() };
  if (toFilter(options) || toSigning(options)) all[name] = options;
  else delete all[name];
  const value = Object.keys(all).length === 0 ? undefined : all;
  await vscode.workspace.getConfiguration('mcpWorkbench').update(setting, value, vscode.ConfigurationTarget.Global);
}

function read(): Record<string, unknown> {
  const value = vscode.workspace.getConfiguration('mcpWorkbench').inspect<unknown>(setting)?.globalValue;
  return isRecord(value) ? value : {};
}

function toSigning(value: unknown): Partial<RequestSigning> | undefined {
  const node = nodeOf(value);
  return node.kind === 'object' ? readSigning(new FieldReader(node, () => undefined)) : undefined;
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
export function optionWords(filter: ServerFilter | undefined, signing: Partial<RequestSigning> | undefined): string[] {
  const signed = signing ? [vscode.l10n.t('signed with AWS credentials')] : [];
  if (!filter) return signed;
  return [
    ...signed,
    ...(filter.tools ? [vscode.l10n.t('{0} tools picked', filter.tools.length)] : []),
    ...(filter.readOnly ? [vscode.l10n.t('read-only')] : []),
    ...(filter.namePrefix === undefined ? [] : [vscode.l10n.t('prefix {0}', filter.namePrefix)]),
    ...(filter.validateArguments ? [vscode.l10n.t('arguments checked')] : []),
  ];
}
