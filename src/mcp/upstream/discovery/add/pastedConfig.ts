import { readConfigText } from '../configContents';
import { nodeAt, type ConfigNode, type ObjectNode } from '../configNode';
import type { ConfigOwner } from '../configOwner';
import { FieldReader } from '../fieldReader';
import { parseJsonText } from '../jsonText';
import { ownerFormats } from '../ownerFormats';
import { readInputs } from '../owners/vscodeFormat';
import { LineIndex } from '../sourceText';
import type { InputDefinition } from '../serverTemplate';
import { nameFrom, nameFromUrl, type NewServer, type ParsedNewServers } from './newServer';

/** Whether a text looks like a piece of a config file, so that what is wrong with it is said as such. */
export function looksLikeConfig(text: string): boolean {
  return /^\s*(?:[{[]|"[^"\n]*"\s*:|\/\/|\/\*)/.test(text) || /^[ \t]*\[?mcp_servers\b/m.test(text);
}

/** Reads servers from any of the formats, whole or a piece of it. */
export function parsePastedConfig(text: string): ParsedNewServers {
  if (/^[ \t]*\[?mcp_servers\b/m.test(text)) return parsePastedToml(text);
  // What people copy out of a file often begins with the name and ends with the comma.
  const isFragment = /^\s*"/.test(text);
  const whole = isFragment ? `{${text.replace(/,\s*$/, '')}\n}` : text;
  const { root, problems } = parseJsonText(whole);
  const error = problems.find(({ severity }) => severity === 'error');
  const lines = new LineIndex(whole);
  if (error || root?.kind !== 'object') {
    const line = error ? ` (line ${lines.placeOf(error.offset).line})` : '';
    return { choice: 'all', servers: [], problems: [`${error?.message ?? 'This is no JSON object.'}${line}`] };
  }
  return readPastedObject(root, lines);
}

/** Reads servers from a JSON object that a link or command line carried. */
export function readPastedObject(root: ObjectNode, lines: LineIndex, knownName?: string): ParsedNewServers {
  const found = findServers(root, knownName);
  const problems: string[] = [];
  const inputs = readInputs(root, found.inputsPath, (message) => problems.push(message));
  const servers: NewServer[] = [];
  for (const [name, node] of found.servers) {
    const owner = found.owner ?? guessOwner(node);
    const fields = new FieldReader(node, (severity, _code, message, span) => {
      if (severity === 'error') problems.push(`${message} (line ${lines.placeOf(span.start).line})`);
    });
    const template = ownerFormats[owner].read(fields);
    if (!template) continue;
    const fallback = template.transport === 'stdio' ? nameFrom(lastName(template.command)) : nameFromUrl(template.url);
    servers.push({
      name: name ?? fallback,
      template,
      owner,
      inputs: usedInputs(node, inputs),
      kind: 'configuration',
    });
  }
  if (servers.length === 0 && problems.length === 0) problems.push('There is no MCP server in this text.');
  return { choice: 'all', servers, problems };
}

interface FoundServers {
  servers: [string | undefined, ObjectNode][];
  /** Known from the shape; otherwise each entry tells. */
  owner?: ConfigOwner;
  inputsPath: readonly string[];
}

function findServers(root: ObjectNode, knownName: string | undefined): FoundServers {
  const shapes: { path: string[]; owner?: ConfigOwner; inputsPath?: string[] }[] = [
    { path: ['servers'], owner: 'vscode', inputsPath: ['inputs'] },
    { path: ['mcp', 'servers'], owner: 'vscode', inputsPath: ['mcp', 'inputs'] },
    { path: ['settings', 'mcp', 'servers'], owner: 'vscode', inputsPath: ['settings', 'mcp', 'inputs'] },
    { path: ['mcpWorkbench.servers'], owner: 'workbench' },
    { path: ['mcpServers'] },
  ];
  for (const { path, owner, inputsPath = ['inputs'] } of shapes) {
    const list = nodeAt(root, path);
    if (list?.kind !== 'object' || isServer(list)) continue;
    return { servers: entriesOf(list), inputsPath, ...(owner === undefined ? {} : { owner }) };
  }
  if (isServer(root)) {
    const name = nodeAt(root, ['name']);
    const given = name?.kind === 'scalar' && typeof name.value === 'string' ? name.value : undefined;
    const isVscode = root.members.has('inputs') || root.members.has('gallery');
    return {
      servers: [[knownName ?? given, root]],
      inputsPath: ['inputs'],
      ...(isVscode ? { owner: 'vscode' as const } : {}),
    };
  }
  return { servers: entriesOf(root).filter(([, node]) => isServer(node)), inputsPath: ['inputs'] };
}

function entriesOf(list: ObjectNode): [string, ObjectNode][] {
  const entries: [string, ObjectNode][] = [];
  for (const [name, { value }] of list.members) if (value.kind === 'object') entries.push([name, value]);
  return entries;
}

function isServer(node: ObjectNode): boolean {
  return ['command', 'url', 'serverUrl', 'httpUrl'].some((name) => node.members.get(name)?.value.kind === 'scalar');
}

/** Whose entry it is, by what only that owner writes. */
function guessOwner(node: ObjectNode): ConfigOwner {
  if (node.members.has('httpUrl') || node.members.has('trust') || node.members.has('includeTools')) return 'gemini';
  if (node.members.has('serverUrl')) return 'windsurf';
  const texts = textsIn(node);
  if (texts.some((text) => /\$\{input:/.test(text))) return 'vscode';
  if (texts.some((text) => /\$\{(?:env:|userHome|workspaceFolder)/.test(text)) || node.members.has('envFile')) {
    return 'cursor';
  }
  const usesVariables = texts.some((text) => /\$\{\w+(?::-[^}]*)?\}/.test(text));
  return usesVariables || node.members.has('type') ? 'claudeCode' : 'cursor';
}

function textsIn(node: ConfigNode): string[] {
  if (node.kind === 'scalar') return typeof node.value === 'string' ? [node.value] : [];
  const children = node.kind === 'array' ? node.items : [...node.members.values()].map(({ value }) => value);
  return children.flatMap((child) => textsIn(child));
}

function usedInputs(node: ObjectNode, inputs: ReadonlyMap<string, InputDefinition>): InputDefinition[] {
  const text = textsIn(node).join('\n');
  return [...inputs.values()].filter(({ id }) => text.includes(`\${input:${id}}`));
}

function parsePastedToml(text: string): ParsedNewServers {
  const { entries, problems } = readConfigText({ owner: 'codex', scope: 'user', path: '' }, text);
  return {
    choice: 'all',
    servers: entries.map(({ name, template }) => ({
      name,
      template,
      owner: 'codex',
      inputs: [],
      kind: 'configuration',
    })),
    problems: problems
      .filter(({ severity }) => severity === 'error')
      .map(({ message, line }) => `${message} (line ${line})`),
  };
}

function lastName(command: string): string {
  return command.slice(Math.max(command.lastIndexOf('/'), command.lastIndexOf('\\')) + 1);
}
