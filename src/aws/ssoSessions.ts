import { isDeepStrictEqual } from 'node:util';
import { DisposableStore, type Disposable } from '../core/disposable';
import { Emitter, type Event } from '../core/emitter';
import { messageOf } from '../core/errors';
import type { Logger } from '../core/logger';
import type { SharedConfig } from './config/sharedConfig';
import type { SsoRoleCredentials } from './sso/roleCredentials';
import type { SsoToken } from './sso/sharedTokenCache';
import type { SignInRequest, SsoSignIn } from './sso/signIn';
import { tokenCacheKey, type SsoSession, type SsoSessionState } from './sso/ssoSession';
import { announceBeforeMs, type SsoTokenProvider } from './sso/tokenRefresh';
import { configuredSessions, type ConfiguredSession } from './ssoTargets';

/** What of IAM Identity Center is needed to act as a role, and to sign in where this program can do that. */
export interface SsoSource {
  readonly tokens: SsoTokenProvider;
  readonly roleCredentials: SsoRoleCredentials;
  readonly signIn?: SsoSignIn;
}

/** A session of the config files, with what is known of it. */
export interface KnownSession extends ConfiguredSession {
  state: SsoSessionState;
}

/** Timers take no longer time. */
const maxTimeoutMs = 2 ** 31 - 1;

/**
 * The state of every SSO session, for all who show or use one. It is read from the shared cache, so a sign-in of the
 * AWS CLI or of another window is seen at the next look; changes in this process and the passing of time are seen by
 * themselves.
 */
export class SsoSessions implements Disposable {
  readonly #source: SsoSource;
  readonly #logger: Logger;
  readonly #owned = new DisposableStore();
  readonly #changed: Emitter<void>;
  /** Cache key → access token of a session that AWS ended though its time is not over. */
  readonly #ended = new Map<string, string | undefined>();
  #known: readonly KnownSession[] = [];
  #configured: readonly ConfiguredSession[] = [];
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor(source: SsoSource, logger: Logger) {
    this.#source = source;
    this.#logger = logger;
    this.#changed = this.#owned.add(new Emitter((error) => this.#logger.error(messageOf(error))));
    this.#owned.add(
      source.tokens.onDidChange(({ session, what }) => {
        if (what === 'ended') this.#ended.set(tokenCacheKey(session), undefined);
        else this.#ended.delete(tokenCacheKey(session));
        this.#lookAgain();
      }),
    );
  }

  /** Fires when a session came, went or changed its state. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** All sessions as of the last look, in file order. */
  get all(): readonly KnownSession[] {
    return this.#known;
  }

  /** The session of that name, or of that start URL where it has no section, as of the last look. */
  get(name: string): KnownSession | undefined {
    return this.#known.find(({ session }) => session.name === name);
  }

  /** A session that waits for a person to sign in, if there is one. */
  get signingIn(): KnownSession | undefined {
    return this.#known.find(({ state }) => state.kind === 'signingIn');
  }

  /** Looks at the sessions of these files and at the token cache. */
  async reload(config: SharedConfig): Promise<void> {
    this.#configured = configuredSessions(config);
    await this.#look();
  }

  /** The state of a session now. Asks nobody outside and never throws. */
  async state(session: SsoSession): Promise<SsoSessionState> {
    const flow = this.#source.signIn?.flowOf(session);
    if (flow !== undefined) {
      const where = flow === 'browser' ? 'in the browser' : 'with a code';
      return { kind: 'signingIn', flow, reason: `Waiting for you to sign in to ${session.name} ${where}.` };
    }
    const state = await this.#source.tokens.state(session);
    if (state.kind !== 'active' && state.kind !== 'expiring') return state;
    const key = tokenCacheKey(session);
    if (!this.#ended.has(key)) return state;
    const token = (await this.#source.tokens.peek(session))?.accessToken;
    const ended = this.#ended.get(key) ?? token;
    if (ended !== token) {
      // Somebody signed in with another program.
      this.#ended.delete(key);
      return state;
    }
    this.#ended.set(key, ended);
    const reason = `The session of ${session.name} has ended.`;
    return { kind: 'expired', expiresAt: state.expiresAt, renewable: false, reason };
  }

  /**
   * Signs a person in, with the state following along.
   * @throws WorkbenchError as `SsoSignIn.signIn`, `Unsupported` where this program cannot sign in.
   */
  async signIn(request: SignInRequest): Promise<SsoToken> {
    const { signIn } = this.#source;
    if (!signIn) throw new Error('This program cannot sign in.');
    const running = signIn.signIn({
      ...request,
      onUserAction: (event) => {
        // The flow may be another one by now.
        this.#lookAgain();
        request.onUserAction(event);
      },
    });
    this.#lookAgain();
    try {
      return await running;
    } finally {
      await this.#look();
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    this.#owned.dispose();
  }

  #lookAgain(): void {
    void this.#look();
  }

  /** One look after the other, so that an early one never speaks last. */
  #look(): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#lookNow())
      .catch((error: unknown) => {
        this.#logger.error(messageOf(error));
      });
    return this.#looking;
  }

  async #lookNow(): Promise<void> {
    const known = await Promise.all(
      this.#configured.map(async (entry) => ({ ...entry, state: await this.state(entry.session) })),
    );
    if (this.#isDisposed) return;
    this.#wakeUp(known);
    if (isDeepStrictEqual(known, this.#known)) return;
    this.#known = known;
    this.#changed.fire();
  }

  /** States change by themselves when the end is near and when it has come. */
  #wakeUp(known: readonly KnownSession[]): void {
    clearTimeout(this.#timer);
    const now = Date.now();
    const times = known
      .flatMap(({ state }) => ('expiresAt' in state ? [state.expiresAt - announceBeforeMs, state.expiresAt] : []))
      .filter((time) => time > now);
    if (times.length === 0) return;
    this.#timer = setTimeout(() => this.#lookAgain(), Math.min(Math.min(...times) - now + 500, maxTimeoutMs));
    this.#timer.unref();
  }
}

/** Whether accounts can be listed: the token is good, or renews itself when it is used. */
export function isUsable(state: SsoSessionState): boolean {
  return state.kind === 'active' || state.kind === 'expiring' || (state.kind === 'expired' && state.renewable);
}
