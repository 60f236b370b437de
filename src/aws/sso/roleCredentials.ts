import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import type { Disposable } from '../../core/disposable';
import { WorkbenchError } from '../../core/errors';
import { SharedTasks } from '../sharedTask';
import { portalRequest, type PortalOptions } from './portalRequest';
import { interactiveRetries } from './retry';
import { errorName, isTransient, safeCause, toSsoError } from './ssoError';
import { tokenCacheKey, type SsoSession } from './ssoSession';

/** A permission set in an account, reached through a session. No profile needs to exist for it. */
export interface SsoRole {
  session: SsoSession;
  /** 12 digits. */
  accountId: string;
  roleName: string;
}

/** Credentials are renewed when less than this is left of them, as the AWS SDKs do. */
const renewBeforeMs = 5 * 60_000;

/** More identities than anybody uses at a time. The one used least recently goes first. */
const maxCached = 64;

interface Cached {
  credentials: AwsCredentialIdentity;
  /** On this machine's clock, in milliseconds since the epoch. */
  expiresAt: number;
}

/** Credentials of roles, kept while they last and forgotten when the person signs out or in anew. */
export class SsoRoleCredentials implements Disposable {
  readonly #options: PortalOptions;
  readonly #cached = new Map<string, Cached>();
  readonly #requests = new SharedTasks<AwsCredentialIdentity>();
  readonly #subscription: Disposable;
  #generation = 0;

  constructor(options: PortalOptions) {
    this.#options = options;
    this.#subscription = options.tokens.onDidChange(({ session, what }) => {
      if (what === 'signedOut' || what === 'signedIn') this.invalidate(session);
    });
  }

  /** A provider to give to any SDK client. It may be asked at any time and follows renewals and sign-outs. */
  provider(role: SsoRole): AwsCredentialIdentityProvider {
    return () => this.get(role);
  }

  /**
   * Credentials that are good for some minutes at least, where AWS gives such.
   * @throws WorkbenchError `SignInRequired`, `AccessDenied` where the role is not assigned any more, `Timeout`,
   * `Throttled`, `Cancelled`.
   */
  async get(role: SsoRole, signal?: AbortSignal): Promise<AwsCredentialIdentity> {
    const key = keyOf(role);
    const now = this.#options.clock.now();
    const cached = this.#cached.get(key);
    if (cached !== undefined && cached.expiresAt - now > renewBeforeMs) {
      this.#cached.delete(key);
      this.#cached.set(key, cached);
      return cached.credentials;
    }
    try {
      return await this.#requests.run(key, (shared) => this.#request(role, shared), signal);
    } catch (error) {
      const isRetryable = WorkbenchError.is(error) && error.retryable;
      if (isRetryable && cached !== undefined && cached.expiresAt > now && this.#cached.has(key)) {
        return cached.credentials;
      }
      throw error;
    }
  }

  /** Forgets the credentials of a session, or of all. Requests under way finish for who waits, and are not kept. */
  invalidate(session?: SsoSession): void {
    this.#generation++;
    this.#requests.clear();
    if (session === undefined) return this.#cached.clear();
    const prefix = keyPrefix(session);
    for (const key of this.#cached.keys()) if (key.startsWith(prefix)) this.#cached.delete(key);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.invalidate();
  }

  async #request(role: SsoRole, signal: AbortSignal): Promise<AwsCredentialIdentity> {
    const { session, accountId, roleName } = role;
    const { clients, logger } = this.#options;
    const generation = this.#generation;
    try {
      const { roleCredentials } = await portalRequest(
        this.#options,
        session,
        (client, accessToken, send) => client.getRoleCredentials({ accessToken, accountId, roleName }, send),
        { what: `Getting credentials of ${roleName} in ${accountId}`, policy: interactiveRetries, signal },
      );
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = roleCredentials ?? {};
      if (!accessKeyId || !secretAccessKey || !sessionToken || !expiration) {
        throw Object.assign(new Error('The answer holds no credentials.'), { name: 'SyntaxError' });
      }
      // AWS gives a time on its clock. The SDK signs by ours, and must not find fresh credentials expired.
      const expiresAt = expiration - clients.serverOffsetMs;
      const credentials: AwsCredentialIdentity = {
        accessKeyId,
        secretAccessKey,
        sessionToken,
        expiration: new Date(expiresAt),
        accountId,
      };
      if (generation === this.#generation) this.#keep(keyOf(role), { credentials, expiresAt });
      logger.debug(`Got credentials of ${roleName} in ${accountId} until ${new Date(expiresAt).toISOString()}.`);
      return credentials;
    } catch (error) {
      throw refusal(error, role) ?? toSsoError(error, session, `used for ${roleName} in ${accountId}`);
    }
  }

  #keep(key: string, cached: Cached): void {
    this.#cached.set(key, cached);
    for (const oldest of this.#cached.keys()) {
      if (this.#cached.size <= maxCached) break;
      this.#cached.delete(oldest);
    }
  }
}

function refusal(error: unknown, role: SsoRole): WorkbenchError | undefined {
  if (WorkbenchError.is(error) || isTransient(error)) return undefined;
  const name = errorName(error);
  if (name !== 'ForbiddenException' && name !== 'ResourceNotFoundException' && name !== 'InvalidRequestException') {
    return undefined;
  }
  const { session, accountId, roleName } = role;
  return new WorkbenchError('AccessDenied', `${session.name} gives you no access to ${roleName} in ${accountId}.`, {
    remedy: `Pick another role, check the names of account and role, or ask for ${roleName} in ${accountId}.`,
    cause: safeCause(error),
  });
}

function keyPrefix(session: SsoSession): string {
  return `${JSON.stringify([tokenCacheKey(session), session.region])}\n`;
}

function keyOf(role: SsoRole): string {
  return `${keyPrefix(role.session)}${role.accountId}\n${role.roleName}`;
}
