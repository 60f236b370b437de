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

/** A tool with its listing and the schema that arguments are checked against. */
export interface RegisteredTool {
  readonly tool: Tool;
  readonly listing: ToolListing;
  readonly input: z.ZodObject;
}

const identityInput = {
  profile: z.string().min(1).max(128).optional().describe('Profile to act as instead of the current one.'),
  region: z
    .string()
    .regex(/^[a-z]{2,}(-[a-z]+)+-\d$/, 'must be a region code such as eu-west-1')
    .optional()
    .describe('Region instead of the current one.'),
};

const identityOutput = {
  identity: z
    .object({ account: z.string(), role: z.string(), region: z.string(), profile: z.string() })
    .describe('Who the call acted as.'),
};

/** Fields that the pipeline may add to any result. */
const commonOutput = {
  warnings: z.array(z.string()).optional().describe('Problems that left the result usable.'),
  truncated: z.boolean().optional().describe('The size limit cut this result.'),
  fullResult: z.string().optional().describe('URI of the whole result, where fields were cut.'),
};

/**
 * Holds every tool and its listing. Schemas are turned into JSON once, here, so that no request does schema work.
 * @throws Error for a tool that breaks the contract (name, lengths, twins): a programming error, found at start.
 */
export class ToolRegistry {
  readonly #tools = new Map<string, RegisteredTool>();

  constructor(tools: readonly Tool[]) {
    for (const tool of tools) {
      if (this.#tools.has(tool.name)) throw new Error(`Two tools have the name ${tool.name}`);
      this.#tools.set(tool.name, register(tool));
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
  if (!/^[a-z0-9]+(_[a-z0-9]+)+$/.test(tool.name) || tool.name.length > 40) {
    throw new Error(`Tool names are <service>_<verb>_<noun> and at most 40 characters: ${tool.name}`);
  }
  if (tool.description.length > 300) throw new Error(`The description is over 300 characters: ${tool.name}`);
  const isAws = tool.scope === 'aws';
  const input = z.strictObject({ ...tool.input.shape, ...(isAws ? identityInput : {}) });
  const output = z.object({ ...tool.output.shape, ...(isAws ? identityOutput : {}), ...commonOutput });
  const isRead = tool.access === 'read';
  return {
    tool,
    input,
    listing: {
      name: tool.name,
      title: tool.title,
      description: tool.description,
      inputSchema: toObjectSchema(input),
      outputSchema: toObjectSchema(output),
      annotations: {
        title: tool.title,
        readOnlyHint: isRead,
        destructiveHint: tool.access === 'destructive',
        idempotentHint: isRead || tool.idempotent === true,
        openWorldHint: tool.openWorld,
      },
    },
  };
}

function toObjectSchema(schema: z.ZodObject): ToolListing['inputSchema'] {
  // `input` for both: what we accept may leave defaults out, and what we return may gain fields in later versions.
  const json = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' }) as JsonObject;
  delete json['$schema'];
  return { ...json, type: 'object' };
}
