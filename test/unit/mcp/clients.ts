import { setMaxListeners } from 'node:events';
import * as http from 'node:http';
import { Readable } from 'node:stream';
import {
  Client,
  StreamableHTTPClientTransport,
  type CallToolResult,
  type ElicitResult,
  type Transport,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as FormerClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as FormerStdioTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as FormerHttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Target, TestHost } from './testWorkbench';
import { loopbackTarget, socketTarget } from './testWorkbench';

/** What the tests need of a client, whichever package it comes from. */
export interface TestClient {
  readonly serverInfo: { name: string; title?: string | undefined; version: string } | undefined;
  readonly instructions: string | undefined;
  listTools(): Promise<
    { name: string; inputSchema: object; outputSchema?: object | undefined; annotations?: object | undefined }[]
  >;
  call(
    name: string,
    input?: Record<string, unknown>,
    options?: { signal?: AbortSignal; onProgress?: (progress: number) => void },
  ): Promise<CallToolResult>;
  read(uri: string): Promise<{ uri: string; mimeType?: string | undefined; text?: string | undefined }[]>;
  listTemplates(): Promise<{ uriTemplate: string }[]>;
  close(): Promise<void>;
}

export interface TestClientOptions {
  /** Answers questions; without it the client says that it cannot ask. */
  elicit?: (message: string) => ElicitResult | Promise<ElicitResult>;
  onToolsChanged?: () => void;
  name?: string;
}

/** A kind of client, and how it connects. */
export interface ClientKind {
  title: string;
  era: 'legacy' | 'modern';
  connect(reach: Reach, options?: TestClientOptions): Promise<TestClient>;
}

/** Where a server is: behind a listener, or a process of its own. */
export type Reach =
  { target: Target } | { command: string; args: string[]; cwd?: string; env?: Record<string, string> };

export const reaches: [string, (test: TestHost) => Reach][] = [
  ['loopback', (test) => ({ target: loopbackTarget(test) })],
  ['socket', (test) => ({ target: socketTarget(test) })],
];

export const clientKinds: ClientKind[] = [
  { title: 'a client of 2026-07-28', era: 'modern', connect: (...given) => connectCurrent('auto', ...given) },
  { title: 'a client of 2025-11-25', era: 'legacy', connect: (...given) => connectCurrent('legacy', ...given) },
  { title: 'a client of the former SDK', era: 'legacy', connect: connectFormer },
];

async function connectCurrent(
  mode: 'auto' | 'legacy',
  reach: Reach,
  { elicit, onToolsChanged, name = 'current' }: TestClientOptions = {},
): Promise<TestClient> {
  const client = new Client(
    { name, version: '2.0.0' },
    {
      versionNegotiation: { mode },
      capabilities: elicit ? { elicitation: { form: {} } } : {},
      ...(onToolsChanged
        ? { listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: onToolsChanged } } }
        : {}),
    },
  );
  if (elicit) client.setRequestHandler('elicitation/create', ({ params }) => elicit(params.message));
  const transport: Transport =
    'target' in reach
      ? new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), { fetch: fetchFrom(reach.target) })
      : new StdioClientTransport({ ...reach, stderr: 'inherit' });
  await client.connect(transport);
  return {
    get serverInfo() {
      return client.getServerVersion();
    },
    get instructions() {
      return client.getInstructions();
    },
    listTools: async () => (await client.listTools()).tools,
    call: (tool, input = {}, { signal, onProgress } = {}) =>
      client.callTool(
        { name: tool, arguments: input },
        {
          ...(signal ? { signal } : {}),
          ...(onProgress ? { onprogress: ({ progress }) => onProgress(progress) } : {}),
        },
      ),
    read: async (uri) => (await client.readResource({ uri })).contents,
    listTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
    close: async () => {
      if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession().catch(() => undefined);
      await client.close();
    },
  };
}

async function connectFormer(
  reach: Reach,
  { elicit, onToolsChanged, name = 'former' }: TestClientOptions = {},
): Promise<TestClient> {
  const client = new FormerClient({ name, version: '1.0.0' }, { capabilities: elicit ? { elicitation: {} } : {} });
  if (elicit) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => ({ ...(await elicit(params.message)) }));
  }
  if (onToolsChanged) client.setNotificationHandler(ToolListChangedNotificationSchema, onToolsChanged);
  const transport =
    'target' in reach
      ? new FormerHttpTransport(new URL('http://localhost/mcp'), { fetch: fetchFrom(reach.target) })
      : new FormerStdioTransport({ ...reach, stderr: 'inherit' });
  await client.connect(transport);
  return {
    get serverInfo() {
      return client.getServerVersion();
    },
    get instructions() {
      return client.getInstructions();
    },
    listTools: async () => (await client.listTools()).tools,
    call: async (tool, input = {}, { signal, onProgress } = {}) =>
      (await client.callTool({ name: tool, arguments: input }, undefined, {
        ...(signal ? { signal } : {}),
        ...(onProgress ? { onprogress: ({ progress }) => onProgress(progress) } : {}),
      })) as CallToolResult,
    read: async (uri) => (await client.readResource({ uri })).contents,
    listTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
    close: async () => {
      if (transport instanceof FormerHttpTransport) await transport.terminateSession().catch(() => undefined);
      await client.close();
    },
  };
}

/** A `fetch` that goes to a listener, over TCP or its socket, with its credential. */
function fetchFrom({ address, host, secret }: Target): typeof fetch {
  return (input, init = {}) =>
    new Promise((resolve, reject) => {
      // One signal covers all requests of a client.
      if (init.signal) setMaxListeners(0, init.signal);
      const url = new URL(input instanceof Request ? input.url : input);
      const headers = new Headers(init.headers);
      headers.set('host', host);
      headers.set('authorization', `Bearer ${secret}`);
      const request = http.request(
        {
          ...address,
          method: init.method ?? 'GET',
          path: url.pathname,
          headers: Object.fromEntries(headers),
          setHost: false,
          agent: false,
          ...(init.signal ? { signal: init.signal } : {}),
        },
        (response) => {
          const status = response.statusCode ?? 0;
          const body = [202, 204].includes(status) ? null : (Readable.toWeb(response) as ReadableStream<Uint8Array>);
          if (body === null) response.resume();
          resolve(
            new Response(body, {
              status,
              headers: Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]),
            }),
          );
        },
      );
      request.on('error', reject);
      request.end(init.body as string | undefined);
    });
}
