import type { StackStatus, StackSummary } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import { freeText } from '../freeText';
import { isoDate } from '../isoDate';
import { pageInput, pageOutput } from '../page';
import { defineAwsTool } from '../tool';
import { stackDriftSchema, toStackDrift } from './drift';

const stackStatuses = [
  'CREATE_IN_PROGRESS',
  'CREATE_FAILED',
  'CREATE_COMPLETE',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_FAILED',
  'ROLLBACK_COMPLETE',
  'DELETE_IN_PROGRESS',
  'DELETE_FAILED',
  'DELETE_COMPLETE',
  'UPDATE_IN_PROGRESS',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_COMPLETE',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_FAILED',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
  'REVIEW_IN_PROGRESS',
  'IMPORT_IN_PROGRESS',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_IN_PROGRESS',
  'IMPORT_ROLLBACK_FAILED',
  'IMPORT_ROLLBACK_COMPLETE',
] as const satisfies readonly StackStatus[];

// Not an enum in the schema: models know the statuses, and the list would cost more tokens than the rest of the tool.
function isStackStatus(text: string): text is StackStatus {
  return (stackStatuses as readonly string[]).includes(text);
}

const stackSummarySchema = z.object({
  stackName: z.string(),
  stackId: z.string().optional(),
  stackStatus: z.string(),
  stackStatusReason: z.string().optional(),
  templateDescription: z.string().optional(),
  creationTime: z.string().optional(),
  lastUpdatedTime: z.string().optional(),
  deletionTime: z.string().optional(),
  parentId: z.string().optional(),
  rootId: z.string().optional(),
  driftInformation: stackDriftSchema.optional(),
});

/** `ListStacks`; source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html */
export const listStacks = defineAwsTool({
  name: 'cloudformation_list_stacks',
  title: 'List stacks',
  description:
    'Lists the CloudFormation stacks of the account and region with their status. Use it to find a stack, or which stacks failed or rolled back. Deleted stacks are left out unless stackStatusFilter names DELETE_COMPLETE.',
  toolset: 'cloudformation',
  access: 'read',
  openWorld: false,
  iamActions: ['cloudformation:ListStacks'],
  cache: { ttlSeconds: 10 },
  input: z.object({
    stackStatusFilter: z
      .array(z.string().refine(isStackStatus, 'must be a stack status such as ROLLBACK_COMPLETE'))
      .min(1)
      .max(stackStatuses.length)
      .optional()
      .describe('Only these statuses, e.g. ROLLBACK_COMPLETE.'),
    nameContains: z.string().min(1).max(128).optional().describe('Only stacks with this in their name, in any case.'),
    ...pageInput,
  }),
  output: z.object({
    stackSummaries: z.array(stackSummarySchema).describe('Stacks.'),
    ...pageOutput,
  }),
  resources: () => [],
  async run({ stackStatusFilter, nameContains, limit, cursor }, context) {
    const { aws, signal } = context;
    const cloudformation = await aws.client('cloudformation');
    const wanted =
      stackStatusFilter?.filter(isStackStatus) ?? stackStatuses.filter((status) => status !== 'DELETE_COMPLETE');
    const part = nameContains?.toLowerCase() ?? '';
    const { items, ...rest } = await context.page({
      limit,
      cursor,
      fetch: async (token) => {
        const { StackSummaries = [], NextToken } = await cloudformation.listStacks(
          { StackStatusFilter: wanted, NextToken: token },
          { abortSignal: signal },
        );
        const found = StackSummaries.filter((stack) => (stack.StackName ?? '').toLowerCase().includes(part));
        return { items: found.map(toStackSummary), nextToken: NextToken };
      },
    });
    return { stackSummaries: items, ...rest };
  },
});

function toStackSummary(stack: StackSummary): z.output<typeof stackSummarySchema> {
  return {
    stackName: stack.StackName ?? '',
    stackId: stack.StackId,
    stackStatus: stack.StackStatus ?? '',
    stackStatusReason: freeText(stack.StackStatusReason),
    templateDescription: freeText(stack.TemplateDescription),
    creationTime: isoDate(stack.CreationTime),
    lastUpdatedTime: isoDate(stack.LastUpdatedTime),
    deletionTime: isoDate(stack.DeletionTime),
    parentId: stack.ParentId,
    rootId: stack.RootId,
    driftInformation: toStackDrift(stack.DriftInformation),
  };
}
