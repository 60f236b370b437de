import * as z from 'zod';
import { regionPattern } from '../../aws/regionPattern';
import { WorkbenchError } from '../../core/errors';
import { isSocketUrl } from './serverAddress';
import { signedServices } from './signedService';

/**
 * A value that stands in the definition itself, or the name under which the secret storage keeps it. Secrets never stand
 * in definitions, so that definitions can be shown, compared and stored.
 */
const settingSchema = z.union([z.string(), z.strictObject({ secret: z.string().min(1).max(200) })]);

/** Header names as RFC 9110 allows them; values are checked when they are known. */
const headersSchema = z.record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$/), settingSchema);

const webUrlSchema = z.url({ protocol: /^https?$/, hostname: /.+/ }).refine(
  (text) => {
    const { username, password } = new URL(text);
    return username === '' && password === '';
  },
  { error: 'A URL must not carry a user name or password.' },
);

/** HTTP over a network, a Unix socket or a named pipe. */
const httpUrlSchema = z.union([webUrlSchema, z.string().max(4096).refine(isSocketUrl)]);

const authSchema = z
  .discriminatedUnion('kind', [
    /** Only the headers of the definition. */
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({
      kind: z.literal('oauth'),
      /** Registered in advance; without it the client registers itself or uses a metadata document. */
      clientId: z.string().min(1).max(500).optional(),
      clientSecret: settingSchema.optional(),
      /** Space-separated, where the server does not say. */
      scope: z.string().max(1000).optional(),
    }),
    z.strictObject({
      kind: z.literal('sigv4'),
      service: z.enum(signedServices),
      region: z.string().regex(regionPattern),
      profile: z.string().max(200).optional(),
    }),
  ])
  .default({ kind: 'none' });

const filterSchema = z.strictObject({
  /** Names of the tools that clients see. Absent: all. */
  tools: z.array(z.string()).optional(),
  /** Only tools whose annotations say `readOnlyHint: true`. */
  readOnly: z.boolean().default(false),
  /** Put in front of every tool name. */
  namePrefix: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,32}$/)
    .optional(),
  /** Refuse calls whose arguments do not fit the tool's own schema, before the server sees them. */
  validateArguments: z.boolean().default(false),
});

const commonFields = {
  /** Unique among the managed servers; part of its path, so letters, digits, `.`, `_` and `-`. */
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  /** Shown to people in place of the name. */
  title: z.string().max(200).optional(),
  filter: filterSchema.optional(),
};

const stdioSchema = z.strictObject({
  ...commonFields,
  transport: z.literal('stdio'),
  command: z.string().min(1).max(4096),
  args: z.array(z.string()).default([]),
  /** Added to the environment of the editor; `null` takes a variable away. */
  env: z.record(z.string().regex(/^[^=\0]{1,200}$/), z.union([settingSchema, z.null()])).default({}),
  cwd: z.string().max(4096).optional(),
});

const httpSchema = z.strictObject({
  ...commonFields,
  transport: z.literal('http'),
  url: httpUrlSchema,
  headers: headersSchema.default({}),
  auth: authSchema,
});

/** HTTP with SSE, the transport of 2024-11-05. */
const sseSchema = httpSchema.extend({ transport: z.literal('sse') });

const managedServerSchema = z.discriminatedUnion('transport', [stdioSchema, httpSchema, sseSchema]);

/** A server that we start or reach for the user. */
export type ManagedServer = z.output<typeof managedServerSchema>;
/** A definition as it is written, with what has a default left out. */
export type ManagedServerInput = z.input<typeof managedServerSchema>;
export type StdioServerDefinition = Extract<ManagedServer, { transport: 'stdio' }>;
export type HttpServerDefinition = Extract<ManagedServer, { transport: 'http' | 'sse' }>;
export type SettingValue = z.output<typeof settingSchema>;
export type ServerFilter = z.output<typeof filterSchema>;
export type ServerAuth = z.output<typeof authSchema>;
/**
 * Checks a definition from outside.
 * @throws WorkbenchError `InvalidInput` that names the member that is wrong.
 */
export function parseManagedServer(value: unknown): ManagedServer {
  const parsed = managedServerSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new WorkbenchError(
    'InvalidInput',
    `The definition of an MCP server is wrong${where === '' ? '' : ` at ${where}`}: ${issue?.message ?? ''}`,
    { remedy: 'Correct the definition where the server is configured.', cause: parsed.error },
  );
}

/** Path under which a managed server is served, beside `/mcp`. */
export function pathOfServer(name: string): string {
  return `/servers/${name}/mcp`;
}
