import { randomBytes } from 'node:crypto';
import type * as vscode from 'vscode';
import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { messageOf, WorkbenchError } from '../../core/errors';
import type { Logger } from '../../core/logger';
import type { McpHost } from '../../mcp/host/mcpHost';
import type { Settings } from '../settings/settings';

const tokenKey = 'externalAccess.token';
const portKey = 'externalAccess.port';
const tokenBytes = 32;

/** What an external client needs to connect. */
export interface ExternalEndpoint {
  /** e.g. `http://127.0.0.1:4711/mcp` */
  url: string;
  token: string;
}

export interface ExternalAccessOptions {
  settings: Settings;
  secrets: vscode.SecretStorage;
  /** Remembers the port for as long as the same folder is opened. */
  memento: vscode.Memento;
  startHost(): Promise<McpHost>;
  logger: Logger;
}

/**
 * Lets MCP clients outside the editor in, where the user wants that: a port on this machine, guarded by a token that
 * all windows share and that only the editor's secret storage keeps.
 */
export class ExternalAccess {
  readonly #options: ExternalAccessOptions;
  readonly #changed = new Emitter<void>();
  readonly #subscriptions: Disposable[];
  #endpoint: ExternalEndpoint | undefined;
  #host: McpHost | undefined;
  /** Changes are made one after the other: settings, secrets and commands can all ask at once. */
  #queue: Promise<void> = Promise.resolve();
  #isDisposed = false;

  constructor(options: ExternalAccessOptions) {
    this.#options = options;
    const { settings, secrets } = options;
    this.#subscriptions = [
      settings.onDidChange((affects) => {
        if (affects('externalAccess.enabled') || affects('externalAccess.port')) this.#followInBackground();
      }),
      // Another window may have made a new token.
      secrets.onDidChange(({ key }) => {
        if (key === tokenKey) this.#followInBackground();
      }),
    ];
  }

  /** Fires when access starts, stops or moves. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** The address while access is on. */
  get url(): string | undefined {
    return this.#endpoint?.url;
  }

  /** The address and its token while access is on. */
  get endpoint(): ExternalEndpoint | undefined {
    return this.#endpoint;
  }

  /** Starts listening if the user's settings say so, as after a reload. */
  async resume(): Promise<void> {
    await this.#follow();
  }

  /**
   * Turns access on for all windows and says where it is here.
   * @throws WorkbenchError where no port can be opened.
   */
  async enable(): Promise<ExternalEndpoint> {
    const { settings } = this.#options;
    if (!settings.get('externalAccess.enabled')) await settings.setForUser('externalAccess.enabled', true);
    await this.#follow();
    if (!this.#endpoint) {
      throw new WorkbenchError('PolicyDenied', 'External access is switched off.', {
        remedy: 'Turn on mcpWorkbench.externalAccess.enabled in the settings of this machine.',
      });
    }
    return this.#endpoint;
  }

  /** Turns access off for all windows and ends every client that used it. */
  async stop(): Promise<void> {
    const { settings } = this.#options;
    if (settings.get('externalAccess.enabled')) await settings.setForUser('externalAccess.enabled', false);
    await this.#follow();
  }

  /** Makes a new token; whoever holds the old one is cut off in every window. */
  async rotateToken(): Promise<ExternalEndpoint | undefined> {
    await this.#options.secrets.store(tokenKey, newToken());
    await this.#follow();
    return this.#endpoint;
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  #followInBackground(): void {
    this.#follow().catch((error: unknown) => {
      this.#options.logger.error(error instanceof Error ? error : messageOf(error));
    });
  }

  /** Makes the listener agree with the settings and the token. */
  #follow(): Promise<void> {
    const done = this.#queue.then(() => this.#apply());
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #apply(): Promise<void> {
    if (this.#isDisposed) return;
    const before = this.#endpoint;
    if (!this.#options.settings.get('externalAccess.enabled')) {
      this.#endpoint = undefined;
      await this.#host?.stopLoopback();
    } else {
      const token = await this.#token();
      const wanted = this.#options.settings.get('externalAccess.port');
      const isSamePlace = before !== undefined && (wanted === 0 || wanted === portOf(before.url));
      if (isSamePlace && before.token === token) return;
      this.#host ??= await this.#options.startHost();
      if (isSamePlace) {
        await this.#host.rotateLoopbackToken(token);
        this.#endpoint = { url: before.url, token };
      } else {
        this.#endpoint = { url: await this.#listen(this.#host, token), token };
      }
    }
    if (before?.url !== this.#endpoint?.url || before?.token !== this.#endpoint?.token) this.#changed.fire();
  }

  /** The port of the settings, else the one used before, else any: clients keep the address that they were given. */
  async #listen(host: McpHost, token: string): Promise<string> {
    const { memento, logger, settings } = this.#options;
    const wanted = settings.get('externalAccess.port');
    const remembered = memento.get<number>(portKey, 0);
    let url: string | undefined;
    for (const port of new Set([wanted, remembered].filter((port) => port > 0))) {
      try {
        url = (await host.listenOnLoopback({ port, token })).url;
        break;
      } catch (error) {
        // Most likely another window or program has it.
        logger.warn(`Port ${port} cannot be used for external access: ${messageOf(error)}`);
      }
    }
    url ??= (await host.listenOnLoopback({ port: 0, token })).url;
    await memento.update(portKey, portOf(url));
    logger.info(`External access is on at ${url}`);
    return url;
  }

  async #token(): Promise<string> {
    const kept = await this.#options.secrets.get(tokenKey);
    if (kept !== undefined) return kept;
    const token = newToken();
    await this.#options.secrets.store(tokenKey, token);
    return token;
  }
}

/** 256 bits, in characters that need no quoting in any shell. */
function newToken(): string {
  return randomBytes(tokenBytes).toString('base64url');
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
