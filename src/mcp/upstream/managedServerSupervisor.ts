import type { AwsCredentialIdentity } from '@smithy/types';
import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { messageOf, WorkbenchError } from '../../core/errors';
import type { Logger } from '../../core/logger';
import type { ProtocolEra } from '../../traffic/wireRecord';
import { HttpUpstream } from './httpUpstream';
import type { ManagedServer } from './managedServer';
import type { MessageUpstream, UpstreamEnd, UpstreamListener } from './messageUpstream';
import { OAuthSession } from './oauthSession';
import { noAuthorizer, type RequestAuthorizer } from './requestAuthorizer';
import type { RequestSigning } from './requestSigning';
import { RestartPolicy } from './restartPolicy';
import { resolveSetting, type SecretStore } from './secretSource';
import { serverEnvironment } from './serverProcess';
import { ServerStats, type ServerFigures } from './serverStats';
import { SignedRequests } from './signedRequests';
import { openSseUpstream } from './sseUpstream';
import { startStdioUpstream } from './stdioUpstream';
import { TextTail } from './textTail';

/** How a managed server stands. */
export type ManagedServerState =
  /** Nothing of it runs. It starts with the next client unless a person stopped it. */
  | { kind: 'stopped'; isByUser: boolean }
  | { kind: 'starting' }
  | { kind: 'ready' }
  /** `isCrashLoop`: it starts again only when a person says so. `retryAt`: milliseconds since the epoch. */
  | { kind: 'failed'; reason: string; isCrashLoop: boolean; retryAt?: number }
  | { kind: 'needsSignIn'; reason: string };

/** What managed servers need of the program around them. */
export interface UpstreamContext {
  secrets: SecretStore;
  logger: Logger;
  /**
   * Credentials of an AWS profile, or of the current identity where none is named. Asked for each request.
   * @throws WorkbenchError `SignInRequired`
   */
  awsCredentials?(
    wanted: Pick<RequestSigning, 'profile' | 'region'>,
    signal: AbortSignal | undefined,
  ): Promise<AwsCredentialIdentity>;
  /** Opens a page for a person; without it nobody can sign in. */
  readonly openBrowser?: (url: URL) => Promise<void>;
  /** The address under which that browser reaches a port of this machine; absent: the same one. */
  readonly externalUri?: (uri: URL) => Promise<URL>;
  /** URL of our client's metadata document (OAuth client-id metadata), where there is one. */
  clientMetadataUrl?: string;
  /**
   * Asked before each start of a process and each first connection.
   * @throws WorkbenchError `PolicyDenied` where the user has not agreed to exactly this definition.
   */
  beforeStart?(server: ManagedServer): Promise<void>;
  /** Milliseconds for which the first answer of a started process may take. Default 60 s. */
  startTimeoutMs?: number;
}

const keptLogChars = 256 * 1024;
const maxStarts = 32;
/** Milliseconds that a start waits for the rest after a crash; clients of a longer rest are told. */
const maxWaitMs = 2500;
/** Milliseconds between looks at a server that owes an answer. */
const silenceMs = 5000;

/**
 * Owns what runs for one managed server: its processes and connections, how they do, and what becomes of them when they
 * fail. Several clients may each have a process of their own; this is the one place that knows all of them.
 */
export class ManagedServerSupervisor implements Disposable {
  readonly #context: UpstreamContext;
  readonly #stats = new ServerStats();
  readonly #restarts = new RestartPolicy();
  readonly #log = new TextTail(keptLogChars);
  readonly #changed = new Emitter<void>();
  readonly #logged = new Emitter<string>();
  readonly #replaced = new Emitter<void>();
  readonly #open = new Set<MessageUpstream>();
  readonly #closing = new Set<Promise<void>>();
  #server: ManagedServer;
  #state: ManagedServerState = { kind: 'stopped', isByUser: false };
  #starting = 0;
  #http: HttpUpstream | undefined;
  #oauth: OAuthSession | undefined;
  #era: ProtocolEra | undefined;
  #generation = 0;
  #changeTimer: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor(server: ManagedServer, context: UpstreamContext) {
    this.#server = server;
    this.#context = context;
  }

  get server(): ManagedServer {
    return this.#server;
  }

  get state(): ManagedServerState {
    return this.#state;
  }

  get stats(): ServerFigures {
    return this.#stats.figures;
  }

  /** Era of the latest answer. */
  get era(): ProtocolEra | undefined {
    return this.#era;
  }

  /** Ids of the processes that run now. */
  get pids(): number[] {
    return [...this.#open].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** The end of what the server wrote to standard error. It may hold secrets: show it to its user, send it nowhere. */
  get log(): string {
    return this.#log.toString();
  }

  /** Fires when the state changes, and at most once a second while figures do. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  get onDidLog(): Event<string> {
    return this.#logged.event;
  }

  /** Fires when everything that ran was ended by us: whoever keeps sessions must end them. */
  get onDidReplace(): Event<void> {
    return this.#replaced.event;
  }

  /** Lets the server run again after `stop`, a crash loop or a failure. It starts with its next client. */
  start(): void {
    this.#restarts.reset();
    this.#setState({ kind: 'stopped', isByUser: false });
  }

  /** Ends everything that runs and keeps it from starting until `start`. */
  async stop(): Promise<void> {
    this.#setState({ kind: 'stopped', isByUser: true });
    await this.#endAll();
  }

  async restart(): Promise<void> {
    await this.stop();
    this.start();
  }

  /** Takes another definition of the same server; what runs by the old one ends. */
  async replace(server: ManagedServer): Promise<void> {
    const wasStopped = this.#state.kind === 'stopped' && this.#state.isByUser;
    this.#server = server;
    this.#oauth = undefined;
    await this.#endAll();
    if (!wasStopped) this.start();
  }

  /**
   * Starts a process, or connects, for messages one by one. Only for servers over stdio and HTTP+SSE.
   * @throws WorkbenchError `PolicyDenied` while the server is stopped or not trusted, `SignInRequired`, `NotFound`,
   * `Timeout`, `Internal`, `Cancelled`.
   */
  async openMessages(listener: UpstreamListener): Promise<MessageUpstream> {
    const server = this.#server;
    if (server.transport === 'http') throw new Error('A server over HTTP takes requests');
    this.#checkMayStart();
    const generation = this.#generation;
    this.#starting++;
    if (this.#state.kind !== 'ready') this.#setState({ kind: 'starting' });
    try {
      await this.#context.beforeStart?.(server);
      const restMs = this.#restarts.delayMs(Date.now());
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
      if (generation !== this.#generation) throw stopped(server.name);
      const upstream = await this.#openOne(listener);
      if (generation !== this.#generation || this.#isDisposed) {
        await upstream.close();
        throw stopped(server.name);
      }
      return upstream;
    } catch (error) {
      if (generation === this.#generation) this.noteFailure(error);
      throw error;
    } finally {
      this.#starting--;
    }
  }

  /**
   * The connection to a server over HTTP.
   * @throws WorkbenchError `PolicyDenied` while the server is stopped or not trusted.
   */
  async openHttp(): Promise<HttpUpstream> {
    const server = this.#server;
    if (server.transport === 'stdio') throw new Error('A server over stdio takes messages');
    if (this.#state.kind === 'stopped' && this.#state.isByUser) throw stopped(server.name);
    if (this.#isDisposed) throw stopped(server.name);
    if (this.#http) return this.#http;
    const generation = this.#generation;
    await this.#context.beforeStart?.(server);
    const authorizer = this.authorizer();
    if (generation !== this.#generation) throw stopped(server.name);
    this.#http ??= new HttpUpstream({ server, secrets: this.#context.secrets, authorizer });
    return this.#http;
  }

  /** The sign-in of a server that wants OAuth; `undefined` for others. */
  oauth(): OAuthSession | undefined {
    const server = this.#server;
    if (server.transport === 'stdio' || server.auth.kind !== 'oauth') return undefined;
    if (!this.#oauth) {
      const { secrets, logger, openBrowser, externalUri, clientMetadataUrl } = this.#context;
      this.#oauth ??= new OAuthSession({ server, secrets, logger, openBrowser, externalUri, clientMetadataUrl });
    }
    return this.#oauth;
  }

  /** Says to the server who asks. */
  authorizer(): RequestAuthorizer {
    const server = this.#server;
    if (server.transport === 'stdio' || server.auth.kind === 'none') return noAuthorizer;
    if (server.auth.kind === 'oauth') return this.oauth()!;
    const { service, region } = server.auth;
    const wanted = server.auth;
    return new SignedRequests({
      service,
      region,
      credentials: async (signal) => {
        if (this.#context.awsCredentials) return this.#context.awsCredentials(wanted, signal);
        throw new WorkbenchError('SignInRequired', 'There are no AWS credentials.', { remedy: 'Choose a profile.' });
      },
    });
  }

  /** Notes a request that goes to the server. */
  noteRequest(method: string): void {
    this.#stats.begin(method);
    this.#figuresChanged();
  }

  /** Notes its answer, or with `undefined` that there was none. @param method of the request, where it can be a stream */
  noteAnswer(milliseconds: number | undefined, isError: boolean, method = ''): void {
    this.#stats.end(milliseconds, isError, method);
    this.#figuresChanged();
    // Whoever was signed in to since, or was only let go of, speaks again.
    const { kind } = this.#state;
    if (milliseconds !== undefined && !isError && (kind === 'needsSignIn' || kind === 'stopped')) this.noteReady();
  }

  /** Notes that the server lives and speaks. */
  noteReady(era?: ProtocolEra): void {
    if (era !== undefined && era !== this.#era) {
      this.#era = era;
      this.#figuresChanged();
    }
    if (this.#state.kind === 'ready' || (this.#state.kind === 'stopped' && this.#state.isByUser)) return;
    this.#setState({ kind: 'ready' });
  }

  /** Notes why the server could not be reached. */
  noteFailure(error: unknown): void {
    if (this.#state.kind === 'stopped' && this.#state.isByUser) return;
    if (WorkbenchError.is(error, 'Cancelled') || WorkbenchError.is(error, 'PolicyDenied')) {
      if (this.#open.size === 0 && this.#state.kind === 'starting')
        this.#setState({ kind: 'stopped', isByUser: false });
      return;
    }
    if (WorkbenchError.is(error, 'SignInRequired')) {
      this.#setState({ kind: 'needsSignIn', reason: error.message });
      return;
    }
    this.#setState({ kind: 'failed', reason: messageOf(error), isCrashLoop: false });
  }

  /** Resolves when nothing of the server is left. */
  async close(): Promise<void> {
    this.dispose();
    await Promise.all(this.#closing);
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    clearTimeout(this.#changeTimer);
    void this.#endAll();
    this.#changed.dispose();
    this.#logged.dispose();
    this.#replaced.dispose();
  }

  async #openOne(listener: UpstreamListener): Promise<MessageUpstream> {
    const server = this.#server;
    let upstream: MessageUpstream | undefined;
    let watchdog: NodeJS.Timeout | undefined;
    let silence: UpstreamEnd | undefined;
    const watched: UpstreamListener = {
      onMessage: (message) => {
        this.#stats.heard();
        if (watchdog !== undefined) {
          clearTimeout(watchdog);
          watchdog = undefined;
          this.noteReady();
        }
        listener.onMessage(message);
      },
      onUnreadable: (raw) => listener.onUnreadable?.(raw),
      onEnd: (end) => {
        clearTimeout(watchdog);
        if (upstream) this.#open.delete(upstream);
        this.#noteEnd(silence ?? end);
        listener.onEnd(silence ?? end);
      },
    };
    const onLog = (text: string): void => {
      this.#log.append(text);
      this.#logged.fire(text);
    };
    if (server.transport === 'stdio') {
      const changes: Record<string, string | null> = {};
      for (const [name, value] of Object.entries(server.env)) {
        changes[name] = value === null ? null : await resolveSetting(value, this.#context.secrets);
      }
      upstream = await startStdioUpstream({
        command: server.command,
        args: server.args,
        env: serverEnvironment(process.env, changes),
        cwd: server.cwd,
        listener: watched,
        onLog,
      });
    } else {
      upstream = await openSseUpstream({ http: await this.openHttp(), listener: watched, onLog });
    }
    if (!upstream.isEnded) this.#open.add(upstream);
    const { startTimeoutMs = 60_000 } = this.#context;
    const watchedUpstream = upstream;
    // Until it has said anything nobody knows whether it is a server at all.
    watchdog = setTimeout(() => {
      const seconds = Math.ceil(startTimeoutMs / 1000);
      silence = { kind: 'failed', message: `The server said nothing for ${seconds} seconds after its start.` };
      void this.#closeOne(watchedUpstream);
    }, startTimeoutMs).unref();
    return upstream;
  }

  #checkMayStart(): void {
    const { name } = this.#server;
    const state = this.#state;
    if (this.#isDisposed || (state.kind === 'stopped' && state.isByUser)) throw stopped(name);
    if (this.#restarts.isLooping) {
      throw new WorkbenchError(
        'Internal',
        `The server ${name} crashed several times in a row and is not started again by itself. ${state.kind === 'failed' ? state.reason : ''}`.trim(),
        { remedy: 'Read its log, correct its definition, and start it again in the Servers view.' },
      );
    }
    if (this.#restarts.delayMs(Date.now()) > maxWaitMs) {
      throw new WorkbenchError('Throttled', `The server ${name} has just crashed and rests for a moment.`, {
        remedy: `Try again in ${Math.ceil(this.#restarts.delayMs(Date.now()) / 1000)} seconds.`,
      });
    }
    if (this.#open.size + this.#starting >= maxStarts) {
      throw new WorkbenchError('Throttled', `The server ${name} runs for too many clients at once.`, {
        remedy: 'Close clients that you do not use.',
      });
    }
  }

  #noteEnd(end: UpstreamEnd): void {
    this.#context.logger.info(`${this.#server.name}: ${end.message}`);
    if (end.kind === 'stopped') {
      if (this.#open.size === 0 && this.#starting === 0 && this.#state.kind !== 'failed') {
        const isByUser = this.#state.kind === 'stopped' && this.#state.isByUser;
        this.#setState({ kind: 'stopped', isByUser });
      }
      return;
    }
    const now = Date.now();
    this.#restarts.noteCrash(now);
    const delayMs = this.#restarts.delayMs(now);
    this.#setState({
      kind: 'failed',
      reason: end.message,
      isCrashLoop: this.#restarts.isLooping,
      ...(this.#restarts.isLooping ? {} : { retryAt: now + delayMs }),
    });
  }

  async #endAll(): Promise<void> {
    this.#generation++;
    this.#http?.close();
    this.#http = undefined;
    const open = [...this.#open];
    const ending = Promise.all(open.map((upstream) => this.#closeOne(upstream)));
    this.#replaced.fire();
    await ending;
  }

  async #closeOne(upstream: MessageUpstream): Promise<void> {
    const closing = upstream.close();
    this.#closing.add(closing);
    try {
      await closing;
    } finally {
      this.#closing.delete(closing);
    }
  }

  #setState(state: ManagedServerState): void {
    this.#state = state;
    this.#changed.fire();
  }

  #figuresChanged(afterMs = 1000): void {
    if (this.#changeTimer !== undefined || this.#isDisposed) return;
    this.#changeTimer = setTimeout(() => {
      this.#changeTimer = undefined;
      this.#changed.fire();
      // A server that hangs does nothing that could be noticed.
      if (this.#stats.pendingCount > 0) this.#figuresChanged(silenceMs);
    }, afterMs).unref();
  }
}

function stopped(name: string): WorkbenchError {
  return new WorkbenchError('PolicyDenied', `The server ${name} is stopped.`, {
    remedy: 'Start it in the Servers view.',
  });
}
