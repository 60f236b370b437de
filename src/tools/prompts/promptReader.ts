import { byteLength } from '../../core/byteLength';
import { WorkbenchError } from '../../core/errors';
import type { ReadRequest, ToolReads } from '../resources/toolReads';
import { maxResourceBytes } from '../resources/resourceReader';
import type { PromptContext, PromptPart } from './prompt';
import { dataText, type PromptData } from './promptData';
import type { PromptRegistry, RegisteredPrompt } from './promptRegistry';

/** UTF-8 bytes that all that a prompt says may take. */
export const maxPromptBytes = 96 * 1024;

/** One thing that a prompt says, in the order of the conversation. */
export type PromptText = { text: string; uri?: string };

/** How prompts read: results of the size of tool results to show, and larger ones to work with. */
export interface PromptReads {
  shown: ToolReads;
  large: ToolReads;
}

/** Lists and fills in the prompts whose tools policy allows. */
export class PromptReader {
  readonly #registry: PromptRegistry;
  readonly #reads: PromptReads;

  constructor(registry: PromptRegistry, reads: PromptReads) {
    this.#registry = registry;
    this.#reads = reads;
  }

  /** Prompts that can be filled in now. */
  list(): RegisteredPrompt[] {
    const allowed = this.#reads.shown.allowedTools();
    return this.#registry.all.filter(({ prompt }) => prompt.tools.every((tool) => allowed.has(tool)));
  }

  /**
   * Fills in a prompt. What cannot be read is said in the prompt, with what to do about it.
   * @returns `undefined` where no prompt has that name now.
   * @throws WorkbenchError `InvalidInput` for arguments that do not fit, `Cancelled`.
   */
  async get(
    name: string,
    given: Readonly<Record<string, string>>,
    request: ReadRequest,
  ): Promise<{ description: string; texts: PromptText[] } | undefined> {
    const found = this.list().find(({ prompt }) => prompt.name === name);
    if (!found) return undefined;
    const input = found.check(given);
    const parts = await found.prompt.parts(input, this.#contextFor(request));
    return { description: found.prompt.description, texts: toTexts(parts) };
  }

  #contextFor(request: ReadRequest): PromptContext {
    return {
      signal: request.signal,
      read: (tool, input, uri) => readWith(this.#reads.shown, tool, input, request, 0, uri),
      readLarge: (tool, input) => readWith(this.#reads.large, tool, input, request, maxResourceBytes),
    };
  }
}

async function readWith(
  reads: ToolReads,
  tool: string,
  input: Record<string, unknown>,
  request: ReadRequest,
  maxBytes: number,
  uri?: string,
): Promise<PromptData> {
  const data = { tool, input, ...(uri === undefined ? {} : { uri }) };
  try {
    return { ...data, output: await reads.output(tool, input, request, maxBytes) };
  } catch (error) {
    if (!WorkbenchError.is(error) || error.code === 'Cancelled') throw error;
    return { ...data, error: error.toReport() };
  }
}

function toTexts(parts: readonly PromptPart[]): PromptText[] {
  let room = maxPromptBytes;
  const texts: PromptText[] = [];
  const add = (text: string, uri?: string): void => {
    room -= byteLength(text);
    texts.push({ text, ...(uri === undefined ? {} : { uri }) });
  };
  for (const part of parts) {
    if ('text' in part) add(part.text);
    else add(dataText(part.data, room), part.data.error ? undefined : part.data.uri);
  }
  const failed = parts.flatMap((part) => ('data' in part && part.data.error ? [part.data.error] : []));
  if (failed.length > 0) add(failureText(failed.some(({ code }) => code === 'SignInRequired')));
  return texts;
}

function failureText(mustSignIn: boolean): string {
  return mustSignIn
    ? 'Nobody is signed in to AWS, so the data could not be read. Say so, pass on the remedy that stands in the error, and do not guess what the data would have been. Once the user has signed in, read it with the tools.'
    : 'Some of the data could not be read; the error says why. Say what is missing and pass on its remedy, and do not guess what the data would have been.';
}
