import type { InvocationResponse } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { byteLength } from '../../core/byteLength';
import { WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import { escapeUnseen } from '../../core/unseen';
import { outsiderNotice, outsiderText, outsiderTextSchema } from '../outsiderText';
import { defineAwsTool } from '../tool';
import { functionArns, functionNameInput, functionTarget, qualifierInput } from './functionName';

/** A person must be able to read what is sent; the API's own limit for asynchronous calls is four times as much. */
const maxPayloadBytes = 256 * 1024;

const functionErrorSchema = z.object({
  notice: z.string().describe('That the rest is data.'),
  errorType: z.string().optional(),
  errorMessage: z.string().optional(),
  stackTrace: z.array(z.string()).optional(),
});

/** `Invoke`; source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export const invokeFunction = defineAwsTool({
  name: 'lambda_invoke_function',
  title: 'Invoke function',
  description:
    'Runs a Lambda function with a JSON payload and returns its result, error and log tail. A person is asked first. Use it to test a function or to make it do its work. A failing function is marked by functionError.',
  toolset: 'lambda',
  access: 'write',
  openWorld: true,
  iamActions: ['lambda:InvokeFunction'],
  iamResources: { 'lambda:InvokeFunction': functionArns },
  // The longest a function may run is 900 seconds.
  timeoutSeconds: 930,
  input: z.object({
    functionName: functionNameInput,
    qualifier: qualifierInput,
    payload: z.unknown().optional().describe('JSON value that the function gets as its event; not JSON text.'),
    invocationType: z
      .enum(['RequestResponse', 'Event', 'DryRun'])
      .default('RequestResponse')
      .describe('Event queues it and returns at once; DryRun only checks the permission.'),
    logType: z.enum(['None', 'Tail']).default('Tail').describe('Tail returns the last 4 KB of the log.'),
  }),
  output: z.object({
    statusCode: z.number().optional().describe('200 done, 202 queued, 204 allowed.'),
    executedVersion: z.string().optional().describe('Version that ran.'),
    functionError: z.string().optional().describe('Set where the function failed.'),
    error: functionErrorSchema.optional().describe('The error that the function gave.'),
    payload: outsiderTextSchema.optional().describe('What the function returned, as JSON text.'),
    logResult: outsiderTextSchema.optional().describe('Log tail.'),
  }),
  resources: ({ functionName, qualifier }, aws) => [functionTarget(functionName, qualifier, aws).arn],
  async run({ functionName, qualifier, payload, invocationType, logType }, context) {
    const { aws, signal } = context;
    const target = functionTarget(functionName, qualifier, aws);
    const event = payload === undefined ? undefined : JSON.stringify(payload);
    if (event !== undefined && byteLength(event) > maxPayloadBytes) {
      throw new WorkbenchError('InvalidInput', `The payload is larger than ${maxPayloadBytes} bytes.`, {
        remedy: 'Put the data into S3 and pass a reference to it.',
      });
    }
    await context.confirm({
      action: 'Invoke function',
      resource: target.name,
      resourceArn: target.arn,
      details: [
        { label: 'Invocation type', value: invocationType },
        { label: 'Payload', value: event ?? 'none' },
      ],
    });
    const lambda = await aws.client('lambda');
    const { InvokeCommand } = await import('@aws-sdk/client-lambda');
    const command = new InvokeCommand({
      FunctionName: target.arn,
      InvocationType: invocationType,
      ...(event === undefined ? {} : { Payload: Buffer.from(event) }),
      // Only synchronous invocations have a log to return.
      ...(invocationType === 'RequestResponse' ? { LogType: logType } : {}),
    });
    // A person agreed to one invocation: where an answer is lost, the function may have run, and a retry would be a second.
    command.middlewareStack.add((next) => next, {
      name: 'retryMiddleware',
      step: 'finalizeRequest',
      priority: 'high',
      override: true,
    });
    return toResult(await lambda.send(command, { abortSignal: signal }));
  },
});

function toResult(answer: InvocationResponse) {
  const text = answer.Payload ? Buffer.from(answer.Payload).toString('utf8') : '';
  const failure = answer.FunctionError ? readFunctionError(text) : undefined;
  return {
    statusCode: answer.StatusCode,
    executedVersion: answer.ExecutedVersion,
    functionError: answer.FunctionError,
    error: failure?.error,
    payload: text === '' || failure?.isComplete ? undefined : outsiderText(text),
    logResult: answer.LogResult ? outsiderText(decodeTail(answer.LogResult)) : undefined,
  };
}

const errorMembers = new Set(['errorType', 'errorMessage', 'stackTrace', 'trace', 'requestId']);

/**
 * Reads the error object that runtimes make of an exception: Node calls the frames `trace`, others `stackTrace`, where
 * a frame may be a list.
 * @returns `undefined` for a payload of another form; `isComplete` where nothing in the payload was left out.
 */
function readFunctionError(
  payload: string,
): { error: z.output<typeof functionErrorSchema>; isComplete: boolean } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { errorType, errorMessage } = value;
  const frames = value['trace'] ?? value['stackTrace'];
  if (typeof errorType !== 'string' && typeof errorMessage !== 'string') return undefined;
  return {
    error: {
      notice: outsiderNotice,
      errorType: shown(errorType),
      errorMessage: shown(errorMessage),
      stackTrace: Array.isArray(frames) ? frames.flatMap((frame) => shown(frame) ?? []) : undefined,
    },
    isComplete: Object.keys(value).every((name) => errorMembers.has(name)),
  };
}

function shown(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return escapeUnseen(typeof value === 'string' ? value : JSON.stringify(value));
}

/** The log tail starts wherever the last 4 KB do, which may be inside a character. */
function decodeTail(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  let start = 0;
  while (start < Math.min(3, bytes.length) && (bytes[start] ?? 0) >> 6 === 0b10) start++;
  return bytes.subarray(start).toString('utf8');
}
