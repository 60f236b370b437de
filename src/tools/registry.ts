import * as z from 'zod';
import type { JsonObject } from '../core/json';
import type { Tool } from './tool';

/** A tool as `tools/list` shows it: plain JSON, made once. */
export interface ToolListing {
  name: string;
  title: string;
  description: string;
  inputSchema: { type: 'object'; [key: string]: unknown };
  outputSchema: { type: 'object'; [key: string]: unknown };
  annotations: {
    title: string;
    readOnlyHint: boolean;
    destructiveHint: boolean;
    idempotentHint: boolean;
    openWorldHint: boolean;
  };
}

/** A tool with the schema that arguments are checked against. */
export interface RegisteredTool {
  readonly tool: Tool;
  readonly input: z.ZodObject;
  /** Made when it is first asked for, and kept. */
  readonly listing: ToolListing;
}

/** Input fields of every AWS tool. Policy says which values are allowed; the listing repeats no more than it must. */
const identityInput = {
  profile: z
    .string()
    .refine((name) => name !== '' && name.length <= 128, 'must be the name of a profile')
    .optional()
    .describe('Profile instead of the current one.'),
  region: z
    .string()
    .refine((code) => /^[a-z]{2,}(-[a-z]+)+-\d$/.test(code), 'must be a region code such as eu-west-1')
    .optional()
    .describe('Region instead of the current one.'),
};

/** Input field of every tool whose answers may come from memory. */
const cacheInput = {
  fresh: z.boolean().optional().describe('Ask AWS anew.'),
};

const identityOutput: JsonObject = {
  identity: { type: 'object', description: 'Account, role, region and profile that it acted as.' },
};

/** Fields that the pipeline may add to any result. */
const commonOutput: JsonObject = {
  warnings: { type: 'array', items: { type: 'string' }, description: 'What went wrong.' },
  truncated: { type: 'boolean', description: 'Cut at the size limit.' },
  fullResult: { type: 'string', description: 'URI of the whole result.' },
};

/** Field that the pipeline adds to a result that comes from memory. */
const cacheOutput: JsonObject = {
  cachedSecondsAgo: { type: 'integer', description: 'Age, where it was remembered.' },
};

/** Names that no tool may use for fields of its own. */
const reservedInputs = [...Object.keys(identityInput), ...Object.keys(cacheInput)];
const reservedOutputs = [...Object.keys(identityOutput), ...Object.keys(commonOutput), ...Object.keys(cacheOutput)];

/** Several registries hold the same tools; turning their schemas into JSON is a tenth of the time a start takes. */
const registered = new WeakMap<Tool, RegisteredTool>();

/**
 * Holds every tool and its listing. Schemas are turned into JSON once, for the first list that has the tool.
 * @throws Error for a tool that breaks the contract (name, lengths, twins): a programming error, found at start.
 */
export class ToolRegistry {
  readonly #tools = new Map<string, RegisteredTool>();

  constructor(tools: readonly Tool[]) {
    for (const tool of tools) {
      if (this.#tools.has(tool.name)) throw new Error(`Two tools have the name ${tool.name}`);
      let known = registered.get(tool);
      if (!known) registered.set(tool, (known = register(tool)));
      this.#tools.set(tool.name, known);
    }
  }

  get all(): readonly RegisteredTool[] {
    return [...this.#tools.values()];
  }

  get(name: string): RegisteredTool | undefined {
    return this.#tools.get(name);
  }
}

function register(tool: Tool): RegisteredTool {
  check(tool);
  const input = z.strictObject({
    ...tool.input.shape,
    ...(tool.cache ? cacheInput : {}),
    ...(tool.scope === 'aws' ? identityInput : {}),
  });
  let listing: ToolListing | undefined;
  return {
    tool,
    input,
    get listing() {
      return (listing ??= list(tool, input));
    },
  };
}

function list(tool: Tool, input: z.ZodObject): ToolListing {
  const isAws = tool.scope === 'aws';
  const outputSchema = toObjectSchema(tool.output);
  outputSchema['properties'] = {
    ...(outputSchema['properties'] as JsonObject),
    ...(isAws ? identityOutput : {}),
    ...commonOutput,
    ...(tool.cache ? cacheOutput : {}),
  };
  if (isAws) outputSchema['required'] = [...((outputSchema['required'] ?? []) as string[]), 'identity'];
  const isRead = tool.access === 'read';
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: toObjectSchema(input),
    outputSchema,
    annotations: {
      title: tool.title,
      readOnlyHint: isRead,
      destructiveHint: tool.access === 'destructive',
      idempotentHint: isRead || tool.idempotent === true,
      openWorldHint: tool.openWorld,
    },
  };
}

function check(tool: Tool): void {
  const { name } = tool;
  if (!/^[a-z0-9]+(_[a-z0-9]+)+$/.test(name) || name.length > 40) {
    throw new Error(`Tool names are <service>_<verb>_<noun> and at most 40 characters: ${name}`);
  }
  if (tool.title.trim() === '') throw new Error(`There is no title: ${name}`);
  if (tool.description.trim() === '') throw new Error(`There is no description: ${name}`);
  if (tool.description.length > 300) throw new Error(`The description is over 300 characters: ${name}`);
  for (const field of Object.keys(tool.input.shape)) {
    if (tool.scope === 'aws' && reservedInputs.includes(field)) throw new Error(`${name} may not take ${field} itself`);
  }
  for (const field of Object.keys(tool.output.shape)) {
    if (reservedOutputs.includes(field)) throw new Error(`${name} may not return ${field} itself`);
  }
  if (tool.cache && (tool.access !== 'read' || !(tool.cache.ttlSeconds > 0))) {
    throw new Error(`Only answers of reads can be remembered, for a time: ${name}`);
  }
  for (const action of Object.keys(tool.iamResources ?? {})) {
    if (!tool.iamActions.includes(action)) throw new Error(`${action} of ${name} is not among its IAM actions`);
  }
  for (const action of tool.iamActions) {
    if (!/^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$/.test(action)) throw new Error(`${action} of ${name} is no IAM action`);
  }
}

function toObjectSchema(schema: z.ZodObject): ToolListing['inputSchema'] {
  // `input` for both: what we accept may leave defaults out, and what we return may gain fields in later versions.
  const json = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' }) as JsonObject;
  delete json['$schema'];
  return { ...json, type: 'object' };
}
