import { createHash, randomBytes } from 'node:crypto';
import { WorkbenchError } from '../../core/errors';
import type { Logger } from '../../core/logger';
import type { CallbackPage } from './callbackPage';
import { startCallbackServer } from './callbackServer';
import type { ClientRegistration } from './clientRegistration';
import type { Clock } from './clock';
import { signInRefused, toToken } from './deviceFlow';
import { interactiveRetries, withRetries } from './retry';
import type { SsoToken } from './sharedTokenCache';
import type { SsoClients } from './ssoClients';
import { setupRemedy, toSsoError } from './ssoError';
import type { SsoSession } from './ssoSession';

/** How long a person may take in the browser, in milliseconds. */
export const browserLimitMs = 10 * 60_000;

export interface PkceFlowOptions {
  session: SsoSession;
  registration: ClientRegistration;
  clients: SsoClients;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
  /**
   * Told once the callback can come, with the page to open and when the waiting ends, in milliseconds since the epoch.
   */
  onAuthorizeUrl: (url: string, expiresAt: number) => void;
  /** Keeps the token, before the browser is told that all went well. */
  store: (token: SsoToken) => Promise<void>;
}

/**
 * The authorization code grant with PKCE (RFC 7636, RFC 8252): the browser comes back to a loopback port with a code,
 * which only we can exchange.
 * @throws WorkbenchError where the person refused or took too long; the signal's reason; else what the SDK threw.
 */
export async function runPkceFlow(options: PkceFlowOptions): Promise<SsoToken> {
  const { session, registration, clients, clock, logger, signal } = options;
  const state = randomBytes(32).toString('base64url');
  const codeVerifier = randomBytes(32).toString('base64url');
  const server = await startCallbackServer({ state, logger });
  const stopWaiting = new AbortController();
  try {
    signal.throwIfAborted();
    const { redirectUri } = server;
    options.onAuthorizeUrl(
      authorizeUrl(clients.endpoints(session.region).oidc, { session, registration, redirectUri, state, codeVerifier }),
      clock.now() + browserLimitMs,
    );
    const timeUp = clock.delay(browserLimitMs, AbortSignal.any([signal, stopWaiting.signal])).then(() => {
      throw tookTooLong(session);
    });
    const callback = await Promise.race([server.callback, timeUp]);
    stopWaiting.abort();
    timeUp.catch(() => undefined);

    const { outcome } = callback;
    try {
      if (outcome.kind === 'error') throw refusal(session, outcome.error);
      const client = await clients.oidc(session.region);
      const { clientId, clientSecret } = registration;
      const response = await withRetries(
        () =>
          client.createToken(
            { clientId, clientSecret, code: outcome.code, codeVerifier, redirectUri, grantType: 'authorization_code' },
            { abortSignal: signal },
          ),
        { policy: interactiveRetries, clock, logger, what: `Signing in to ${session.name}`, signal },
      );
      const token = toToken(response, options);
      await options.store(token);
      await callback.answer(successPage(session));
      return token;
    } catch (error) {
      await callback.answer(failurePage(session, signal.aborted ? undefined : error));
      throw error;
    }
  } finally {
    stopWaiting.abort();
    server.close();
  }
}

/** The SDK has no command for this endpoint. Its parameter for scopes is named `scopes` and separated by commas. */
function authorizeUrl(
  oidcEndpoint: string,
  parts: {
    session: SsoSession;
    registration: ClientRegistration;
    redirectUri: string;
    state: string;
    codeVerifier: string;
  },
): string {
  const url = new URL(`${oidcEndpoint}/authorize`);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: parts.registration.clientId,
    redirect_uri: parts.redirectUri,
    scopes: parts.session.scopes.join(','),
    state: parts.state,
    code_challenge: createHash('sha256').update(parts.codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  return url.href;
}

function refusal(session: SsoSession, error: string): WorkbenchError {
  if (error === 'access_denied') return signInRefused(session);
  return new WorkbenchError('SignInRequired', `The sign-in to ${session.name} ended in the browser with ${error}.`, {
    remedy: setupRemedy(session),
  });
}

function tookTooLong(session: SsoSession): WorkbenchError {
  return new WorkbenchError('Timeout', `Nobody finished the sign-in to ${session.name} within ten minutes.`, {
    remedy:
      `Sign in to ${session.name} again. If the browser showed an error or never came back, use a device code, and ` +
      `check that ${session.region} is the region of IAM Identity Center and ${session.startUrl} its start URL.`,
  });
}

function successPage(session: SsoSession): CallbackPage {
  return {
    title: `You are signed in to ${session.name}`,
    message: 'Go back to the editor; this tab can be closed.',
    isSuccess: true,
  };
}

function failurePage(session: SsoSession, error: unknown): CallbackPage {
  if (error === undefined) {
    return {
      title: 'The sign-in was cancelled',
      message: `Nothing was changed. Start again in the editor to sign in to ${session.name}.`,
      isSuccess: false,
    };
  }
  const { message, remedy } = toSsoError(error, session, 'signed in to');
  return {
    title: `You are not signed in to ${session.name}`,
    message: `${message} ${remedy}`,
    isSuccess: false,
  };
}
