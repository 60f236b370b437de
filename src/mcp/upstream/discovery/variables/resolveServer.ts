import { parseEnv } from 'node:util';
import { messageOf } from '../../../../core/errors';
import { isSecretName, redactText } from '../../../../core/redact';
import { environmentValue, pathsOf, type DiscoveryEnvironment } from '../configLocations';
import { quoteName, type ConfigProblem, type ConfigProblemCode } from '../configProblem';
import type { ConfigReader } from '../configReader';
import { isServerUrl } from '../owners/standardServer';
import type { ServerEntry } from '../serverEntry';
import type { HttpTemplate, InputDefinition, StdioTemplate } from '../serverTemplate';
import { decodeText } from '../sourceText';
import { variableSyntax, type Variable } from './variableText';

/** What variables are resolved with. */
export interface VariableContext {
  environment: DiscoveryEnvironment;
  reader: ConfigReader;
  /**
   * Asks a person for a value (`promptString`, `pickString`) or runs the editor command that gives it (`command`).
   * Called once for each input. `undefined`: the person gave none.
   */
  askInput(input: InputDefinition, entry: ServerEntry): Promise<string | undefined>;
  /**
   * Whether the editor trusts the workspace. In one that is not, servers of the user do not run in its folder, where
   * e.g. `npx` would find programs that came with it.
   */
  isWorkspaceTrusted: boolean;
  /** The value of an editor setting, for `${config:…}`. */
  setting?(section: string): string | undefined;
}

/** A server ready to be started: nothing in it is looked up any more. */
export type ResolvedServer = ResolvedStdioServer | ResolvedHttpServer;

export interface ResolvedStdioServer {
  transport: 'stdio';
  command: string;
  args: string[];
  /** `null` takes a variable of the editor away. */
  env: Record<string, string | null>;
  /** Where the owner would start it. */
  cwd: string;
}

export interface ResolvedHttpServer {
  transport: 'http' | 'sse';
  url: string;
  headers: Record<string, string>;
  oauth?: HttpTemplate['oauth'];
  signing?: HttpTemplate['signing'];
}

export interface Resolution {
  /** `undefined` where a problem is an error. */
  server: ResolvedServer | undefined;
  problems: ConfigProblem[];
  /** Names of the variables and headers whose values are secrets, as far as anyone can tell. */
  secretEnv: ReadonlySet<string>;
  secretHeaders: ReadonlySet<string>;
}

/** Variables in values of variables, as VS Code resolves them, end here; a circle never would. */
const maxRounds = 10;
/** No command line or header is longer; values that refer to each other could double with every round. */
const maxLength = 256 * 1024;
const maxFileBytes = 1024 * 1024;

/** Resolves the variables of an entry as its owner does. Never throws; what cannot be resolved is among the problems. */
export async function resolveServer(entry: ServerEntry, context: VariableContext): Promise<Resolution> {
  const resolver = new Resolver(entry, context);
  const { template } = entry;
  const server = template.transport === 'stdio' ? await resolver.stdio(template) : await resolver.http(template);
  const isUsable = !resolver.problems.some(({ severity }) => severity === 'error');
  return {
    server: isUsable ? server : undefined,
    problems: resolver.problems,
    secretEnv: resolver.secretEnv,
    secretHeaders: resolver.secretHeaders,
  };
}

class Resolver {
  readonly problems: ConfigProblem[] = [];
  readonly secretEnv = new Set<string>();
  readonly secretHeaders = new Set<string>();
  readonly #entry: ServerEntry;
  readonly #context: VariableContext;
  readonly #answers = new Map<string, Promise<string | undefined>>();
  readonly #reported = new Set<string>();

  constructor(entry: ServerEntry, context: VariableContext) {
    this.#entry = entry;
    this.#context = context;
  }

  async stdio(template: StdioTemplate): Promise<ResolvedStdioServer> {
    const command = await this.#text(template.command, 'command');
    const args: string[] = [];
    for (const argument of template.args) args.push(await this.#text(argument, 'args'));
    const env = new Map<string, string | null>();
    for (const name of template.forwardedEnv ?? []) {
      const value = this.#environmentValue(name);
      if (value === undefined)
        this.#report('warning', 'unresolvedVariable', `The variable ${quoteName(name)} is not set.`);
      else env.set(name, value);
      this.secretEnv.add(name);
    }
    if (template.envFile !== undefined) {
      for (const [name, value] of await this.#envFile(template.envFile)) {
        env.set(name, value);
        this.secretEnv.add(name);
      }
    }
    for (const [name, written] of Object.entries(template.env)) {
      const value = written === null ? null : await this.#text(written, `env ${name}`);
      env.set(name, value);
      if (isSecret(name, written, value)) this.secretEnv.add(name);
    }
    const cwd = await this.#cwd(template.cwd);
    if (command.trim() === '') this.#report('error', 'missingCommand', 'The "command" is empty.');
    for (const text of [command, ...args, cwd, ...env.keys(), ...env.values()]) {
      if (text?.includes('\0')) this.#report('error', 'invalidValue', 'A value has a NUL character.');
    }
    for (const name of env.keys()) {
      if (name === '' || name.includes('=')) {
        this.#report('error', 'invalidValue', `${quoteName(name)} cannot be the name of a variable.`);
      }
    }
    return { transport: 'stdio', command, args, env: Object.fromEntries(env), cwd };
  }

  async http(template: HttpTemplate): Promise<ResolvedHttpServer> {
    const url = await this.#text(template.url, 'url');
    if (!isServerUrl(url)) this.#report('error', 'invalidUrl', 'The URL does not begin with http:// or https://.');
    const headers = new Map<string, string>();
    for (const [name, written] of Object.entries(template.headers)) {
      const value = await this.#text(written, `headers ${name}`);
      headers.set(name, value);
      if (isSecret(name, written, value)) this.secretHeaders.add(name);
    }
    const named = { ...template.envHeaders };
    if (template.bearerTokenEnv !== undefined) named['Authorization'] = template.bearerTokenEnv;
    for (const [name, variable] of Object.entries(named)) {
      const value = this.#environmentValue(variable);
      if (value === undefined) {
        this.#report('error', 'unresolvedVariable', `The variable ${quoteName(variable)} is not set.`);
        continue;
      }
      headers.set(name, variable === template.bearerTokenEnv && name === 'Authorization' ? `Bearer ${value}` : value);
      this.secretHeaders.add(name);
    }
    for (const [name, value] of headers) {
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[^\t\x20-\x7E\x80-\xFF]/.test(value)) {
        this.#report('error', 'invalidValue', `The header ${quoteName(name)} has characters that headers cannot have.`);
      }
    }
    const { transport, oauth, signing } = template;
    return {
      transport,
      url,
      headers: Object.fromEntries(headers),
      ...(oauth ? { oauth } : {}),
      ...(signing ? { signing } : {}),
    };
  }

  /** Relative folders are meant from the workspace folder, or from the home folder where there is none. */
  async #cwd(written: string | undefined): Promise<string> {
    const { environment } = this.#context;
    const base = this.#folder()?.path ?? environment.home;
    if (written === undefined) return base;
    return this.#path(await this.#text(written, 'cwd'), base);
  }

  async #envFile(written: string): Promise<[string, string][]> {
    const { environment, reader } = this.#context;
    const file = this.#path(await this.#text(written, 'envFile'), this.#folder()?.path ?? environment.home);
    const text = await this.#readText(file, written, reader);
    if (text === undefined) return [];
    return Object.entries(parseEnv(text)).filter((pair): pair is [string, string] => pair[1] !== undefined);
  }

  /** @param written the path as it stands in the config: resolved it may hold a secret */
  async #readText(file: string, written: string, reader: ConfigReader): Promise<string | undefined> {
    try {
      const bytes = await reader.read(file, maxFileBytes);
      if (bytes) return decodeText(bytes).text;
      this.#report('error', 'unreadable', `The file ${quoteName(written)} does not exist.`);
    } catch (error) {
      this.#report('error', 'unreadable', `The file ${quoteName(written)} was not read. ${messageOf(error)}`);
    }
    return undefined;
  }

  #path(text: string, base: string): string {
    const { environment } = this.#context;
    const paths = pathsOf(environment);
    if (text === '~' || /^~[/\\]/.test(text)) return paths.join(environment.home, text.slice(1));
    return paths.resolve(base, text);
  }

  /** @param field what the text belongs to, for the sentence of a problem */
  async #text(written: string, field: string): Promise<string> {
    const syntax = variableSyntax[this.#entry.owner];
    let text = written;
    for (let round = 0; ; round++) {
      const parts = syntax.parse(text);
      let next = '';
      let hasChanged = false;
      for (const part of parts) {
        const piece = 'text' in part ? part.text : ((await this.#value(part.variable, part.source)) ?? part.source);
        hasChanged ||= 'variable' in part && piece !== part.source;
        next += piece;
        if (next.length > maxLength) {
          this.#report('error', 'invalidValue', `The value of ${quoteName(field)} is too long once it is resolved.`);
          return '';
        }
      }
      if (!hasChanged || !syntax.isRecursive) return next;
      if (round === maxRounds) {
        this.#report(
          'error',
          'unresolvedVariable',
          `Variables in ${quoteName(field)} refer to each other in a circle.`,
        );
        return '';
      }
      text = next;
    }
  }

  /** `undefined` where the variable stays as it is written. */
  async #value(variable: Variable, source: string): Promise<string | undefined> {
    const { environment, reader } = this.#context;
    const paths = pathsOf(environment);
    switch (variable.kind) {
      case 'env':
        return this.#environmentVariable(variable.name, variable.fallback, source);
      case 'input':
        return this.#input(variable.id, source);
      case 'workspaceFolder':
        return (
          this.#folder(variable.name)?.path ??
          this.#unresolved(source, 'No such folder is open, or the workspace is not trusted.')
        );
      case 'workspaceFolderBasename': {
        const folder = this.#folder(variable.name);
        return folder
          ? paths.basename(folder.path)
          : this.#unresolved(source, 'No such folder is open, or the workspace is not trusted.');
      }
      case 'userHome':
        return environment.home;
      case 'pathSeparator':
        return paths.sep;
      case 'cwd':
        return this.#folder()?.path ?? environment.home;
      case 'config':
        return this.#context.setting?.(variable.section) ?? this.#unresolved(source, 'There is no such setting.');
      case 'command':
        return this.#ask(
          { id: variable.id, type: 'command', command: variable.id, isPassword: false },
          `command:${variable.id}`,
          source,
        );
      case 'file': {
        const text = await this.#readText(this.#path(variable.path, environment.home), variable.path, reader);
        return text?.trim();
      }
      case 'unknown':
        break;
    }
    this.#report('warning', 'unresolvedVariable', `${shownVariable(source)} is no variable that the owner knows.`);
    return undefined;
  }

  #environmentVariable(name: string, fallback: string | undefined, source: string): string | undefined {
    const value = this.#environmentValue(name);
    if (value !== undefined) return value;
    if (fallback !== undefined) return fallback;
    const { unsetVariable } = variableSyntax[this.#entry.owner];
    const severity = unsetVariable === 'error' ? 'error' : 'warning';
    this.#report(severity, 'unresolvedVariable', `${shownVariable(source)} is not set in the environment.`);
    return unsetVariable === 'empty' ? '' : undefined;
  }

  #environmentValue(name: string): string | undefined {
    const { env, platform } = this.#context.environment;
    return environmentValue(env, name, platform);
  }

  #input(id: string, source: string): Promise<string | undefined> {
    // Our own setting has no place for inputs, so that anything may be a secret.
    const input = this.#entry.inputs.get(id);
    if (!input && this.#entry.owner !== 'workbench') {
      return Promise.resolve(this.#unresolved(source, 'There is no input with this id.'));
    }
    return this.#ask(input ?? { id, type: 'promptString', isPassword: true }, `input:${id}`, source);
  }

  async #ask(input: InputDefinition, key: string, source: string): Promise<string | undefined> {
    let answer = this.#answers.get(key);
    if (!answer) {
      answer = this.#context.askInput(input, this.#entry);
      this.#answers.set(key, answer);
    }
    try {
      const value = await answer;
      return value ?? this.#unresolved(source, 'No value was given.');
    } catch {
      // The reason may quote what was typed.
      return this.#unresolved(source, 'It could not be asked for.');
    }
  }

  /** The folder by name; without one that of the entry, or the only one that is open. */
  #folder(name?: string): { path: string } | undefined {
    const { environment, isWorkspaceTrusted } = this.#context;
    if (!isWorkspaceTrusted) return undefined;
    const { folders } = environment;
    if (name !== undefined) return folders.find((folder) => folder.name === name);
    return this.#entry.folder ?? (folders.length === 1 ? folders[0] : undefined);
  }

  #unresolved(source: string, reason: string): undefined {
    this.#report('error', 'unresolvedVariable', `${shownVariable(source)} cannot be resolved. ${reason}`);
    return undefined;
  }

  #report(severity: ConfigProblem['severity'], code: ConfigProblemCode, message: string): void {
    if (this.#reported.has(message)) return;
    this.#reported.add(message);
    const { file, place, name } = this.#entry;
    this.problems.push({ severity, code, message, file: file.path, ...place, server: name });
  }
}

/** A variable as it may stand in a sentence: what looks like more than a name could be a value. */
function shownVariable(source: string): string {
  return /^\$[\w{][\w:./-]{0,80}\}?$/.test(source) ? quoteName(source) : 'A variable';
}

/** Whatever was looked up somewhere is treated as a secret, for secrets are what people keep elsewhere. */
function isSecret(name: string, written: string | null, value: string | null): boolean {
  if (value === null || value === '') return false;
  return written !== value || isSecretName(name) || redactText(`${name}=${value}`) !== `${name}=${value}`;
}
