import type { ConfigOwner, ConfigScope } from '../configOwner';
import { parseJsonText } from '../jsonText';
import type { ServerTemplate } from '../serverTemplate';
import { LineIndex } from '../sourceText';
import { nameFrom, type NewServer, type ParsedNewServers } from './newServer';
import { readPastedObject } from './pastedConfig';

/**
 * Reads the command lines with which documentation tells people to add a server: `code --add-mcp`, `claude mcp add`,
 * `claude mcp add-json`, `gemini mcp add` and `codex mcp add`.
 * @param words the line, split by the shell
 * @returns `undefined` where it is another command.
 */
export function parseAddCommand(words: readonly string[]): ParsedNewServers | undefined {
  const program = programOf(words[0] ?? '');
  if (/^(?:code|code-insiders|codium|cursor)$/.test(program)) return parseAddMcp(words.slice(1));
  if (words[1] !== 'mcp') return undefined;
  if (program === 'claude' && words[2] === 'add-json') return parseAddJson(words.slice(3));
  if (words[2] !== 'add') return undefined;
  if (program === 'claude') return parseAdd(words.slice(3), claudeOptions);
  if (program === 'gemini') return parseAdd(words.slice(3), geminiOptions);
  return program === 'codex' ? parseAdd(words.slice(3), codexOptions) : undefined;
}

function programOf(command: string): string {
  const name = command.slice(Math.max(command.lastIndexOf('/'), command.lastIndexOf('\\')) + 1);
  return name.replace(/\.(?:exe|cmd|bat)$/i, '').toLowerCase();
}

/** Source: code.visualstudio.com/docs/agent-customization/mcp-servers, "Install an MCP server from the command line". */
function parseAddMcp(words: readonly string[]): ParsedNewServers | undefined {
  const index = words.findIndex((word) => word === '--add-mcp' || word.startsWith('--add-mcp='));
  if (index === -1) return undefined;
  const word = words[index] ?? '';
  const isWorkspace = words.includes('--mcp-workspace');
  const json = word.includes('=') ? word.slice(word.indexOf('=') + 1) : (words[index + 1] ?? '');
  return withScope(readJson(json), isWorkspace ? 'workspace' : 'user');
}

/** Source: `claude mcp add-json --help`. */
function parseAddJson(words: readonly string[]): ParsedNewServers {
  const { positionals, values } = readOptions(words, claudeOptions, false);
  return withScope(readJson(positionals[1] ?? '', positionals[0]), scopeOf(values.get('scope')));
}

function readJson(json: string, name?: string): ParsedNewServers {
  // Some shells of Windows want every quote escaped although it stands in quotes.
  for (const text of [json, json.replaceAll('\\"', '"').replaceAll('\\$', '$'), json.replaceAll('\\$', '$')]) {
    const { root, problems } = parseJsonText(text);
    if (root?.kind === 'object' && !problems.some(({ severity }) => severity === 'error')) {
      return readPastedObject(root, new LineIndex(text), name);
    }
  }
  return { choice: 'all', servers: [], problems: ['The command line does not hold a configuration in JSON.'] };
}

function withScope(parsed: ParsedNewServers, scope: ConfigScope | undefined): ParsedNewServers {
  if (scope === undefined) return parsed;
  return { ...parsed, servers: parsed.servers.map((server) => ({ ...server, scope })) };
}

/** The options of one program: which take a value, and their short forms. */
interface AddOptions {
  owner: ConfigOwner;
  short: Readonly<Record<string, string>>;
  withValue: readonly string[];
  /** Options that take any number of values, and what those look like. */
  repeated: Readonly<Record<string, RegExp>>;
}

/** Source: code.claude.com/docs/en/mcp and `claude mcp add --help`; `--env` and `--header` take several values. */
const claudeOptions: AddOptions = {
  owner: 'claudeCode',
  short: { t: 'transport', s: 'scope', e: 'env', H: 'header' },
  withValue: ['transport', 'scope', 'client-id', 'callback-port'],
  repeated: { env: /^[A-Za-z_][\w.-]*=/, header: /^[A-Za-z0-9-]+\s*:/ },
};

/** Source: google-gemini/gemini-cli `docs/tools/mcp-server.md`, "gemini mcp add". */
const geminiOptions: AddOptions = {
  owner: 'gemini',
  short: { t: 'transport', s: 'scope', e: 'env', H: 'header' },
  withValue: ['transport', 'scope', 'timeout', 'description', 'include-tools', 'exclude-tools'],
  repeated: { env: /^[A-Za-z_][\w.-]*=/, header: /^[A-Za-z0-9-]+\s*:/ },
};

/** Source: openai/codex `codex-rs/cli/src/mcp_cmd.rs`. */
const codexOptions: AddOptions = {
  owner: 'codex',
  short: {},
  withValue: ['url', 'bearer-token-env-var'],
  repeated: { env: /^[A-Za-z_][\w.-]*=/ },
};

interface ReadOptions {
  positionals: string[];
  values: Map<string, string>;
  lists: Map<string, string[]>;
  /** What followed `--`. */
  rest: string[] | undefined;
}

/** @param stopsAtCommand whether all that follows name and command belongs to the command */
function readOptions(words: readonly string[], options: AddOptions, stopsAtCommand: boolean): ReadOptions {
  const read: ReadOptions = { positionals: [], values: new Map(), lists: new Map(), rest: undefined };
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? '';
    at++;
    if (word === '--') {
      read.rest = words.slice(at);
      break;
    }
    const isForCommand = stopsAtCommand && read.positionals.length >= 2 && !isUrl(read.positionals[1] ?? '');
    const [, long, short, value] = /^(?:--([a-z][\w-]*)|-([A-Za-z]))(?:=(.*))?$/s.exec(word) ?? [];
    const name = long ?? (short === undefined ? undefined : options.short[short]);
    if (isForCommand || name === undefined) {
      read.positionals.push(word);
      continue;
    }
    const pattern = options.repeated[name];
    if (pattern) {
      const values = read.lists.get(name) ?? [];
      if (value !== undefined) values.push(value);
      else values.push(words[at++] ?? '');
      while (pattern.test(words[at] ?? '')) values.push(words[at++] ?? '');
      read.lists.set(name, values);
    } else if (options.withValue.includes(name)) {
      read.values.set(name, value ?? words[at++] ?? '');
    }
  }
  return read;
}

function parseAdd(words: readonly string[], options: AddOptions): ParsedNewServers {
  const { positionals, values, lists, rest } = readOptions(words, options, true);
  const [name, ...own] = positionals;
  const start = [...own, ...(rest ?? [])];
  const url = values.get('url') ?? (isUrl(start[0] ?? '') ? start[0] : undefined);
  const transport = values.get('transport');
  if (name === undefined || (url === undefined && start.length === 0)) {
    return { choice: 'all', servers: [], problems: ['The command line names no server, or no command or URL for it.'] };
  }
  const problems: string[] = [];
  const env = pairsOf(lists.get('env') ?? [], '=', problems);
  const headers = pairsOf(lists.get('header') ?? [], ':', problems);
  const clientId = values.get('client-id');
  const bearerTokenEnv = values.get('bearer-token-env-var');
  const [command = '', ...args] = start;
  const template: ServerTemplate =
    url !== undefined && transport !== 'stdio'
      ? {
          transport: transport === 'sse' ? 'sse' : 'http',
          url,
          headers,
          ...(bearerTokenEnv === undefined ? {} : { bearerTokenEnv }),
          ...(clientId === undefined ? {} : { oauth: { clientId } }),
        }
      : { transport: 'stdio', command, args, env };
  const scope = scopeOf(values.get('scope'));
  const server: NewServer = {
    name: name === '' ? nameFrom('') : name,
    template,
    // The shell's variables were written in our own syntax when the line was split.
    owner: 'workbench',
    inputs: [],
    kind: 'command line',
    ...(scope === undefined ? {} : { scope }),
  };
  return { choice: 'all', servers: [bearerTokenEnv === undefined ? server : { ...server, owner: 'codex' }], problems };
}

function pairsOf(texts: readonly string[], separator: string, problems: string[]): Record<string, string> {
  const pairs: [string, string][] = [];
  for (const text of texts) {
    const index = text.indexOf(separator);
    if (index < 1) problems.push(`A value must have the form NAME${separator}VALUE.`);
    else pairs.push([text.slice(0, index).trim(), text.slice(index + 1).trim()]);
  }
  return Object.fromEntries(pairs);
}

/** Claude Code says project and local, Gemini CLI project. */
function scopeOf(scope: string | undefined): ConfigScope | undefined {
  if (scope === 'project') return 'workspace';
  return scope === 'user' || scope === 'local' ? scope : undefined;
}

function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}
