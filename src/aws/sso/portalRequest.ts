import type { SSO } from '@aws-sdk/client-sso';
import { WorkbenchError } from '../../core/errors';
import type { Logger } from '../../core/logger';
import type { Clock } from './clock';
import { withRetries, type RetryPolicy } from './retry';
import type { SsoClients } from './ssoClients';
import { errorName, httpStatusOf, signInRequired } from './ssoError';
import type { SsoSession } from './ssoSession';
import type { SsoTokenProvider } from './tokenRefresh';

/** What requests to the access portal are made with. */
export interface PortalOptions {
  tokens: SsoTokenProvider;
  clients: SsoClients;
  clock: Clock;
  logger: Logger;
}

/**
 * Makes a request to the access portal with a token that is good. A token that AWS refuses is replaced once, because
 * this machine's clock may have called it good by mistake.
 * @param request gets the client and the members that each request of the portal has in common.
 * @param what for the log, as a gerund: `Listing the accounts of acme`.
 * @throws WorkbenchError `SignInRequired` where AWS accepts none, and as `SsoTokenProvider.get`; else what the SDK threw.
 */
export async function portalRequest<T>(
  options: PortalOptions,
  session: SsoSession,
  request: (client: SSO, accessToken: string, send: { abortSignal?: AbortSignal }) => Promise<T>,
  call: { what: string; policy: RetryPolicy; signal?: AbortSignal | undefined },
): Promise<T> {
  const { signal } = call;
  const client = await options.clients.portal(session.region);
  const send = signal === undefined ? {} : { abortSignal: signal };
  const attempt = (accessToken: string): Promise<T> =>
    withRetries(() => request(client, accessToken, send), { ...call, clock: options.clock, logger: options.logger });

  const { accessToken } = await options.tokens.get(session, tokenOptions(signal));
  try {
    return await attempt(accessToken);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    const next = await options.tokens.get(session, { ...tokenOptions(signal), rejected: accessToken });
    try {
      return await attempt(next.accessToken);
    } catch (second) {
      if (!isUnauthorized(second)) throw second;
      throw signInRequired(session, `The session of ${session.name} ended.`, second);
    }
  }
}

function tokenOptions(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function isUnauthorized(thrown: unknown): boolean {
  return !WorkbenchError.is(thrown) && (errorName(thrown) === 'UnauthorizedException' || httpStatusOf(thrown) === 401);
}
