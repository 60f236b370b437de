import { checkedUrlTemplate } from './serverUrl';
import { parseAddCommand } from './addCommandLines';
import { parseInstallLink } from './installLinks';
import { nameFrom, nameFromUrl, type NewServer, type ParsedNewServers } from './newServer';
import { parsePackageName } from './packageNames';
import { looksLikeConfig, parsePastedConfig } from './pastedConfig';
import { splitShellWords } from './shellWords';

/** No real command line or configuration is longer; the rest is a mistake of the clipboard. */
const maxLength = 256 * 1024;

/**
 * Understands what a person types or pastes to add a server: a command line, a URL, the name of a package of npm, PyPI or
 * a container registry, an install link, a command line that adds a server to another program, or a piece of any config
 * file. Looks nothing up.
 * @param platform decides how a command line is quoted
 */
export function parseNewServer(input: string, platform: NodeJS.Platform): ParsedNewServers {
  const text = input.replace(/^\uFEFF/, '').trim();
  if (text === '') return failed('Enter a command, a URL, the name of a package, or a configuration.');
  if (text.length > maxLength) return failed('The text is too long.');
  const link = parseInstallLink(text);
  if (link) return link;
  if (looksLikeConfig(text)) return parsePastedConfig(text);
  // Copied from a terminal or from documentation.
  const line = text.replace(/^(?:\$|>|PS [^>\n]*>)\s+/, '');
  if (!/\s/.test(line)) {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(line)) return parseUrl(line);
    const packages = parsePackageName(line);
    if (packages.length > 0 && !looksLikeFile(line)) return { choice: 'one', servers: packages, problems: [] };
  }
  return parseCommandLine(line, platform);
}

function parseUrl(text: string): ParsedNewServers {
  const template = checkedUrlTemplate(text);
  if (!template) return failed('A server is reached by a URL that begins with http:// or https://.');
  const server: NewServer = { name: nameFromUrl(text), template, owner: 'workbench', inputs: [], kind: 'URL' };
  return { choice: 'all', servers: [server], problems: [] };
}

function parseCommandLine(line: string, platform: NodeJS.Platform): ParsedNewServers {
  const { words, problem } = splitShellWords(line, platform === 'win32' ? 'windows' : 'posix');
  if (problem !== undefined) return failed(problem);
  const added = parseAddCommand(words);
  if (added) return added;
  const env: [string, string][] = [];
  let start = words[0] === 'env' ? 1 : 0;
  for (; start < words.length; start++) {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[start] ?? '') ?? [];
    if (name === undefined || value === undefined) break;
    env.push([name, value]);
  }
  const [command, ...args] = words.slice(start);
  if (command === undefined || command === '') return failed('There is no command in this line.');
  const server: NewServer = {
    name: nameOfCommand(command, args),
    template: { transport: 'stdio', command, args, env: Object.fromEntries(env) },
    owner: 'workbench',
    inputs: [],
    kind: 'command',
  };
  return { choice: 'all', servers: [server], problems: [] };
}

const runners =
  /^(?:npx|uvx|uv|bunx|bun|pnpm|yarn|deno|docker|podman|node|python3?|py|pipx|cmd|dotnet|java|go|cargo)$/i;

/** After what a runner runs, since "npx" says nothing. */
function nameOfCommand(command: string, args: readonly string[]): string {
  const program = lastPart(command).replace(/\.(?:exe|cmd|bat|sh|[cm]?js|py)$/i, '');
  if (!runners.test(program)) return nameFrom(program);
  const skipped = new Set(['run', 'exec', 'dlx', 'x', 'tool', '/c', '-m', '--']);
  const isContainer = /^(?:docker|podman)$/i.test(program);
  const words = args.filter((word) => !skipped.has(word.toLowerCase()) && !word.startsWith('-') && !runners.test(word));
  // The image comes after options whose values look like anything.
  const named = isContainer ? words.find((word) => /[/:]/.test(word) && !/[=,]|:\//.test(word)) : words[0];
  const word = named ?? words[0] ?? program;
  const isScoped = word.startsWith('@');
  const plain = word.replace(/(.)@.*$/, '$1').replace(/(.):[\w.-]+$/, '$1');
  return nameFrom(lastPart(isScoped ? plain.replace(/^@[^/]+\//, '') : plain).replace(/\.(?:[cm]?[jt]s|py|jar)$/i, ''));
}

function lastPart(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** A path rather than the name of a package or image. */
function looksLikeFile(word: string): boolean {
  return (
    /^(?:[./~\\]|[A-Za-z]:[\\/])/.test(word) || /\\/.test(word) || /\.(?:exe|cmd|bat|sh|[cm]?[jt]s|py)$/i.test(word)
  );
}

function failed(problem: string): ParsedNewServers {
  return { choice: 'all', servers: [], problems: [problem] };
}
