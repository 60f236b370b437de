import type { RequestHandlerParams } from '@smithy/types';
import { DisposableStore, type Disposable } from '../../core/disposable';
import type { Logger } from '../../core/logger';
import { SsoAccounts } from './accounts';
import { ClientRegistrations } from './clientRegistration';
import { systemClock, type Clock } from './clock';
import { SsoRoleCredentials } from './roleCredentials';
import { SharedTokenCache } from './sharedTokenCache';
import { SsoSignIn } from './signIn';
import { signOut, type SignOutResult } from './signOut';
import { SsoClients } from './ssoClients';
import type { SsoEndpointOverrides } from './ssoEndpoints';
import type { SsoSession, SsoSessionState } from './ssoSession';
import { SsoTokenProvider } from './tokenRefresh';

/** All that signing in takes from outside. */
export interface SsoServicesOptions {
  /** Holds `.aws/sso/cache`. */
  homeDirectory: string;
  logger: Logger;
  /** Opens a page in the person's browser; resolves to whether that worked. */
  openBrowser: (url: string) => Promise<boolean>;
  /** From the user's own settings only, never from a workspace. */
  endpoints?: SsoEndpointOverrides | undefined;
  requestHandler?: RequestHandlerParams | undefined;
  /** E.g. `mcp-workbench/0.1.0`. */
  userAgent?: string | undefined;
  clock?: Clock;
  /** See `TokenProviderOptions`. */
  patienceMs?: number;
}

/** The services of this room, built on each other. No network and no disk is touched before one is used. */
export class SsoServices implements Disposable {
  readonly tokens: SsoTokenProvider;
  readonly signIn: SsoSignIn;
  readonly accounts: SsoAccounts;
  readonly roleCredentials: SsoRoleCredentials;
  readonly #clients: SsoClients;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #owned = new DisposableStore();

  constructor(options: SsoServicesOptions) {
    const { homeDirectory, logger, openBrowser, clock = systemClock } = options;
    const clients = this.#owned.add(new SsoClients({ ...options, clock }));
    const cache = new SharedTokenCache(homeDirectory);
    const registrations = new ClientRegistrations({ homeDirectory, clients, clock, logger });
    const tokens = this.#owned.add(new SsoTokenProvider({ ...options, cache, clients, clock }));
    const portal = { tokens, clients, clock, logger };
    this.#clients = clients;
    this.#clock = clock;
    this.#logger = logger;
    this.tokens = tokens;
    this.signIn = this.#owned.add(new SsoSignIn({ tokens, registrations, clients, clock, logger, openBrowser }));
    this.accounts = new SsoAccounts(portal);
    this.roleCredentials = this.#owned.add(new SsoRoleCredentials(portal));
  }

  /** As {@link signOut}. A sign-in of that session that is waiting is left alone: it is a newer wish. */
  signOut(session: SsoSession, signal?: AbortSignal): Promise<SignOutResult> {
    return signOut(
      session,
      { tokens: this.tokens, clients: this.#clients, clock: this.#clock, logger: this.#logger },
      signal,
    );
  }

  /** What is known of a session now, a sign-in that waits for a person included. Never throws. */
  async state(session: SsoSession): Promise<SsoSessionState> {
    const flow = this.signIn.flowOf(session);
    if (flow === undefined) return this.tokens.state(session);
    const where = flow === 'browser' ? 'the browser' : 'the browser, with a code';
    return { kind: 'signingIn', flow, reason: `Waiting for you to allow access in ${where}.` };
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
