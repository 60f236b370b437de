import type {
  CallToolRequestParams,
  CallToolResult,
  ClientCapabilities,
  CompleteRequestParams,
  CompleteResult,
  GetPromptRequestParams,
  GetPromptResult,
  Implementation,
  InputRequiredResult,
  Prompt,
  ReadResourceResult,
  RequestId,
  Resource,
  ResourceTemplateType,
  ServerContext,
  Tool,
} from '@modelcontextprotocol/server';
import type { AwsRequest } from '../../core/awsRequest';
import type { Event } from '../../core/emitter';
import type { ProtocolEra } from '../../traffic/wireRecord';

/** What is known of one request of a client while a feature answers it. */
export interface FeatureRequest {
  /** JSON-RPC id of the request. */
  readonly id: RequestId;
  readonly era: ProtocolEra;
  /** The client's own claim of who it is: shown to people, never trusted. */
  readonly client: { readonly name: string; readonly version: string };
  /** What the client can do, as it declared for this session or this request. */
  readonly clientCapabilities: ClientCapabilities;
  /** Id of the client's connection, the same for all its requests. */
  readonly connectionId: string;
  /** Fires when the client cancels the request or goes away. */
  readonly signal: AbortSignal;
  /** Sends progress where the client asked for it; reports that do not grow are dropped. */
  reportProgress(progress: { progress: number; total?: number; message?: string }): void;
  /** Shows an AWS request under this request in the inspector. */
  onAwsRequest(request: AwsRequest): void;
  /** The SDK's own context, for what only it can do: input rounds, server requests of the legacy era, log messages. */
  readonly context: ServerContext;
}

/** Tools of a server. */
export interface ToolFeature {
  /** All tools now: plain JSON, made once per change, in a fixed order. */
  list(): readonly Tool[];
  /**
   * @throws ProtocolError -32602 for a tool that does not exist. What goes wrong inside a tool is an error result.
   */
  call(params: CallToolRequestParams, request: FeatureRequest): Promise<CallToolResult | InputRequiredResult>;
  readonly onDidChangeList?: Event<void>;
}

/** Resources of a server. */
export interface ResourceFeature {
  list(): readonly Resource[];
  listTemplates(): readonly ResourceTemplateType[];
  /** @throws ProtocolError -32602 for a resource that does not exist. */
  read(uri: string, request: FeatureRequest): Promise<ReadResourceResult | InputRequiredResult>;
  readonly onDidChangeList?: Event<void>;
  /** Fires with the URI of a resource whose content changed. Where present, clients may subscribe to resources. */
  readonly onDidUpdate?: Event<string>;
}

/** Prompts of a server. */
export interface PromptFeature {
  list(): readonly Prompt[];
  /** @throws ProtocolError -32602 for a prompt that does not exist or arguments that do not fit. */
  get(params: GetPromptRequestParams, request: FeatureRequest): Promise<GetPromptResult | InputRequiredResult>;
  readonly onDidChangeList?: Event<void>;
}

/**
 * What a server offers, whatever the transport and protocol era it is served on. Only what is present is declared as a
 * capability.
 */
export interface ServerFeatures {
  readonly implementation: Implementation;
  /** Told to models by some clients; short. */
  readonly instructions?: string;
  readonly tools?: ToolFeature;
  readonly resources?: ResourceFeature;
  readonly prompts?: PromptFeature;
  complete?(params: CompleteRequestParams, request: FeatureRequest): Promise<CompleteResult>;
  /** Whether requests may send log messages (`context.mcpReq.log`). */
  readonly logging?: boolean;
  /**
   * Checks `requestState` that a client sent back in an input round, before the feature sees the request; what it
   * resolves to is what `context.mcpReq.requestState()` gives.
   * @throws for a state that was not made here, was tampered with or is over its time.
   */
  verifyRequestState?(state: string, context: ServerContext): Promise<unknown>;
}
