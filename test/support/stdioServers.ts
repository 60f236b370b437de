import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Tool } from '@modelcontextprotocol/client';
import { Emitter } from '../../src/core/emitter';
import { silentLogger } from '../../src/core/logger';
import type {
  CallableServer,
  CallableServers,
  CallOptions,
  CallOutcome,
  OfferedList,
  OfferedLists,
} from '../../src/mcp/caller/callableServer';
import { parseManagedServer } from '../../src/mcp/upstream/managedServer';
import { ManagedServerSupervisor } from '../../src/mcp/upstream/managedServerSupervisor';
import { MemorySecretStore } from '../../src/mcp/upstream/secretSource';
import { UpstreamClient } from '../../src/mcp/upstream/upstreamClient';
import type { ProtocolEra } from '../../src/traffic/wireRecord';
import type { TrafficRecorder } from '../../src/traffic/trafficRecorder';

/** What a server of a test offers; `delayMs` is how long it takes for each list. */
export type Offer = { [K in OfferedList]?: readonly object[] } & { delayMs?: number };

const script = path.join(import.meta.dirname, 'offeringServer.mjs');

/** Servers that run as processes and offer what a test wants, called as the editor calls those of a user. */
export class StdioServers implements CallableServers {
  readonly #recorder: TrafficRecorder;
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mcpw-offer-'));
  readonly #servers: StdioServer[] = [];
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(recorder: TrafficRecorder) {
    this.#recorder = recorder;
  }

  get all(): readonly StdioServer[] {
    return this.#servers;
  }

  get(key: string): StdioServer | undefined {
    return this.#servers.find((server) => server.key === key);
  }

  /** Adds a server that is not started. @param command by default the server that offers what `offer` says */
  add(
    label: string,
    offer: Offer,
    command = process.execPath,
    key = `server-${this.#servers.length + 1}`,
  ): StdioServer {
    const file = path.join(this.#folder, `${key}.json`);
    const server = new StdioServer(key, label, file, command, this.#recorder, () => this.#changed.fire());
    server.offer(offer);
    this.#servers.push(server);
    this.#changed.fire();
    return server;
  }

  /** Adds a server and reads all of its lists. */
  async addStarted(label: string, offer: Offer): Promise<StdioServer> {
    const server = this.add(label, offer);
    const { signal } = new AbortController();
    for (const kind of ['tools', 'prompts', 'resources', 'resourceTemplates'] as const) await server.list(kind, signal);
    return server;
  }

  remove(server: StdioServer): void {
    this.#servers.splice(this.#servers.indexOf(server), 1);
    this.#changed.fire();
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.dispose()));
    this.#changed.dispose();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class StdioServer implements CallableServer {
  readonly key: string;
  readonly label: string;
  state: CallableServer['state'] = 'stopped';
  era: ProtocolEra | undefined;
  lists: Partial<OfferedLists> = {};
  before: Partial<OfferedLists> = {};
  /** How often it was started. */
  starts = 0;
  readonly #file: string;
  readonly #recorder: TrafficRecorder;
  readonly #changed: () => void;
  readonly #secrets = new MemorySecretStore();
  readonly #supervisor: ManagedServerSupervisor;
  #client: Promise<UpstreamClient> | undefined;

  constructor(
    key: string,
    label: string,
    file: string,
    command: string,
    recorder: TrafficRecorder,
    changed: () => void,
  ) {
    this.key = key;
    this.label = label;
    this.#file = file;
    this.#recorder = recorder;
    this.#changed = changed;
    this.#supervisor = new ManagedServerSupervisor(
      parseManagedServer({ name: key, title: label, transport: 'stdio', command, args: [script, file] }),
      { secrets: this.#secrets, logger: silentLogger },
    );
  }

  /** Changes what it offers; what is known of its lists stays until they are read again. */
  offer(offer: Offer): void {
    fs.writeFileSync(this.#file, JSON.stringify(offer));
  }

  /** Forgets what is known of its lists, as after a notification that they changed. */
  forgetLists(): void {
    this.lists = {};
    this.#changed();
  }

  /** Sets the tools that a person saw last. */
  remember(tools: readonly Tool[] | undefined): void {
    this.before = tools ? { tools } : {};
    this.#changed();
  }

  accept(): Promise<void> {
    this.remember(undefined);
    return Promise.resolve();
  }

  async list<K extends OfferedList>(kind: K, signal: AbortSignal): Promise<OfferedLists[K]> {
    const client = await this.#connect(signal);
    const read: { [L in OfferedList]: () => Promise<OfferedLists[L]> } = {
      tools: () => client.listTools(signal),
      prompts: () => client.listPrompts(signal),
      resources: () => client.listResources(signal),
      resourceTemplates: () => client.listResourceTemplates(signal),
    };
    const items = await read[kind]();
    this.lists = { ...this.lists, [kind]: items };
    this.#changed();
    return items;
  }

  async request(method: string, params: Readonly<Record<string, unknown>>, options: CallOptions): Promise<CallOutcome> {
    const client = await this.#connect(options.signal);
    return client.request(method, params, options);
  }

  async dispose(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    await client?.close();
    await this.#supervisor.close();
  }

  #connect(signal: AbortSignal): Promise<UpstreamClient> {
    this.#client ??= this.#start(signal);
    return this.#client;
  }

  async #start(signal: AbortSignal): Promise<UpstreamClient> {
    this.starts += 1;
    this.#setState('starting');
    try {
      const client = await UpstreamClient.connect(
        {
          supervisor: this.#supervisor,
          secrets: this.#secrets,
          recorder: this.#recorder,
          records: this.#recorder,
          implementation: { name: 'unit', version: '1' },
        },
        signal,
      );
      this.era = client.introduction.era;
      this.#setState('ready');
      return client;
    } catch (error) {
      this.#client = undefined;
      this.#setState('failed');
      throw error;
    }
  }

  #setState(state: CallableServer['state']): void {
    this.state = state;
    this.#changed();
  }
}
