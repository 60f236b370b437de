import type { StackResourceSummary } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import { freeText } from '../freeText';
import { isoDate } from '../isoDate';
import { pageInput, pageOutput } from '../page';
import { defineAwsTool } from '../tool';
import { checkStackRegion, stackArns, stackNameInput, stackResource } from './stackName';

const resourceSchema = z.object({
  logicalResourceId: z.string(),
  physicalResourceId: z.string().optional(),
  resourceType: z.string(),
  resourceStatus: z.string(),
  resourceStatusReason: z.string().optional(),
  lastUpdatedTimestamp: z.string().optional(),
  driftInformation: z.object({ stackResourceDriftStatus: z.string() }).optional(),
});

/** `ListStackResources`; source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html */
export const listStackResources = defineAwsTool({
  name: 'cloudformation_list_stack_resources',
  title: 'List stack resources',
  description:
    'Lists the resources of one CloudFormation stack: name in the template, real id, type and status. Use it to get from a stack to its functions, buckets and nested stacks.',
  toolset: 'cloudformation',
  access: 'read',
  openWorld: false,
  iamActions: ['cloudformation:ListStackResources'],
  iamResources: { 'cloudformation:ListStackResources': stackArns },
  cache: { ttlSeconds: 15 },
  input: z.object({ stackName: stackNameInput, ...pageInput }),
  output: z.object({ stackResourceSummaries: z.array(resourceSchema).describe('Resources.'), ...pageOutput }),
  resources: ({ stackName }, aws) => [stackResource(stackName, aws)],
  async run({ stackName, limit, cursor }, context) {
    const { aws, signal } = context;
    checkStackRegion(stackName, aws.identity.region);
    const cloudformation = await aws.client('cloudformation');
    const { items, ...rest } = await context.page({
      limit,
      cursor,
      fetch: async (token) => {
        const { StackResourceSummaries = [], NextToken } = await cloudformation.listStackResources(
          { StackName: stackName, NextToken: token },
          { abortSignal: signal },
        );
        return { items: StackResourceSummaries.map(toResource), nextToken: NextToken };
      },
    });
    return { stackResourceSummaries: items, ...rest };
  },
});

function toResource(resource: StackResourceSummary): z.output<typeof resourceSchema> {
  const drift = resource.DriftInformation?.StackResourceDriftStatus;
  return {
    logicalResourceId: resource.LogicalResourceId ?? '',
    physicalResourceId: freeText(resource.PhysicalResourceId),
    resourceType: resource.ResourceType ?? '',
    resourceStatus: resource.ResourceStatus ?? '',
    resourceStatusReason: freeText(resource.ResourceStatusReason),
    lastUpdatedTimestamp: isoDate(resource.LastUpdatedTimestamp),
    driftInformation: drift === undefined ? undefined : { stackResourceDriftStatus: drift },
  };
}
