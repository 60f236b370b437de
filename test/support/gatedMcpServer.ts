import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came over the wire, for whoever decides whether it may in. */
export interface GateRequest {
  method: string;
  /** Path and query as they were sent. */
  target: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** How a request is turned away. */
export interface GateRefusal {
  status: number;
  headers?: Record<string, string>;
  body: object;
}

/**
 * Decides about each request.
 * @returns the name under which it is let in, or how it is turned away
 */
export type Gate = (request: GateRequest) => string | GateRefusal;

export interface GatedMcpServer {
  /** `http://127.0.0.1:<port>`; empty on a socket. */
  origin: string;
  /** Every request that was turned away, oldest first. */
  refusals: GateRefusal[];
  dispose(): Promise<void>;
}

export interface GatedMcpServerOptions {
  gate: Gate;
  /** `legacy`: it does not know `server/discover`. */
  era: 'legacy' | 'modern';
  /** A Unix socket or named pipe to listen on in place of a port. */
  socketPath?: string;
}

/** An MCP server over HTTP, without any SDK, whose tool `whoami` answers with the name that the gate gave. */
export async function startGatedMcpServer(options: GatedMcpServerOptions): Promise<GatedMcpServer> {
  const refusals: GateRefusal[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: target = '', headers } = request;
      const body = Buffer.concat(chunks);
      const verdict = options.gate({ method, target, headers, body });
      if (typeof verdict !== 'string') {
        refusals.push(verdict);
        response.writeHead(verdict.status, { 'content-type': 'application/json', ...verdict.headers });
        response.end(JSON.stringify(verdict.body));
        return;
      }
      if (method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end();
      const answer = answerTo(JSON.parse(body.toString('utf8')) as Message, verdict, options.era);
      if (!answer) return void response.writeHead(202).end();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (options.socketPath === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(options.socketPath, resolve);
  });
  const address = server.address();
  return {
    origin: typeof address === 'string' ? '' : `http://127.0.0.1:${(address as AddressInfo).port}`,
    refusals,
    dispose: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Message {
  id?: string | number;
  method?: string;
  params?: { protocolVersion?: string; name?: string; _meta?: Record<string, unknown> };
}

function answerTo({ id, method, params = {} }: Message, name: string, era: 'legacy' | 'modern'): object | undefined {
  if (id === undefined) return undefined;
  const isModern = params._meta?.['io.modelcontextprotocol/protocolVersion'] !== undefined;
  const result = (value: object): object => ({
    jsonrpc: '2.0',
    id,
    result: isModern ? { resultType: 'complete', ttlMs: 0, cacheScope: 'private', ...value } : value,
  });
  const capabilities = { tools: {} };
  const serverInfo = { name: 'gated', version: '1.0.0' };
  switch (method ?? '') {
    case 'server/discover':
      if (era === 'legacy') break;
      return result({
        supportedVersions: ['2026-07-28'],
        capabilities,
        _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo },
      });
    case 'initialize':
      return result({ protocolVersion: params.protocolVersion, capabilities, serverInfo });
    case 'ping':
      return result({});
    case 'tools/list':
      return result({ tools: [{ name: 'whoami', description: 'Who calls.', inputSchema: { type: 'object' } }] });
    case 'tools/call':
      return result({ content: [{ type: 'text', text: name }] });
    default:
      break;
  }
  return { jsonrpc: '2.0', id, error: { code: -32_601, message: 'Method not found' } };
}
