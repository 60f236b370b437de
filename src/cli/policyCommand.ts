import { awsTools } from '../tools/awsTools';
import { cdkTools } from '../tools/cdk/cdkTools';
import { Policy } from '../tools/policy';
import { iamPolicyFor } from '../tools/policy/iamPolicy';
import { readTools } from '../tools/resources/readTools';
import type { ServiceFlags } from './commandLine';
import { readPolicySettings } from './policyFile';
import { cliSettingNames, never } from './services';

/**
 * Prints the IAM policy that the tools which are allowed need.
 * @returns the exit code.
 */
export async function printIamPolicy(flags: ServiceFlags, partition: string): Promise<number> {
  const current = await readPolicySettings(flags);
  const policy = new Policy({ current, onDidChange: never }, cliSettingNames);
  const tools = [...awsTools, ...cdkTools, ...readTools].filter((tool) => policy.allows(tool));
  const documents = iamPolicyFor(tools, current.resources ?? [], partition);
  const [first, ...others] = documents;
  process.stdout.write(`${JSON.stringify(others.length > 0 ? documents : (first ?? null), undefined, 2)}\n`);
  return 0;
}
