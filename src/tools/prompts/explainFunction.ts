import { functionNameInput } from '../lambda/functionName';
import { functionNames } from '../resources/nameSource';
import { functionUri } from '../resources/resourceUris';
import { definePrompt } from './prompt';

export const explainFunction = definePrompt({
  name: 'explain-function',
  title: "Explain this function's configuration",
  description:
    'Explains how a Lambda function is configured and what stands out: limits, network, role, runtime, state.',
  arguments: [
    {
      name: 'functionName',
      title: 'Function',
      description: 'Name or ARN of the function.',
      required: true,
      schema: functionNameInput,
      complete: functionNames,
    },
  ],
  tools: ['lambda_get_function'],
  async parts({ functionName = '' }, { read }) {
    const configuration = await read('lambda_get_function', { functionName }, functionUri(functionName));
    return [
      {
        text: [
          'Explain the configuration of the Lambda function below to a developer who did not set it up: what runs, with which limits, as which role, in which network, and where its logs and failed events go.',
          'Then say what stands out: a runtime that is or soon will be out of support, memory or time limits that do not fit each other, reserved concurrency, a missing dead-letter target, a state or last update that is not in order.',
          'The values of its environment variables are hidden on purpose; speak of them by name.',
        ].join(' '),
      },
      { data: configuration },
    ];
  },
});
