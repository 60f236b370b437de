import { randomBytes } from 'node:crypto';
import {
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  type InputRequest,
  type InputRequiredResult,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { FeatureRequest } from '../../src/mcp/server/serverFeatures';
import { text, type FixtureTool } from './fixtureContent';

const codec = createRequestStateCodec<{ step: number }>({ key: randomBytes(32) });

/** Checks states that the tools below gave out. */
export function verifyFixtureState(state: string, context: ServerContext): Promise<{ step: number }> {
  return codec.verify(state, context);
}

/** Asks for one value by a form. */
export function form(message: string, name: string, type: 'string' | 'boolean' = 'string'): InputRequest {
  return inputRequired.elicit({
    mode: 'form',
    message,
    requestedSchema: {
      type: 'object',
      properties: { [name]: type === 'string' ? { type } : { type } },
      required: [name],
    },
  });
}

/** The value a form was answered with, where it was accepted and has the right type. */
export function formValue(
  request: FeatureRequest,
  key: string,
  name: string,
  type: 'string' | 'boolean' = 'string',
): string | undefined {
  const answer = inputResponse(request.context.mcpReq.inputResponses, key);
  if (answer.kind !== 'elicit' || answer.action !== 'accept') return undefined;
  const value = answer.content?.[name];
  return (typeof value === 'string' || typeof value === 'boolean') && typeof value === type ? `${value}` : undefined;
}

function sampling(prompt: string, maxTokens: number): InputRequest {
  return inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
    maxTokens,
  });
}

/** The text of a sampled message. */
function sampledText(request: FeatureRequest, key: string): string | undefined {
  const answer = inputResponse(request.context.mcpReq.inputResponses, key);
  if (answer.kind !== 'sampling') return undefined;
  const [first] = Array.isArray(answer.result.content) ? answer.result.content : [answer.result.content];
  return first?.type === 'text' ? first.text : undefined;
}

function rootUris(request: FeatureRequest): string[] | undefined {
  const answer = inputResponse(request.context.mcpReq.inputResponses, 'client_roots');
  return answer.kind === 'roots' ? answer.roots.map(({ uri }) => uri) : undefined;
}

async function ask(
  request: FeatureRequest,
  inputRequests: Record<string, InputRequest>,
  step: number,
): Promise<InputRequiredResult> {
  return inputRequired({ inputRequests, requestState: await codec.mint({ step }, request.context) });
}

const confirm = { confirm: form('Please confirm', 'ok', 'boolean') };

/** Tools that need input before they can answer (multi round-trip requests, 2026-07-28). */
export const inputRoundTools: FixtureTool[] = [
  {
    name: 'test_input_required_result_elicitation',
    description: 'Asks for a name.',
    run(_input, request) {
      const name = formValue(request, 'user_name', 'name');
      if (name === undefined)
        return inputRequired({ inputRequests: { user_name: form('What is your name?', 'name') } });
      return { content: [text(`Hello, ${name}!`)] };
    },
  },
  {
    name: 'test_streaming_elicitation',
    description: 'Reports progress and then asks for a name.',
    run(_input, request) {
      request.reportProgress({ progress: 1 });
      return inputRequired({ inputRequests: { user_name: form('What is your name?', 'name') } });
    },
  },
  {
    name: 'test_input_required_result_sampling',
    description: "Asks the client's model.",
    run(_input, request) {
      const answer = sampledText(request, 'capital_question');
      if (answer !== undefined) return { content: [text(answer)] };
      return inputRequired({ inputRequests: { capital_question: sampling('What is the capital of France?', 100) } });
    },
  },
  {
    name: 'test_input_required_result_list_roots',
    description: 'Asks for the roots.',
    run(_input, request) {
      const uris = rootUris(request);
      if (uris) return { content: [text(`Roots: ${uris.join(', ')}`)] };
      return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
    },
  },
  {
    name: 'test_input_required_result_request_state',
    description: 'Asks for confirmation and keeps a state.',
    async run(_input, request) {
      const state = request.context.mcpReq.requestState<{ step: number }>();
      if (state && formValue(request, 'confirm', 'ok', 'boolean') !== undefined) return { content: [text('state-ok')] };
      return ask(request, confirm, 1);
    },
  },
  {
    name: 'test_input_required_result_tampered_state',
    description: 'Asks for confirmation and keeps a state that must not be changed.',
    async run(_input, request) {
      if (request.context.mcpReq.requestState()) return { content: [text('state-ok')] };
      return ask(request, confirm, 1);
    },
  },
  {
    name: 'test_input_required_result_multiple_inputs',
    description: 'Asks for a name, a greeting and the roots at once.',
    async run(_input, request) {
      const name = formValue(request, 'user_name', 'name');
      const greeting = sampledText(request, 'greeting');
      const uris = rootUris(request);
      if (request.context.mcpReq.requestState() && name !== undefined && greeting !== undefined && uris) {
        return { content: [text(`${greeting} ${name} (${uris.join(', ')})`)] };
      }
      return ask(
        request,
        {
          user_name: form('What is your name?', 'name'),
          greeting: sampling('Generate a greeting', 50),
          client_roots: inputRequired.listRoots(),
        },
        1,
      );
    },
  },
  {
    name: 'test_input_required_result_multi_round',
    description: 'Asks twice, one after the other.',
    async run(_input, request) {
      const step = request.context.mcpReq.requestState<{ step: number }>()?.step;
      if (step === 2 && formValue(request, 'step2', 'color') !== undefined) return { content: [text('Both answered')] };
      if (step === 2 || (step === 1 && formValue(request, 'step1', 'name') !== undefined)) {
        return ask(request, { step2: form('Step 2: What is your favorite color?', 'color') }, 2);
      }
      return ask(request, { step1: form('Step 1: What is your name?', 'name') }, 1);
    },
  },
  {
    name: 'test_input_required_result_capabilities',
    description: 'Asks only for what the client can do.',
    run(_input, { clientCapabilities }) {
      return inputRequired({
        inputRequests: {
          ...(clientCapabilities.elicitation ? { user_name: form('What is your name?', 'name') } : {}),
          ...(clientCapabilities.sampling ? { greeting: sampling('Generate a greeting', 50) } : {}),
        },
        requestState: 'none',
      });
    },
  },
];
