import { getCallerIdentity } from './aws/getCallerIdentity';
import { describeStack } from './cloudformation/describeStack';
import { listStackEvents } from './cloudformation/listStackEvents';
import { listStackResources } from './cloudformation/listStackResources';
import { listStacks } from './cloudformation/listStacks';
import { getFunction } from './lambda/getFunction';
import { invokeFunction } from './lambda/invokeFunction';
import { listFunctions } from './lambda/listFunctions';
import { getObject } from './s3/getObject';
import { listBuckets } from './s3/listBuckets';
import { listObjects } from './s3/listObjects';
import type { Tool } from './tool';

/** The tools that reach AWS services, in the order in which clients list them. */
export const awsTools: readonly Tool[] = [
  getCallerIdentity,
  listStacks,
  describeStack,
  listStackResources,
  listStackEvents,
  listFunctions,
  getFunction,
  invokeFunction,
  listBuckets,
  listObjects,
  getObject,
];
