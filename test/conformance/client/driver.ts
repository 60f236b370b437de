import type { Client, Tool } from '@modelcontextprotocol/client';
import { isRecord } from '../../../src/core/json';
import type { Logger } from '../../../src/core/logger';
import { parseManagedServer } from '../../../src/mcp/upstream/managedServer';
import { ManagedServerSupervisor } from '../../../src/mcp/upstream/managedServerSupervisor';
import { MemorySecretStore } from '../../../src/mcp/upstream/secretSource';
import { UpstreamClient } from '../../../src/mcp/upstream/upstreamClient';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';

/**
 * What the client conformance suites start, with the address of their server as the last argument: our client does what
 * the editor would do with a server that a user has just added, signing in included.
 */
async function drive(url: string): Promise<void> {
  const context: unknown = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}');
  const given = isRecord(context) ? context : {};
  const secrets = new MemorySecretStore({ client: String(given['client_secret']) });
  const note = (message: string | Error): void => void process.stderr.write(`${String(message)}\n`);
  const logger: Logger = { debug: note, info: note, warn: note, error: note };
  const supervisor = new ManagedServerSupervisor(
    parseManagedServer({
      name: 'suite',
      transport: 'http',
      url,
      auth: {
        kind: 'oauth',
        ...(typeof given['client_id'] === 'string' ? { clientId: given['client_id'] } : {}),
        ...(typeof given['client_secret'] === 'string' ? { clientSecret: { secret: 'client' } } : {}),
      },
    }),
    {
      secrets,
      logger,
      clientMetadataUrl: 'https://conformance-test.local/client-metadata.json',
      // The suite's authorization server sends the browser straight back.
      openBrowser: (page) => fetch(page).then((answer) => answer.body?.cancel()),
    },
  );
  const signal = AbortSignal.timeout(25_000);
  const client = await UpstreamClient.connect(
    {
      supervisor,
      secrets,
      recorder: new TrafficRecorder(),
      implementation: { name: 'mcp-workbench', version: '0.1.0' },
      capabilities: { elicitation: { form: { applyDefaults: true } } },
      configure: answerQuestions,
      isInteractive: true,
    },
    signal,
  );
  try {
    const tools = await client.listTools(signal);
    await client.listPrompts(signal);
    await client.listResources(signal);
    for (const { name, input } of callsFor(tools, given)) {
      await client.callTool(name, input, signal).catch((error: unknown) => note(`${name}: ${String(error)}`));
    }
  } finally {
    await client.close();
    await supervisor.close();
  }
}

/** Agrees to everything as it stands. */
function answerQuestions(client: Client): void {
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }));
}

/** The calls that the suite asks for, or one of each tool. */
function callsFor(
  tools: readonly Tool[],
  { toolCalls }: Record<string, unknown>,
): { name: string; input: Record<string, unknown> }[] {
  if (Array.isArray(toolCalls)) {
    return (toolCalls as unknown[]).flatMap((call) =>
      isRecord(call) && typeof call['name'] === 'string'
        ? [{ name: call['name'], input: isRecord(call['arguments']) ? call['arguments'] : {} }]
        : [],
    );
  }
  return tools.map(({ name, inputSchema }) => ({ name, input: sampleOf(inputSchema, tools) }));
}

/** A value for each member that is required. Where a tool wants to see a schema, it sees the first one of the list. */
function sampleOf(schema: Tool['inputSchema'], tools: readonly Tool[]): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (!(schema.required ?? []).includes(name) || !isRecord(property)) continue;
    const { type } = property;
    input[name] =
      type === 'number' || type === 'integer'
        ? 5
        : type === 'boolean'
          ? true
          : type === 'object'
            ? objectFor(name, tools)
            : 'text';
  }
  return input;
}

function objectFor(name: string, tools: readonly Tool[]): object {
  return name === 'schema' ? (tools[0]?.inputSchema ?? {}) : {};
}

drive(process.argv.at(-1) ?? '').catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
