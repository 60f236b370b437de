import type { JsonObject } from '../../../../core/json';
import type { FieldReader } from '../fieldReader';
import type { OwnerFormat } from '../ownerFormat';
import type { HttpTemplate, ServerTemplate, StdioTemplate } from '../serverTemplate';
import { checkUrl } from './standardServer';

/**
 * `config.toml` of Codex: tables `mcp_servers.<name>`. No variables; instead names of variables (`env_vars`,
 * `bearer_token_env_var`, `env_http_headers`). A command and a URL exclude each other.
 * Source: openai/codex `codex-rs/config/src/mcp_types.rs` (`RawMcpServerConfig`) and `docs/config.md`.
 */
export const codexFormat: OwnerFormat = {
  owner: 'codex',
  syntax: 'toml',
  lists: () => [{ path: ['mcp_servers'] }],
  read: (fields) => {
    const command = fields.string('command');
    if (command !== undefined) return readStdio(fields, command);
    const url = fields.string('url');
    if (url !== undefined) return readHttp(fields, url);
    if (!fields.hasErrors) fields.error('missingCommand', 'A "command" or a "url" is missing.');
    return undefined;
  },
  isDisabled: (fields) => fields.boolean('enabled') === false,
  write: writeCodexServer,
};

function readStdio(fields: FieldReader, command: string): StdioTemplate | undefined {
  refuse(fields, ['url', 'bearer_token_env_var', 'http_headers', 'env_http_headers'], 'with a "command"');
  if (command.trim() === '') fields.error('missingCommand', 'The "command" is empty.', 'command');
  const args = fields.strings('args') ?? [];
  const env = fields.record('env') ?? {};
  const forwardedEnv = readVariableNames(fields);
  const cwd = fields.string('cwd');
  if (fields.hasErrors) return undefined;
  return {
    transport: 'stdio',
    command,
    args,
    env,
    ...(forwardedEnv.length > 0 ? { forwardedEnv } : {}),
    ...(cwd === undefined ? {} : { cwd }),
  };
}

/** Names, or tables with a `name` and a `source`, of which we can serve only the local ones. */
function readVariableNames(fields: FieldReader): string[] {
  const list = fields.node.members.get('env_vars')?.value;
  if (list === undefined) return [];
  const names: string[] = [];
  for (const item of list.kind === 'array' ? list.items : [list]) {
    const name = item.kind === 'object' ? item.members.get('name')?.value : item;
    if (name?.kind === 'scalar' && typeof name.value === 'string') names.push(name.value);
    else fields.error('wrongType', '"env_vars" must be a list of names of variables.', 'env_vars');
  }
  return names;
}

function readHttp(fields: FieldReader, url: string): HttpTemplate | undefined {
  refuse(fields, ['args', 'env', 'env_vars', 'cwd', 'bearer_token'], 'with a "url"');
  checkUrl(fields, url, 'url');
  const headers = fields.record('http_headers') ?? {};
  const envHeaders = fields.record('env_http_headers');
  const bearerTokenEnv = fields.string('bearer_token_env_var');
  const clientId = fields.object('oauth')?.string('client_id');
  const scope = fields.strings('scopes')?.join(' ');
  if (fields.hasErrors) return undefined;
  const oauth = {
    ...(clientId === undefined ? {} : { clientId }),
    ...(scope === undefined ? {} : { scope }),
  };
  return {
    transport: 'http',
    url,
    headers,
    ...(envHeaders === undefined ? {} : { envHeaders }),
    ...(bearerTokenEnv === undefined ? {} : { bearerTokenEnv }),
    ...(clientId === undefined && scope === undefined ? {} : { oauth }),
  };
}

function refuse(fields: FieldReader, names: readonly string[], beside: string): void {
  for (const name of names) {
    if (fields.has(name)) fields.error('invalidValue', `Codex does not allow "${name}" ${beside}.`, name);
  }
}

function writeCodexServer(template: ServerTemplate): JsonObject | undefined {
  if (template.transport === 'sse') return undefined;
  if (template.transport === 'stdio') {
    const { command, args, env, forwardedEnv, cwd } = template;
    const variables = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== null);
    return {
      command,
      ...(args.length > 0 ? { args } : {}),
      ...(cwd === undefined ? {} : { cwd }),
      ...(forwardedEnv && forwardedEnv.length > 0 ? { env_vars: forwardedEnv } : {}),
      ...(variables.length > 0 ? { env: Object.fromEntries(variables) } : {}),
    };
  }
  const { url, headers, envHeaders, bearerTokenEnv, oauth } = template;
  return {
    url,
    ...(bearerTokenEnv === undefined ? {} : { bearer_token_env_var: bearerTokenEnv }),
    ...(oauth?.scope === undefined ? {} : { scopes: oauth.scope.split(' ') }),
    ...(Object.keys(headers).length > 0 ? { http_headers: headers } : {}),
    ...(envHeaders && Object.keys(envHeaders).length > 0 ? { env_http_headers: envHeaders } : {}),
    ...(oauth?.clientId === undefined ? {} : { oauth: { client_id: oauth.clientId } }),
  };
}
