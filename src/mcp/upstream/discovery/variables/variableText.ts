import type { ConfigOwner } from '../configOwner';

/** What a variable of a config file stands for. */
export type Variable =
  | { kind: 'env'; name: string; fallback?: string }
  | { kind: 'input'; id: string }
  | { kind: 'workspaceFolder'; name?: string }
  | { kind: 'workspaceFolderBasename'; name?: string }
  | { kind: 'userHome' }
  | { kind: 'pathSeparator' }
  | { kind: 'cwd' }
  | { kind: 'config'; section: string }
  | { kind: 'command'; id: string }
  | { kind: 'file'; path: string }
  /** Something that looks like a variable and that its owner cannot resolve either. */
  | { kind: 'unknown' };

/** A piece of a text: plain, or a variable as it is written. */
export type TextPart = { text: string } | { source: string; variable: Variable };

/** How an owner writes variables, and what it does with one that has no value. */
export interface VariableSyntax {
  parse(text: string): TextPart[];
  /**
   * What stands in the place of an environment variable that is not set. `error`: the owner refuses the entry or its
   * behaviour is not documented, so we refuse too.
   */
  unsetVariable: 'empty' | 'asWritten' | 'error';
  /** Values are searched for variables again. */
  isRecursive?: boolean;
}

/** Text without variables. */
const none: VariableSyntax = { parse: (text) => [{ text }], unsetVariable: 'asWritten' };

/**
 * `${name}` and `${name:argument}`. An unset environment variable is empty, and values may hold variables again.
 * Source: code.visualstudio.com/docs/reference/variables-reference and `microsoft/vscode` `variableResolver.ts`.
 */
const vscode: VariableSyntax = {
  parse: (text) => parseBraces(text, parseVscodeVariable),
  unsetVariable: 'empty',
  isRecursive: true,
};

/**
 * `${VAR}` and `${VAR:-default}`; a missing variable without a default makes Claude Code refuse the configuration.
 * Source: code.claude.com/docs/en/mcp, "Environment variable expansion in .mcp.json".
 */
const claudeCode: VariableSyntax = {
  parse: (text) => parseBraces(text, parseShellVariable),
  unsetVariable: 'error',
};

/**
 * `${env:NAME}`, `${userHome}`, `${workspaceFolder}`, `${workspaceFolderBasename}`, `${pathSeparator}`, `${/}`.
 * Source: cursor.com/docs/context/mcp, "Config interpolation".
 */
const cursor: VariableSyntax = {
  parse: (text) =>
    parseBraces(text, (inner) => {
      const variable = parseVscodeVariable(inner);
      const known = ['env', 'userHome', 'workspaceFolder', 'workspaceFolderBasename', 'pathSeparator'];
      return known.includes(variable.kind) ? variable : { kind: 'unknown' };
    }),
  unsetVariable: 'error',
};

/**
 * `${env:NAME}` and `${file:/path}`.
 * Source: docs.windsurf.com/windsurf/cascade/mcp, "Config interpolation".
 */
const windsurf: VariableSyntax = {
  parse: (text) =>
    parseBraces(text, (inner) => {
      const [, kind, argument = ''] = /^(env|file):(.+)$/s.exec(inner) ?? [];
      if (kind === 'env') return { kind, name: argument };
      return kind === 'file' ? { kind, path: argument } : { kind: 'unknown' };
    }),
  unsetVariable: 'error',
};

/**
 * `$VAR`, `${VAR}` and `${VAR:-default}`; a variable that is not set stays as it is written.
 * Source: google-gemini/gemini-cli `docs/reference/configuration.md` and `envVarResolver.ts`.
 */
const gemini: VariableSyntax = {
  parse: (text) =>
    parseBraces(text, parseShellVariable).flatMap((part) => ('text' in part ? parseDollars(part.text) : [part])),
  unsetVariable: 'asWritten',
};

/** The syntax of each owner. Claude Desktop and Codex take every text as it is. */
export const variableSyntax: Readonly<Record<ConfigOwner, VariableSyntax>> = {
  workbench: vscode,
  vscode,
  claudeCode,
  claudeDesktop: none,
  cursor,
  windsurf,
  codex: none,
  gemini,
};

/** Splits at `${…}`; what has no closing brace, or another `${` inside, is text. */
function parseBraces(text: string, parseInner: (inner: string) => Variable): TextPart[] {
  const parts: TextPart[] = [];
  let plain = '';
  let at = 0;
  for (;;) {
    const start = text.indexOf('${', at);
    const end = start === -1 ? -1 : text.indexOf('}', start);
    if (end === -1) break;
    const inner = text.slice(start + 2, end);
    plain += text.slice(at, start);
    at = end + 1;
    if (inner.includes('${')) {
      plain += text.slice(start, at);
      continue;
    }
    if (plain !== '') parts.push({ text: plain });
    plain = '';
    parts.push({ source: text.slice(start, at), variable: parseInner(inner) });
  }
  plain += text.slice(at);
  if (plain !== '') parts.push({ text: plain });
  return parts;
}

/** Splits at `$NAME`. */
function parseDollars(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  for (const match of text.matchAll(/\$(\w+)/g)) {
    if (match.index > at) parts.push({ text: text.slice(at, match.index) });
    parts.push({ source: match[0], variable: { kind: 'env', name: match[1] ?? '' } });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push({ text: text.slice(at) });
  return parts;
}

function parseVscodeVariable(inner: string): Variable {
  const colon = inner.indexOf(':');
  const kind = colon === -1 ? inner : inner.slice(0, colon);
  const argument = colon === -1 ? undefined : inner.slice(colon + 1);
  switch (kind) {
    case 'env':
      return argument ? { kind, name: argument } : { kind: 'unknown' };
    case 'input':
      return argument ? { kind, id: argument } : { kind: 'unknown' };
    case 'command':
      return argument ? { kind, id: argument } : { kind: 'unknown' };
    case 'config':
      return argument ? { kind, section: argument } : { kind: 'unknown' };
    case 'workspaceRoot':
    case 'workspaceFolder':
      return { kind: 'workspaceFolder', ...(argument ? { name: argument } : {}) };
    case 'workspaceRootFolderName':
    case 'workspaceFolderBasename':
      return { kind: 'workspaceFolderBasename', ...(argument ? { name: argument } : {}) };
    case 'userHome':
    case 'pathSeparator':
    case 'cwd':
      return { kind };
    case '/':
      return { kind: 'pathSeparator' };
    default:
      return { kind: 'unknown' };
  }
}

function parseShellVariable(inner: string): Variable {
  const split = inner.indexOf(':-');
  const name = split === -1 ? inner : inner.slice(0, split);
  if (!/^[^\s:{}$]+$/.test(name)) return { kind: 'unknown' };
  return { kind: 'env', name, ...(split === -1 ? {} : { fallback: inner.slice(split + 2) }) };
}
