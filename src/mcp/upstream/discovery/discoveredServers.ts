import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../core/json';
import { configOwners } from './configOwner';
import { pathsOf, type DiscoveryEnvironment } from './configLocations';
import type { ServerEntry } from './serverEntry';
import type { HttpTemplate, ServerTemplate, StdioTemplate } from './serverTemplate';
import { variableSyntax } from './variables/variableText';

/** One server, in however many config files it stands. */
export interface DiscoveredServer {
  /** The same for the same command or URL, also after a restart. */
  id: string;
  /** Unique among the discovered servers; fit for a path (see `managedServer.ts`). */
  name: string;
  /** The name in the file. */
  title: string;
  /** The entry whose definition is used: one that is switched on, of the user before one of the workspace. */
  entry: ServerEntry;
  /** Every entry for this server, `entry` included. */
  origins: readonly ServerEntry[];
}

export interface DiscoveredServers {
  servers: DiscoveredServer[];
  /** Entries that lead to our own relay, so that they stand for a server that is known already. */
  relayed: ServerEntry[];
}

/** What tells one server from another; variables count as what they mean, not as how the owner writes them. */
interface Identity {
  key: string;
  /** Differs for entries that use the same URL in the name of different people. */
  account: string;
}

/**
 * Finds the entries that mean the same server: the same command, arguments and variables, or the same URL. Entries with
 * the same URL but other headers are kept apart only where one file has both, which then is on purpose.
 * @param isRelay whether a definition leads to our own host
 */
export function groupServers(
  entries: readonly ServerEntry[],
  environment: DiscoveryEnvironment,
  isRelay: (template: ServerTemplate) => boolean = () => false,
): DiscoveredServers {
  const relayed: ServerEntry[] = [];
  const groups = new Map<string, Map<string, ServerEntry[]>>();
  for (const entry of byPrecedence(entries)) {
    if (isRelay(entry.template)) {
      relayed.push(entry);
      continue;
    }
    const { key, account } = identityOf(entry, environment);
    let accounts = groups.get(key);
    if (!accounts) groups.set(key, (accounts = new Map<string, ServerEntry[]>()));
    const same = accounts.get(account);
    if (same) same.push(entry);
    else accounts.set(account, [entry]);
  }
  const servers: DiscoveredServer[] = [];
  const names = new Set<string>();
  for (const [key, accounts] of groups) {
    const areApart = hasSeveralInOneFile(accounts);
    const lists = areApart ? [...accounts] : [['', [...accounts.values()].flat()] as const];
    for (const [account, origins] of lists) {
      const id = createHash('sha256')
        .update(canonicalJson([key, account]))
        .digest('hex')
        .slice(0, 16);
      const entry = preferred(origins);
      if (entry) servers.push({ id, name: uniqueName(entry.name, id, names), title: entry.name, entry, origins });
    }
  }
  return { servers, relayed };
}

function byPrecedence(entries: readonly ServerEntry[]): ServerEntry[] {
  const ranks = new Map(configOwners.map((owner, index) => [owner, index]));
  return [...entries].sort((left, right) => (ranks.get(left.owner) ?? 0) - (ranks.get(right.owner) ?? 0));
}

function preferred(origins: readonly ServerEntry[]): ServerEntry | undefined {
  const enabled = origins.filter((entry) => !entry.isDisabled);
  const candidates = enabled.length > 0 ? enabled : origins;
  return candidates.find((entry) => entry.scope !== 'workspace') ?? candidates[0];
}

function hasSeveralInOneFile(accounts: ReadonlyMap<string, readonly ServerEntry[]>): boolean {
  if (accounts.size < 2) return false;
  const files = new Set<string>();
  for (const entries of accounts.values()) {
    const own = new Set(entries.map(({ file }) => file.path));
    for (const file of own) {
      if (files.has(file)) return true;
      files.add(file);
    }
  }
  return false;
}

function uniqueName(title: string, id: string, names: Set<string>): string {
  const plain = title
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 47)
    .replace(/-+$/, '');
  const base = plain === '' ? 'server' : plain;
  const isTaken = names.has(base.toLowerCase());
  const name = isTaken ? `${base}-${id}` : base;
  names.add(name.toLowerCase());
  return name;
}

function identityOf(entry: ServerEntry, environment: DiscoveryEnvironment): Identity {
  const { template } = entry;
  return template.transport === 'stdio'
    ? stdioIdentity(entry, template, environment)
    : httpIdentity(entry, template, environment);
}

function stdioIdentity(entry: ServerEntry, template: StdioTemplate, environment: DiscoveryEnvironment): Identity {
  const meaning = (text: string): string => meaningOf(text, entry, environment);
  let words = [template.command, ...template.args].map((word) => meaning(word));
  // How Windows users start scripts such as npx.
  if (/^cmd(?:\.exe)?$/i.test(words[0] ?? '') && /^\/c$/i.test(words[1] ?? '')) words = words.slice(2);
  words[0] = (words[0] ?? '').replace(/\.(?:exe|cmd|bat)$/i, '');
  const env = Object.entries(template.env).map(([name, value]) => [name, value === null ? null : meaning(value)]);
  const forwarded = (template.forwardedEnv ?? []).map((name) => [name, meaningOfVariable(name)]);
  const isRelative = words.some((word) => isRelativePath(word, environment));
  return {
    key: canonicalJson([
      'stdio',
      words,
      Object.fromEntries([...forwarded, ...env]),
      template.envFile === undefined ? null : meaning(template.envFile),
      template.cwd === undefined ? null : meaning(template.cwd),
      isRelative ? (entry.folder?.path ?? null) : null,
    ]),
    account: '',
  };
}

function httpIdentity(entry: ServerEntry, template: HttpTemplate, environment: DiscoveryEnvironment): Identity {
  const meaning = (text: string): string => meaningOf(text, entry, environment);
  const url = meaning(template.url);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(template.headers)) headers[`${name.toLowerCase()}:`] = meaning(value);
  for (const [name, variable] of Object.entries(template.envHeaders ?? {})) {
    headers[`${name.toLowerCase()}:`] = meaningOfVariable(variable);
  }
  if (template.bearerTokenEnv !== undefined) {
    headers['authorization:'] = `Bearer ${meaningOfVariable(template.bearerTokenEnv)}`;
  }
  if (template.signing) headers['sigv4'] = canonicalJson(template.signing);
  return {
    key: canonicalJson(['http', URL.canParse(url) ? new URL(url).href : url]),
    account: canonicalJson(headers),
  };
}

/** A file of the workspace: the same words mean another server in another folder. */
function isRelativePath(word: string, environment: DiscoveryEnvironment): boolean {
  if (pathsOf(environment).isAbsolute(word) || word.startsWith('-') || word.includes('://')) return false;
  return /^\.{1,2}(?:[\\/]|$)/.test(word) || /\.(?:[cm]?[jt]s|py|rb|jar|sh|ps1|exe|dll)$/i.test(word);
}

function meaningOf(text: string, entry: ServerEntry, environment: DiscoveryEnvironment): string {
  let meaning = '';
  for (const part of variableSyntax[entry.owner].parse(text)) {
    if ('text' in part) {
      meaning += part.text;
      continue;
    }
    const { variable, source } = part;
    if (variable.kind === 'env' && variable.fallback === undefined) meaning += meaningOfVariable(variable.name);
    else if (variable.kind === 'userHome') meaning += environment.home;
    else if (variable.kind === 'pathSeparator') meaning += pathsOf(environment).sep;
    else if (variable.kind === 'workspaceFolder' && variable.name === undefined)
      meaning += entry.folder?.path ?? source;
    else meaning += `\0${source}\0`;
  }
  return meaning;
}

/** No text of a file holds NUL once it is resolved, so that nothing written can be mistaken for it. */
function meaningOfVariable(name: string): string {
  return `\0env ${name}\0`;
}
