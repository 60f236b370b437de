import {
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type GetPromptResult,
  type PromptMessage,
} from '@modelcontextprotocol/server';
import { Emitter } from '../../src/core/emitter';
import type { PromptFeature, ResourceFeature, ServerFeatures } from '../../src/mcp/server/serverFeatures';
import { image, png, text } from './fixtureContent';
import { form, formValue, verifyFixtureState } from './fixtureInputRounds';
import { fixtureTools } from './fixtureTools';

/** What the conformance suites expect a server to offer. */
export function fixtureFeatures(): ServerFeatures {
  const promptsChanged = new Emitter<void>();
  return {
    implementation: { name: 'conformance-fixtures', version: '1.0.0' },
    tools: fixtureTools(() => promptsChanged.fire()),
    resources,
    prompts: { ...prompts, onDidChangeList: promptsChanged.event },
    complete: ({ argument }) => {
      const values = ['paris', 'park', 'party'].filter((value) => value.startsWith(argument.value));
      return Promise.resolve({ completion: { values, total: values.length, hasMore: false } });
    },
    logging: true,
    verifyRequestState: verifyFixtureState,
  };
}

const resources: ResourceFeature = {
  list: () => [
    { uri: 'test://static-text', name: 'static-text', description: 'Text.', mimeType: 'text/plain' },
    { uri: 'test://static-binary', name: 'static-binary', description: 'An image.', mimeType: 'image/png' },
    { uri: 'test://watched-resource', name: 'watched-resource', description: 'Watched.', mimeType: 'text/plain' },
  ],
  listTemplates: () => [
    {
      uriTemplate: 'test://template/{id}/data',
      name: 'template',
      description: 'Data by id.',
      mimeType: 'application/json',
    },
  ],
  read: (uri) => {
    const contents = readContents(uri);
    return contents ? Promise.resolve({ contents: [contents] }) : Promise.reject(new ResourceNotFoundError(uri));
  },
  onDidUpdate: new Emitter<string>().event,
};

function readContents(
  uri: string,
): ({ uri: string; mimeType: string } & ({ text: string } | { blob: string })) | undefined {
  if (uri === 'test://static-text') {
    return { uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' };
  }
  if (uri === 'test://static-binary') return { uri, mimeType: 'image/png', blob: png };
  if (uri === 'test://watched-resource') return { uri, mimeType: 'text/plain', text: 'Watched' };
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id === undefined) return undefined;
  return {
    uri,
    mimeType: 'application/json',
    text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
  };
}

const prompts: PromptFeature = {
  list: () => [
    { name: 'test_simple_prompt', description: 'A prompt.' },
    {
      name: 'test_prompt_with_arguments',
      description: 'A prompt with arguments.',
      arguments: [
        { name: 'arg1', description: 'First test argument', required: true },
        { name: 'arg2', description: 'Second test argument', required: true },
      ],
    },
    {
      name: 'test_prompt_with_embedded_resource',
      description: 'A prompt with a resource.',
      arguments: [{ name: 'resourceUri', description: 'URI of the resource', required: true }],
    },
    { name: 'test_prompt_with_image', description: 'A prompt with an image.' },
    { name: 'test_input_required_result_prompt', description: 'A prompt that needs input.' },
  ],
  get: ({ name, arguments: input = {} }, request) => {
    if (name === 'test_input_required_result_prompt') {
      const context = formValue(request, 'user_context', 'context');
      return Promise.resolve(
        context === undefined
          ? inputRequired({ inputRequests: { user_context: form('What context should the prompt use?', 'context') } })
          : messages(`Context: ${context}`),
      );
    }
    const result = promptResult(name, input);
    if (result) return Promise.resolve(result);
    return Promise.reject(new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt: ${name}`));
  },
};

function promptResult(name: string, input: Record<string, string>): GetPromptResult | undefined {
  switch (name) {
    case 'test_simple_prompt':
      return messages('This is a simple prompt for testing.');
    case 'test_prompt_with_arguments':
      return messages(`Prompt with arguments: arg1='${input['arg1']}', arg2='${input['arg2']}'`);
    case 'test_prompt_with_embedded_resource':
      return messages(
        {
          type: 'resource',
          resource: {
            uri: input['resourceUri'] ?? '',
            mimeType: 'text/plain',
            text: 'Embedded resource content for testing.',
          },
        },
        'Please process the embedded resource above.',
      );
    case 'test_prompt_with_image':
      return messages(image, 'Please analyze the image above.');
    default:
      return undefined;
  }
}

function messages(...contents: (string | PromptMessage['content'])[]): GetPromptResult {
  return {
    messages: contents.map((content) => ({
      role: 'user',
      content: typeof content === 'string' ? text(content) : content,
    })),
  };
}
