import type { FunctionConfiguration, GetFunctionResponse } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { redactedMark } from '../../core/redact';
import { freeText } from '../freeText';
import { isoDate } from '../isoDate';
import { defineAwsTool } from '../tool';
import { functionArns, functionNameInput, functionTarget, qualifierInput } from './functionName';

const configurationSchema = z.object({
  functionName: z.string(),
  functionArn: z.string().optional(),
  description: z.string().optional(),
  version: z.string().optional(),
  runtime: z.string().optional(),
  handler: z.string().optional(),
  role: z.string().optional(),
  packageType: z.string().optional(),
  architectures: z.array(z.string()).optional(),
  memorySize: z.number().optional().describe('MB.'),
  ephemeralStorage: z.object({ size: z.number().optional().describe('MB.') }).optional(),
  timeout: z.number().optional().describe('Seconds.'),
  codeSize: z.number().optional().describe('Bytes.'),
  lastModified: z.string().optional(),
  state: z.string().optional(),
  stateReason: z.string().optional(),
  lastUpdateStatus: z.string().optional(),
  lastUpdateStatusReason: z.string().optional(),
  environment: z
    .object({
      variables: z.record(z.string(), z.string()).optional().describe('Names; every value is redacted.'),
      error: z.string().optional(),
    })
    .optional(),
  layers: z.array(z.object({ arn: z.string() })).optional(),
  vpcConfig: z
    .object({
      vpcId: z.string().optional(),
      subnetIds: z.array(z.string()).optional(),
      securityGroupIds: z.array(z.string()).optional(),
    })
    .optional(),
  deadLetterConfig: z.object({ targetArn: z.string().optional() }).optional(),
  tracingConfig: z.object({ mode: z.string().optional() }).optional(),
  loggingConfig: z
    .object({
      logGroup: z.string().optional(),
      logFormat: z.string().optional(),
    })
    .optional(),
});

/** `GetFunction`; source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html */
export const getFunction = defineAwsTool({
  name: 'lambda_get_function',
  title: 'Get function',
  description:
    'Reads the configuration of one Lambda function: runtime, handler, role, limits, network, layers, tags, state. Environment variables come by name only. Use it to understand or debug a function.',
  toolset: 'lambda',
  access: 'read',
  openWorld: false,
  iamActions: ['lambda:GetFunction'],
  iamResources: { 'lambda:GetFunction': functionArns },
  input: z.object({ functionName: functionNameInput, qualifier: qualifierInput }),
  output: z.object({
    configuration: configurationSchema.describe('Configuration.'),
    code: z
      .object({
        repositoryType: z.string().optional(),
        imageUri: z.string().optional(),
        resolvedImageUri: z.string().optional(),
      })
      .optional()
      .describe('Where the code is kept, without its download link.'),
    tags: z.record(z.string(), z.string()).optional().describe('Tags.'),
    concurrency: z
      .object({ reservedConcurrentExecutions: z.number().optional() })
      .optional()
      .describe('Reserved concurrency.')
      .describe('Concurrency, where reserved.'),
  }),
  resources: ({ functionName, qualifier }, aws) => [functionTarget(functionName, qualifier, aws).arn],
  async run({ functionName, qualifier }, context) {
    const { aws, signal } = context;
    const target = functionTarget(functionName, qualifier, aws);
    const lambda = await aws.client('lambda');
    const answer = await lambda.getFunction({ FunctionName: target.arn }, { abortSignal: signal });
    if (answer.TagsError)
      context.warn(`The tags could not be read: ${freeText(answer.TagsError.Message) ?? 'no reason given'}`);
    return {
      configuration: toConfiguration(answer.Configuration ?? {}),
      code: toCode(answer.Code),
      tags: answer.Tags && mapValues(answer.Tags, (value) => freeText(value) ?? ''),
      concurrency: answer.Concurrency && {
        reservedConcurrentExecutions: answer.Concurrency.ReservedConcurrentExecutions,
      },
    };
  },
});

function toConfiguration(from: FunctionConfiguration): z.output<typeof configurationSchema> {
  const { Environment: environment, VpcConfig: vpc } = from;
  return {
    functionName: from.FunctionName ?? '',
    functionArn: from.FunctionArn,
    description: freeText(from.Description),
    version: from.Version,
    runtime: from.Runtime,
    handler: from.Handler,
    role: from.Role,
    packageType: from.PackageType,
    architectures: from.Architectures,
    memorySize: from.MemorySize,
    ephemeralStorage: from.EphemeralStorage && { size: from.EphemeralStorage.Size },
    timeout: from.Timeout,
    codeSize: from.CodeSize,
    lastModified: isoDate(from.LastModified),
    state: from.State,
    stateReason: freeText(from.StateReason),
    lastUpdateStatus: from.LastUpdateStatus,
    lastUpdateStatusReason: freeText(from.LastUpdateStatusReason),
    environment: environment && {
      variables: environment.Variables && mapValues(environment.Variables, () => redactedMark),
      error: freeText(environment.Error?.Message),
    },
    layers: from.Layers?.flatMap((layer) => (layer.Arn === undefined ? [] : [{ arn: layer.Arn }])),
    vpcConfig: vpc?.VpcId
      ? { vpcId: vpc.VpcId, subnetIds: vpc.SubnetIds, securityGroupIds: vpc.SecurityGroupIds }
      : undefined,
    deadLetterConfig: from.DeadLetterConfig && { targetArn: from.DeadLetterConfig.TargetArn },
    tracingConfig: from.TracingConfig && { mode: from.TracingConfig.Mode },
    loggingConfig: from.LoggingConfig && {
      logGroup: from.LoggingConfig.LogGroup,
      logFormat: from.LoggingConfig.LogFormat,
    },
  };
}

/** Without `Location`, a presigned link with which anybody can download the code for ten minutes. */
function toCode(code: GetFunctionResponse['Code']) {
  if (!code) return undefined;
  return { repositoryType: code.RepositoryType, imageUri: code.ImageUri, resolvedImageUri: code.ResolvedImageUri };
}

function mapValues(record: Record<string, string>, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [freeText(name) ?? '', change(value)]));
}
