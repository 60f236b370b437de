import { parseArgs } from 'node:util';
import { messageOf } from '../core/errors';
import { isRecord } from '../core/json';
import type { AuditFilter } from '../tools/audit/auditReader';
import { toolsets, type Toolset } from '../tools/tool';

/** What every command that uses the tools can be told. */
export interface ServiceFlags {
  profile: string | undefined;
  region: string | undefined;
  /** Whether tools that change something exist; each still asks a person. */
  allowWrites: boolean;
  toolsets: readonly Toolset[];
  /** Folder that workspace tools act on, as given. */
  workspace: string | undefined;
  /** Whether the workspace's own code may be run, as the CDK tools do. */
  trust: boolean;
  /** File that says what tools may do, as given. */
  policy: string | undefined;
  /** Folder in which calls are recorded, as given. */
  audit: string | undefined;
  verbose: boolean;
}

/** A command line that makes sense. */
export type Command =
  | { kind: 'help' }
  | { kind: 'version' }
  | { kind: 'serveStdio'; flags: ServiceFlags }
  | { kind: 'serveHttp'; flags: ServiceFlags; port: number; token: string }
  | { kind: 'call'; flags: ServiceFlags; tool: string; input: Record<string, unknown> }
  | { kind: 'policy'; flags: ServiceFlags; partition: string }
  | { kind: 'audit'; folder: string; filter: AuditFilter; limit: number };

/** Says in one sentence what is wrong with a command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const minTokenLength = 32;

const serviceOptions = {
  profile: { type: 'string' },
  region: { type: 'string' },
  'allow-writes': { type: 'boolean' },
  toolsets: { type: 'string' },
  workspace: { type: 'string' },
  trust: { type: 'boolean' },
  policy: { type: 'string' },
  audit: { type: 'string' },
  verbose: { type: 'boolean' },
} as const;

/**
 * Reads a command line.
 * @param args what follows the script's name.
 * @param environment variables; the token of `serve --http` is among them, so that no process list shows it.
 * @throws UsageError for one that makes no sense.
 */
export function readCommandLine(args: readonly string[], environment: NodeJS.ProcessEnv): Command {
  // Everywhere on the line, as people expect, even where the rest of it is wrong.
  if (args.includes('--help') || args.includes('-h')) return { kind: 'help' };
  const [command, ...rest] = args;
  switch (command) {
    case '--version':
    case '-V':
      return { kind: 'version' };
    case 'serve':
      return readServe(rest, environment);
    case 'call':
      return readCall(rest);
    case 'policy':
      return readPolicy(rest);
    case 'audit':
      return readAudit(rest);
    case undefined:
      throw new UsageError('Say what to do: serve --stdio, serve --http, call TOOL, policy or audit DIR (see --help).');
    default:
      throw new UsageError(`There is no command ${command} (see --help).`);
  }
}

function readServe(args: readonly string[], environment: NodeJS.ProcessEnv): Command {
  const { values } = parse(args, {
    ...serviceOptions,
    stdio: { type: 'boolean' },
    http: { type: 'boolean' },
    port: { type: 'string' },
  });
  const flags = serviceFlags(values);
  if (values.stdio === values.http) throw new UsageError('Give serve either --stdio or --http.');
  if (values.stdio) {
    if (values.port !== undefined) throw new UsageError('--port belongs to serve --http.');
    return { kind: 'serveStdio', flags };
  }
  const token = environment['MCP_WORKBENCH_TOKEN'] ?? '';
  if (token.length < minTokenLength || !/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError(
      `Set MCP_WORKBENCH_TOKEN to at least ${minTokenLength} printable characters without spaces; clients send it as a bearer token.`,
    );
  }
  return { kind: 'serveHttp', flags, port: readPort(values.port), token };
}

function readCall(args: readonly string[]): Command {
  const { values, positionals } = parse(args, { ...serviceOptions, input: { type: 'string' } }, true);
  const [tool, extra] = positionals;
  if (tool === undefined) throw new UsageError('Name the tool to call, as in: call s3_list_buckets.');
  if (extra !== undefined) throw new UsageError(`Give arguments as --input JSON, not as ${extra}.`);
  return { kind: 'call', flags: serviceFlags(values), tool, input: readInput(values.input ?? '{}') };
}

function readPolicy(args: readonly string[]): Command {
  const { values } = parse(args, { ...serviceOptions, partition: { type: 'string' } });
  const { partition = 'aws' } = values;
  if (!/^aws(-[a-z]+)*$/.test(partition))
    throw new UsageError('--partition takes aws, aws-cn, aws-us-gov or the like.');
  return { kind: 'policy', flags: serviceFlags(values), partition };
}

function readAudit(args: readonly string[]): Command {
  const { values, positionals } = parse(
    args,
    { tool: { type: 'string' }, failed: { type: 'boolean' }, writes: { type: 'boolean' }, limit: { type: 'string' } },
    true,
  );
  const [folder, extra] = positionals;
  if (folder === undefined) throw new UsageError('Name the folder of the log, as in: audit ./audit.');
  if (extra !== undefined) throw new UsageError(`audit takes one folder, and ${extra} is another one.`);
  const limit = Number(values.limit ?? 100);
  if (!Number.isInteger(limit) || limit < 0) throw new UsageError('--limit takes a whole number.');
  const filter: AuditFilter = {
    ...(values.tool === undefined ? {} : { tool: values.tool }),
    ...(values.failed ? { state: ['error', 'refused', 'unfinished'] } : {}),
    ...(values.writes ? { access: ['write', 'destructive'] } : {}),
  };
  return { kind: 'audit', folder, filter, limit };
}

function readInput(text: string): Record<string, unknown> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--input is not valid JSON: ${messageOf(error)}.`, { cause: error });
  }
  if (!isRecord(input)) throw new UsageError('--input must be a JSON object, as in {"limit": 5}.');
  return input;
}

function readPort(text: string | undefined): number {
  if (text === undefined) return 0;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new UsageError('--port takes a number from 0 to 65535.');
  return port;
}

interface ServiceValues {
  profile?: string | undefined;
  region?: string | undefined;
  'allow-writes'?: boolean | undefined;
  toolsets?: string | undefined;
  workspace?: string | undefined;
  trust?: boolean | undefined;
  policy?: string | undefined;
  audit?: string | undefined;
  verbose?: boolean | undefined;
}

function serviceFlags(values: ServiceValues): ServiceFlags {
  for (const name of ['profile', 'region', 'workspace', 'policy', 'audit'] as const) {
    if (values[name]?.trim() === '') throw new UsageError(`--${name} must not be empty.`);
  }
  return {
    profile: values.profile,
    region: values.region,
    allowWrites: values['allow-writes'] ?? false,
    toolsets: readToolsets(values.toolsets),
    workspace: values.workspace,
    trust: values.trust ?? false,
    policy: values.policy,
    audit: values.audit,
    verbose: values.verbose ?? false,
  };
}

function readToolsets(text: string | undefined): readonly Toolset[] {
  if (text === undefined) return toolsets;
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !toolsets.some((toolset) => toolset === name));
  if (unknown !== undefined) {
    throw new UsageError(`There is no toolset "${unknown}"; --toolsets takes a list of ${toolsets.join(', ')}.`);
  }
  return toolsets.filter((toolset) => wanted.includes(toolset));
}

type OptionsConfig = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

function parse<Options extends OptionsConfig>(args: readonly string[], options: Options, allowPositionals = false) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals, strict: true });
  } catch (error) {
    // Its messages name the option, but go on with advice on how to write a command line.
    const [sentence] = messageOf(error).split(/\.\s/);
    throw new UsageError(`${sentence?.replace(/\.$/, '')} (see --help).`, { cause: error });
  }
}
