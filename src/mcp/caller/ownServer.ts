import type { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { messageOf, WorkbenchError } from '../../core/errors';
import type { ProtocolEra } from '../../traffic/wireRecord';
import type { ServedConnection } from '../host/serveConnection';
import type { CallableServer, CallOptions, CallOutcome, OfferedList, OfferedLists } from './callableServer';
import { anyContent, CallTracker, type CallRecords } from './callTracker';
import { answerElicitations, elicitationCapabilities, type AnswerElicitation } from './elicitation';
import { tapTransport } from './tapTransport';

export interface OwnServerOptions {
  /** Display name of the server in wire records. */
  label: string;
  version: string;
  /** The host of this window, started with the first use. */
  start(): Promise<{ serve(wire: InMemoryTransport): ServedConnection }>;
  isRunning(): boolean;
  records: CallRecords;
  answer: AnswerElicitation;
  /** Fire when what the server offers may have changed. */
  onDidChangeOffer: readonly Event<unknown>[];
  /** Fires when the server was started, or stopped. */
  onDidChangeState: Event<unknown>;
}

interface Connected {
  client: Client;
  tracker: CallTracker;
  served: ServedConnection;
}

/** Key of our own server. No entry of a config file has it: theirs are hexadecimal. */
export const ownServerKey = 'own';

const listTimeoutMs = 60_000;

/**
 * Our own server in this window, called by the person whose window it is. The client is one like any other: its calls
 * pass through policy, consent and audit, and are recorded.
 */
export class OwnServer implements CallableServer, Disposable {
  readonly key = ownServerKey;
  readonly isOwn = true;
  readonly label: string;
  readonly before = {};
  readonly #options: OwnServerOptions;
  readonly #changed = new Emitter<void>();
  readonly #subscriptions: Disposable[];
  #connecting: Promise<Connected> | undefined;
  #era: ProtocolEra | undefined;
  #lists: Partial<OfferedLists> = {};
  #failure: string | undefined;

  constructor(options: OwnServerOptions) {
    this.#options = options;
    this.label = options.label;
    this.#subscriptions = [
      options.onDidChangeState(() => this.#changed.fire()),
      ...options.onDidChangeOffer.map((event) =>
        event(() => {
          this.#lists = {};
          this.#changed.fire();
        }),
      ),
    ];
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  get state(): CallableServer['state'] {
    if (this.#options.isRunning()) return 'ready';
    if (this.#connecting) return 'starting';
    return this.#failure === undefined ? 'stopped' : 'failed';
  }

  get era(): ProtocolEra | undefined {
    return this.#era;
  }

  get lists(): Partial<OfferedLists> {
    return this.#lists;
  }

  /** What it offers changes only by what the person chose: nothing that they would have to be told. */
  accept(): Promise<void> {
    return Promise.resolve();
  }

  async list<K extends OfferedList>(kind: K, signal: AbortSignal, isFresh = false): Promise<OfferedLists[K]> {
    const known = this.#lists[kind];
    if (known && !isFresh) return known;
    const { client } = await this.#connect();
    const lists = this.#lists;
    const list = (await readList(client, kind, signal)) as OfferedLists[K];
    lists[kind] = list;
    this.#changed.fire();
    return list;
  }

  async request(method: string, params: Readonly<Record<string, unknown>>, options: CallOptions): Promise<CallOutcome> {
    const { client, tracker } = await this.#connect();
    return tracker.request(client, method, params, options);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
    this.#changed.dispose();
    const connecting = this.#connecting;
    this.#connecting = undefined;
    connecting?.then(({ client }) => client.close()).catch(() => undefined);
  }

  #connect(): Promise<Connected> {
    if (this.#connecting) return this.#connecting;
    const connecting = this.#open();
    this.#connecting = connecting;
    this.#failure = undefined;
    this.#changed.fire();
    void this.#watch(connecting);
    return connecting;
  }

  async #watch(connecting: Promise<Connected>): Promise<void> {
    try {
      const { served } = await connecting;
      this.#changed.fire();
      await served.closed;
    } catch (error) {
      this.#failure = messageOf(error);
    }
    this.#forget(connecting);
  }

  #forget(connecting: Promise<Connected>): void {
    if (this.#connecting !== connecting) return;
    this.#connecting = undefined;
    this.#changed.fire();
  }

  async #open(): Promise<Connected> {
    const { answer, label, records, version } = this.#options;
    const [host, sdk] = await Promise.all([this.#options.start(), import('@modelcontextprotocol/client')]);
    const [ours, theirs] = sdk.InMemoryTransport.createLinkedPair();
    const served = host.serve(theirs);
    const tracker = new CallTracker(records, served.id);
    tapTransport(ours, tracker);
    const client = new sdk.Client(
      { name: 'MCP Workbench', version },
      {
        capabilities: elicitationCapabilities,
        jsonSchemaValidator: anyContent,
        versionNegotiation: { mode: 'auto' },
      },
    );
    answerElicitations(client, label, () => tracker.isCalling, answer);
    try {
      await client.connect(ours);
    } catch (cause) {
      await served.close();
      throw new WorkbenchError('Internal', `The server in this window cannot be connected to: ${messageOf(cause)}`, {
        remedy: 'Reload the window.',
        cause,
      });
    }
    this.#era = client.getProtocolEra();
    return { client, tracker, served };
  }
}

/** Lists of a server in our own program are one page, and read anew: what was cached may be of before a change. */
async function readList(client: Client, kind: OfferedList, signal: AbortSignal): Promise<readonly object[]> {
  const options = { signal, timeout: listTimeoutMs, cacheMode: 'refresh' } as const;
  switch (kind) {
    case 'tools':
      return (await client.listTools(undefined, options)).tools;
    case 'resources':
      return (await client.listResources(undefined, options)).resources;
    case 'resourceTemplates':
      return (await client.listResourceTemplates(undefined, options)).resourceTemplates;
    case 'prompts':
      break;
  }
  return (await client.listPrompts(undefined, options)).prompts;
}
