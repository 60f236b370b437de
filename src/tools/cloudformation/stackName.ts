import * as z from 'zod';
import type { AwsSession } from '../../aws/identity';
import { WorkbenchError } from '../../core/errors';
import type { TouchedResource } from '../policy/resourceRules';

const stackArn =
  /^arn:aws[a-z-]*:cloudformation:([a-z0-9-]+):\d{12}:stack\/[A-Za-z][A-Za-z0-9-]{0,127}\/[A-Za-z0-9-]+$/;

/** `StackName` of the API, which takes names and ARNs. */
export const stackNameInput = z
  .string()
  .max(1024)
  .refine(
    (name) => /^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name) || stackArn.test(name),
    'must be the name or the ARN of a stack',
  )
  .describe('Stack name, or ARN (needed for a deleted stack).');

/**
 * Checks that a stack given by ARN is one of the region that the call acts in, which is where the request goes.
 * @throws WorkbenchError `InvalidInput`.
 */
export function checkStackRegion(stackName: string, region: string): void {
  const named = stackArn.exec(stackName)?.[1];
  if (named === undefined || named === region) return;
  throw new WorkbenchError('InvalidInput', `The ARN names a stack in ${named}, and the call acts in ${region}.`, {
    remedy: `Pass "${named}" as region.`,
  });
}

/** What IAM policies can limit actions on one stack to. */
export const stackArns = ['arn:*:cloudformation:*:*:stack/*/*'];

/** The stack that a name or an ARN means. A name alone means whichever stack has it, so any id. */
export function stackResource(
  stackName: string,
  { arn, identity }: Pick<AwsSession, 'arn' | 'identity'>,
): TouchedResource {
  if (stackName.startsWith('arn:')) return stackName;
  const partition = arn.split(':')[1] ?? 'aws';
  return { arnPrefix: `arn:${partition}:cloudformation:${identity.region}:${identity.account}:stack/${stackName}/` };
}
