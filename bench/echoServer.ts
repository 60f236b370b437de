import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { Server } from '@modelcontextprotocol/server';
import { answerUsage } from './answerUsage';
import { silentLogger } from '../src/core/logger';
import { McpHost } from '../src/mcp/host/mcpHost';
import { unwatchedTraffic } from '../src/cli/unwatchedTraffic';
import type { TrafficSink } from '../src/traffic/trafficChannel';
import { TrafficRecorder, windowGatherMs } from '../src/traffic/trafficRecorder';

const echoTool = {
  name: 'echo',
  description: 'Answers with what it was sent.',
  inputSchema: { type: 'object' as const, properties: { text: { type: 'string' } }, required: ['text'] },
};

function echo(parameters: { arguments?: unknown }): { content: { type: 'text'; text: string }[] } {
  return { content: [{ type: 'text', text: String((parameters.arguments as { text?: unknown } | undefined)?.text) }] };
}

/** The SDK's own server on its own transport, nothing around it. */
async function serveRaw(): Promise<{ url: string; token: string }> {
  const transport = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID() });
  const server = new Server({ name: 'echo', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => ({ tools: [echoTool] }));
  server.setRequestHandler('tools/call', ({ params }) => echo(params));
  await server.connect(transport);
  const listener = createServer((request, response) => void transport.handleRequest(request, response));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`, token: '' };
}

/** The same tool behind our host: guards, sessions and recording on. */
async function serveHost(recorder: TrafficSink): Promise<{ url: string; token: string }> {
  const host = new McpHost({
    features: {
      implementation: { name: 'echo', version: '1.0.0' },
      tools: { list: () => [echoTool], call: (parameters) => Promise.resolve(echo(parameters)) },
    },
    recorder,
    logger: silentLogger,
    serverName: 'echo',
  });
  const token = randomBytes(32).toString('hex');
  const { url } = await host.listenOnLoopback({ token });
  return { url, token };
}

const [, , kind] = process.argv;
const sink = kind === 'unrecorded' ? unwatchedTraffic : new TrafficRecorder({ gatherMs: windowGatherMs });
void (kind === 'raw' ? serveRaw() : serveHost(sink)).then((endpoint) =>
  process.stdout.write(`${JSON.stringify(endpoint)}\n`),
);
answerUsage(() => process.exit());
