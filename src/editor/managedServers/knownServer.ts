import type { Prompt, Resource, ResourceTemplateType, Tool } from '@modelcontextprotocol/client';
import { canonicalJson } from '../../core/json';
import { Emitter, type Event } from '../../core/emitter';
import { messageOf, WorkbenchError } from '../../core/errors';
import type { Logger } from '../../core/logger';
import type { DiscoveryEnvironment } from '../../mcp/upstream/discovery/configLocations';
import type { ConfigProblem } from '../../mcp/upstream/discovery/configProblem';
import { diskConfigReader } from '../../mcp/upstream/discovery/configReader';
import type { DiscoveredServer } from '../../mcp/upstream/discovery/discoveredServers';
import { managedDefinition } from '../../mcp/upstream/discovery/managedDefinition';
import type { ServerEntry } from '../../mcp/upstream/discovery/serverEntry';
import type { InputDefinition } from '../../mcp/upstream/discovery/serverTemplate';
import { resolveServer } from '../../mcp/upstream/discovery/variables/resolveServer';
import type { ManagedServer, ServerFilter } from '../../mcp/upstream/managedServer';
import type { RequestSigning } from '../../mcp/upstream/requestSigning';
import {
  ManagedServerSupervisor,
  type ManagedServerState,
  type UpstreamContext,
} from '../../mcp/upstream/managedServerSupervisor';
import { newTools, toolsSeenBy, withSeen, type NewTools } from '../../mcp/upstream/seenTools';
import type { ServerFigures } from '../../mcp/upstream/serverStats';
import { checkHealth, type HealthReport } from '../../mcp/upstream/serverHealth';
import type { ServerApprovals } from '../../mcp/upstream/trust/serverApprovals';
import { UpstreamClient, type ChangedList, type ServerIntroduction } from '../../mcp/upstream/upstreamClient';
import type { CallOptions, CallOutcome } from '../../mcp/caller/callableServer';
import type { CallRecords } from '../../mcp/caller/callTracker';
import { answerElicitations, elicitationCapabilities, type AnswerElicitation } from '../../mcp/caller/elicitation';
import type { TrafficSink } from '../../traffic/trafficChannel';
import type { ServerSecrets } from './serverSecrets';
import type { ToolBaselines } from './toolBaselines';

/** What a known server needs of the window around it; the same for all. */
export interface KnownServerSurroundings {
  approvals: ServerApprovals;
  secrets: ServerSecrets;
  baselines: ToolBaselines;
  recorder: TrafficSink & CallRecords;
  logger: Logger;
  version: string;
  upstream: Pick<UpstreamContext, 'awsCredentials' | 'externalUri' | 'openBrowser'>;
  environment: () => DiscoveryEnvironment;
  isWorkspaceTrusted: () => boolean;
  /** Asks a person whether the entry may start. @throws WorkbenchError where it may not */
  approve: (current: () => ServerEntry | undefined, signing: Partial<RequestSigning> | undefined) => Promise<void>;
  askInput: (input: InputDefinition, entry: ServerEntry, mayAsk: boolean) => Promise<string | undefined>;
  setting: (section: string) => string | undefined;
  filter: (title: string) => ServerFilter | undefined;
  /** How the user wants requests to a server signed, whatever its file says. */
  signing: (title: string) => Partial<RequestSigning> | undefined;
  /** Puts a question of the server to the person who is calling it by hand. */
  answer: AnswerElicitation;
}

/** What a server offers, as it was last listed. */
export interface ServerLists {
  tools: readonly Tool[];
  resources: readonly Resource[];
  resourceTemplates: readonly ResourceTemplateType[];
  prompts: readonly Prompt[];
}

/** Who asks for a server: a person who can be asked back, or a program that cannot. */
export interface StartOptions {
  isByPerson: boolean;
}

/** Our own client among those that list tools. */
const ownClient = 'mcp-workbench';

/** Milliseconds for a list that nobody waits for. */
const listTimeoutMs = 60_000;

/**
 * One server of the user's config files: what the files say of it, and what runs of it once somebody wants it. Nothing
 * is resolved, asked or started before that.
 */
export class KnownServer {
  /** Place of its entry; see `entryKey`. */
  readonly key: string;
  readonly #surroundings: KnownServerSurroundings;
  readonly #changed = new Emitter<void>();
  readonly #listsChanged = new Emitter<ChangedList>();
  readonly #closing = new Set<Promise<unknown>>();
  #discovered: DiscoveredServer;
  /** Its name in paths; kept by a watched server whatever other servers come. */
  #name: string;
  #supervisor: ManagedServerSupervisor | undefined;
  #subscriptions: { dispose(): void }[] = [];
  #preparing: Promise<ManagedServerSupervisor> | undefined;
  /** How the definition that it runs by, or last ran by, signs. */
  #preparedSigning: Partial<RequestSigning> | undefined;
  #connecting: Promise<UpstreamClient> | undefined;
  #client: UpstreamClient | undefined;
  #introduction: ServerIntroduction | undefined;
  #looking: Promise<unknown> | undefined;
  #lists: Partial<ServerLists> = {};
  /** What is new in the latest list, and which client got it. */
  #changes: (NewTools & { client: string }) | undefined;
  #failure: string | undefined;
  #resolutionProblems: readonly ConfigProblem[] = [];
  #generation = 0;
  #isDisposed = false;

  constructor(key: string, discovered: DiscoveredServer, name: string, surroundings: KnownServerSurroundings) {
    this.key = key;
    this.#discovered = discovered;
    this.#name = name;
    this.#surroundings = surroundings;
  }

  /** Fires when something that is shown of it changed; while it works at most once a second. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** Fires when one of its lists must be read again. */
  get onDidChangeList(): Event<ChangedList> {
    return this.#listsChanged.event;
  }

  get discovered(): DiscoveredServer {
    return this.#discovered;
  }

  get entry(): ServerEntry {
    return this.#discovered.entry;
  }

  get title(): string {
    return this.#discovered.title;
  }

  get name(): string {
    return this.#name;
  }

  get state(): ManagedServerState {
    if (this.#failure !== undefined) return { kind: 'failed', reason: this.#failure, isCrashLoop: false };
    return this.#supervisor?.state ?? { kind: 'stopped', isByUser: false };
  }

  get figures(): ServerFigures | undefined {
    return this.#supervisor?.stats;
  }

  get era(): string | undefined {
    return this.#supervisor?.era;
  }

  get supervisor(): ManagedServerSupervisor | undefined {
    return this.#supervisor;
  }

  /** What the server said of itself to our own client. */
  get introduction(): ServerIntroduction | undefined {
    return this.#introduction;
  }

  /** What resolving its variables found. */
  get resolutionProblems(): readonly ConfigProblem[] {
    return this.#resolutionProblems;
  }

  /** What is known of its lists without asking. */
  get lists(): Partial<ServerLists> {
    return this.#lists;
  }

  /** How its tools differ from those that a person has seen, while nobody has agreed to that. */
  get changes(): NewTools | undefined {
    return this.#changes;
  }

  get filter(): ServerFilter | undefined {
    return this.#surroundings.filter(this.title);
  }

  /** How requests to it are signed, where they are: as the user's options say, or its definition. */
  get signing(): Partial<RequestSigning> | undefined {
    const { template } = this.entry;
    if (template.transport === 'stdio') return undefined;
    return this.#surroundings.signing(this.title) ?? template.signing;
  }

  /** Takes what the files say now. What runs by another definition ends; it has to be agreed to again. */
  update(discovered: DiscoveredServer, name: string): void {
    const isSame =
      name === this.#name && canonicalJson(definitionOf(discovered)) === canonicalJson(definitionOf(this.#discovered));
    this.#discovered = discovered;
    this.#name = name;
    if (isSame) return;
    this.#drop();
    this.#lists = {};
    this.#introduction = undefined;
    this.#changed.fire();
  }

  /** Takes other options; sessions of clients end and begin again with them. */
  async applyOptions(): Promise<void> {
    const { signing } = this;
    if (canonicalJson(signing ?? null) !== canonicalJson(this.#preparedSigning ?? null)) {
      // Decided when the definition is made.
      this.#drop();
      this.#changed.fire();
      return;
    }
    const supervisor = this.#supervisor;
    if (!supervisor) return;
    const { filter: _before, ...server } = supervisor.server;
    const { filter } = this;
    await supervisor.replace(filter ? { ...server, filter } : server);
  }

  /**
   * Everything that is needed before a client may be let through to it: the person's agreement and values of variables.
   * @throws WorkbenchError `ConsentRefused`, `PolicyDenied`, `InvalidInput`
   */
  async prepare(options: StartOptions): Promise<ManagedServerSupervisor> {
    const { approvals, approve } = this.#surroundings;
    if (this.#isDisposed) throw gone(this.title);
    if (options.isByPerson) await approve(() => (this.#isDisposed ? undefined : this.entry), this.signing);
    else approvals.assertMayStart(this.entry);
    if (this.#supervisor) return this.#supervisor;
    this.#preparing ??= this.#prepare(options).finally(() => (this.#preparing = undefined));
    return this.#preparing;
  }

  /**
   * Starts it with a client of our own, which stays until the server stops.
   * @throws WorkbenchError as `prepare` and `UpstreamClient.connect`
   */
  async connect(options: StartOptions, signal: AbortSignal): Promise<UpstreamClient> {
    if (this.#client) return this.#client;
    const supervisor = await this.prepare(options);
    if (options.isByPerson && supervisor.state.kind === 'stopped') supervisor.start();
    this.#connecting ??= this.#connect(supervisor, signal).finally(() => (this.#connecting = undefined));
    return this.#connecting;
  }

  /** Lets it start again and starts it. */
  async start(signal: AbortSignal): Promise<void> {
    this.#failure = undefined;
    const supervisor = await this.prepare({ isByPerson: true });
    const isUp = supervisor.state.kind === 'ready';
    if (!isUp) supervisor.start();
    const known = this.#client;
    const client = await this.connect({ isByPerson: true }, signal);
    // A session that outlived what was wrong has to show that it is good again.
    if (!isUp && client === known) await client.check(signal);
  }

  async stop(): Promise<void> {
    this.#failure = undefined;
    await this.#closeClient();
    await this.#supervisor?.stop();
    this.#changed.fire();
  }

  async restart(signal: AbortSignal): Promise<void> {
    await this.reset();
    await this.start(signal);
  }

  /** Stops it, so that variables are looked up again with the next start: what they mean may have changed. */
  async reset(): Promise<void> {
    await this.stop();
    this.#drop();
    this.#changed.fire();
  }

  /** Reads one of its lists, starting the server for it; with `isFresh` also one that is known. */
  async list<K extends keyof ServerLists>(
    kind: K,
    options: StartOptions & { isFresh?: boolean },
    signal: AbortSignal,
  ): Promise<ServerLists[K]> {
    const known = this.#lists[kind];
    if (known && options.isFresh !== true) return known;
    const client = await this.connect(options, signal);
    const list = (await this.#read(client, kind, signal)) as ServerLists[K];
    this.#lists[kind] = list;
    if (kind === 'tools') await this.#compare(list as readonly Tool[], ownClient);
    this.#changed.fire();
    return list;
  }

  /**
   * Makes any request by hand, starting the server for it; the person is asked whether it may start where they were not.
   * @throws WorkbenchError as `connect`, and where no response comes
   */
  async request(method: string, params: Readonly<Record<string, unknown>>, options: CallOptions): Promise<CallOutcome> {
    const client = await this.connect({ isByPerson: true }, options.signal);
    return client.request(method, params, options);
  }

  /** Checks it. @throws WorkbenchError where it does not answer */
  async check(signal: AbortSignal): Promise<HealthReport> {
    const client = await this.connect({ isByPerson: true }, signal);
    const seen = await this.#surroundings.baselines.read(this.key);
    const report = await checkHealth(client, seen && toolsSeenBy(seen, ownClient), signal);
    this.#lists = { ...this.#lists, tools: report.tools };
    await this.#compare(report.tools, ownClient);
    this.#changed.fire();
    return report;
  }

  /** Says that a person has seen how its tools changed. */
  async acceptChanges(): Promise<void> {
    if (!this.#changes) return;
    const { after, client } = this.#changes;
    const { baselines } = this.#surroundings;
    await baselines.write(this.key, withSeen(await baselines.read(this.key), client, after));
    this.#changes = undefined;
    this.#changed.fire();
  }

  /** Says that somebody is signed in to AWS now: what waited for that can be tried again. */
  noteSignIn(): void {
    if (this.signing && this.#supervisor?.state.kind === 'needsSignIn') this.#supervisor.start();
  }

  /** Resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#isDisposed = true;
    this.#drop();
    await Promise.all(this.#closing);
    this.#changed.dispose();
    this.#listsChanged.dispose();
  }

  async #prepare({ isByPerson }: StartOptions): Promise<ManagedServerSupervisor> {
    const { askInput, environment, isWorkspaceTrusted, logger, secrets, setting, upstream } = this.#surroundings;
    const generation = this.#generation;
    const { entry } = this;
    try {
      const resolution = await resolveServer(entry, {
        environment: environment(),
        reader: diskConfigReader,
        isWorkspaceTrusted: isWorkspaceTrusted(),
        askInput: (input) => askInput(input, entry, isByPerson),
        setting,
      });
      this.#resolutionProblems = resolution.problems;
      const discovered = { ...this.#discovered, name: this.#name };
      const { signing } = this;
      this.#preparedSigning = signing;
      const managed = managedDefinition(discovered, resolution, signing);
      if (!managed) {
        const reasons = resolution.problems.filter(({ severity }) => severity === 'error');
        throw new WorkbenchError('InvalidInput', reasons.map(({ message }) => message).join(' '), {
          remedy: 'Correct the definition, or start the server in the Servers view and enter what it needs.',
        });
      }
      if (generation !== this.#generation || this.#isDisposed) throw gone(this.title);
      secrets.replace(`discovered/${discovered.id}/`, managed.secrets);
      const { filter } = this;
      const definition: ManagedServer = filter ? { ...managed.definition, filter } : managed.definition;
      const supervisor = new ManagedServerSupervisor(definition, {
        ...upstream,
        secrets,
        logger,
        // Asked again at each start: trust can be taken back, and the file can change.
        beforeStart: () => {
          this.#surroundings.approvals.assertMayStart(this.entry);
          return Promise.resolve();
        },
      });
      this.#failure = undefined;
      this.#supervisor = supervisor;
      this.#subscriptions = [supervisor.onDidChange(() => this.#changed.fire())];
      return supervisor;
    } catch (error) {
      if (generation === this.#generation && !WorkbenchError.is(error, 'ConsentRefused')) {
        this.#failure = messageOf(error);
        this.#changed.fire();
      }
      throw error;
    }
  }

  async #connect(supervisor: ManagedServerSupervisor, signal: AbortSignal): Promise<UpstreamClient> {
    const { answer, secrets, recorder, version } = this.#surroundings;
    const generation = this.#generation;
    let client: UpstreamClient;
    try {
      const implementation = { name: 'mcp-workbench', title: 'MCP Workbench', version };
      client = await UpstreamClient.connect(
        {
          supervisor,
          secrets,
          recorder,
          records: recorder,
          implementation,
          capabilities: elicitationCapabilities,
          configure: (sdk) => answerElicitations(sdk, this.title, () => this.#client?.isCalling === true, answer),
        },
        signal,
      );
    } catch (error) {
      // Not every way to fail is noted where it happens.
      if (generation === this.#generation && supervisor.state.kind !== 'failed') supervisor.noteFailure(error);
      throw error;
    }
    if (generation !== this.#generation || this.#isDisposed) {
      await client.close();
      throw gone(this.title);
    }
    this.#client = client;
    this.#introduction = client.introduction;
    client.onDidChangeList((list) => this.#noteOwnListChanged(list));
    client.onDidClose(() => {
      if (this.#client === client) this.#client = undefined;
      this.#changed.fire();
    });
    // Another server may be there than last time.
    this.#lists = {};
    this.#changed.fire();
    return client;
  }

  /** Takes the tools that a client, by its name, has just listed through the relay. */
  async noteTools(tools: readonly Tool[], client: string): Promise<void> {
    if (this.#isDisposed) return;
    const isUnknown = this.#lists.tools === undefined;
    if (isUnknown) this.#lists.tools = tools;
    await this.#compare(tools, client);
    if (isUnknown) this.#listsChanged.fire('tools');
    this.#changed.fire();
  }

  /** Says that a list changed, as the server told a client. */
  noteListChanged(list: ChangedList): void {
    delete this.#lists[list];
    if (list === 'resources') delete this.#lists.resourceTemplates;
    this.#listsChanged.fire(list);
    this.#changed.fire();
  }

  /** The same where the server told us: then nobody else may ask for the tools, though a change is to be pointed out. */
  #noteOwnListChanged(list: ChangedList): void {
    this.noteListChanged(list);
    if (list !== 'tools' || this.#looking) return;
    this.#looking = this.list('tools', { isByPerson: false }, AbortSignal.timeout(listTimeoutMs))
      .catch((error: unknown) => this.#surroundings.logger.debug(`${this.title}: ${messageOf(error)}`))
      .finally(() => (this.#looking = undefined));
  }

  async #read(client: UpstreamClient, kind: keyof ServerLists, signal: AbortSignal): Promise<readonly object[]> {
    switch (kind) {
      case 'tools':
        return client.listTools(signal);
      case 'resources':
        return client.listResources(signal);
      case 'resourceTemplates':
        return client.listResourceTemplates(signal);
      case 'prompts':
        break;
    }
    return client.listPrompts(signal);
  }

  /** Holds tools against those that a person has seen; the first ones are taken for seen. */
  async #compare(tools: readonly Tool[], client: string): Promise<void> {
    const { baselines } = this.#surroundings;
    const seen = await baselines.read(this.key);
    const found = seen && newTools(seen, client, tools);
    // What another client was offered stays to be looked at.
    if (found) this.#changes = { ...found, client };
    else if (this.#changes?.client === client) this.#changes = undefined;
    if (!found) await baselines.write(this.key, withSeen(seen, client, tools));
  }

  async #closeClient(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
  }

  /** Ends what runs, and forgets how it was started. */
  #drop(): void {
    this.#generation++;
    this.#failure = undefined;
    this.#resolutionProblems = [];
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
    const supervisor = this.#supervisor;
    this.#supervisor = undefined;
    this.#preparing = undefined;
    this.#connecting = undefined;
    const closing = Promise.all([this.#closeClient().catch(() => undefined), supervisor?.close()]).finally(() =>
      this.#closing.delete(closing),
    );
    this.#closing.add(closing);
  }
}

/** What decides how it runs. */
function definitionOf({ entry }: DiscoveredServer): unknown {
  return [entry.template, entry.file.path, entry.path, entry.folder?.path, [...entry.inputs.values()]];
}

function gone(title: string): WorkbenchError {
  return new WorkbenchError('Cancelled', `The definition of the server ${title} changed meanwhile.`, {
    remedy: 'Try again.',
  });
}
