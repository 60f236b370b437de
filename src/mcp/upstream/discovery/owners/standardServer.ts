import type { JsonObject } from '../../../../core/json';
import { isSocketUrl } from '../../serverAddress';
import { quoteName } from '../configProblem';
import type { FieldReader } from '../fieldReader';
import type { HttpTemplate, ServerTemplate, StdioTemplate } from '../serverTemplate';

/** How the JSON formats, which all descend from Claude Desktop's, differ. */
export interface StandardRules {
  /** Values of `type` → transport. */
  types: Readonly<Record<string, ServerTemplate['transport']>>;
  /** Fields that may hold the URL, first wins, with the transport they mean where `type` does not say. */
  urlFields: readonly { name: string; transport: HttpTemplate['transport'] }[];
  /** Fields of local servers beyond `command`, `args` and `env`. */
  stdioFields: readonly ('cwd' | 'envFile')[];
  /** Whether the owner wants `type` beside a URL and ignores the entry without it. */
  needsTypeForUrl?: boolean;
  /** Reads the OAuth client of a remote server. */
  oauth?: (fields: FieldReader) => HttpTemplate['oauth'];
  /** Reads how requests to a remote server are signed. */
  signing?: (fields: FieldReader) => HttpTemplate['signing'];
}

/** What most clients call the transports; not every one knows every name. */
export const commonTypes: StandardRules['types'] = {
  stdio: 'stdio',
  http: 'http',
  'streamable-http': 'http',
  streamableHttp: 'http',
  sse: 'sse',
};

/** Reads an entry of one of the JSON formats. */
export function readStandardServer(fields: FieldReader, rules: StandardRules): ServerTemplate | undefined {
  const type = fields.string('type');
  const transport = type === undefined ? undefined : typeOf(type, rules);
  if (type !== undefined && transport === undefined) {
    fields.error('unknownTransport', `The transport ${quoteName(type)} is not known.`, 'type');
    return undefined;
  }
  const urlField = rules.urlFields.find(({ name }) => fields.has(name));
  if (transport === 'stdio' || (transport === undefined && !urlField)) return readStdio(fields, rules);
  if (!urlField) {
    const [usual] = rules.urlFields;
    fields.error('missingUrl', `A ${quoteName(usual?.name ?? 'url')} is missing.`);
    return undefined;
  }
  if (transport === undefined && rules.needsTypeForUrl) {
    fields.warn('ignoredField', 'The "type" is missing, so the owner of this file may not use this server.');
  }
  return readHttp(fields, rules, urlField.name, transport ?? urlField.transport);
}

function typeOf(type: string, rules: StandardRules): ServerTemplate['transport'] | undefined {
  return Object.hasOwn(rules.types, type) ? rules.types[type] : undefined;
}

function readStdio(fields: FieldReader, rules: StandardRules): StdioTemplate | undefined {
  const command = fields.string('command');
  if (command === undefined || command.trim() === '') {
    if (!fields.hasErrors) fields.error('missingCommand', 'A "command" is missing.', 'command');
    return undefined;
  }
  const args = fields.strings('args') ?? [];
  const env = fields.record('env', { allowNull: true }) ?? {};
  const cwd = rules.stdioFields.includes('cwd') ? fields.string('cwd') : undefined;
  const envFile = rules.stdioFields.includes('envFile') ? fields.string('envFile') : undefined;
  if (fields.hasErrors) return undefined;
  return {
    transport: 'stdio',
    command,
    args,
    env,
    ...(cwd === undefined ? {} : { cwd }),
    ...(envFile === undefined ? {} : { envFile }),
  };
}

function readHttp(
  fields: FieldReader,
  rules: StandardRules,
  urlField: string,
  transport: ServerTemplate['transport'],
): HttpTemplate | undefined {
  const url = fields.string(urlField);
  const headers = fields.record('headers') ?? {};
  const oauth = rules.oauth?.(fields);
  const signing = rules.signing?.(fields);
  if (url !== undefined) checkUrl(fields, url, urlField);
  if (url === undefined || fields.hasErrors || transport === 'stdio') return undefined;
  return { transport, url, headers, ...(oauth ? { oauth } : {}), ...(signing ? { signing } : {}) };
}

/** Reports a URL that cannot be one, whatever its variables turn into. */
export function checkUrl(fields: FieldReader, url: string, field: string): void {
  if (url.trim() === '') fields.error('missingUrl', `${quoteName(field)} is empty.`, field);
  else if (!url.includes('$') && !isServerUrl(url)) {
    fields.error('invalidUrl', `${quoteName(field)} is not a URL that begins with http:// or https://.`, field);
  }
}

/** Whether a server can be reached at `url`: HTTP, or a socket as VS Code writes it (`unix:///path#/mcp`, `pipe:///`). */
export function isServerUrl(url: string): boolean {
  return isSocketUrl(url) || (URL.canParse(url) && /^https?:\/\/[^/]/i.test(url));
}

/** How to write an entry; names of the fields that differ. */
export interface StandardNames {
  /** The `type` for each transport; absent: none is written. */
  types?: Readonly<Partial<Record<ServerTemplate['transport'], string>>>;
  urlField?: string;
  stdioFields: StandardRules['stdioFields'];
  writeOauth?: (oauth: NonNullable<HttpTemplate['oauth']>) => JsonObject;
}

/** Writes an entry of one of the JSON formats; what the format has no field for is left out. */
export function writeStandardServer(template: ServerTemplate, names: StandardNames): JsonObject {
  const type = names.types?.[template.transport];
  const typeField: JsonObject = type === undefined ? {} : { type };
  if (template.transport === 'stdio') {
    const { command, args, env, cwd, envFile } = template;
    return {
      ...typeField,
      command,
      ...(args.length > 0 ? { args } : {}),
      ...(Object.keys(env).length > 0 ? { env } : {}),
      ...(cwd !== undefined && names.stdioFields.includes('cwd') ? { cwd } : {}),
      ...(envFile !== undefined && names.stdioFields.includes('envFile') ? { envFile } : {}),
    };
  }
  const { url, headers, oauth } = template;
  return {
    ...typeField,
    [names.urlField ?? 'url']: url,
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(oauth && names.writeOauth ? names.writeOauth(oauth) : {}),
  };
}
