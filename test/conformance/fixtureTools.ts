import { setTimeout as sleep } from 'node:timers/promises';
import {
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type Tool,
} from '@modelcontextprotocol/server';
import { Emitter } from '../../src/core/emitter';
import type { FeatureRequest, ToolFeature } from '../../src/mcp/server/serverFeatures';
import { image, text, wav, type FixtureTool } from './fixtureContent';
import { inputRoundTools } from './fixtureInputRounds';

const noInput: Tool['inputSchema'] = { type: 'object', properties: {} };

/** The tools that the conformance suites call. */
export function fixtureTools(promptsChanged: () => void): ToolFeature {
  const listChanged = new Emitter<void>();
  const tools: FixtureTool[] = [
    ...contentTools,
    ...conversationTools,
    ...inputRoundTools,
    {
      name: 'test_trigger_tool_change',
      description: 'Says that the list of tools changed.',
      run() {
        listChanged.fire();
        return { content: [text('Done')] };
      },
    },
    {
      name: 'test_trigger_prompt_change',
      description: 'Says that the list of prompts changed.',
      run() {
        promptsChanged();
        return { content: [text('Done')] };
      },
    },
  ];
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const listed = tools.map(({ name, description, inputSchema = noInput }): Tool => ({
    name,
    description,
    inputSchema,
  }));
  return {
    list: () => listed,
    call: async ({ name, arguments: input = {} }, request) => {
      const tool = byName.get(name);
      if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name}`);
      return tool.run(input, request);
    },
    onDidChangeList: listChanged.event,
  };
}

const contentTools: FixtureTool[] = [
  {
    name: 'test_simple_text',
    description: 'Returns text.',
    run: () => ({ content: [text('This is a simple text response for testing.')] }),
  },
  { name: 'test_image_content', description: 'Returns an image.', run: () => ({ content: [image] }) },
  {
    name: 'test_audio_content',
    description: 'Returns audio.',
    run: () => ({ content: [{ type: 'audio', data: wav, mimeType: 'audio/wav' }] }),
  },
  {
    name: 'test_embedded_resource',
    description: 'Returns a resource.',
    run: () => ({
      content: [
        {
          type: 'resource',
          resource: {
            uri: 'test://embedded-resource',
            mimeType: 'text/plain',
            text: 'This is an embedded resource content.',
          },
        },
      ],
    }),
  },
  {
    name: 'test_multiple_content_types',
    description: 'Returns content of several types.',
    run: () => ({
      content: [
        text('Multiple content types test:'),
        image,
        {
          type: 'resource',
          resource: {
            uri: 'test://mixed-content-resource',
            mimeType: 'application/json',
            text: JSON.stringify({ test: 'data', value: 123 }),
          },
        },
      ],
    }),
  },
  {
    name: 'test_error_handling',
    description: 'Always fails.',
    run: () => ({ content: [text('This tool intentionally returns an error for testing')], isError: true }),
  },
  {
    name: 'json_schema_2020_12_tool',
    description: 'Has keywords of JSON Schema 2020-12 in its schema.',
    inputSchema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      $defs: {
        address: {
          $anchor: 'addressDef',
          type: 'object',
          properties: { street: { type: 'string' }, city: { type: 'string' } },
        },
      },
      properties: {
        name: { type: 'string' },
        address: { $ref: '#/$defs/address' },
        contactMethod: { type: 'string', enum: ['phone', 'email'] },
        phone: { type: 'string' },
        email: { type: 'string' },
      },
      allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
      if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: { required: ['phone'] },
      else: { required: ['email'] },
      additionalProperties: false,
    },
    run: (input) => ({ content: [text(JSON.stringify(input))] }),
  },
  {
    name: 'test_x_mcp_header',
    description: 'Has an argument that is mirrored into a header.',
    inputSchema: {
      type: 'object',
      properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
      required: ['region'],
    },
    run: ({ region }) => ({ content: [text(`Region: ${String(region)}`)] }),
  },
];

/** Tools that say or ask something before they answer. */
const conversationTools: FixtureTool[] = [
  {
    name: 'test_tool_with_logging',
    description: 'Sends three log messages.',
    async run(_input, { context }) {
      for (const message of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
        await context.mcpReq.log('info', message);
        await sleep(50);
      }
      return { content: [text('Tool with logging executed successfully')] };
    },
  },
  {
    name: 'test_logging_tool',
    description: 'Sends a log message where the request asks for them.',
    async run(_input, { context }) {
      await context.mcpReq.log('info', 'Tool execution started');
      return { content: [text('Logged')] };
    },
  },
  {
    name: 'test_tool_with_progress',
    description: 'Reports progress.',
    async run(_input, request) {
      for (const progress of [0, 50, 100]) {
        request.reportProgress({ progress, total: 100 });
        await sleep(50);
      }
      return { content: [text('Tool with progress executed successfully')] };
    },
  },
  {
    name: 'test_sampling',
    description: 'Asks the client for a message of its model.',
    inputSchema: { type: 'object', properties: { prompt: { type: 'string' } }, required: ['prompt'] },
    async run({ prompt }, { context, clientCapabilities }) {
      if (!clientCapabilities.sampling) return { content: [text('The client has no sampling')], isError: true };
      const { content } = await context.mcpReq.send({
        method: 'sampling/createMessage',
        params: { messages: [{ role: 'user', content: { type: 'text', text: String(prompt) } }], maxTokens: 100 },
      });
      const [first] = Array.isArray(content) ? content : [content];
      return { content: [text(`LLM response: ${first?.type === 'text' ? first.text : JSON.stringify(first)}`)] };
    },
  },
  {
    name: 'test_elicitation',
    description: 'Asks the user.',
    inputSchema: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
    async run({ message }, request) {
      const answer = await elicit(request, String(message), {
        type: 'object',
        properties: {
          username: { type: 'string', description: "User's response" },
          email: { type: 'string', description: "User's email address" },
        },
        required: ['username', 'email'],
      });
      return { content: [text(`User response: ${answer}`)] };
    },
  },
  {
    name: 'test_elicitation_sep1034_defaults',
    description: 'Asks the user with a default for each type.',
    async run(_input, request) {
      const answer = await elicit(request, 'Please review the form', {
        type: 'object',
        properties: {
          name: { type: 'string', default: 'John Doe' },
          age: { type: 'integer', default: 30 },
          score: { type: 'number', default: 95.5 },
          status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
          verified: { type: 'boolean', default: true },
        },
        required: [],
      });
      return { content: [text(`Elicitation completed: ${answer}`)] };
    },
  },
  {
    name: 'test_elicitation_sep1330_enums',
    description: 'Asks the user to choose in each way there is.',
    async run(_input, request) {
      const options = ['option1', 'option2', 'option3'];
      const titled = (titles: string[]): { const: string; title: string }[] =>
        titles.map((title, index) => ({ const: `value${index + 1}`, title }));
      const answer = await elicit(request, 'Please choose', {
        type: 'object',
        properties: {
          untitledSingle: { type: 'string', enum: options },
          titledSingle: { type: 'string', oneOf: titled(['First Option', 'Second Option', 'Third Option']) },
          legacyEnum: {
            type: 'string',
            enum: ['opt1', 'opt2', 'opt3'],
            enumNames: ['Option One', 'Option Two', 'Option Three'],
          },
          untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
          titledMulti: {
            type: 'array',
            items: { anyOf: titled(['First Choice', 'Second Choice', 'Third Choice']) },
          },
        },
        required: [],
      });
      return { content: [text(`Elicitation completed: ${answer}`)] };
    },
  },
  {
    name: 'test_reconnection',
    description: 'Closes its stream before it answers.',
    async run(_input, { context }) {
      context.http?.closeSSE?.();
      await sleep(100);
      return { content: [text('Reconnection test completed')] };
    },
  },
  {
    name: 'test_missing_capability',
    description: 'Needs a client with sampling.',
    run(_input, { clientCapabilities }) {
      if (!clientCapabilities.sampling) {
        throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } });
      }
      return { content: [text('The client has sampling')] };
    },
  },
];

async function elicit(
  { context, clientCapabilities }: FeatureRequest,
  message: string,
  requestedSchema: object,
): Promise<string> {
  if (!clientCapabilities.elicitation) return 'the client has no elicitation';
  const { action, content } = await context.mcpReq.send({
    method: 'elicitation/create',
    params: { mode: 'form', message, requestedSchema },
  });
  return `action=${action}, content=${JSON.stringify(content ?? {})}`;
}
