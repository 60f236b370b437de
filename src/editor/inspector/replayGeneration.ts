import type { CallableServers } from '../../mcp/caller/callableServer';
import { parameterHeadersOf } from '../../traffic/parameterHeaders';
import type { ReplayStep } from '../../protocol/replay';
import { curlText } from '../../traffic/replay/curlText';
import type { CallToGenerate, GeneratedText, GenerateOptions } from '../../traffic/replay/generatedCall';
import { mochaText } from '../../traffic/replay/mochaText';
import { readParams } from '../../traffic/replay/paramsText';
import type { ServerEndpoint } from '../../traffic/replay/serverEndpoint';
import type { RecordedCalls } from './recordedCalls';

export interface GenerationContext {
  calls: RecordedCalls;
  servers: CallableServers | undefined;
  /** How a server is reached from outside; nothing where that is not known. */
  endpointOf: (serverKey: string) => Promise<ServerEndpoint | { unreachable: string } | undefined>;
  /** What a step last came to, where it ran. */
  ranAs: (step: ReplayStep) => number | undefined;
}

/** Makes a test or a command of steps. */
export async function generate(
  as: 'mocha' | 'curl',
  steps: readonly ReplayStep[],
  context: GenerationContext,
): Promise<GeneratedText> {
  const [first, ...others] = steps;
  const target = first && context.servers?.get(first.serverKey);
  if (!first || !target) {
    return { problem: 'The server is not known.', remedy: 'Pick the server that the calls go to.' };
  }
  if (others.some(({ serverKey }) => serverKey !== first.serverKey)) {
    return {
      problem: 'The steps go to more than one server.',
      remedy: 'Generate for the steps of one server at a time.',
    };
  }
  const calls: CallToGenerate[] = [];
  for (const [index, step] of steps.entries()) {
    const call = callOf(step, context);
    if ('problem' in call) {
      return { problem: `Step ${index + 1}: ${call.problem}`, remedy: 'Correct its parameters first.' };
    }
    calls.push(call);
  }
  const recorded = first.recorded && context.calls.summary(first.recorded.seq);
  const options: GenerateOptions = {
    server: target.label,
    era: target.era ?? recorded?.era ?? 'legacy',
    protocolVersion:
      first.recorded && recorded?.era === 'legacy' ? context.calls.protocolVersion(first.recorded.seq) : undefined,
  };
  const known = await context.endpointOf(first.serverKey);
  if (known && 'unreachable' in known) return { problem: known.unreachable, remedy: 'Run the calls here instead.' };
  // Where it is not known, its address is a variable of the environment.
  const endpoint: ServerEndpoint = known ?? { transport: 'http', needsToken: true };
  return as === 'curl' ? curlText(calls, endpoint, options) : mochaText(calls, endpoint, options);
}

function callOf(step: ReplayStep, { calls, servers, ranAs }: GenerationContext): CallToGenerate | { problem: string } {
  const read = readParams(step.params);
  if ('problem' in read) return read;
  const recorded = step.recorded ? calls.read(step.recorded.seq, step.recorded.time) : undefined;
  const call = recorded && 'call' in recorded ? recorded.call : undefined;
  // What was recorded is what the call comes to only as long as it is the same call.
  const isEdited = call?.params !== step.params;
  const ran = ranAs(step);
  const reply = !isEdited && call ? calls.reply(call.seq) : ran === undefined ? undefined : calls.reply(ran);
  const tool = servers?.get(step.serverKey)?.lists.tools?.find(({ name }) => name === step.target);
  return {
    method: step.method,
    target: step.target,
    params: read.params,
    isCut: call?.isCut === true,
    reply: reply?.reply,
    parameterHeaders: tool ? parameterHeadersOf(tool.inputSchema) : [],
  };
}
