import type { ConfigOwner } from '../configOwner';
import type { ServerTemplate } from '../serverTemplate';
import { variableSyntax, type Variable } from './variableText';

export interface TranslatedTemplate {
  template: ServerTemplate;
  /** Variables as they are written that the other owner has no way to say; they are left as they are. */
  untranslated: string[];
}

/** Writes the variables of a template as another owner would, so that an entry can move from one config to another. */
export function translateVariables(template: ServerTemplate, from: ConfigOwner, to: ConfigOwner): TranslatedTemplate {
  const untranslated = new Set<string>();
  const text = (written: string): string => {
    const parts = variableSyntax[from].parse(written).map((part) => {
      if ('text' in part) return part.text;
      const rendered = render(part.variable, to);
      if (rendered === undefined) untranslated.add(part.source);
      return rendered ?? part.source;
    });
    return parts.join('');
  };
  const record = <T extends string | null>(values: Record<string, T>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, (value === null ? value : text(value)) as T]),
    );
  if (from === to) return { template, untranslated: [] };
  const translated: ServerTemplate =
    template.transport === 'stdio'
      ? {
          ...template,
          command: text(template.command),
          args: template.args.map((argument) => text(argument)),
          env: record(template.env),
          ...(template.cwd === undefined ? {} : { cwd: text(template.cwd) }),
          ...(template.envFile === undefined ? {} : { envFile: text(template.envFile) }),
        }
      : { ...template, url: text(template.url), headers: record(template.headers) };
  return { template: spelledOut(translated, to), untranslated: [...untranslated] };
}

/** What only Codex has fields for, as variables of the others. */
function spelledOut(template: ServerTemplate, to: ConfigOwner): ServerTemplate {
  if (to === 'codex') return template;
  const valueOf = (name: string): string => render({ kind: 'env', name }, to) ?? '';
  if (template.transport === 'stdio') {
    const { forwardedEnv = [], ...rest } = template;
    const forwarded = Object.fromEntries(forwardedEnv.map((name) => [name, valueOf(name)]));
    return { ...rest, env: { ...forwarded, ...rest.env } };
  }
  const { envHeaders = {}, bearerTokenEnv, ...rest } = template;
  const named = Object.fromEntries(Object.entries(envHeaders).map(([header, name]) => [header, valueOf(name)]));
  const bearer: Record<string, string> =
    bearerTokenEnv === undefined ? {} : { Authorization: `Bearer ${valueOf(bearerTokenEnv)}` };
  return { ...rest, headers: { ...rest.headers, ...named, ...bearer } };
}

function render(variable: Variable, to: ConfigOwner): string | undefined {
  switch (to) {
    case 'vscode':
    case 'workbench':
      return renderVscode(variable);
    case 'cursor': {
      const known = ['env', 'workspaceFolder', 'workspaceFolderBasename', 'userHome', 'pathSeparator'];
      return known.includes(variable.kind) && !('name' in variable && variable.kind !== 'env')
        ? renderVscode(variable)
        : undefined;
    }
    case 'windsurf':
      if (variable.kind === 'file') return `\${file:${variable.path}}`;
      return variable.kind === 'env' ? `\${env:${variable.name}}` : undefined;
    case 'claudeCode':
    case 'gemini': {
      if (variable.kind === 'userHome') return '${HOME}';
      if (variable.kind !== 'env') return undefined;
      return variable.fallback === undefined ? `\${${variable.name}}` : `\${${variable.name}:-${variable.fallback}}`;
    }
    case 'claudeDesktop':
    case 'codex':
      break;
  }
  return undefined;
}

function renderVscode(variable: Variable): string | undefined {
  switch (variable.kind) {
    case 'env':
      return `\${env:${variable.name}}`;
    case 'input':
      return `\${input:${variable.id}}`;
    case 'command':
      return `\${command:${variable.id}}`;
    case 'config':
      return `\${config:${variable.section}}`;
    case 'workspaceFolder':
    case 'workspaceFolderBasename':
      return variable.name === undefined ? `\${${variable.kind}}` : `\${${variable.kind}:${variable.name}}`;
    case 'userHome':
    case 'cwd':
    case 'pathSeparator':
      return `\${${variable.kind}}`;
    case 'file':
    case 'unknown':
      break;
  }
  return undefined;
}
