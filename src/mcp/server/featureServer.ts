import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ServerCapabilities,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { DisposableStore } from '../../core/disposable';
import type { AwsRequest } from '../../core/awsRequest';
import { messageOf } from '../../core/errors';
import { isRecord } from '../../core/json';
import type { Logger } from '../../core/logger';
import type { ProtocolEra } from '../../traffic/wireRecord';
import type { FeatureRequest, ServerFeatures } from './serverFeatures';

export interface FeatureServerOptions {
  features: ServerFeatures;
  era: ProtocolEra;
  /** Id of the client's connection. */
  connectionId: string;
  /**
   * Whether the server lives as long as its client's connection and so sends change notifications itself. One that
   * lives for a single request does not.
   */
  isLongLived: boolean;
  /** Told of AWS requests made for the request with that JSON-RPC id. */
  onAwsRequest(requestId: string | number, request: AwsRequest): void;
  logger: Logger;
}

/**
 * Serves features through the SDK's protocol layer, in either era. Handlers are the low-level ones and lists are the
 * features' own JSON, so that making one of these for every request of the modern era costs next to nothing.
 */
export class FeatureServer extends McpServer {
  readonly #features: ServerFeatures;
  readonly #options: FeatureServerOptions;
  readonly #subscribedUris = new Set<string>();

  constructor(options: FeatureServerOptions) {
    const { features } = options;
    super(features.implementation, {
      ...(features.instructions === undefined ? {} : { instructions: features.instructions }),
      ...(features.verifyRequestState
        ? {
            requestState: {
              verify: (state: string, context: ServerContext) => features.verifyRequestState?.(state, context),
            },
          }
        : {}),
      debouncedNotificationMethods: [
        'notifications/tools/list_changed',
        'notifications/resources/list_changed',
        'notifications/prompts/list_changed',
      ],
    });
    this.#features = features;
    this.#options = options;
    this.server.registerCapabilities(capabilitiesOf(features));
    this.server.onerror = (error) => options.logger.debug(`MCP: ${error.message}`);
    this.#serveTools();
    this.#serveResources();
    this.#servePrompts();
    this.#serveCompletion();
    if (options.isLongLived) this.#sendChanges();
  }

  /**
   * The schema that the SDK's HTTP entry checks `Mcp-Param-*` headers against (2026-07-28, custom request headers). It
   * asks for tools registered with it; ours are not, so it is told here.
   */
  override toolInputSchemaJson(name: string): ReturnType<McpServer['toolInputSchemaJson']> {
    return this.#features.tools?.list().find((tool) => tool.name === name)?.inputSchema;
  }

  #serveTools(): void {
    const { tools } = this.#features;
    if (!tools) return;
    this.server.setRequestHandler('tools/list', (request) => {
      refuseCursor(request.params?.cursor);
      return { tools: [...tools.list()] };
    });
    this.server.setRequestHandler('tools/call', (request, context) =>
      this.#answer(context, (featureRequest) => tools.call(request.params, featureRequest)),
    );
  }

  #serveResources(): void {
    const { resources } = this.#features;
    if (!resources) return;
    this.server.setRequestHandler('resources/list', (request) => {
      refuseCursor(request.params?.cursor);
      return { resources: [...resources.list()] };
    });
    this.server.setRequestHandler('resources/templates/list', (request) => {
      refuseCursor(request.params?.cursor);
      return { resourceTemplates: [...resources.listTemplates()] };
    });
    this.server.setRequestHandler('resources/read', (request, context) =>
      this.#answer(context, (featureRequest) => resources.read(request.params.uri, featureRequest)),
    );
    if (!resources.onDidUpdate) return;
    this.server.setRequestHandler('resources/subscribe', (request) => {
      if (this.#subscribedUris.size >= maxSubscribedUris) {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Too many subscriptions in this session');
      }
      this.#subscribedUris.add(request.params.uri);
      return {};
    });
    this.server.setRequestHandler('resources/unsubscribe', (request) => {
      this.#subscribedUris.delete(request.params.uri);
      return {};
    });
  }

  #servePrompts(): void {
    const { prompts } = this.#features;
    if (!prompts) return;
    this.server.setRequestHandler('prompts/list', (request) => {
      refuseCursor(request.params?.cursor);
      return { prompts: [...prompts.list()] };
    });
    this.server.setRequestHandler('prompts/get', (request, context) =>
      this.#answer(context, (featureRequest) => prompts.get(request.params, featureRequest)),
    );
  }

  #serveCompletion(): void {
    const features = this.#features;
    if (!features.complete) return;
    this.server.setRequestHandler('completion/complete', (request, context) =>
      this.#answer(context, async (featureRequest) => {
        const result = await features.complete?.(request.params, featureRequest);
        return result ?? { completion: { values: [] } };
      }),
    );
  }

  #sendChanges(): void {
    const { tools, resources, prompts } = this.#features;
    const subscriptions = new DisposableStore();
    // A client that has gone cannot be told; the transport's own end is what cleans up.
    const send = (sending: Promise<void>): void => {
      sending.catch((error: unknown) => this.#options.logger.debug(`MCP: not told of a change: ${messageOf(error)}`));
    };
    const whileConnected = (tell: () => Promise<void>) => (): void => {
      if (this.server.transport) send(tell());
    };
    for (const [event, tell] of [
      [tools?.onDidChangeList, () => this.server.sendToolListChanged()],
      [resources?.onDidChangeList, () => this.server.sendResourceListChanged()],
      [prompts?.onDidChangeList, () => this.server.sendPromptListChanged()],
    ] as const) {
      if (event) subscriptions.add(event(whileConnected(tell)));
    }
    if (resources?.onDidUpdate) {
      subscriptions.add(
        resources.onDidUpdate((uri) => {
          // On a modern connection (stdio) the SDK itself matches updates with the client's `subscriptions/listen`.
          if (this.#options.era === 'legacy' && !this.#subscribedUris.has(uri)) return;
          whileConnected(() => this.server.sendResourceUpdated({ uri }))();
        }),
      );
    }
    this.server.onclose = () => subscriptions.dispose();
  }

  async #answer<T>(context: ServerContext, feature: (request: FeatureRequest) => Promise<T>): Promise<T> {
    const answering = this.#featureRequest(context);
    try {
      return await feature(answering.request);
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      this.#options.logger.error(error instanceof Error ? error : messageOf(error));
      throw new ProtocolError(ProtocolErrorCode.InternalError, 'Internal error');
    } finally {
      answering.settle();
    }
  }

  #featureRequest(context: ServerContext): { request: FeatureRequest; settle(): void } {
    const { mcpReq } = context;
    const { _meta: meta } = mcpReq;
    const progressToken = meta?.progressToken;
    let reached = Number.NEGATIVE_INFINITY;
    let isSettled = false;
    const request: FeatureRequest = {
      id: mcpReq.id,
      era: this.#options.era,
      client: this.#clientOf(context),
      clientCapabilities:
        this.#claimOf(context, CLIENT_CAPABILITIES_META_KEY) ?? this.server.getClientCapabilities() ?? {},
      connectionId: this.#options.connectionId,
      signal: mcpReq.signal,
      reportProgress: (progress) => {
        if (progressToken === undefined || isSettled || progress.progress <= reached) return;
        reached = progress.progress;
        mcpReq
          .notify({ method: 'notifications/progress', params: { progressToken, ...progress } })
          .catch((error: unknown) => this.#options.logger.debug(`MCP: progress not sent: ${messageOf(error)}`));
      },
      onAwsRequest: (awsRequest) => this.#options.onAwsRequest(mcpReq.id, awsRequest),
      context,
    };
    return { request, settle: () => (isSettled = true) };
  }

  #clientOf(context: ServerContext): FeatureRequest['client'] {
    const { name, version } = this.#claimOf(context, CLIENT_INFO_META_KEY) ?? this.server.getClientVersion() ?? {};
    return {
      name: typeof name === 'string' ? name : 'unknown',
      version: typeof version === 'string' ? version : '',
    };
  }

  /** What a request of the modern era says of its client; a legacy client said it once, when its session began. */
  #claimOf({ mcpReq }: ServerContext, key: string): Record<string, unknown> | undefined {
    const envelope: unknown = mcpReq.envelope;
    const claim = isRecord(envelope) ? envelope[key] : undefined;
    return isRecord(claim) ? claim : undefined;
  }
}

/** Resource subscriptions of one legacy session. */
const maxSubscribedUris = 1000;

function capabilitiesOf(features: ServerFeatures): ServerCapabilities {
  const { tools, resources, prompts, logging } = features;
  return {
    ...(tools ? { tools: { listChanged: tools.onDidChangeList !== undefined } } : {}),
    ...(resources
      ? {
          resources: {
            listChanged: resources.onDidChangeList !== undefined,
            subscribe: resources.onDidUpdate !== undefined,
          },
        }
      : {}),
    ...(prompts ? { prompts: { listChanged: prompts.onDidChangeList !== undefined } } : {}),
    ...('complete' in features ? { completions: {} } : {}),
    ...(logging ? { logging: {} } : {}),
  };
}

/** Our lists are one page, so no cursor is one that we gave. */
function refuseCursor(cursor: string | undefined): void {
  if (cursor !== undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid cursor');
}
