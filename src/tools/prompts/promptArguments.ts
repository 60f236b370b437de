import { stackNameInput } from '../cloudformation/stackName';
import { stackNames } from '../resources/nameSource';
import type { PromptArgument } from './prompt';

/** The stack that a prompt is about. */
export const stackNameArgument: PromptArgument = {
  name: 'stackName',
  title: 'Stack',
  description: 'Name or ARN of the stack.',
  required: true,
  schema: stackNameInput,
  complete: stackNames,
};
