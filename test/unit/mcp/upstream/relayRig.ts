import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import * as path from 'node:path';
import { silentLogger } from '../../../../src/core/logger';
import { McpHost } from '../../../../src/mcp/host/mcpHost';
import type { HostLimits } from '../../../../src/mcp/host/hostLimits';
import { parseManagedServer, type ManagedServerInput } from '../../../../src/mcp/upstream/managedServer';
import { ManagedServerSupervisor, type UpstreamContext } from '../../../../src/mcp/upstream/managedServerSupervisor';
import { ServerRelay } from '../../../../src/mcp/upstream/relay';
import { MemorySecretStore } from '../../../../src/mcp/upstream/secretSource';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import type { WireRecord } from '../../../../src/traffic/wireRecord';

const token = 'relay-test-'.repeat(4);

/** The server of this folder that does what its tools say. */
export const rawServer = (...args: string[]): ManagedServerInput => ({
  name: 'raw',
  transport: 'stdio',
  command: process.execPath,
  args: [path.join(import.meta.dirname, 'servers', 'rawServer.mjs'), ...args],
});

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** The body as it was sent. */
  text: string;
  /** Messages of the body: the JSON, or the events that carry one. */
  messages: string[];
}

/** One request of a client; `write` may be called later for the events that come. */
export interface OpenRequest {
  answer: Promise<Answer>;
  /** Resolves with the nth message of an event stream. */
  message(index: number): Promise<string>;
  abort(): void;
}

/** A host with one managed server behind it, and a client that sends exactly what it is told to. */
export class RelayRig {
  readonly host: McpHost;
  readonly recorder = new TrafficRecorder();
  readonly supervisor: ManagedServerSupervisor;
  readonly #agent = new Agent({ keepAlive: true });
  #url = new URL('http://127.0.0.1/');

  private constructor(server: ManagedServerInput, context: Partial<UpstreamContext>, limits: Partial<HostLimits>) {
    this.host = new McpHost({
      features: { implementation: { name: 'host', version: '1' } },
      recorder: this.recorder,
      logger: silentLogger,
      serverName: 'host',
      limits,
    });
    this.supervisor = new ManagedServerSupervisor(parseManagedServer(server), {
      secrets: new MemorySecretStore(),
      logger: silentLogger,
      ...context,
    });
    const relay = new ServerRelay({
      supervisor: this.supervisor,
      connections: this.host.connectionList,
      recorder: this.recorder,
      logger: silentLogger,
      limits,
    });
    this.host.addRoute(relay.path, relay);
  }

  static async start(
    server: ManagedServerInput,
    context: Partial<UpstreamContext> = {},
    limits: Partial<HostLimits> = {},
  ): Promise<RelayRig> {
    const rig = new RelayRig(server, context, limits);
    const { url } = await rig.host.listenOnLoopback({ token });
    rig.#url = new URL(`/servers/${server.name}/mcp`, url);
    return rig;
  }

  get url(): string {
    return this.#url.href;
  }

  get token(): string {
    return token;
  }

  /** Every record so far, oldest first. */
  get records(): WireRecord[] {
    const records: WireRecord[] = [];
    this.recorder.forEach(({ seq }) => {
      const record = this.recorder.get(seq);
      if (record) records.push(record);
    });
    return records;
  }

  open(method: string, body: string, headers: Record<string, string> = {}): OpenRequest {
    const messages: string[] = [];
    const waiting: (() => void)[] = [];
    const request = httpRequest(this.#url, {
      method,
      agent: this.#agent,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json, text/event-stream',
        ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
    });
    const answer = new Promise<Answer>((resolve, reject) => {
      request.on('error', reject);
      request.on('response', (response) => {
        let text = '';
        const isEvents = response.headers['content-type']?.startsWith('text/event-stream') === true;
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (!isEvents) return;
          const events = text.split('\n\n').slice(0, -1);
          messages.splice(0, messages.length, ...events.flatMap((event) => /^data: (.+)$/m.exec(event)?.[1] ?? []));
          for (const wake of waiting.splice(0)) wake();
        });
        response.on('error', reject);
        response.on('end', () => {
          if (!isEvents && text !== '') messages.push(text);
          for (const wake of waiting.splice(0)) wake();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, messages });
        });
      });
    });
    answer.catch(() => undefined);
    request.end(body);
    return {
      answer,
      async message(index) {
        for (;;) {
          const message = messages[index];
          if (message !== undefined) return message;
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
      },
      abort: () => request.destroy(),
    };
  }

  post(body: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.open('POST', body, headers).answer;
  }

  /** Begins a session of the legacy era. @returns the header that names it */
  async begin(protocolVersion = '2025-11-25'): Promise<Record<string, string>> {
    const { headers } = await this.post(
      `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"${protocolVersion}","capabilities":{"elicitation":{}},"clientInfo":{"name":"rig","version":"1"}}}`,
    );
    const session = { 'mcp-session-id': String(headers['mcp-session-id']) };
    await this.post('{"jsonrpc":"2.0","method":"notifications/initialized"}', session);
    return session;
  }

  async close(): Promise<void> {
    await this.host.dispose();
    await this.supervisor.close();
    this.#agent.destroy();
    this.recorder.dispose();
  }
}

/** A call of a tool as a client of the legacy era writes it. */
export function call(id: string, name: string, given = '{}', meta = ''): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${name}","arguments":${given}${meta === '' ? '' : `,"_meta":${meta}`}}}`;
}

/** A call of the modern era and the headers that go with it. */
export function modernCall(
  id: string,
  name: string,
  given = '{}',
  meta = '',
): { body: string; headers: Record<string, string> } {
  const envelope = `"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"rig","version":"1"}`;
  return {
    body: call(id, name, given, `{${envelope}${meta === '' ? '' : `,${meta}`}}`),
    headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name },
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
