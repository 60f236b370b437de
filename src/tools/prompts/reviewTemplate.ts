import { definePrompt } from './prompt';
import { stackNameArgument } from './promptArguments';
import { templateUri } from '../resources/resourceUris';

export const reviewTemplate = definePrompt({
  name: 'review-template',
  title: 'Review this template',
  description:
    'Reviews the template that a CloudFormation stack was deployed from: security, safety of data, cost, style.',
  arguments: [stackNameArgument],
  tools: ['cloudformation_get_template'],
  async parts({ stackName = '' }, { read }) {
    const template = await read('cloudformation_get_template', { stackName }, templateUri(stackName));
    return [
      {
        text: [
          'Review the CloudFormation template below, which this stack is deployed from.',
          'Look for access that is wider than it needs to be (policies, public buckets, open security groups), missing encryption and logging, secrets in plain text, data that a replacement or deletion would lose (DeletionPolicy, UpdateReplacePolicy), resources that cost much for what they do, and names or hard-coded values that keep it from being deployed twice.',
          'Give the findings by severity, each with the logical id, what is wrong, and the change to make as a piece of template. Leave out what is fine.',
        ].join(' '),
      },
      { data: template },
    ];
  },
});
