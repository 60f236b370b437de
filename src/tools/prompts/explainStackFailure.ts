import { definePrompt } from './prompt';
import { stackNameArgument } from './promptArguments';

export const explainStackFailure = definePrompt({
  name: 'explain-stack-failure',
  title: 'Why did this stack fail?',
  description:
    'Finds the cause of a failed create, update or delete of a CloudFormation stack in its status and events.',
  arguments: [stackNameArgument],
  tools: ['cloudformation_describe_stack', 'cloudformation_list_stack_events'],
  async parts({ stackName }, { read }) {
    const [stack, events] = await Promise.all([
      read('cloudformation_describe_stack', { stackName }),
      read('cloudformation_list_stack_events', { stackName, failedOnly: true, limit: 40 }),
    ]);
    return [
      {
        text: [
          'Explain why this CloudFormation stack failed, from its description and its failure events below, newest first.',
          'The oldest failure of the last operation is usually the cause; "Resource creation cancelled" and the like only follow from it.',
          'Name the resource, its type and the reason in one sentence, say which account and Region this is, then how to repair the template or the account and how to get the stack out of its state.',
          'If it has not failed, say so. If the cause lies in a nested stack, read the events of that one.',
        ].join(' '),
      },
      { data: stack },
      { data: events },
    ];
  },
});
