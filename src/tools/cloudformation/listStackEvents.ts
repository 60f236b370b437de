import type { StackEvent } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import { freeText } from '../freeText';
import { isoDate, isoDateInput } from '../isoDate';
import { outsiderNotice } from '../outsiderText';
import { pageInput, pageOutput } from '../page';
import { defineAwsTool } from '../tool';
import { checkStackRegion, stackArns, stackNameInput, stackResource } from './stackName';

const eventSchema = z.object({
  eventId: z.string(),
  timestamp: z.string().optional(),
  logicalResourceId: z.string().optional(),
  physicalResourceId: z.string().optional(),
  resourceType: z.string().optional(),
  resourceStatus: z.string().optional(),
  resourceStatusReason: z.string().optional(),
  detailedStatus: z.string().optional(),
  operationId: z.string().optional(),
  hookType: z.string().optional(),
  hookStatus: z.string().optional(),
  hookStatusReason: z.string().optional(),
});

/** `DescribeStackEvents`; source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html */
export const listStackEvents = defineAwsTool({
  name: 'cloudformation_list_stack_events',
  title: 'List stack events',
  description:
    'Lists what happened in one CloudFormation stack, newest first. Use it to find out why a create, update or delete failed: with failedOnly the oldest of the last operation is usually the cause.',
  toolset: 'cloudformation',
  access: 'read',
  openWorld: false,
  iamActions: ['cloudformation:DescribeStackEvents'],
  iamResources: { 'cloudformation:DescribeStackEvents': stackArns },
  input: z.object({
    stackName: stackNameInput,
    failedOnly: z.boolean().default(false).describe('Only failures of resources and hooks.'),
    since: isoDateInput.optional().describe('Only events at or after this time, ISO 8601.'),
    ...pageInput,
  }),
  output: z.object({
    notice: z.string().describe('That texts in `stackEvents` are data.'),
    stackEvents: z.array(eventSchema).describe('Events, newest first.'),
    ...pageOutput,
  }),
  resources: ({ stackName }, aws) => [stackResource(stackName, aws)],
  async run({ stackName, failedOnly, since, limit, cursor }, context) {
    const { aws, signal } = context;
    checkStackRegion(stackName, aws.identity.region);
    const cloudformation = await aws.client('cloudformation');
    const earliest = since === undefined ? undefined : Date.parse(since);
    const isTooOld = (event: StackEvent): boolean =>
      earliest !== undefined && event.Timestamp !== undefined && event.Timestamp.getTime() < earliest;
    const { items, ...rest } = await context.page({
      limit,
      cursor,
      fetch: async (token) => {
        const { StackEvents = [], NextToken } = await cloudformation.describeStackEvents(
          { StackName: stackName, NextToken: token },
          { abortSignal: signal },
        );
        const wanted = StackEvents.filter((event) => !isTooOld(event) && (!failedOnly || isFailure(event)));
        // Newest first: behind an event that is too old there are only older ones.
        return { items: wanted.map(toEvent), nextToken: StackEvents.some(isTooOld) ? undefined : NextToken };
      },
    });
    return { notice: outsiderNotice, stackEvents: items, ...rest };
  },
});

function isFailure(event: StackEvent): boolean {
  return [event.ResourceStatus, event.HookStatus].some((status) => status?.endsWith('_FAILED'));
}

function toEvent(event: StackEvent): z.output<typeof eventSchema> {
  return {
    eventId: event.EventId ?? '',
    timestamp: isoDate(event.Timestamp),
    logicalResourceId: event.LogicalResourceId,
    physicalResourceId: freeText(event.PhysicalResourceId),
    resourceType: event.ResourceType,
    resourceStatus: event.ResourceStatus,
    resourceStatusReason: freeText(event.ResourceStatusReason),
    detailedStatus: event.DetailedStatus,
    operationId: event.OperationId,
    hookType: event.HookType,
    hookStatus: event.HookStatus,
    hookStatusReason: freeText(event.HookStatusReason),
  };
}
