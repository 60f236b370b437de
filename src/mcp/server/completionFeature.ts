import {
  ProtocolError,
  ProtocolErrorCode,
  type CompleteRequestParams,
  type CompleteResult,
} from '@modelcontextprotocol/server';
import { WorkbenchError } from '../../core/errors';
import type { PromptReader } from '../../tools/prompts/promptReader';
import type { NameCompletion } from '../../tools/resources/nameCompletion';
import type { NameSource } from '../../tools/resources/nameSource';
import type { ResourceReader } from '../../tools/resources/resourceReader';
import { toReadRequest } from './readRequest';
import type { FeatureRequest } from './serverFeatures';

export interface CompletionParts {
  resources: ResourceReader;
  prompts: PromptReader;
  /** Absent where names cannot be listed without asking a person. */
  names: NameCompletion | undefined;
}

const nothing: CompleteResult = { completion: { values: [], hasMore: false } };

/**
 * Completes variables of resource templates and arguments of prompts. What cannot be listed has no completion: people
 * are typing, and an error in their way helps nobody.
 * @throws ProtocolError -32602 for a prompt or template that is not offered.
 */
export async function complete(
  { ref, argument, context }: CompleteRequestParams,
  request: FeatureRequest,
  parts: CompletionParts,
): Promise<CompleteResult> {
  const source = sourceOf(ref, argument.name, parts);
  if (!source || !parts.names) return nothing;
  try {
    const found = await parts.names.complete(source, argument.value, context?.arguments ?? {}, toReadRequest(request));
    return { completion: { values: found.values, hasMore: found.hasMore } };
  } catch (error) {
    if (WorkbenchError.is(error)) return nothing;
    throw error;
  }
}

function sourceOf(
  ref: CompleteRequestParams['ref'],
  name: string,
  { resources, prompts }: CompletionParts,
): NameSource | undefined {
  if (ref.type === 'ref/prompt') {
    const found = prompts.list().find(({ prompt }) => prompt.name === ref.name);
    if (!found) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt: ${ref.name}`);
    return found.prompt.arguments.find((argument) => argument.name === name)?.complete;
  }
  if (ref.uri === 'workbench://results/{id}') return undefined;
  const found = resources.list().find(({ template }) => template.text === ref.uri);
  if (!found) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown resource template: ${ref.uri}`);
  const { complete: sources } = found.resource;
  return Object.hasOwn(sources, name) ? sources[name] : undefined;
}
