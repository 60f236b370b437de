import { messageOf, WorkbenchError } from '../../core/errors';
import type { AwsClientFactory } from '../clients';
import type { ClientSettings } from '../clientSettings';
import type { AwsEnvironment } from '../environment';
import { SharedTasks } from '../sharedTask';
import { tokenCacheKey, type SsoSession } from './ssoSession';
import { parseTime, type SsoToken, type SsoTokenCache } from './tokenCache';

/** What a profile says about its sign-in. */
export interface SsoSignIn {
  session: SsoSession;
  /** The profile that is being used, for the remedy. */
  profile: string;
  settings: ClientSettings;
}

/** An access token that can be used now. */
export interface SsoAccess {
  accessToken: string;
  /** When a person must sign in again, in milliseconds since the epoch; absent where the token renews itself. */
  endsAt?: number;
}

const renewBeforeMs = 5 * 60_000;
const renewAgainAfterMs = 30_000;

/** Errors of CreateToken after which only a person can go on. Anything else may pass by itself. */
const finalErrors = new Set([
  'AccessDeniedException',
  'ExpiredTokenException',
  'InvalidClientException',
  'InvalidGrantException',
  'InvalidRequestException',
  'InvalidScopeException',
  'UnauthorizedClientException',
  'UnsupportedGrantTypeException',
]);

/** Gives access tokens of sign-ins that are in the shared cache, and renews them while they can be renewed. */
export class SsoTokens {
  readonly #environment: AwsEnvironment;
  readonly #cache: SsoTokenCache;
  readonly #clients: AwsClientFactory;
  readonly #renewals = new SharedTasks<SsoToken>();
  readonly #failedAt = new Map<string, number>();

  constructor(environment: AwsEnvironment, cache: SsoTokenCache, clients: AwsClientFactory) {
    this.#environment = environment;
    this.#cache = cache;
    this.#clients = clients;
  }

  /**
   * @throws WorkbenchError `SignInRequired` where nobody is signed in or the sign-in ended and cannot be renewed;
   * whatever the network did where it ended and renewing it failed for now; `Cancelled`
   */
  async access(signIn: SsoSignIn, signal: AbortSignal): Promise<SsoAccess> {
    let token = await this.#read(signIn);
    if (!token) throw this.#signInRequired(signIn, `Nobody is signed in to ${nameOf(signIn)}.`);
    if (parseTime(token.expiresAt) - Date.now() <= renewBeforeMs && isRenewable(token)) {
      token = await this.#renew(signIn, token, signal);
    }
    const expiresAt = parseTime(token.expiresAt);
    if (expiresAt <= Date.now()) throw this.#ended(signIn, expiresAt);
    return { accessToken: token.accessToken, ...(isRenewable(token) ? {} : { endsAt: expiresAt }) };
  }

  /** The error for a sign-in that AWS does not accept any more, though its token has not expired. */
  refused(signIn: SsoSignIn, cause: unknown): WorkbenchError {
    return this.#signInRequired(signIn, `AWS no longer accepts the sign-in to ${nameOf(signIn)}.`, cause);
  }

  async #read(signIn: SsoSignIn): Promise<SsoToken | undefined> {
    try {
      return await this.#cache.read(tokenCacheKey(signIn.session));
    } catch (error) {
      const file = this.#cache.fileOf(tokenCacheKey(signIn.session));
      throw new WorkbenchError('Internal', `The sign-in to ${nameOf(signIn)} cannot be read: ${messageOf(error)}.`, {
        remedy: `Make ${file} readable for this user, or delete it and sign in again.`,
        retryable: true,
        cause: error,
      });
    }
  }

  async #renew(signIn: SsoSignIn, token: SsoToken, signal: AbortSignal): Promise<SsoToken> {
    const key = tokenCacheKey(signIn.session);
    const isStillGood = parseTime(token.expiresAt) > Date.now();
    if (isStillGood && Date.now() - (this.#failedAt.get(key) ?? 0) < renewAgainAfterMs) return token;
    try {
      return await this.#renewals.run(key, (shared) => this.#createToken(signIn, token, shared), signal);
    } catch (error) {
      if (WorkbenchError.is(error, 'Cancelled')) throw error;
      // Another window or the CLI may have used the refresh token first, and then its token is good.
      const onDisk = await this.#read(signIn);
      if (onDisk && onDisk.accessToken !== token.accessToken && parseTime(onDisk.expiresAt) > Date.now()) return onDisk;
      this.#failedAt.set(key, Date.now());
      this.#environment.logger.warn(`Renewing the sign-in to ${nameOf(signIn)} failed: ${messageOf(error)}`);
      // No fault of the network or of a service signs anybody out before the time.
      if (isStillGood) return token;
      if (error instanceof Error && finalErrors.has(error.name)) {
        throw this.#ended(signIn, parseTime(token.expiresAt), error);
      }
      throw error;
    }
  }

  async #createToken(signIn: SsoSignIn, token: SsoToken, signal: AbortSignal): Promise<SsoToken> {
    const { session, settings } = signIn;
    const client = await this.#clients.create('sso-oidc', { region: session.region, settings });
    const { clientId, clientSecret, refreshToken } = token;
    const answer = await client.createToken(
      { grantType: 'refresh_token', clientId, clientSecret, refreshToken },
      { abortSignal: signal },
    );
    if (!answer.accessToken || !answer.expiresIn) {
      throw new WorkbenchError('Internal', 'IAM Identity Center answered without a token.', {
        remedy: 'Sign in again.',
        retryable: true,
      });
    }
    const renewed: SsoToken = {
      ...token,
      accessToken: answer.accessToken,
      expiresAt: new Date(Date.now() + answer.expiresIn * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
      // Where the answer has none, the one that we have stays good.
      ...(answer.refreshToken ? { refreshToken: answer.refreshToken } : {}),
    };
    try {
      await this.#cache.write(tokenCacheKey(session), renewed);
    } catch (error) {
      this.#environment.logger.warn(`The renewed sign-in to ${nameOf(signIn)} was not saved: ${messageOf(error)}`);
    }
    return renewed;
  }

  #ended(signIn: SsoSignIn, endedAt: number, cause?: unknown): WorkbenchError {
    return this.#signInRequired(signIn, `The session of ${nameOf(signIn)} ended ${describeTime(endedAt)}.`, cause);
  }

  #signInRequired(signIn: SsoSignIn, message: string, cause?: unknown): WorkbenchError {
    const { profile, session } = signIn;
    const ssoSession = session.legacy === true ? undefined : session.name;
    return new WorkbenchError('SignInRequired', message, {
      remedy: this.#environment.signInRemedy({ profile, ssoSession }),
      cause,
    });
  }
}

function isRenewable(token: SsoToken): boolean {
  const { refreshToken, clientId, clientSecret, registrationExpiresAt } = token;
  if (!refreshToken || !clientId || !clientSecret) return false;
  return registrationExpiresAt === undefined || !(parseTime(registrationExpiresAt) <= Date.now());
}

function nameOf({ session }: SsoSignIn): string {
  return session.name;
}

/** `at 17:40`, or with the day where it is not today; local time. */
export function describeTime(time: number, now: number = Date.now()): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date(now).toDateString()) return `at ${clock}`;
  return `on ${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} at ${clock}`;
}
