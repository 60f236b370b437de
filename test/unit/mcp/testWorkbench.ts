import * as http from 'node:http';
import { AwsEnvironment } from '../../../src/aws/environment';
import { AwsIdentityService } from '../../../src/aws/identityService';
import { Emitter } from '../../../src/core/emitter';
import { silentLogger, type Logger } from '../../../src/core/logger';
import type { HostLimits } from '../../../src/mcp/host/hostLimits';
import { McpHost, type SocketEndpoint } from '../../../src/mcp/host/mcpHost';
import type { ServerFeatures } from '../../../src/mcp/server/serverFeatures';
import { createWorkbenchFeatures } from '../../../src/mcp/server/workbenchFeatures';
import type { Disposable } from '../../../src/core/disposable';
import { ToolPipeline } from '../../../src/tools/pipeline';
import { Policy, type PolicySettings } from '../../../src/tools/policy';
import { ToolRegistry } from '../../../src/tools/registry';
import { ResultStore } from '../../../src/tools/resultStore';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import type { WireSummary } from '../../../src/traffic/wireRecord';
import { makeTestTools, type ToolJournal } from './testTools';

/** Our features over the test tools, with a policy that tests can change. */
export interface TestFeatures {
  features: ServerFeatures & Disposable;
  journal: ToolJournal;
  setPolicy(settings: Partial<PolicySettings>): void;
}

export function makeTestFeatures(options: { consentTimeoutMs?: number; logger?: Logger } = {}): TestFeatures {
  const logger = options.logger ?? silentLogger;
  const { tools, journal } = makeTestTools();
  const changed = new Emitter<void>();
  let current: PolicySettings = {
    access: 'readWrite',
    toolsets: ['aws'],
    allowedProfiles: [],
    allowedRegions: [],
  };
  const policy = new Policy(
    {
      get current() {
        return current;
      },
      onDidChange: changed.event,
    },
    { access: 'access', toolsets: 'toolsets', allowedProfiles: 'allowedProfiles', allowedRegions: 'allowedRegions' },
  );
  const results = new ResultStore();
  const pipeline = new ToolPipeline({
    registry: new ToolRegistry(tools),
    policy,
    identity: new AwsIdentityService(new AwsEnvironment({ env: {}, homeDirectory: '/nowhere', logger, version: '0' })),
    workspace: { folders: [], isTrusted: false, onDidChange: () => ({ dispose: () => undefined }) },
    results,
    editorAsker: undefined,
    logger,
  });
  const { consentTimeoutMs } = options;
  const features = createWorkbenchFeatures({
    pipeline,
    results,
    onDidChangePolicy: policy.onDidChange,
    version: '1.2.3',
    ...(consentTimeoutMs === undefined ? {} : { consentTimeoutMs }),
  });
  return {
    features,
    journal,
    setPolicy(settings) {
      current = { ...current, ...settings };
      changed.fire();
    },
  };
}

/** A running host with both listeners on. */
export interface TestHost extends TestFeatures {
  host: McpHost;
  recorder: TrafficRecorder;
  url: string;
  token: string;
  socket: SocketEndpoint;
  /** Ends everything; what a test leaves open fails the next one. */
  dispose(): Promise<void>;
}

export async function startTestHost(
  options: {
    limits?: Partial<HostLimits>;
    allowedOrigins?: string[];
    consentTimeoutMs?: number;
    logger?: Logger;
  } = {},
): Promise<TestHost> {
  const { limits, allowedOrigins, ...featureOptions } = options;
  const test = makeTestFeatures(featureOptions);
  const recorder = new TrafficRecorder();
  const host = new McpHost({
    features: test.features,
    recorder,
    logger: options.logger ?? silentLogger,
    serverName: 'Test tools',
    ...(limits ? { limits } : {}),
    ...(allowedOrigins ? { allowedOrigins } : {}),
  });
  const token = 'token-of-the-test-'.repeat(3);
  const { url } = await host.listenOnLoopback({ token });
  const socket = await host.listenOnSocket();
  return {
    ...test,
    host,
    recorder,
    url,
    token,
    socket,
    async dispose() {
      await host.dispose();
      test.features.dispose();
      recorder.dispose();
    },
  };
}

/** What was recorded so far, oldest first. */
export function recordsOf({ recorder }: TestHost): WireSummary[] {
  const records: WireSummary[] = [];
  recorder.forEach((summary) => records.push(summary));
  return records;
}

/** An answer, read to its end. */
export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

export interface RawRequest {
  method?: string;
  path?: string;
  headers?: Readonly<Record<string, string | string[] | undefined>>;
  body?: string | Buffer;
}

/** How to reach a listener and be let in. */
export interface Target {
  address: Pick<http.RequestOptions, 'host' | 'port' | 'socketPath'>;
  host: string;
  secret: string;
}

export function loopbackTarget({ url, token }: TestHost): Target {
  const { port, host } = new URL(url);
  return { address: { host: '127.0.0.1', port }, host, secret: token };
}

export function socketTarget({ socket }: TestHost): Target {
  return { address: { socketPath: socket.socketPath }, host: 'localhost', secret: socket.secret };
}

/** What every client of the protocol sends, with the right credential. */
export function goodHeaders({ host, secret }: Target): Record<string, string> {
  return {
    host,
    authorization: `Bearer ${secret}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
}

/** Sends a request as it is; an `undefined` header is left out. */
export function send(target: Target, { method = 'POST', path = '/mcp', headers, body }: RawRequest): Promise<Answer> {
  const all = Object.entries({ ...goodHeaders(target), ...headers }).filter(([, value]) => value !== undefined);
  return new Promise((resolve, reject) => {
    const request = http.request(
      { ...target.address, method, path, headers: Object.fromEntries(all), setHost: false, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** The message of an answer: its JSON, or the last event of its stream that has data. */
export function messageIn({ headers, text }: Answer): Record<string, unknown> {
  if (!headers['content-type']?.startsWith('text/event-stream')) return JSON.parse(text) as Record<string, unknown>;
  const data = [...text.matchAll(/^data: (.+)$/gm)].map(([, json]) => json ?? '').filter((json) => json !== '');
  return JSON.parse(data.at(-1) ?? '') as Record<string, unknown>;
}

/** JSON-RPC text of a request. */
export function rpc(method: string, params?: object, id: string | number = 1): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, ...(params ? { params } : {}) });
}

export const initializeParams = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'raw', version: '1.0.0' },
};

/** Begins a legacy session and gives the headers that go on with it. */
export async function beginSession(
  target: Target,
  params: object = initializeParams,
): Promise<{ 'mcp-session-id': string }> {
  const answer = await send(target, { body: rpc('initialize', params) });
  if (answer.status !== 200) throw new Error(`initialize was answered ${answer.status}: ${answer.text}`);
  return { 'mcp-session-id': String(answer.headers['mcp-session-id']) };
}

/** `_meta` and headers of a modern request. */
export function modern(method: string, params: Record<string, unknown> = {}, capabilities: object = {}): RawRequest {
  const name = params['name'] ?? params['uri'];
  return {
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
    body: rpc(method, {
      ...params,
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': capabilities,
        'io.modelcontextprotocol/clientInfo': { name: 'raw-modern', version: '1.0.0' },
      },
    }),
  };
}
