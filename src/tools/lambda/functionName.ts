import * as z from 'zod';
import type { AwsSession } from '../../aws/identity';
import { WorkbenchError } from '../../core/errors';

const pattern =
  /^(?:arn:aws[a-z-]*:lambda:([a-z0-9-]+):(\d{12}):function:|(\d{12}):function:)?([A-Za-z0-9_-]{1,64})(?::(\$LATEST|[A-Za-z0-9_-]{1,128}))?$/;

/** `FunctionName` of the API, which takes names, partial ARNs and ARNs, each with or without a version or alias. */
export const functionNameInput = z
  .string()
  .max(256)
  .refine((name) => pattern.test(name), 'must be the name or the ARN of a function')
  .describe('Function name or ARN.');

/** `Qualifier` of the API. */
export const qualifierInput = z
  .string()
  .regex(/^(\$LATEST|[A-Za-z0-9_-]{1,128})$/)
  .optional()
  .describe('Version or alias.');

/** What IAM policies can limit actions on one function to. */
export const functionArns = ['arn:*:lambda:*:*:function:*'];

/** What exactly a request is about. */
export interface FunctionTarget {
  name: string;
  /** ARN, with the version or alias where one is named. */
  arn: string;
}

/**
 * Works out which function a name, partial ARN or ARN means for that session.
 * @throws WorkbenchError `InvalidInput` for a region that the call does not act in, or two different qualifiers.
 */
export function functionTarget(
  functionName: string,
  qualifier: string | undefined,
  { arn, identity }: Pick<AwsSession, 'arn' | 'identity'>,
): FunctionTarget {
  const [, region, account, partialAccount, name = '', named] = pattern.exec(functionName) ?? [];
  if (region !== undefined && region !== identity.region) {
    throw new WorkbenchError(
      'InvalidInput',
      `The ARN names a function in ${region}, and the call acts in ${identity.region}.`,
      { remedy: `Pass "${region}" as region.` },
    );
  }
  if (named !== undefined && qualifier !== undefined && named !== qualifier) {
    throw new WorkbenchError('InvalidInput', `functionName names ${named}, and qualifier ${qualifier}.`, {
      remedy: 'Give the version or alias once.',
    });
  }
  const chosen = qualifier ?? named;
  const partition = arn.split(':')[1] ?? 'aws';
  const owner = account ?? partialAccount ?? identity.account;
  const whole = `arn:${partition}:lambda:${identity.region}:${owner}:function:${name}`;
  return { name, arn: chosen === undefined ? whole : `${whole}:${chosen}` };
}
