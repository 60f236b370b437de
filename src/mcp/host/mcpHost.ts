import { randomBytes } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Transport } from '@modelcontextprotocol/server';
import { toDisposable, type Disposable } from '../../core/disposable';
import type { Event } from '../../core/emitter';
import { messageOf, WorkbenchError } from '../../core/errors';
import type { Logger } from '../../core/logger';
import type { TrafficSink } from '../../traffic/trafficChannel';
import type { ServerFeatures } from '../server/serverFeatures';
import { answerRefusal } from './answer';
import type { ClientConnection, ConnectionTransport } from './clientConnection';
import { ConnectionList } from './connectionList';
import { Credential } from './credential';
import { defaultHostLimits, type HostLimits } from './hostLimits';
import type { AdmittedRequest, HostRoute, RequestKind } from './hostRoute';
import { Listener } from './listener';
import { McpEndpoint } from './mcpEndpoint';
import { readJsonBody } from './requestBody';
import { bodyRefusalOf, busy, notFound, refusalOf, serverError, type Gate, type Refusal } from './requestGuard';
import { serveConnection, type ServedConnection } from './serveConnection';
import { makeSocketPlace, type SocketPlace } from './socketFolder';

export interface McpHostOptions {
  /** Served under `/mcp`. */
  features: ServerFeatures;
  recorder: TrafficSink;
  logger: Logger;
  /** Display name of the server in wire records, e.g. `AWS tools`. */
  serverName: string;
  limits?: Partial<HostLimits>;
  /** Values of `Origin` that are let in, exactly as a browser sends them. Default none: programs send no `Origin`. */
  allowedOrigins?: readonly string[];
}

/** Where the private listener is and what it takes to use it. */
export interface SocketEndpoint {
  /** Path of the unix socket, or name of the named pipe on Windows. */
  socketPath: string;
  /** Send as `Authorization: Bearer <secret>`. */
  secret: string;
  /** HTTP path of our server, `/mcp`. */
  path: string;
}

export interface LoopbackOptions {
  /** 0 or absent for any free port. */
  port?: number;
  /** At least 32 characters; send as `Authorization: Bearer <token>`. */
  token: string;
}

/** Path of our own server. */
const ownPath = '/mcp';

const minTokenLength = 32;

/** Milliseconds for which last words to clients may still arrive when a listener stops. */
const farewellMs = 500;

const noBody = Buffer.alloc(0);

interface OpenSocket {
  endpoint: SocketEndpoint;
  listener: Listener;
  place: SocketPlace;
}

interface OpenLoopback {
  url: string;
  listener: Listener;
  gate: Gate;
}

/**
 * Serves MCP to clients on this machine, both protocol eras on one path: on a private socket for the editor and, where
 * the user wants it, on loopback TCP for other programs.
 */
export class McpHost {
  readonly #options: McpHostOptions;
  readonly #limits: HostLimits;
  readonly #connections = new ConnectionList();
  readonly #routes = new Map<string, HostRoute>();
  readonly #served = new Set<ServedConnection>();
  /** Requests whose bodies are being read, and places taken for good by requests and streams. */
  readonly #taken = { body: 0, call: 0, stream: 0 };
  #socket: Promise<OpenSocket> | undefined;
  #loopback: OpenLoopback | undefined;
  /** Changes of the loopback listener happen one after another. */
  #loopbackChange: Promise<unknown> = Promise.resolve();
  #sweepTimer: NodeJS.Timeout | undefined;
  #disposal: Promise<void> | undefined;

  constructor(options: McpHostOptions) {
    this.#options = options;
    this.#limits = { ...defaultHostLimits, ...options.limits };
    this.#routes.set(
      ownPath,
      new McpEndpoint({
        features: options.features,
        recorder: options.recorder,
        logger: options.logger,
        serverName: options.serverName,
        limits: this.#limits,
        connections: this.#connections,
        path: ownPath,
      }),
    );
  }

  /** Fires when a client comes, goes or says who it is, and at most once a second while clients work. */
  get onDidChangeConnections(): Event<void> {
    return this.#connections.onDidChange;
  }

  /** Clients that are connected now, oldest first. */
  get connections(): readonly ClientConnection[] {
    return this.#connections.all;
  }

  /** Where the routes that were added list the clients that they serve. */
  get connectionList(): ConnectionList {
    return this.#connections;
  }

  /** Address of the loopback listener while it is on, e.g. `http://127.0.0.1:4711/mcp`. */
  get loopbackUrl(): string | undefined {
    return this.#loopback?.url;
  }

  /**
   * Starts the private listener; called again it gives the same endpoint.
   * @throws WorkbenchError `Internal` where no socket can be made.
   */
  async listenOnSocket(): Promise<SocketEndpoint> {
    this.#checkAlive();
    this.#socket ??= this.#openSocket();
    try {
      return (await this.#socket).endpoint;
    } catch (error) {
      this.#socket = undefined;
      throw error;
    }
  }

  /**
   * Starts the loopback listener on 127.0.0.1. Called while it is on, it moves to the new port and token.
   * @throws WorkbenchError `InvalidInput` for a token that is too short or a port that is taken.
   */
  async listenOnLoopback({ port = 0, token }: LoopbackOptions): Promise<{ url: string }> {
    this.#checkAlive();
    checkToken(token);
    return this.#changeLoopback(async () => {
      await this.#closeLoopback();
      this.#checkAlive();
      const hosts = new Set<string>();
      const gate: Gate = { hosts, origins: this.#origins, credential: new Credential(token) };
      const listener = this.#makeListener(gate, 'loopback');
      try {
        await listener.listen({ host: '127.0.0.1', port, exclusive: true });
      } catch (cause) {
        throw new WorkbenchError('InvalidInput', `Port ${port} cannot be used: ${messageOf(cause)}`, {
          remedy: 'Choose another port, or 0 for any that is free.',
          cause,
        });
      }
      hosts.add(`127.0.0.1:${listener.port}`).add(`localhost:${listener.port}`);
      const url = `http://127.0.0.1:${listener.port}${ownPath}`;
      this.#loopback = { url, listener, gate };
      this.#startSweeping();
      return { url };
    });
  }

  /**
   * Replaces the token of the loopback listener: every session and stream that used the old one ends.
   * @throws WorkbenchError `InvalidInput` for a token that is too short.
   */
  async rotateLoopbackToken(token: string): Promise<void> {
    checkToken(token);
    await this.#changeLoopback(async () => {
      if (!this.#loopback) return;
      this.#loopback.gate.credential = new Credential(token);
      await this.#closeRoutes('loopback');
      await this.#loopback.listener.breakConnections(farewellMs);
    });
  }

  /** Stops the loopback listener and ends everything that came over it. */
  async stopLoopback(): Promise<void> {
    await this.#changeLoopback(() => this.#closeLoopback());
  }

  /**
   * Serves something else under a path beside `/mcp`, behind the same guards. Disposing of the result closes the route.
   * @param path starts with `/`, compared exactly, without a query.
   */
  addRoute(path: string, route: HostRoute): Disposable {
    this.#checkAlive();
    if (this.#routes.has(path)) throw new Error(`Two routes have the path ${path}`);
    this.#routes.set(path, route);
    return toDisposable(() => {
      this.#routes.delete(path);
      route.close().catch((error: unknown) => this.#options.logger.warn(`${path}: ${messageOf(error)}`));
    });
  }

  /**
   * Serves a client inside this program on `/mcp`, without a listener. It is listed and recorded as all others are.
   * @param wire the server's end of a transport; it is closed with the host.
   */
  serve(wire: Transport): ServedConnection {
    this.#checkAlive();
    const { features, recorder, logger, serverName } = this.#options;
    const connections = this.#connections;
    const served = serveConnection({
      features,
      recorder,
      logger,
      serverName,
      wire,
      connections,
      transport: 'inProcess',
      path: ownPath,
    });
    this.#served.add(served);
    void served.closed.then(() => this.#served.delete(served));
    return served;
  }

  /** Ends all sessions and listeners, and removes the socket. Safe to call twice. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    clearInterval(this.#sweepTimer);
    // One that is still being made must not be left behind, and one that failed leaves nothing.
    const socket = await this.#socket?.catch(() => undefined);
    await this.#changeLoopback(async () => {
      const listeners = [socket?.listener, this.#loopback?.listener].filter((listener) => listener !== undefined);
      this.#loopback = undefined;
      await this.#stop(listeners);
    });
    await socket?.place.remove();
    await Promise.all([...this.#served].map((served) => served.close()));
    this.#connections.dispose();
  }

  /** Stops listeners, with last words to the clients of one transport or of all. */
  async #stop(listeners: readonly Listener[], transport?: ConnectionTransport): Promise<void> {
    const stopped = listeners.map((listener) => listener.stopAccepting());
    await this.#closeRoutes(transport);
    await Promise.all(listeners.map((listener) => listener.breakConnections(farewellMs)));
    await Promise.all(stopped);
  }

  get #origins(): ReadonlySet<string> {
    return new Set(this.#options.allowedOrigins);
  }

  async #openSocket(): Promise<OpenSocket> {
    const place = await makeSocketPlace();
    const secret = randomBytes(32).toString('base64url');
    const gate: Gate = { hosts: new Set(['localhost']), origins: this.#origins, credential: new Credential(secret) };
    const listener = this.#makeListener(gate, 'socket');
    try {
      await listener.listen({ path: place.path });
      if (process.platform !== 'win32') await chmod(place.path, 0o600);
    } catch (cause) {
      await place.remove();
      throw new WorkbenchError('Internal', `The private socket could not be made: ${messageOf(cause)}`, {
        remedy: 'Set TMPDIR to a folder on a local disk that you can write to.',
        cause,
      });
    }
    this.#startSweeping();
    return { endpoint: { socketPath: place.path, secret, path: ownPath }, listener, place };
  }

  #makeListener(gate: Gate, transport: ConnectionTransport): Listener {
    return new Listener(
      this.#limits,
      (message, response) => this.#onRequest(message, response, gate, transport),
      (error) => this.#options.logger.warn(`The ${transport} listener: ${error.message}`),
    );
  }

  #changeLoopback<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#loopbackChange.then(change);
    this.#loopbackChange = done.catch(() => undefined);
    return done;
  }

  async #closeLoopback(): Promise<void> {
    const loopback = this.#loopback;
    if (!loopback) return;
    this.#loopback = undefined;
    await this.#stop([loopback.listener], 'loopback');
  }

  async #closeRoutes(transport?: ConnectionTransport): Promise<void> {
    for (const route of this.#routes.values()) {
      await route.close(transport).catch((error: unknown) => this.#options.logger.warn(messageOf(error)));
    }
  }

  #startSweeping(): void {
    if (this.#sweepTimer || this.#disposal) return;
    const interval = Math.min(this.#limits.sessionIdleMs, this.#limits.modernLingerMs) / 4;
    this.#sweepTimer = setInterval(
      () => {
        const now = Date.now();
        for (const route of this.#routes.values()) route.sweep?.(now);
      },
      Math.max(20, Math.min(interval, 30_000)),
    ).unref();
  }

  #checkAlive(): void {
    if (!this.#disposal) return;
    throw new WorkbenchError('Internal', 'The MCP server has been stopped.', { remedy: 'Reload the window.' });
  }

  #onRequest(message: IncomingMessage, response: ServerResponse, gate: Gate, transport: ConnectionTransport): void {
    this.#answer(message, response, gate, transport).catch((error: unknown) => {
      this.#options.logger.error(error instanceof Error ? error : messageOf(error));
      answerRefusal(response, { status: 500, code: -32_603, message: 'Internal error' });
      if (!response.writableEnded) response.destroy();
    });
  }

  async #answer(
    message: IncomingMessage,
    response: ServerResponse,
    gate: Gate,
    transport: ConnectionTransport,
  ): Promise<void> {
    const refuse = (refusal: Refusal): void => {
      this.#options.logger.debug(`Refused a request (${refusal.status}): ${refusal.message}`);
      answerRefusal(response, refusal);
    };
    const method = message.method ?? '';
    const [path = ''] = (message.url ?? '').split('?', 1);
    const refusal = refusalOf(message, path, gate);
    if (refusal) return refuse(refusal);
    const route = this.#routes.get(path);
    if (!route) return refuse(notFound);
    if (method !== 'POST' && method !== 'GET' && method !== 'DELETE') return refuse(methodNotAllowed);

    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    let body: { json: unknown; raw: Buffer } = { json: undefined, raw: noBody };
    if (method === 'POST') {
      const bodyRefusal = bodyRefusalOf(message, this.#limits.maxBodyBytes);
      if (bodyRefusal) return refuse(bodyRefusal);
      if (this.#taken.body >= this.#limits.maxConcurrentRequests) return refuse(busy);
      this.#taken.body++;
      try {
        const read = await readJsonBody(message, this.#limits.maxBodyBytes);
        if ('refusal' in read) {
          const { refusal: reason, unreadable } = read;
          if (unreadable) route.unreadable?.({ message, raw: unreadable, refusal: reason });
          return refuse(reason);
        }
        body = read;
      } catch {
        // The client went away while it was sending.
        return void response.destroy();
      } finally {
        this.#taken.body--;
      }
    }
    const admitted: AdmittedRequest = {
      message,
      response,
      method,
      path,
      transport,
      body: body.json,
      rawBody: body.raw,
      bodyBytes: body.raw.length,
      // Made when somebody asks for it: few do, and it takes longer than checking the credential.
      get signal() {
        return gone.signal;
      },
      takePlace: (kind) => {
        if (this.#takePlace(kind, response)) return true;
        refuse(busy);
        return false;
      },
    };
    await route.handle(admitted);
  }

  #takePlace(kind: RequestKind, response: ServerResponse): boolean {
    const limit = kind === 'call' ? this.#limits.maxConcurrentRequests : this.#limits.maxStreams;
    if (this.#taken[kind] >= limit) return false;
    this.#taken[kind]++;
    response.once('close', () => this.#taken[kind]--);
    return true;
  }
}

const methodNotAllowed: Refusal = {
  status: 405,
  code: serverError,
  message: 'Method not allowed',
  headers: { Allow: 'GET, POST, DELETE' },
};

function checkToken(token: string): void {
  if (token.length >= minTokenLength && /^[\x21-\x7e]+$/.test(token)) return;
  throw new WorkbenchError(
    'InvalidInput',
    `The token must have at least ${minTokenLength} characters, all of them printable and none a space.`,
    { remedy: 'Make one from random bytes, for instance 64 hexadecimal digits.' },
  );
}
