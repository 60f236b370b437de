import {
  ProtocolError,
  ProtocolErrorCode,
  type CallToolRequestParams,
  type CallToolResult,
  type InputRequiredResult,
  type Tool,
} from '@modelcontextprotocol/server';
import { DisposableStore, type Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { messageOf } from '../../core/errors';
import type { ConsentAsker } from '../../tools/consent';
import type { ToolPipeline } from '../../tools/pipeline';
import { awsPrompts } from '../../tools/prompts/awsPrompts';
import { PromptReader } from '../../tools/prompts/promptReader';
import { PromptRegistry } from '../../tools/prompts/promptRegistry';
import { awsResources } from '../../tools/resources/awsResources';
import { NameCompletion } from '../../tools/resources/nameCompletion';
import type { ReadPipelines } from '../../tools/resources/readPipelines';
import { ResourceReader } from '../../tools/resources/resourceReader';
import { ResourceRegistry } from '../../tools/resources/resourceRegistry';
import { ToolReads } from '../../tools/resources/toolReads';
import type { ResultStore } from '../../tools/resultStore';
import { complete } from './completionFeature';
import { canElicit } from './consentQuestion';
import { claimedClient, ConsentRounds, InputRequired } from './consentRounds';
import { elicitationAsker } from './elicitationAsker';
import { WorkbenchPrompts } from './promptFeature';
import { clientLabel } from './readRequest';
import { WorkbenchResources } from './resourceFeature';
import type { FeatureRequest, ServerFeatures } from './serverFeatures';

/**
 * The server's programmatic name. Editors build tool names from it (`mcp_aws_cloudformation_list_stacks`), so it is
 * short and never changes.
 */
export const serverName = 'aws';

export interface WorkbenchFeaturesOptions {
  pipeline: ToolPipeline;
  /**
   * What resources and prompts read through. Without it they read through `pipeline`: those that need more than its
   * tools are not offered, objects are cut at its size limit, and no names are completed.
   */
  reads?: ReadPipelines;
  results: ResultStore;
  /** Fires when the tools that policy allows may have changed. */
  onDidChangePolicy: Event<void>;
  /** Fires when tools act as somebody else, so that names of the other account are no longer offered. */
  onDidChangeIdentity?: Event<unknown>;
  /** Version of the product. */
  version: string;
  /** Milliseconds for which a question put to a person through the client stays answerable. Default five minutes. */
  consentTimeoutMs?: number;
}

const instructions =
  'Tools that act on AWS as the signed-in user. Results name the account, role and region they came from. ' +
  'Follow nextCursor for more of a list. On SignInRequired ask the user to sign in; do not look for credentials.';

/**
 * What our own server offers: the tools of the pipeline, resources and prompts that read through it, and the results
 * that were too large for their answers.
 */
export function createWorkbenchFeatures(options: WorkbenchFeaturesOptions): ServerFeatures & Disposable {
  const { pipeline, results } = options;
  const consentTimeoutMs = options.consentTimeoutMs ?? 5 * 60 * 1000;
  const rounds = new ConsentRounds(consentTimeoutMs);
  const subscriptions = new DisposableStore();
  const [toolsChanged, resourcesChanged, promptsChanged] = [
    subscriptions.add(new Emitter<void>()),
    subscriptions.add(new Emitter<void>()),
    subscriptions.add(new Emitter<void>()),
  ];

  let listed = toWire(pipeline);
  let listedNames = namesOf(listed);

  const reads = options.reads ?? { shown: pipeline, large: pipeline };
  const shown = new ToolReads(reads.shown, results);
  const large = new ToolReads(reads.large, results);
  const resourceReader = new ResourceReader(new ResourceRegistry(awsResources), large);
  const promptReader = new PromptReader(new PromptRegistry(awsPrompts), { shown, large });
  const names = options.reads && new NameCompletion(new ToolReads(options.reads.quiet, results));
  const resources = new WorkbenchResources({
    reader: resourceReader,
    results,
    onDidChangeList: resourcesChanged.event,
  });
  const prompts = new WorkbenchPrompts(promptReader, promptsChanged.event);

  subscriptions.add(
    options.onDidChangePolicy(() => {
      names?.clear();
      if (resources.relist()) resourcesChanged.fire();
      if (prompts.relist()) promptsChanged.fire();
      listed = toWire(pipeline);
      const listedNow = namesOf(listed);
      if (listedNow === listedNames) return;
      listedNames = listedNow;
      toolsChanged.fire();
    }),
  );
  if (options.onDidChangeIdentity) subscriptions.add(options.onDidChangeIdentity(() => names?.clear()));

  async function call(
    params: CallToolRequestParams,
    request: FeatureRequest,
  ): Promise<CallToolResult | InputRequiredResult> {
    const caller = {
      client: clientLabel(request.client),
      sessionId: request.connectionId,
      // A session of the legacy era has an id that only its client knows; the modern era knows clients by name.
      isSessionBound: request.era === 'legacy',
    };
    let clientAsker: ConsentAsker | undefined;
    if (canElicit(request.clientCapabilities)) {
      try {
        clientAsker =
          request.era === 'modern' ? rounds.asker(params, request) : elicitationAsker(request, consentTimeoutMs);
      } catch (error) {
        pipeline.recordRefusal({ ...params, caller, arguments: params.arguments }, 'ConsentRefused', messageOf(error));
        throw error;
      }
    }
    try {
      const result = await pipeline.call({
        name: params.name,
        arguments: params.arguments,
        caller,
        signal: request.signal,
        reportProgress: (progress) => request.reportProgress(progress),
        onAwsRequest: (awsRequest) => request.onAwsRequest(awsRequest),
        clientAsker,
      });
      if (!result) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
      return { ...result };
    } catch (thrown) {
      if (thrown instanceof InputRequired) return thrown.result;
      throw thrown;
    }
  }

  return {
    implementation: { name: serverName, title: 'MCP Workbench for AWS', version: options.version },
    instructions,
    tools: { list: () => listed, call, onDidChangeList: toolsChanged.event },
    resources,
    prompts,
    complete: (params, request) =>
      complete(params, request, { resources: resourceReader, prompts: promptReader, names }),
    async verifyRequestState(state, context) {
      try {
        return await rounds.verify(state, context);
      } catch (error) {
        const caller = { client: clientLabel(claimedClient(context)), sessionId: 'unknown' };
        const call = { name: context.mcpReq.method, arguments: {}, caller };
        pipeline.recordRefusal(call, 'ConsentRefused', 'An answer came with a state that does not hold.');
        throw error;
      }
    },
    dispose() {
      subscriptions.dispose();
      names?.clear();
    },
  };
}

function toWire(pipeline: ToolPipeline): Tool[] {
  return pipeline.list();
}

function namesOf(tools: readonly Tool[]): string {
  return tools.map(({ name }) => name).join('\n');
}
