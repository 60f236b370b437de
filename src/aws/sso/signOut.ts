import type { Logger } from '../../core/logger';
import type { Clock } from './clock';
import { interactiveRetries, withRetries } from './retry';
import type { SsoClients } from './ssoClients';
import { describeFailure, errorName, toSsoError } from './ssoError';
import type { SsoSession } from './ssoSession';
import type { SsoTokenProvider } from './tokenRefresh';

export interface SignOutOptions {
  tokens: SsoTokenProvider;
  clients: SsoClients;
  clock: Clock;
  logger: Logger;
}

/** What became of a sign-out. The local part always happened. */
export interface SignOutResult {
  /** Whether AWS confirmed that the session is over; where not, `problem` says why, for people. */
  revoked: boolean;
  problem?: string;
}

/**
 * Signs out of a session on this machine, for all tools that share its token, and at AWS. The client registration
 * stays: it names this product and not the person.
 * @throws WorkbenchError where the cached token could not be deleted.
 */
export async function signOut(
  session: SsoSession,
  options: SignOutOptions,
  signal?: AbortSignal,
): Promise<SignOutResult> {
  const { clients, clock, logger } = options;
  // First here: what follows may take a while, and nothing may use the token meanwhile.
  const token = await options.tokens.forget(session).catch((error: unknown) => {
    throw toSsoError(error, session, 'signed out of');
  });
  if (token === undefined) return { revoked: false, problem: `Nobody was signed in to ${session.name}.` };
  try {
    const client = await clients.portal(session.region);
    await withRetries(
      () => client.logout({ accessToken: token.accessToken }, signal === undefined ? {} : { abortSignal: signal }),
      { policy: interactiveRetries, clock, logger, what: `Signing out of ${session.name}`, signal },
    );
  } catch (error) {
    // AWS does not know the token any more, which is what we want.
    if (errorName(error) === 'UnauthorizedException') return { revoked: true };
    const problem = `AWS was not told that you signed out of ${session.name}: ${describeFailure(error)}.`;
    logger.warn(problem);
    return { revoked: false, problem };
  }
  logger.info(`${session.name}: signed out.`);
  return { revoked: true };
}
