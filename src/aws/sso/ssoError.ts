import { WorkbenchError, messageOf } from '../../core/errors';
import { isRecord } from '../../core/json';
import { redactText } from '../../core/redact';
import type { SsoSession } from './ssoSession';

/** Socket and name-resolution errors, after which the same request may well succeed. */
const networkErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'EPROTO',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Errors of TLS: something between us and AWS shows a certificate of its own. */
const certificateErrors = /^(?:CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

/** Errors of the OIDC service after which neither the refresh token nor the registration is good for anything. */
const sessionEndings = new Set([
  'InvalidGrantException',
  'ExpiredTokenException',
  'InvalidClientException',
  'UnauthorizedClientException',
  'AccessDeniedException',
]);

function member(value: unknown, name: string): unknown {
  return isRecord(value) || value instanceof Error ? (value as Record<string, unknown>)[name] : undefined;
}

/** Name of an AWS exception, or of any other error. */
export function errorName(thrown: unknown): string {
  const name = member(thrown, 'name');
  return typeof name === 'string' ? name : 'Error';
}

/** Code of a Node.js error such as `ENOENT`, if it is one. */
export function errnoOf(thrown: unknown): string | undefined {
  const code = member(thrown, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** HTTP status an AWS client got, if it got an answer. */
export function httpStatusOf(thrown: unknown): number | undefined {
  const status = member(member(thrown, '$metadata'), 'httpStatusCode');
  return typeof status === 'number' ? status : undefined;
}

function requestIdOf(thrown: unknown): string | undefined {
  const id = member(member(thrown, '$metadata'), 'requestId');
  return typeof id === 'string' ? id : undefined;
}

/** Whether a call was given up by its own signal. */
export function isAbort(thrown: unknown): boolean {
  return errorName(thrown) === 'AbortError' || errnoOf(thrown) === 'ABORT_ERR';
}

/** Whether AWS, or somebody in between, asked for fewer requests. */
export function isThrottle(thrown: unknown): boolean {
  return (
    httpStatusOf(thrown) === 429 || /^(?:TooManyRequests|Throttl|SlowDown|RequestLimitExceeded)/.test(errorName(thrown))
  );
}

/** Whether the answer came from AWS and was a modelled refusal, and not from a proxy, a captive portal or a fault. */
function isServiceRefusal(thrown: unknown): boolean {
  const status = httpStatusOf(thrown);
  return (
    status !== undefined &&
    status >= 400 &&
    status < 500 &&
    errorName(thrown).endsWith('Exception') &&
    !isThrottle(thrown)
  );
}

function isNetworkError(thrown: unknown): boolean {
  const code = errnoOf(thrown);
  return (
    errorName(thrown) === 'TimeoutError' ||
    (code !== undefined && (networkErrors.has(code) || certificateErrors.test(code)))
  );
}

/** Whether the same request may succeed a moment later with nothing changed. Never says anything about the session. */
export function isTransient(thrown: unknown): boolean {
  if (isThrottle(thrown) || isNetworkError(thrown)) return true;
  const status = httpStatusOf(thrown);
  if (status === undefined) return errorName(thrown) === 'SyntaxError';
  // A page of HTML under status 200 or 403 comes from a proxy, not from AWS.
  return status >= 500 || (status < 500 && !isServiceRefusal(thrown));
}

/** Whether AWS said that the session cannot be renewed and a person must sign in. */
export function endsSession(thrown: unknown): boolean {
  // With a reason it speaks of the instance's encryption key, which an administrator repairs, not of the session.
  return isServiceRefusal(thrown) && sessionEndings.has(errorName(thrown)) && member(thrown, 'reason') === undefined;
}

/** Whether AWS understood a request and refused it, for whatever reason. */
export function isRefusal(thrown: unknown): boolean {
  return isServiceRefusal(thrown);
}

/**
 * A copy of an error that is safe to keep as a cause: its name and redacted message only. The original of the SDK
 * carries the response, and a parser's message quotes what it could not parse.
 */
export function safeCause(thrown: unknown): Error {
  const name = errorName(thrown);
  const text = name === 'SyntaxError' ? 'The answer could not be parsed.' : redactText(messageOf(thrown));
  const code = errnoOf(thrown);
  const cause = new Error(code === undefined || text.includes(code) ? text : `${code}: ${text}`);
  cause.name = name;
  return cause;
}

/** Why a request failed, as half a sentence for people. */
export function describeFailure(thrown: unknown): string {
  const code = errnoOf(thrown);
  const status = httpStatusOf(thrown);
  if (isThrottle(thrown)) return 'AWS asked for fewer requests';
  if (code !== undefined && certificateErrors.test(code)) return `the certificate was not accepted (${code})`;
  if (isNetworkError(thrown)) return `AWS could not be reached (${code ?? 'no answer in time'})`;
  if (status !== undefined && status >= 500) return `AWS answered with a fault (${status})`;
  if (isServiceRefusal(thrown)) return `AWS refused it (${errorName(thrown)})`;
  if (status !== undefined || errorName(thrown) === 'SyntaxError') {
    return `something else than AWS answered${status === undefined ? '' : ` (${status})`}`;
  }
  return code === undefined ? errorName(thrown) : `${errorName(thrown)} ${code}`;
}

/** "Sign in" as an error: the one a model relays and the editor makes a notification of. */
export function signInRequired(session: SsoSession, message: string, cause?: unknown): WorkbenchError {
  return new WorkbenchError('SignInRequired', message, {
    remedy: `Sign in to ${session.name} and repeat the call.`,
    ...(cause === undefined ? {} : { cause: safeCause(cause) }),
  });
}

/** A person, or the program, gave up waiting. */
export function cancelled(message: string): WorkbenchError {
  return new WorkbenchError('Cancelled', message, { remedy: 'Start again when you are ready.' });
}

/**
 * Turns what a request to Identity Center threw into an error a person can act on. An error of ours passes unchanged.
 * @param what the request as the end of "could not be …", e.g. `renewed`.
 */
export function toSsoError(thrown: unknown, session: SsoSession, what: string): WorkbenchError {
  if (WorkbenchError.is(thrown)) return thrown;
  if (isAbort(thrown)) return cancelled(`${session.name} could not be ${what}: it was cancelled.`);
  const awsRequestId = requestIdOf(thrown);
  const rest = { cause: safeCause(thrown), ...(awsRequestId === undefined ? {} : { awsRequestId }) };
  const message = `${session.name} could not be ${what}: ${describeFailure(thrown)}.`;
  if (isThrottle(thrown))
    return new WorkbenchError('Throttled', message, { remedy: 'Try again in a minute.', ...rest });
  const code = errnoOf(thrown);
  if (code !== undefined && certificateErrors.test(code)) {
    return new WorkbenchError('Timeout', message, {
      remedy: 'Check the proxy and certificate settings of the editor and of this machine.',
      ...rest,
    });
  }
  if (isTransient(thrown)) {
    return new WorkbenchError('Timeout', message, {
      remedy: 'Check the network, the VPN and the proxy settings, then try again. You are still signed in.',
      ...rest,
    });
  }
  if (errorName(thrown) === 'ForbiddenException') {
    return new WorkbenchError('AccessDenied', message, {
      remedy: 'Ask an administrator of IAM Identity Center whether you are still assigned to it.',
      ...rest,
    });
  }
  if (isServiceRefusal(thrown)) {
    return new WorkbenchError('InvalidInput', message, { remedy: setupRemedy(session), ...rest });
  }
  return new WorkbenchError('Internal', message, { remedy: 'Look at the log of MCP Workbench.', ...rest });
}

/** AWS answers a wrong region or start URL with `invalid_grant` or `invalid_request`, which tells nobody what to change. */
export function setupRemedy(session: SsoSession): string {
  return (
    `Check that IAM Identity Center is switched on in ${session.region} (sso_region) and that ${session.startUrl} ` +
    `is its start URL (sso_start_url), then sign in again.`
  );
}
