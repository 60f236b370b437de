import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod';
import { messageOf } from '../core/errors';
import type { PolicySettings } from '../tools/policy';
import { patternProblem } from '../tools/policy/arnPattern';
import { tightenPolicy } from '../tools/policy/tightenPolicy';
import { toolsets } from '../tools/tool';
import { UsageError, type ServiceFlags } from './commandLine';

const patterns = z.array(
  z.string().superRefine((pattern, context) => {
    const problem = patternProblem(pattern);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: `"${pattern}": ${problem}` });
  }),
);
const accounts = z.array(z.string().regex(/^\d{12}$/, 'must be account ids of 12 digits'));

/** What `--policy` takes. Strict, because a misspelt name would protect nothing. */
const policyFileSchema = z.strictObject({
  access: z.enum(['readOnly', 'readWrite']).optional(),
  toolsets: z.array(z.enum(toolsets)).optional(),
  tools: z.record(z.string(), z.enum(['allow', 'ask', 'deny'])).optional(),
  allowedProfiles: z.array(z.string()).optional(),
  allowedRegions: z.array(z.string()).optional(),
  allowResources: patterns.optional(),
  denyResources: patterns.optional(),
  productionAccounts: accounts.optional(),
  productionWrites: accounts.optional(),
});

/**
 * What the flags and the policy file together allow.
 * @throws UsageError for a file that cannot be read or makes no sense.
 */
export async function readPolicySettings(flags: ServiceFlags): Promise<PolicySettings> {
  const file = flags.policy === undefined ? {} : await readPolicyFile(flags.policy);
  const defaults = {
    access: flags.allowWrites ? 'readWrite' : 'readOnly',
    toolsets,
    allowedProfiles: [],
    allowedRegions: [],
    productionWrites: [],
  };
  return tightenPolicy({ ...defaults, ...file }, [{ toolsets: flags.toolsets }]);
}

async function readPolicyFile(given: string): Promise<z.output<typeof policyFileSchema>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(resolve(given), 'utf8'));
  } catch (error) {
    throw new UsageError(`--policy ${given} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
  const parsed = policyFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue && issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ` : '';
  throw new UsageError(`--policy ${given} makes no sense: ${where}${(issue?.message ?? '').replace(/\.$/, '')}.`);
}
