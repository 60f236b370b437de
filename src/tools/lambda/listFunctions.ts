import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { freeText } from '../freeText';
import { isoDate } from '../isoDate';
import { pageInput, pageOutput } from '../page';
import { defineAwsTool } from '../tool';

const functionSchema = z.object({
  functionName: z.string(),
  functionArn: z.string().optional(),
  description: z.string().optional(),
  runtime: z.string().optional(),
  handler: z.string().optional(),
  packageType: z.string().optional(),
  architectures: z.array(z.string()).optional(),
  memorySize: z.number().optional().describe('MB.'),
  timeout: z.number().optional().describe('Seconds.'),
  codeSize: z.number().optional().describe('Bytes.'),
  version: z.string().optional(),
  lastModified: z.string().optional(),
});

/** `ListFunctions`; source: https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html */
export const listFunctions = defineAwsTool({
  name: 'lambda_list_functions',
  title: 'List functions',
  description:
    'Lists the Lambda functions of the account and region with runtime, memory and timeout. Use it to find a function before reading or invoking it.',
  toolset: 'lambda',
  access: 'read',
  openWorld: false,
  iamActions: ['lambda:ListFunctions'],
  cache: { ttlSeconds: 30 },
  input: z.object({
    nameContains: z.string().min(1).max(64).optional().describe('Only functions with this in their name, in any case.'),
    functionVersion: z.enum(['ALL']).optional().describe('ALL lists every published version too.'),
    ...pageInput,
  }),
  output: z.object({ functions: z.array(functionSchema).describe('Functions.'), ...pageOutput }),
  resources: () => [],
  async run({ nameContains, functionVersion, limit, cursor }, context) {
    const { aws, signal } = context;
    const lambda = await aws.client('lambda');
    const part = nameContains?.toLowerCase() ?? '';
    const { items, ...rest } = await context.page({
      limit,
      cursor,
      fetch: async (token) => {
        const { Functions = [], NextMarker } = await lambda.listFunctions(
          { FunctionVersion: functionVersion, Marker: token },
          { abortSignal: signal },
        );
        const found = Functions.filter((each) => (each.FunctionName ?? '').toLowerCase().includes(part));
        // The last page has an empty marker in some implementations of the API.
        return { items: found.map(toFunction), nextToken: NextMarker === '' ? undefined : NextMarker };
      },
    });
    return { functions: items, ...rest };
  },
});

function toFunction(configuration: FunctionConfiguration): z.output<typeof functionSchema> {
  return {
    functionName: configuration.FunctionName ?? '',
    functionArn: configuration.FunctionArn,
    description: freeText(configuration.Description),
    runtime: configuration.Runtime,
    handler: configuration.Handler,
    packageType: configuration.PackageType,
    architectures: configuration.Architectures,
    memorySize: configuration.MemorySize,
    timeout: configuration.Timeout,
    codeSize: configuration.CodeSize,
    version: configuration.Version,
    lastModified: isoDate(configuration.LastModified),
  };
}
