import {
  Client,
  StreamableHTTPClientTransport,
  type GetPromptResult,
  type ReadResourceResult,
} from '@modelcontextprotocol/client';
import { Client as FormerClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as FormerHttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { IdentitySelection } from '../../../src/aws/identity';
import { AwsEnvironment } from '../../../src/aws/environment';
import { AwsIdentityService } from '../../../src/aws/identityService';
import { Emitter } from '../../../src/core/emitter';
import { silentLogger } from '../../../src/core/logger';
import { McpHost } from '../../../src/mcp/host/mcpHost';
import { createWorkbenchFeatures } from '../../../src/mcp/server/workbenchFeatures';
import type { AuditSink } from '../../../src/tools/audit/auditRecord';
import { awsTools } from '../../../src/tools/awsTools';
import { cdkTools } from '../../../src/tools/cdk/cdkTools';
import type { ConsentAsker } from '../../../src/tools/consent';
import { ToolPipeline } from '../../../src/tools/pipeline';
import { Policy, type PolicySettings } from '../../../src/tools/policy';
import { ToolRegistry } from '../../../src/tools/registry';
import { makeReadPipelines } from '../../../src/tools/resources/readPipelines';
import { ResultStore } from '../../../src/tools/resultStore';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';

const never = () => ({ dispose: () => undefined });
const token = 'token-of-the-reading-tests-'.repeat(2);

export interface ReadingHostOptions {
  policy?: Partial<PolicySettings>;
  /** Folders of the workspace. */
  folders?: string[];
  editorAsker?: ConsentAsker;
  audit?: AuditSink;
}

/** A real host with all tools, resources and prompts, as the user of the given environment variables. */
export class ReadingHost {
  readonly recorder = new TrafficRecorder();
  readonly #changed = new Emitter<void>();
  readonly #identity: AwsIdentityService;
  readonly #features: ReturnType<typeof createWorkbenchFeatures>;
  readonly #host: McpHost;
  #settings: PolicySettings;
  #url = '';

  constructor(env: Record<string, string>, options: ReadingHostOptions = {}) {
    this.#settings = {
      access: 'readOnly',
      toolsets: ['aws', 'cloudformation', 'lambda', 's3', 'cdk'],
      allowedProfiles: [],
      allowedRegions: [],
      ...options.policy,
    };
    const settings = (): PolicySettings => this.#settings;
    this.#identity = new AwsIdentityService(
      new AwsEnvironment({
        env: { PATH: process.env['PATH'], ...env },
        homeDirectory: '/nowhere',
        logger: silentLogger,
        version: '0.0.0',
      }),
    );
    const results = new ResultStore();
    const surroundings = {
      policy: new Policy(
        {
          get current() {
            return settings();
          },
          onDidChange: this.#changed.event,
        },
        {
          access: 'access',
          toolsets: 'toolsets',
          allowedProfiles: 'allowedProfiles',
          allowedRegions: 'allowedRegions',
        },
      ),
      identity: this.#identity,
      workspace: { folders: options.folders ?? [], isTrusted: true, onDidChange: never },
      results,
      editorAsker: options.editorAsker,
      ...(options.audit ? { audit: options.audit } : {}),
      logger: silentLogger,
    };
    this.#features = createWorkbenchFeatures({
      pipeline: new ToolPipeline({ ...surroundings, registry: new ToolRegistry([...awsTools, ...cdkTools]) }),
      reads: makeReadPipelines(surroundings),
      results,
      onDidChangePolicy: this.#changed.event,
      onDidChangeIdentity: this.#identity.onDidChange,
      version: '1.2.3',
    });
    this.#host = new McpHost({
      features: this.#features,
      recorder: this.recorder,
      logger: silentLogger,
      serverName: 'Reading',
    });
  }

  async start(): Promise<this> {
    this.#url = (await this.#host.listenOnLoopback({ token })).url;
    return this;
  }

  setPolicy(settings: Partial<PolicySettings>): void {
    this.#settings = { ...this.#settings, ...settings };
    this.#changed.fire();
  }

  /** Acts as somebody else, or somewhere else, from now on. */
  select(selection: IdentitySelection): void {
    this.#identity.select(selection);
  }

  connect(kind: ReadingClientKind, onListChanged?: (what: string) => void): Promise<ReadingClient> {
    return connect(kind, this.#url, onListChanged);
  }

  /** AWS operations of all requests so far, as the recorder saw them. */
  awsOperations(): string[] {
    const operations: string[] = [];
    this.recorder.forEach(({ awsRequests = [] }) => {
      operations.push(...awsRequests.map(({ operation }) => operation));
    });
    return operations;
  }

  async dispose(): Promise<void> {
    await this.#host.dispose();
    this.#features.dispose();
    this.#identity.dispose();
    this.recorder.dispose();
    this.#changed.dispose();
  }
}

export type ReadingClientKind = 'modern' | 'legacy' | 'former';
export const readingClientKinds: readonly ReadingClientKind[] = ['modern', 'legacy', 'former'];

export type Contents = ReadResourceResult['contents'][number];

/** What the tests need of a client, whichever package and era it is. */
export interface ReadingClient {
  capabilities(): object;
  listResources(): Promise<{ uri: string; name: string; title?: string | undefined }[]>;
  listTemplates(): Promise<{ uriTemplate: string; name: string; title?: string | undefined }[]>;
  read(uri: string, signal?: AbortSignal): Promise<Contents>;
  listPrompts(): Promise<{ name: string; title?: string | undefined; arguments?: object[] | undefined }[]>;
  prompt(name: string, input?: Record<string, string>, signal?: AbortSignal): Promise<GetPromptResult>;
  complete(
    ref: { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string },
    argument: { name: string; value: string },
    others?: Record<string, string>,
  ): Promise<{ values: string[]; hasMore?: boolean | undefined }>;
  close(): Promise<void>;
}

async function connect(
  kind: ReadingClientKind,
  url: string,
  onListChanged: (what: string) => void = () => undefined,
): Promise<ReadingClient> {
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  if (kind === 'former') {
    const client = new FormerClient({ name: 'former', version: '1.0.0' });
    const transport = new FormerHttpTransport(new URL(url), { requestInit });
    await client.connect(transport);
    return {
      capabilities: () => client.getServerCapabilities() ?? {},
      listResources: async () => (await client.listResources()).resources,
      listTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
      read: async (uri, signal) =>
        (await client.readResource({ uri }, signal ? { signal } : {})).contents[0] as Contents,
      listPrompts: async () => (await client.listPrompts()).prompts,
      prompt: (name, input = {}, signal) => client.getPrompt({ name, arguments: input }, signal ? { signal } : {}),
      complete: async (ref, argument, others) =>
        (await client.complete({ ref, argument, ...(others ? { context: { arguments: others } } : {}) })).completion,
      close: async () => {
        await transport.terminateSession();
        await client.close();
      },
    };
  }
  const changed = (what: string) => ({ autoRefresh: false, debounceMs: 0, onChanged: () => onListChanged(what) });
  const client = new Client(
    { name: 'current', version: '2.0.0' },
    {
      versionNegotiation: { mode: kind === 'modern' ? 'auto' : 'legacy' },
      listChanged: { tools: changed('tools'), resources: changed('resources'), prompts: changed('prompts') },
    },
  );
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit });
  await client.connect(transport);
  return {
    capabilities: () => client.getServerCapabilities() ?? {},
    listResources: async () => (await client.listResources()).resources,
    listTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
    read: async (uri, signal) => (await client.readResource({ uri }, signal ? { signal } : {})).contents[0] as Contents,
    listPrompts: async () => (await client.listPrompts()).prompts,
    prompt: (name, input = {}, signal) => client.getPrompt({ name, arguments: input }, signal ? { signal } : {}),
    complete: async (ref, argument, others) =>
      (await client.complete({ ref, argument, ...(others ? { context: { arguments: others } } : {}) })).completion,
    close: async () => {
      await transport.terminateSession().catch(() => undefined);
      await client.close();
    },
  };
}
