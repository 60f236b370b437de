import { isRecord } from '../../core/json';
import { definePrompt } from './prompt';

/** Statuses of a stack whose last operation did not go well, or is being undone. */
const failedStatuses = [
  'CREATE_FAILED',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_FAILED',
  'ROLLBACK_COMPLETE',
  'DELETE_FAILED',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_FAILED',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_ROLLBACK_IN_PROGRESS',
  'IMPORT_ROLLBACK_FAILED',
  'IMPORT_ROLLBACK_COMPLETE',
];

/** Of so many stacks the failures are read too. */
const maxExplained = 3;

export const failedStacks = definePrompt({
  name: 'failed-stacks',
  title: 'Which stacks failed?',
  description:
    'Lists the CloudFormation stacks of the account and Region that failed or rolled back, with what went wrong.',
  arguments: [],
  tools: ['cloudformation_list_stacks', 'cloudformation_list_stack_events'],
  async parts(_input, { read }) {
    const stacks = await read('cloudformation_list_stacks', { stackStatusFilter: failedStatuses, limit: 100 });
    const ids = idsOf(stacks.output?.['stackSummaries']).slice(0, maxExplained);
    const events = await Promise.all(
      ids.map((stackName) => read('cloudformation_list_stack_events', { stackName, failedOnly: true, limit: 10 })),
    );
    return [
      {
        text: [
          'Say which CloudFormation stacks of this account and Region failed or were rolled back, from the list below, the ones that block further deployments first.',
          `Of the first ${maxExplained} the failure events follow, newest first: give the cause in one sentence each, with the resource it came from.`,
          'Say what the next step is for each: ROLLBACK_COMPLETE can only be deleted, UPDATE_ROLLBACK_FAILED needs its rollback continued, UPDATE_ROLLBACK_COMPLETE can be deployed again.',
          'If the list is empty, say that none failed, and name account and Region.',
        ].join(' '),
      },
      { data: stacks },
      ...events.map((data) => ({ data })),
    ];
  },
});

/** Ids, which are ARNs, of the stacks in a list. */
function idsOf(stackSummaries: unknown): string[] {
  if (!Array.isArray(stackSummaries)) return [];
  return stackSummaries.flatMap((stack: unknown) => {
    const id = isRecord(stack) ? (stack['stackId'] ?? stack['stackName']) : undefined;
    return typeof id === 'string' ? [id] : [];
  });
}
