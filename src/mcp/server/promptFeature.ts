import {
  ProtocolError,
  ProtocolErrorCode,
  type GetPromptRequestParams,
  type GetPromptResult,
  type Prompt,
  type PromptMessage,
} from '@modelcontextprotocol/server';
import { WorkbenchError } from '../../core/errors';
import type { Event } from '../../core/emitter';
import type { PromptReader, PromptText } from '../../tools/prompts/promptReader';
import { toProtocolError } from './protocolErrors';
import { toReadRequest } from './readRequest';
import type { FeatureRequest, PromptFeature } from './serverFeatures';

/** Prompts as a feature of the server. */
export class WorkbenchPrompts implements PromptFeature {
  readonly onDidChangeList: Event<void>;
  readonly #reader: PromptReader;
  #listed: readonly Prompt[];

  /** @param onDidChangeList fires after `relist` was called and something is different. */
  constructor(reader: PromptReader, onDidChangeList: Event<void>) {
    this.#reader = reader;
    this.onDidChangeList = onDidChangeList;
    this.#listed = this.#read();
  }

  list(): readonly Prompt[] {
    return this.#listed;
  }

  /** Makes the list again. Says whether it changed. */
  relist(): boolean {
    const before = JSON.stringify(this.#listed);
    this.#listed = this.#read();
    return JSON.stringify(this.#listed) !== before;
  }

  async get({ name, arguments: given }: GetPromptRequestParams, request: FeatureRequest): Promise<GetPromptResult> {
    let found: Awaited<ReturnType<PromptReader['get']>>;
    try {
      found = await this.#reader.get(name, given ?? {}, toReadRequest(request));
    } catch (error) {
      if (WorkbenchError.is(error)) throw toProtocolError(error);
      throw error;
    }
    if (!found) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt: ${name}`);
    return { description: found.description, messages: found.texts.map(toMessage) };
  }

  #read(): readonly Prompt[] {
    return this.#reader.list().map(({ listing }) => listing);
  }
}

function toMessage({ text, uri }: PromptText): PromptMessage {
  return {
    role: 'user',
    content:
      uri === undefined
        ? { type: 'text', text }
        : { type: 'resource', resource: { uri, mimeType: 'application/json', text } },
  };
}
