import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { WorkbenchError } from '../../core/errors';
import type { Logger } from '../../core/logger';
import { SharedTasks } from '../sharedTask';
import type { Clock } from './clock';
import type { ProcessLock } from './processLock';
import { interactiveRetries, withRetries } from './retry';
import type { SharedTokenCache, SsoToken, TokenRead } from './sharedTokenCache';
import type { SsoClients } from './ssoClients';
import {
  cancelled,
  describeFailure,
  endsSession,
  errorName,
  isRefusal,
  safeCause,
  signInRequired,
  toSsoError,
} from './ssoError';
import { tokenCacheKey, type SsoSession, type SsoSessionState } from './ssoSession';

/** A token is renewed when less than this is left of it, as the AWS SDKs do. */
export const renewBeforeMs = 5 * 60_000;

/** A session that cannot renew itself is announced as ending when less than this is left. */
export const announceBeforeMs = 15 * 60_000;

/** After a renewal failed for the network or the disk, a token that is still good is used so long without another try. */
const pauseAfterFailureMs = 30_000;

/** What happened to a session in this process; other processes show in the cache folder. */
export interface SsoSessionChange {
  session: SsoSession;
  what: 'signedIn' | 'renewed' | 'ended' | 'signedOut';
}

/** A sign-in or sign-out waits so long for a renewal in another window, and then goes first. */
const lockPatienceMs = 5_000;

export interface TokenProviderOptions {
  cache: SharedTokenCache;
  clients: SsoClients;
  clock: Clock;
  logger: Logger;
  /**
   * How long a caller waits for a renewal in real milliseconds while the token at hand is still good. The renewal goes
   * on without them. Default 3 s.
   */
  patienceMs?: number;
}

/** A token this process could not write, and the access token that the file holds while nobody else wrote it. */
interface UnsavedToken {
  token: SsoToken;
  replaces: string | undefined;
  retryAt: number;
}

/**
 * The one source of access tokens. The file is read at each use, so a sign-in by the AWS CLI or another window counts
 * at once. Only three things end a session: AWS says so, a person signs out, or a token that nothing renews runs out.
 * No fault of the network, the disk or a clock does.
 */
export class SsoTokenProvider implements Disposable {
  readonly #cache: SharedTokenCache;
  readonly #clients: SsoClients;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #patienceMs: number;
  readonly #renewals = new SharedTasks<SsoToken>();
  readonly #changes: Emitter<SsoSessionChange>;
  /** Last token read or made, by cache key, for moments in which the file cannot be read. */
  readonly #known = new Map<string, SsoToken>();
  readonly #unsaved = new Map<string, UnsavedToken>();
  readonly #nextTry = new Map<string, number>();
  /** Refresh tokens that AWS refused, by cache key: asking again would only cost time. */
  readonly #refused = new Map<string, string>();
  /** Access token whose end was told, by cache key. */
  readonly #announcedEnds = new Map<string, string>();
  /** Ends the pauses between attempts; an attempt that is under way is left to finish. */
  readonly #disposal = new AbortController();
  readonly onDidChange: Event<SsoSessionChange>;

  constructor(options: TokenProviderOptions) {
    this.#cache = options.cache;
    this.#clients = options.clients;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#patienceMs = options.patienceMs ?? 3_000;
    this.#changes = new Emitter((error) => this.#logger.error(safeCause(error)));
    this.onDidChange = this.#changes.event;
  }

  /**
   * An access token that is good now, renewed first where that is due.
   * @param options.rejected an access token that AWS just answered 401 to. Another one is found or made: whatever this
   * machine's clock says, AWS decides what is valid.
   * @throws WorkbenchError `SignInRequired` where a person must sign in; `Timeout`, `Throttled` or `Internal`, all
   * retryable, where the session may be fine but could not be read or renewed now; `Cancelled`.
   */
  async get(session: SsoSession, options: { signal?: AbortSignal; rejected?: string } = {}): Promise<SsoToken> {
    const { signal, rejected } = options;
    const key = tokenCacheKey(session);
    const token = this.#require(session, await this.#read(session));
    const now = this.#clock.now();
    const isGood = token.accessToken !== rejected && token.expiresAt > now;
    if (isGood && token.expiresAt - now > renewBeforeMs) return token;
    if (!this.#isRenewable(key, token)) {
      if (isGood) return token;
      throw this.#ended(session, token, undefined);
    }
    if (isGood && now < (this.#nextTry.get(key) ?? 0)) return token;
    // The work ignores the callers' signals: a refresh token is used once, and its answer must not be lost.
    const renewal = this.#renewals.run(key, () => this.#renew(session, token, rejected), signal);
    return isGood ? firstOf(renewal, token, this.#patienceMs) : renewal;
  }

  /** Stores the token of a fresh sign-in. A disk that refuses it costs a warning and not the sign-in. */
  async accept(session: SsoSession, token: SsoToken): Promise<void> {
    const key = tokenCacheKey(session);
    const lock = await this.#lock(session, lockPatienceMs);
    try {
      const before = await this.#cache.read(session);
      await this.#save(session, token, before.kind === 'token' ? before.token.accessToken : undefined);
    } finally {
      await lock?.release();
    }
    this.#refused.delete(key);
    this.#nextTry.delete(key);
    this.#changes.fire({ session, what: 'signedIn' });
  }

  /**
   * Deletes the session's token for all tools on this machine.
   * @returns what was there, to be revoked.
   * @throws the file system's error where the file cannot be deleted.
   */
  async forget(session: SsoSession): Promise<SsoToken | undefined> {
    const key = tokenCacheKey(session);
    // A renewal that is under way would write its token after we deleted the old one.
    const lock = await this.#lock(session, lockPatienceMs);
    try {
      const read = await this.#read(session);
      await this.#cache.remove(session);
      const known = read.kind === 'token' ? read.token : this.#known.get(key);
      this.#known.delete(key);
      this.#unsaved.delete(key);
      this.#nextTry.delete(key);
      this.#refused.delete(key);
      this.#announcedEnds.delete(key);
      this.#changes.fire({ session, what: 'signedOut' });
      return known;
    } finally {
      await lock?.release();
    }
  }

  /** What the cache says of a session now. Asks nobody and never throws. */
  async state(session: SsoSession): Promise<SsoSessionState> {
    const read = await this.#read(session);
    if (read.kind === 'absent') {
      return { kind: 'signedOut', reason: `Nobody is signed in to ${session.name} on this machine.` };
    }
    if (read.kind === 'unreadable') {
      return { kind: 'failed', reason: `The sign-in of ${session.name} could not be read: ${read.reason}.` };
    }
    const { token } = read;
    const { expiresAt } = token;
    const now = this.#clock.now();
    const renewable = this.#isRenewable(tokenCacheKey(session), token);
    if (expiresAt <= now) {
      const reason = renewable
        ? `The token of ${session.name} is renewed at the next use.`
        : `The session of ${session.name} ended at ${timeOfDay(expiresAt, now)}.`;
      return { kind: 'expired', expiresAt, renewable, reason };
    }
    if (!renewable && expiresAt - now <= announceBeforeMs) {
      return {
        kind: 'expiring',
        expiresAt,
        reason: `The session of ${session.name} ends at ${timeOfDay(expiresAt, now)} and cannot renew itself.`,
      };
    }
    return { kind: 'active', expiresAt, renewable };
  }

  /** The token as it is cached, however old, or `undefined`. For who only wants to see whether there is another one. */
  async peek(session: SsoSession): Promise<SsoToken | undefined> {
    const read = await this.#read(session);
    return read.kind === 'token' ? read.token : undefined;
  }

  dispose(): void {
    this.#disposal.abort(cancelled('The renewal was given up with the window.'));
    this.#renewals.clear();
    this.#changes.dispose();
    this.#known.clear();
    this.#unsaved.clear();
  }

  async #read(session: SsoSession): Promise<TokenRead> {
    const key = tokenCacheKey(session);
    const read = await this.#cache.read(session, this.#known.has(key));
    const unsaved = this.#unsaved.get(key);
    if (unsaved !== undefined && read.kind !== 'unreadable') {
      const onDisk = read.kind === 'token' ? read.token.accessToken : undefined;
      if (onDisk === unsaved.replaces) {
        // Other processes still hold a refresh token that is spent; they should not for long.
        if (this.#clock.now() >= unsaved.retryAt) await this.#save(session, unsaved.token, onDisk);
        return { kind: 'token', token: unsaved.token };
      }
      this.#unsaved.delete(key);
    }
    if (read.kind === 'token') this.#known.set(key, read.token);
    if (read.kind === 'absent') this.#known.delete(key);
    if (read.kind === 'unreadable') {
      const known = unsaved?.token ?? this.#known.get(key);
      this.#logger.warn(`The sign-in of ${session.name} could not be read: ${read.reason}.`);
      if (known !== undefined) return { kind: 'token', token: known };
    }
    return read;
  }

  #require(session: SsoSession, read: TokenRead): SsoToken {
    if (read.kind === 'token') return read.token;
    if (read.kind === 'absent') throw signInRequired(session, `Nobody is signed in to ${session.name}.`);
    throw new WorkbenchError('Internal', `The sign-in of ${session.name} could not be read: ${read.reason}.`, {
      remedy: `Make ${this.#cache.fileOf(session)} readable for you, or sign in to ${session.name} again.`,
      retryable: true,
    });
  }

  /**
   * Whether AWS may still renew this token. `registrationExpiresAt` is no reason against: a clock may be wrong, and
   * asking costs one request.
   */
  #isRenewable(key: string, token: SsoToken): boolean {
    return (
      token.refreshToken !== undefined &&
      token.clientId !== undefined &&
      token.clientSecret !== undefined &&
      this.#refused.get(key) !== token.refreshToken
    );
  }

  async #renew(session: SsoSession, seen: SsoToken, rejected: string | undefined): Promise<SsoToken> {
    const lock = await this.#lock(session);
    try {
      // While we waited, another process may have renewed it, or a person may have signed out.
      let token = this.#require(session, await this.#read(session));
      if (this.#isNewer(token, seen, rejected)) return token;
      for (;;) {
        try {
          return await this.#createToken(session, token);
        } catch (error) {
          const found = await this.#afterFailure(session, token, rejected, error);
          if ('usable' in found) return found.usable;
          token = found.retryWith;
        }
      }
    } finally {
      await lock?.release();
    }
  }

  #isNewer(token: SsoToken, seen: SsoToken, rejected: string | undefined): boolean {
    return (
      token.accessToken !== seen.accessToken &&
      token.accessToken !== rejected &&
      token.expiresAt > this.#clock.now() + 60_000
    );
  }

  async #createToken(session: SsoSession, token: SsoToken): Promise<SsoToken> {
    const client = await this.#clients.oidc(session.region);
    const { clientId, clientSecret, refreshToken } = token;
    const response = await withRetries(
      () => client.createToken({ clientId, clientSecret, refreshToken, grantType: 'refresh_token' }),
      {
        policy: interactiveRetries,
        clock: this.#clock,
        logger: this.#logger,
        what: `Renewing ${session.name}`,
        signal: this.#disposal.signal,
      },
    );
    if (response.accessToken === undefined || response.expiresIn === undefined) {
      throw Object.assign(new Error('The answer holds no token.'), { name: 'SyntaxError' });
    }
    const renewed: SsoToken = {
      ...token,
      accessToken: response.accessToken,
      expiresAt: this.#clock.now() + response.expiresIn * 1000,
      // Without one in the answer the old one stays good, and without any the next renewal could not happen.
      refreshToken: response.refreshToken ?? token.refreshToken,
    };
    const key = tokenCacheKey(session);
    const unsaved = this.#unsaved.get(key);
    await this.#save(session, renewed, unsaved === undefined ? token.accessToken : unsaved.replaces);
    this.#nextTry.delete(key);
    this.#logger.info(`${session.name} was renewed until ${timeOfDay(renewed.expiresAt, this.#clock.now())}.`);
    this.#changes.fire({ session, what: 'renewed' });
    return renewed;
  }

  /** Decides what a failed renewal means. Throws where nothing usable is left. */
  async #afterFailure(
    session: SsoSession,
    token: SsoToken,
    rejected: string | undefined,
    error: unknown,
  ): Promise<{ usable: SsoToken } | { retryWith: SsoToken }> {
    const key = tokenCacheKey(session);
    const isGood = token.accessToken !== rejected && token.expiresAt > this.#clock.now();
    this.#logger.warn(`${session.name} could not be renewed: ${describeFailure(error)}.`);
    if (endsSession(error)) {
      // The AWS CLI and SDKs know no lock of ours: one of them may have used the refresh token a moment before us.
      const current = this.#require(session, await this.#read(session));
      if (this.#isNewer(current, token, rejected)) return { usable: current };
      if (current.refreshToken !== token.refreshToken && this.#isRenewable(key, current)) return { retryWith: current };
      if (token.refreshToken !== undefined) this.#refused.set(key, token.refreshToken);
      if (isGood) return { usable: token };
      throw this.#ended(session, token, error);
    }
    if (isGood) {
      this.#nextTry.set(key, this.#clock.now() + pauseAfterFailureMs);
      return { usable: token };
    }
    // A refusal that is none of the known endings will not go away by waiting, and a person must be told.
    if (isRefusal(error)) throw this.#ended(session, token, error);
    throw toSsoError(error, session, 'renewed');
  }

  #ended(session: SsoSession, token: SsoToken, error: unknown): WorkbenchError {
    const key = tokenCacheKey(session);
    const now = this.#clock.now();
    const message =
      token.expiresAt <= now
        ? `The session of ${session.name} ended at ${timeOfDay(token.expiresAt, now)}.`
        : `The session of ${session.name} ended.`;
    // Many calls find the same end; it is news once.
    if (this.#announcedEnds.get(key) !== token.accessToken) {
      this.#announcedEnds.set(key, token.accessToken);
      this.#changes.fire({ session, what: 'ended' });
    }
    if (error !== undefined) this.#logger.info(`${message} AWS answered ${errorName(error)}.`);
    return signInRequired(session, message, error);
  }

  /** @param replaces access token that the file holds now, as far as we know. */
  async #save(session: SsoSession, token: SsoToken, replaces: string | undefined): Promise<void> {
    const key = tokenCacheKey(session);
    this.#known.set(key, token);
    try {
      await this.#cache.write(session, token);
      this.#unsaved.delete(key);
    } catch (error) {
      this.#unsaved.set(key, { token, replaces, retryAt: this.#clock.now() + pauseAfterFailureMs });
      this.#logger.warn(
        `The sign-in of ${session.name} could not be written to ${this.#cache.folder} and is kept in memory: ` +
          safeCause(error).message,
      );
    }
  }

  /** The lock, or `undefined` where none can be had: working without it beats not working. */
  async #lock(session: SsoSession, timeoutMs?: number): Promise<ProcessLock | undefined> {
    try {
      return await this.#cache.lock(session, timeoutMs);
    } catch (error) {
      this.#logger.warn(`The cache of ${session.name} could not be locked: ${safeCause(error).message}`);
      return undefined;
    }
  }
}

/** What `renewal` gives, or `fallback` where that takes too long. */
async function firstOf(renewal: Promise<SsoToken>, fallback: SsoToken, patienceMs: number): Promise<SsoToken> {
  let timer: NodeJS.Timeout | undefined;
  const tired = new Promise<SsoToken>((resolve) => {
    timer = setTimeout(resolve, patienceMs, fallback);
  });
  // It may fail when nobody looks any more.
  renewal.catch(() => undefined);
  try {
    return await Promise.race([renewal, tired]);
  } finally {
    clearTimeout(timer);
  }
}

/** A time as people say it, e.g. `17:40`; with the date where that is not today's. */
function timeOfDay(milliseconds: number, now: number): string {
  const date = new Date(milliseconds);
  const time = `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
  return date.toDateString() === new Date(now).toDateString() ? time : `${time} on ${date.toISOString().slice(0, 10)}`;
}
