import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type CallToolRequestParams,
  type CallToolResult,
  type InputRequiredResult,
  type Tool,
} from '@modelcontextprotocol/server';
import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import type { ToolPipeline } from '../../tools/pipeline';
import type { ResultStore } from '../../tools/resultStore';
import { canElicit } from './consentQuestion';
import { ConsentRounds, InputRequired } from './consentRounds';
import { elicitationAsker } from './elicitationAsker';
import type { FeatureRequest, ServerFeatures } from './serverFeatures';

/**
 * The server's programmatic name. Editors build tool names from it (`mcp_aws_cloudformation_list_stacks`), so it is
 * short and never changes.
 */
export const serverName = 'aws';

export interface WorkbenchFeaturesOptions {
  pipeline: ToolPipeline;
  results: ResultStore;
  /** Fires when the tools that policy allows may have changed. */
  onDidChangePolicy: Event<void>;
  /** Version of the product. */
  version: string;
  /** Milliseconds for which a question put to a person through the client stays answerable. Default five minutes. */
  consentTimeoutMs?: number;
}

const instructions =
  'Tools that act on AWS as the signed-in user. Results name the account, role and region they came from. ' +
  'Follow nextCursor for more of a list. On SignInRequired ask the user to sign in; do not look for credentials.';

/** What our own server offers: the tools of the pipeline and the results that were too large for their answers. */
export function createWorkbenchFeatures(options: WorkbenchFeaturesOptions): ServerFeatures & Disposable {
  const { pipeline, results } = options;
  const consentTimeoutMs = options.consentTimeoutMs ?? 5 * 60 * 1000;
  const rounds = new ConsentRounds(consentTimeoutMs);
  const listChanged = new Emitter<void>();

  let listed = toWire(pipeline);
  let listedNames = namesOf(listed);
  const subscription = options.onDidChangePolicy(() => {
    listed = toWire(pipeline);
    const names = namesOf(listed);
    if (names === listedNames) return;
    listedNames = names;
    listChanged.fire();
  });

  async function call(
    params: CallToolRequestParams,
    request: FeatureRequest,
  ): Promise<CallToolResult | InputRequiredResult> {
    const clientAsker = !canElicit(request.clientCapabilities)
      ? undefined
      : request.era === 'modern'
        ? rounds.asker(params, request)
        : elicitationAsker(request, consentTimeoutMs);
    try {
      const result = await pipeline.call({
        name: params.name,
        arguments: params.arguments,
        caller: { client: clientLabel(request.client), sessionId: request.connectionId },
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
    tools: { list: () => listed, call, onDidChangeList: listChanged.event },
    resources: {
      list: () => [],
      listTemplates: () => [
        {
          name: 'result',
          title: 'Whole result',
          description: 'The whole of a result that was too large for its answer, while it is kept.',
          uriTemplate: 'workbench://results/{id}',
          mimeType: 'application/json',
        },
      ],
      read: (uri) => {
        const text = results.read(uri);
        if (text === undefined) return Promise.reject(new ResourceNotFoundError(uri));
        return Promise.resolve({ contents: [{ uri, mimeType: 'application/json', text }] });
      },
    },
    verifyRequestState: (state, context) => rounds.verify(state, context),
    dispose() {
      subscription.dispose();
      listChanged.dispose();
    },
  };
}

function toWire(pipeline: ToolPipeline): Tool[] {
  return pipeline.list();
}

function namesOf(tools: readonly Tool[]): string {
  return tools.map(({ name }) => name).join('\n');
}

function clientLabel({ name, version }: FeatureRequest['client']): string {
  return version === '' ? name : `${name} ${version}`;
}
