import type { Logger } from '../../core/logger';
import { WorkbenchError } from '../../core/errors';
import type { ClientRegistration } from './clientRegistration';
import type { Clock } from './clock';
import { interactiveRetries, withRetries } from './retry';
import type { SsoToken } from './sharedTokenCache';
import type { SsoClients } from './ssoClients';
import { describeFailure, errorName, isTransient, safeCause, setupRemedy } from './ssoError';
import type { SsoSession } from './ssoSession';

/** What a person needs to allow the sign-in on any device that has a browser. */
export interface DeviceCodePrompt {
  /** E.g. `BCDF-GHJK`: the person compares it with the code on the page. */
  userCode: string;
  /** Page that asks for the code. */
  verificationUri: string;
  /** The same page with the code filled in. */
  verificationUriComplete: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

export interface DeviceFlowOptions {
  session: SsoSession;
  registration: ClientRegistration;
  clients: SsoClients;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
  /** Told once, before the first poll. */
  onPrompt: (prompt: DeviceCodePrompt) => void;
}

const defaultIntervalSeconds = 5;

/**
 * The device authorization grant (RFC 8628): a code to show, then polls until the person has allowed it.
 * @throws WorkbenchError where the person refused or let the code expire; the signal's reason; else what the SDK threw.
 */
export async function runDeviceFlow(options: DeviceFlowOptions): Promise<SsoToken> {
  const { session, registration, clock, logger, signal } = options;
  const { clientId, clientSecret } = registration;
  const client = await options.clients.oidc(session.region);
  const started = await withRetries(
    () =>
      client.startDeviceAuthorization({ clientId, clientSecret, startUrl: session.startUrl }, { abortSignal: signal }),
    { policy: interactiveRetries, clock, logger, what: `Starting the sign-in of ${session.name}`, signal },
  );
  const { deviceCode, userCode, verificationUri } = started;
  if (deviceCode === undefined || userCode === undefined || verificationUri === undefined) {
    throw Object.assign(new Error('The answer holds no code.'), { name: 'SyntaxError' });
  }
  const expiresAt = clock.now() + (started.expiresIn ?? 600) * 1000;
  options.onPrompt({
    userCode,
    verificationUri,
    verificationUriComplete: started.verificationUriComplete ?? withUserCode(verificationUri, userCode),
    expiresAt,
  });

  let intervalMs = Math.max(1, started.interval ?? defaultIntervalSeconds) * 1000;
  let lostAnswers = 0;
  for (;;) {
    // First the pause: a poll before the interval has passed is answered with `slow_down`.
    await clock.delay(Math.max(intervalMs, Math.min(intervalMs * 2 ** lostAnswers, 30_000)), signal);
    if (clock.now() >= expiresAt) throw codeExpired(session);
    try {
      const response = await client.createToken(
        { clientId, clientSecret, deviceCode, grantType: 'urn:ietf:params:oauth:grant-type:device_code' },
        { abortSignal: signal },
      );
      return toToken(response, options);
    } catch (error) {
      signal.throwIfAborted();
      switch (errorName(error)) {
        case 'AuthorizationPendingException':
          lostAnswers = 0;
          continue;
        case 'SlowDownException':
          lostAnswers = 0;
          intervalMs += 5_000;
          logger.debug(`${session.name}: polling every ${intervalMs / 1000} s from now on.`);
          continue;
        case 'ExpiredTokenException':
          throw codeExpired(session, error);
        case 'AccessDeniedException':
          throw signInRefused(session, error);
        default:
      }
      if (!isTransient(error)) throw error;
      // The code lives for minutes, and so does our patience with the network (RFC 8628, section 3.5).
      logger.debug(`Waiting for the sign-in of ${session.name}: ${describeFailure(error)}.`);
      lostAnswers++;
    }
  }
}

/**
 * Makes the token to cache from an answer of CreateToken.
 * @throws an error that counts as "something else than AWS answered" where the answer has no token.
 */
export function toToken(
  response: { accessToken?: string | undefined; expiresIn?: number | undefined; refreshToken?: string | undefined },
  context: { session: SsoSession; registration: ClientRegistration; clock: Clock },
): SsoToken {
  const { session, registration, clock } = context;
  if (response.accessToken === undefined || response.expiresIn === undefined) {
    throw Object.assign(new Error('The answer holds no token.'), { name: 'SyntaxError' });
  }
  return {
    accessToken: response.accessToken,
    expiresAt: clock.now() + response.expiresIn * 1000,
    startUrl: session.startUrl,
    region: session.region,
    refreshToken: response.refreshToken,
    clientId: registration.clientId,
    clientSecret: registration.clientSecret,
    registrationExpiresAt: registration.expiresAt,
  };
}

/** The person pressed "Deny", or an administrator did. */
export function signInRefused(session: SsoSession, cause?: unknown): WorkbenchError {
  return new WorkbenchError('SignInRequired', `The sign-in to ${session.name} was refused in the browser.`, {
    remedy: `Sign in to ${session.name} again and choose to allow access. ${setupRemedy(session)}`,
    ...(cause === undefined ? {} : { cause: safeCause(cause) }),
  });
}

function codeExpired(session: SsoSession, cause?: unknown): WorkbenchError {
  return new WorkbenchError('Timeout', `The code for ${session.name} expired before it was allowed in the browser.`, {
    remedy: `Sign in to ${session.name} again. ${setupRemedy(session)}`,
    ...(cause === undefined ? {} : { cause: safeCause(cause) }),
  });
}

function withUserCode(verificationUri: string, userCode: string): string {
  const url = new URL(verificationUri);
  url.searchParams.set('user_code', userCode);
  return url.href;
}
