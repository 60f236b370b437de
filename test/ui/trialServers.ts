import { setTimeout as sleep } from 'node:timers/promises';
import { Emitter } from '../../src/core/emitter';
import { silentLogger } from '../../src/core/logger';
import type { CallableServer, CallableServers } from '../../src/mcp/caller/callableServer';
import { OwnServer } from '../../src/mcp/caller/ownServer';
import { McpHost } from '../../src/mcp/host/mcpHost';
import type { ServerFeatures } from '../../src/mcp/server/serverFeatures';
import type { TrafficRecorder } from '../../src/traffic/trafficRecorder';

/** One pixel. */
const picture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

type ToolSchema = NonNullable<ReturnType<NonNullable<ServerFeatures['tools']>['list']>[number]>['inputSchema'];

/** A schema with something of everything that forms know. */
export const deploySchema = {
  type: 'object',
  properties: {
    stack: {
      type: 'string',
      description: 'The name of the stack, as CloudFormation knows it.',
      pattern: '^[a-z][a-z0-9-]*$',
      minLength: 2,
    },
    region: { enum: ['eu-central-1', 'us-east-1', 'ap-southeast-2'], description: 'Where it is deployed.' },
    replicas: { type: 'integer', minimum: 1, maximum: 10, default: 2 },
    share: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
    dryRun: { type: 'boolean', default: false },
    since: { type: 'string', format: 'date', examples: ['2026-07-28'] },
    apiToken: { type: 'string', description: 'Kept nowhere.' },
    oldName: { type: 'string', deprecated: true },
    tags: { type: 'object', additionalProperties: { type: 'string' }, description: 'Any names.' },
    hosts: { type: 'array', items: { type: 'string', format: 'hostname' }, uniqueItems: true, maxItems: 3 },
    window: {
      type: 'array',
      prefixItems: [
        { type: 'integer', title: 'From hour' },
        { type: 'integer', title: 'To hour' },
      ],
      items: false,
    },
    source: {
      oneOf: [
        {
          title: 'A bucket',
          type: 'object',
          properties: { kind: { const: 'bucket' }, bucket: { type: 'string' } },
          required: ['kind', 'bucket'],
        },
        {
          title: 'A folder',
          type: 'object',
          properties: { kind: { const: 'folder' }, path: { type: ['string', 'null'] } },
          required: ['kind', 'path'],
        },
      ],
    },
    tree: { $ref: '#/$defs/node' },
  },
  required: ['stack', 'region', 'source'],
  additionalProperties: false,
  $defs: {
    node: {
      type: 'object',
      properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
      required: ['name'],
    },
  },
};

function hugeSchema(): object {
  const properties = Object.fromEntries(
    Array.from({ length: 10_000 }, (_each, index) => [`member${index}`, { type: 'string' }]),
  );
  let deep: object = { type: 'string' };
  for (let level = 0; level < 2000; level += 1)
    deep = { type: 'object', properties: { inner: deep }, required: ['inner'] };
  return {
    type: 'object',
    properties: {
      ...properties,
      slow: { type: 'string', pattern: '^(a+)+$' },
      circle: { $ref: '#/$defs/circle' },
      deep,
    },
    required: ['slow', 'circle', 'deep'],
    $defs: { circle: { allOf: [{ $ref: '#/$defs/circle' }, { $ref: '#/$defs/circle' }] } },
  };
}

/** What tests try: tools with all kinds of schemas and answers, a prompt with completion, resources. */
export class TrialFeatures implements ServerFeatures {
  readonly implementation = { name: 'trial', version: '1.0.0' };
  readonly calls: { name: string; arguments: unknown }[] = [];
  aborted = 0;

  readonly tools: NonNullable<ServerFeatures['tools']> = {
    list: () => [
      {
        name: 'deploy_stack',
        title: 'Deploy a stack',
        description: 'Deploys a stack to a Region.\nUse it after a synth.',
        inputSchema: deploySchema as unknown as ToolSchema,
        annotations: { readOnlyHint: false, destructiveHint: true },
      },
      {
        name: 'list_things',
        description: 'Lists things.',
        inputSchema: { type: 'object', properties: {} },
        annotations: { readOnlyHint: true },
      },
      { name: 'wait_long', inputSchema: { type: 'object' } },
      { name: 'show_much', inputSchema: { type: 'object' } },
      { name: 'refuse', inputSchema: { type: 'object' } },
      { name: 'huge_form', inputSchema: hugeSchema() as unknown as ToolSchema },
    ],
    call: async ({ name, arguments: given }, request) => {
      this.calls.push({ name, arguments: given });
      if (name === 'wait_long') {
        request.reportProgress({ progress: 1, total: 4, message: 'Synthesising' });
        await sleep(60_000, undefined, { signal: request.signal }).catch(() => (this.aborted += 1));
      }
      if (name === 'refuse')
        return { isError: true, content: [{ type: 'text', text: 'This account is <b>closed</b>.' }] };
      if (name === 'show_much') {
        return {
          content: [
            { type: 'text', text: '# Report\n\n- one\n- two' },
            { type: 'image', data: picture, mimeType: 'image/png' },
            { type: 'resource_link', uri: 'trial://notes/today', name: 'Notes of today' },
            { type: 'resource', resource: { uri: 'trial://inner', mimeType: 'text/plain', text: 'inside' } },
          ],
        };
      }
      const structuredContent = { name, given: given ?? {} };
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    },
  };

  readonly prompts: NonNullable<ServerFeatures['prompts']> = {
    list: () => [
      {
        name: 'explain_failure',
        description: 'Explains why a stack failed.',
        arguments: [
          { name: 'stack', required: true },
          { name: 'tone', description: 'How to say it.' },
        ],
      },
    ],
    get: ({ arguments: given }) =>
      Promise.resolve({ messages: [{ role: 'user', content: { type: 'text', text: `Explain ${given?.['stack']}` } }] }),
  };

  readonly resources: NonNullable<ServerFeatures['resources']> = {
    list: () => [{ uri: 'trial://notes/today', name: 'Notes' }],
    listTemplates: () => [{ uriTemplate: 'trial://notes/{day}', name: 'Notes of a day' }],
    read: (uri) => Promise.resolve({ contents: [{ uri, mimeType: 'text/plain', text: `Notes at ${uri}` }] }),
  };

  readonly complete: NonNullable<ServerFeatures['complete']> = ({ argument }) =>
    Promise.resolve({
      completion: { values: ['orders', 'orders-test', 'refunds'].filter((name) => name.startsWith(argument.value)) },
    });
}

/** Two servers: our own with `TrialFeatures` in the recorder's traffic, and one that has to be started by a person. */
export class TrialServers implements CallableServers {
  readonly features = new TrialFeatures();
  readonly own: OwnServer;
  readonly #host: McpHost;
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  isOtherStarted = false;
  #other: CallableServer;

  constructor(recorder: TrafficRecorder) {
    const host = new McpHost({ features: this.features, recorder, logger: silentLogger, serverName: 'AWS tools' });
    this.#host = host;
    const noEvent = new Emitter<void>().event;
    const options = {
      version: '1.0.0',
      start: () => Promise.resolve(host),
      records: recorder,
      answer: () => Promise.resolve({ action: 'cancel' as const }),
      onDidChangeOffer: [],
      onDidChangeState: noEvent,
    };
    this.own = new OwnServer({ ...options, label: 'AWS tools', isRunning: () => true });
    this.own.onDidChange(() => this.#changed.fire());
    const other = new OwnServer({ ...options, label: 'filesystem', isRunning: () => this.isOtherStarted });
    this.#other = {
      key: 'other',
      label: 'filesystem',
      get state() {
        return other.state;
      },
      era: 'modern',
      get lists() {
        return other.lists;
      },
      before: {},
      accept: () => Promise.resolve(),
      list: (kind, signal) => {
        this.isOtherStarted = true;
        return other.list(kind, signal);
      },
      request: (method, params, given) => other.request(method, params, given),
    };
    other.onDidChange(() => this.#changed.fire());
  }

  get all(): readonly CallableServer[] {
    return [this.own, this.#other];
  }

  get(key: string): CallableServer | undefined {
    return this.all.find((server) => server.key === key);
  }

  async dispose(): Promise<void> {
    this.own.dispose();
    await this.#host.dispose();
  }
}
