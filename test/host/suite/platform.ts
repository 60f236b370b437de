import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { ConsentAsker } from '../../../src/tools/consent';
import type { ToolResult } from '../../../src/tools/result';
import { container, set } from './editor';

const { Global, Workspace } = vscode.ConfigurationTarget;

const platformSettings = [
  'access',
  'toolsets',
  'tools',
  'resources.allow',
  'resources.deny',
  'productionWrites',
  'accounts',
  'tokenBudget',
  'results.maxBytes',
];

/** Takes back every setting that the tests of the platform make. */
export async function resetSettings(): Promise<void> {
  for (const name of platformSettings) {
    await set(name, undefined, Global);
    if (name !== 'accounts') await set(name, undefined, Workspace);
  }
}

/** Calls a tool as a client does that has proved its session. */
export async function call(
  name: string,
  args: object,
  { client = 'platform-test', sessionId = randomUUID(), clientAsker = undefined as ConsentAsker | undefined } = {},
): Promise<ToolResult> {
  const { pipeline } = await (await container()).tools.get();
  const result = await pipeline.call({
    name,
    arguments: args,
    caller: { client, sessionId, isSessionBound: true },
    signal: new AbortController().signal,
    reportProgress: () => undefined,
    onAwsRequest: () => undefined,
    clientAsker,
  });
  if (!result) throw new Error(`There is no tool ${name}.`);
  return result;
}

/** The report of a call that failed. */
export function errorOf({ content, isError }: ToolResult): { code: string; message: string; remedy: string } {
  const [first] = content;
  if (isError !== true || first?.type !== 'text') throw new Error(`It did not fail: ${JSON.stringify(content)}`);
  return JSON.parse(first.text) as { code: string; message: string; remedy: string };
}

/** The tools that clients are offered now. */
export async function offered(): Promise<string[]> {
  const { pipeline } = await (await container()).tools.get();
  return pipeline.list().map(({ name }) => name);
}
