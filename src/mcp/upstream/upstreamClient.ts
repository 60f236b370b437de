import type {
  CallToolResult,
  Client,
  ClientCapabilities,
  GetPromptResult,
  Implementation,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceTemplateType,
  ServerCapabilities,
  Tool,
  Transport,
} from '@modelcontextprotocol/client';
import { Emitter, type Event } from '../../core/emitter';
import { messageOf, WorkbenchError } from '../../core/errors';
import type { TrafficSink } from '../../traffic/trafficChannel';
import type { ProtocolEra } from '../../traffic/wireRecord';
import type { CallOptions, CallOutcome } from '../caller/callableServer';
import { anyContent, CallTracker, type CallRecords } from '../caller/callTracker';
import { authorizedFetch } from './authorizedFetch';
import type { ManagedServerSupervisor } from './managedServerSupervisor';
import { MessageTransport } from './messageTransport';
import type { RequestAuthorizer } from './requestAuthorizer';
import { resolveSetting, type SecretStore } from './secretSource';
import { addressOf } from './serverAddress';
import { socketFetch } from './socketFetch';
import { recordTransport } from './transportRecord';

export interface UpstreamClientOptions {
  supervisor: ManagedServerSupervisor;
  secrets: SecretStore;
  recorder: TrafficSink;
  /** Where what `recorder` takes can be looked up; without it nobody learns the number of a recorded request. */
  records?: CallRecords;
  /** How we introduce ourselves. */
  implementation: Implementation;
  /** What we can do for the server; each needs its handler, set by `configure`. Default: nothing. */
  capabilities?: ClientCapabilities;
  /** Sets handlers on the SDK's client before it connects. */
  configure?(client: Client): void;
  /** Whether a browser may be opened where the server wants a sign-in: only where a person asked for this. */
  isInteractive?: boolean;
  /** Milliseconds for a server that is no HTTP server to say which era it is of. Default 5 s. */
  probeTimeoutMs?: number;
}

/** What a server says of itself. */
export interface ServerIntroduction {
  name: string;
  version: string;
  title: string | undefined;
  era: ProtocolEra;
  protocolVersion: string;
  capabilities: ServerCapabilities;
  instructions: string | undefined;
}

/** Which list of a server changed. */
export type ChangedList = 'tools' | 'resources' | 'prompts';

const defaultProbeTimeoutMs = 5000;
/** Over HTTP silence says nothing about the era, so there is no reason to hurry. */
const httpProbeTimeoutMs = 30_000;
/** Milliseconds for an answer; where a person may have to sign in before it comes, for that as well. */
const answerTimeoutMs = 60_000;
const signInTimeoutMs = 6 * 60_000;

/**
 * Our own client of a managed server: for the tree, for calls by hand and for health. It speaks both eras; what it sends
 * and gets is recorded like everybody else's.
 */
export class UpstreamClient {
  readonly #client: Client;
  readonly #tracker: CallTracker;
  /** Of one request. */
  readonly #timeoutMs: number;
  readonly #changed: Emitter<ChangedList>;
  readonly #closed: Emitter<void>;

  private constructor(
    client: Client,
    tracker: CallTracker,
    timeoutMs: number,
    changed: Emitter<ChangedList>,
    closed: Emitter<void>,
  ) {
    this.#client = client;
    this.#tracker = tracker;
    this.#timeoutMs = timeoutMs;
    this.#changed = changed;
    this.#closed = closed;
  }

  /**
   * @throws WorkbenchError `SignInRequired`, `PolicyDenied`, `NotFound`, `Timeout`, `Cancelled`, or `Internal` where it
   * cannot be understood.
   */
  static async connect(options: UpstreamClientOptions, signal: AbortSignal): Promise<UpstreamClient> {
    try {
      return await UpstreamClient.#attempt(options, options.supervisor.era === 'legacy', signal);
    } catch (error) {
      const { server } = options.supervisor;
      // Some old servers end at any request before `initialize`: the next process is asked nothing of the kind.
      if (server.transport !== 'http' && error instanceof ClosedInProbe) {
        return UpstreamClient.#attempt(options, true, signal);
      }
      throw error;
    }
  }

  /** What the server said when we connected. */
  get introduction(): ServerIntroduction {
    const client = this.#client;
    const version = client.getServerVersion();
    return {
      name: version?.name ?? '',
      version: version?.version ?? '',
      title: version?.title,
      era: client.getProtocolEra() ?? 'legacy',
      protocolVersion: client.getNegotiatedProtocolVersion() ?? '',
      capabilities: client.getServerCapabilities() ?? {},
      instructions: client.getInstructions(),
    };
  }

  /** Fires when the server says that one of its lists changed. */
  get onDidChangeList(): Event<ChangedList> {
    return this.#changed.event;
  }

  /** Fires once when the connection is over, whoever ended it. */
  get onDidClose(): Event<void> {
    return this.#closed.event;
  }

  /** All tools, over all pages. */
  async listTools(signal: AbortSignal): Promise<Tool[]> {
    if (!this.#has('tools')) return [];
    return (
      await this.#ask(() => this.#client.listTools(undefined, { ...this.#options(signal), cacheMode: 'refresh' }))
    ).tools;
  }

  async listResources(signal: AbortSignal): Promise<Resource[]> {
    if (!this.#has('resources')) return [];
    return (
      await this.#ask(() => this.#client.listResources(undefined, { ...this.#options(signal), cacheMode: 'refresh' }))
    ).resources;
  }

  async listResourceTemplates(signal: AbortSignal): Promise<ResourceTemplateType[]> {
    if (!this.#has('resources')) return [];
    const { resourceTemplates } = await this.#ask(() =>
      this.#client.listResourceTemplates(undefined, { ...this.#options(signal), cacheMode: 'refresh' }),
    );
    return resourceTemplates;
  }

  async listPrompts(signal: AbortSignal): Promise<Prompt[]> {
    if (!this.#has('prompts')) return [];
    return (
      await this.#ask(() => this.#client.listPrompts(undefined, { ...this.#options(signal), cacheMode: 'refresh' }))
    ).prompts;
  }

  /**
   * Calls a tool by hand.
   * @param onProgress told of each progress the server reports
   */
  async callTool(
    name: string,
    given: Record<string, unknown>,
    signal: AbortSignal,
    onProgress?: (progress: { progress: number; total?: number | undefined; message?: string | undefined }) => void,
  ): Promise<CallToolResult> {
    return this.#ask(() =>
      this.#client.callTool(
        { name, arguments: given },
        { ...this.#options(signal), resetTimeoutOnProgress: true, ...(onProgress ? { onprogress: onProgress } : {}) },
      ),
    );
  }

  async readResource(uri: string, signal: AbortSignal): Promise<ReadResourceResult> {
    return this.#ask(() => this.#client.readResource({ uri }, { ...this.#options(signal), cacheMode: 'refresh' }));
  }

  async getPrompt(name: string, given: Record<string, string>, signal: AbortSignal): Promise<GetPromptResult> {
    return this.#ask(() => this.#client.getPrompt({ name, arguments: given }, this.#options(signal)));
  }

  /** Whether a call by hand is in progress: only then is there a person who knows what the server's questions are about. */
  get isCalling(): boolean {
    return this.#tracker.isCalling;
  }

  /**
   * Makes any request by hand.
   * @returns the response word for word, an error of the protocol, too
   * @throws WorkbenchError where no response comes; see `CallTracker.request`
   */
  request(method: string, params: Readonly<Record<string, unknown>>, options: CallOptions): Promise<CallOutcome> {
    return this.#tracker.request(this.#client, method, params, options);
  }

  /** Asks for a sign of life: `ping`, or `server/discover` in the modern era. @returns milliseconds */
  async check(signal: AbortSignal): Promise<number> {
    const started = performance.now();
    await this.#ask(async () =>
      this.#client.getProtocolEra() === 'modern'
        ? this.#client.discover(this.#options(signal))
        : this.#client.ping(this.#options(signal)),
    );
    return performance.now() - started;
  }

  /** Ends the connection, and the process that was started for it. */
  async close(): Promise<void> {
    const { transport } = this.#client;
    // A server keeps a session until it is told.
    if (transport && 'terminateSession' in transport) {
      await (transport as { terminateSession(): Promise<void> }).terminateSession().catch(() => undefined);
    }
    await this.#client.close();
    this.#changed.dispose();
    this.#closed.dispose();
  }

  static async #attempt(
    options: UpstreamClientOptions,
    isLegacy: boolean,
    signal: AbortSignal,
  ): Promise<UpstreamClient> {
    const { supervisor, recorder, implementation, capabilities = {}, probeTimeoutMs = defaultProbeTimeoutMs } = options;
    const timeout = options.isInteractive ? signInTimeoutMs : answerTimeoutMs;
    const isHttp = supervisor.server.transport === 'http';
    const timeoutMs = !isHttp ? probeTimeoutMs : options.isInteractive ? signInTimeoutMs : httpProbeTimeoutMs;
    const { Client, SdkError, SdkErrorCode } = await import('@modelcontextprotocol/client');
    const changed = new Emitter<ChangedList>();
    const closed = new Emitter<void>();
    const client = new Client(implementation, {
      capabilities,
      jsonSchemaValidator: anyContent,
      versionNegotiation: isLegacy ? { mode: 'legacy' } : { mode: 'auto', probe: { timeoutMs, maxRetries: 0 } },
      listChanged: {
        tools: { autoRefresh: false, onChanged: () => changed.fire('tools') },
        resources: { autoRefresh: false, onChanged: () => changed.fire('resources') },
        prompts: { autoRefresh: false, onChanged: () => changed.fire('prompts') },
      },
    });
    options.configure?.(client);
    const failure: { error?: unknown } = {};
    const transport = await UpstreamClient.#transport(options, signal, failure);
    const { server } = supervisor;
    const session = `own-${++sessionCount}`;
    const channel = recorder.openChannel({
      server: server.title ?? server.name,
      client: implementation.title ?? implementation.name,
      session,
      era: isLegacy ? 'legacy' : 'modern',
    });
    const tracker = new CallTracker(options.records, session);
    recordTransport(transport, channel, supervisor, tracker);
    client.onclose = () => closed.fire();
    client.onerror = (error) => void (failure.error ??= error);
    try {
      await client.connect(transport, { signal, timeout });
    } catch (error) {
      await transport.close().catch(() => undefined);
      if (signal.aborted) throw cancelled(error);
      if (WorkbenchError.is(failure.error)) throw noted(supervisor, failure.error);
      if (WorkbenchError.is(error)) throw error;
      if (!isLegacy && error instanceof SdkError && error.code === SdkErrorCode.EraNegotiationFailed) {
        throw new ClosedInProbe(server.name, error);
      }
      throw noted(supervisor, notUnderstood(server.name, error));
    }
    const era = client.getProtocolEra();
    if (era) channel.describe({ era });
    supervisor.noteReady(era);
    return new UpstreamClient(client, tracker, timeout, changed, closed);
  }

  static async #transport(
    { supervisor, secrets, isInteractive = false }: UpstreamClientOptions,
    signal: AbortSignal,
    failure: { error?: unknown },
  ): Promise<Transport> {
    const { server } = supervisor;
    if (server.transport !== 'http') return new MessageTransport(supervisor);
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
    // Asks whether it may start at all, as every other connection does.
    await supervisor.openHttp();
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(server.headers)) {
      headers[name.toLowerCase()] = await resolveSetting(value, secrets);
    }
    const oauth = isInteractive ? supervisor.oauth() : undefined;
    const authorizer: RequestAuthorizer = oauth?.interactive(signal) ?? supervisor.authorizer();
    const { url, socketPath } = addressOf(server.url);
    const send = socketPath === undefined ? undefined : socketFetch(socketPath);
    return new StreamableHTTPClientTransport(url, {
      fetch: authorizedFetch({
        ...(send ? { send } : {}),
        authorizer,
        headers,
        onError: (error) => {
          failure.error = error;
          // Also in the middle of a session: what was good for the last request may have ended.
          if (WorkbenchError.is(error, 'SignInRequired')) supervisor.noteFailure(error);
        },
      }),
    });
  }

  #options(signal: AbortSignal): { signal: AbortSignal; timeout: number } {
    return { signal, timeout: this.#timeoutMs };
  }

  #has(capability: 'tools' | 'resources' | 'prompts'): boolean {
    return this.#client.getServerCapabilities()?.[capability] !== undefined;
  }

  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (WorkbenchError.is(error)) throw error;
      const { ProtocolError, SdkError, SdkErrorCode } = await import('@modelcontextprotocol/client');
      if (error instanceof ProtocolError) {
        throw new WorkbenchError('Internal', `The server answered with an error: ${error.message} (${error.code})`, {
          remedy: 'Read the log of the server.',
          cause: error,
        });
      }
      const isLate = error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
      throw new WorkbenchError(isLate ? 'Timeout' : 'Internal', messageOf(error), {
        remedy: 'Restart the server if it goes on.',
        cause: error,
      });
    }
  }
}

let sessionCount = 0;

/** The server went away, or said something strange, when it was asked about its era. */
class ClosedInProbe extends WorkbenchError {
  constructor(name: string, cause: unknown) {
    super('Internal', `The server ${name} does not answer as MCP servers do: ${messageOf(cause)}`, {
      remedy: 'Check its command or address, and read its log.',
      cause,
    });
  }
}

function noted(supervisor: ManagedServerSupervisor, error: WorkbenchError): WorkbenchError {
  supervisor.noteFailure(error);
  return error;
}

function notUnderstood(name: string, cause: unknown): WorkbenchError {
  return new WorkbenchError('Internal', `The server ${name} cannot be connected to: ${messageOf(cause)}`, {
    remedy: 'Check its command or address, and read its log.',
    cause,
  });
}

function cancelled(cause: unknown): WorkbenchError {
  return new WorkbenchError('Cancelled', 'The connection was given up.', { remedy: 'Try again.', cause });
}
