import { WorkbenchError } from '../../core/errors';
import { regionPattern } from '../regionPattern';

/** An IAM Identity Center session, as an `[sso-session]` section or a legacy SSO profile describes it. */
export interface SsoSession {
  /**
   * Name of the `[sso-session]` section, exactly as written: tools that share the token cache hash it byte for byte.
   * For a legacy profile, a name to show.
   */
  name: string;
  /** The access portal, e.g. `https://d-0123456789.awsapps.com/start`. */
  startUrl: string;
  /** Where Identity Center is switched on; it need not be the region of the work. */
  region: string;
  /** Empty for legacy sessions. */
  scopes: readonly string[];
  /**
   * Set where the start URL stands in the profile itself. Such sessions are cached by their start URL and cannot be
   * renewed: who wants that converts the profile to an `[sso-session]`.
   */
  legacy?: boolean;
}

/** The scope that lists accounts and roles and gets their credentials, and with which AWS hands out refresh tokens. */
export const accountAccessScope = 'sso:account:access';

/** How a person signs in: the authorization code grant with PKCE, or the device authorization grant. */
export type SignInFlow = 'browser' | 'deviceCode';

/** What is known of a session without asking AWS; each state says why it is so. */
export type SsoSessionState =
  | { kind: 'signedOut'; reason: string }
  | { kind: 'signingIn'; flow: SignInFlow; reason: string }
  /** `expiresAt` is when the access token runs out; a `renewable` session goes on after that by itself. */
  | { kind: 'active'; expiresAt: number; renewable: boolean }
  | { kind: 'expiring'; expiresAt: number; reason: string }
  /** A `renewable` one is renewed at its next use; else a person must sign in. */
  | { kind: 'expired'; expiresAt: number; renewable: boolean; reason: string }
  /** The cache cannot be read, which is no statement about the session itself. */
  | { kind: 'failed'; reason: string };

/** What the SHA-1 of a session's token file is made of, the same for the AWS CLI and SDKs. */
export function tokenCacheKey(session: SsoSession): string {
  return session.legacy === true ? session.startUrl : session.name;
}

// A line break would end the value in the config file, and nothing else that cannot be seen belongs there either.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/**
 * Brings a start URL, as a person pastes it, into the form AWS documents.
 * @throws WorkbenchError `InvalidInput` where it is no https address (http is accepted for the loopback address only,
 * where a stand-in for AWS may run).
 */
export function parseStartUrl(text: string): string {
  const trimmed = text.trim();
  const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined;
  const isLocal = url?.protocol === 'http:' && (url.hostname === '127.0.0.1' || url.hostname === '[::1]');
  if (
    url === undefined ||
    (url.protocol !== 'https:' && !isLocal) ||
    url.username !== '' ||
    url.password !== '' ||
    /\s/.test(trimmed) ||
    unprintable.test(trimmed)
  ) {
    throw new WorkbenchError('InvalidInput', `This is not the start URL of an access portal: ${show(trimmed)}`, {
      remedy: 'Copy the address of the AWS access portal, such as https://d-0123456789.awsapps.com/start.',
    });
  }
  // The portal is a single-page application: what follows "#" is a place in it, never part of the start URL.
  url.hash = '';
  return url.href.replace(/#$/, '').replace(/^(https?:\/\/[^/]+)\/$/, '$1');
}

/**
 * Checks a session before anything is sent or written.
 * @throws WorkbenchError `InvalidInput`.
 */
export function checkSsoSession(session: SsoSession): void {
  if (session.name.trim() === '' || unprintable.test(session.name)) {
    throw new WorkbenchError('InvalidInput', 'The SSO session has no usable name.', {
      remedy: 'Give the session a name without line breaks.',
    });
  }
  if (!regionPattern.test(session.region)) {
    throw new WorkbenchError('InvalidInput', `This is not an AWS region: ${show(session.region)}`, {
      remedy: `Set sso_region of ${session.name} to the region of IAM Identity Center, such as eu-west-1.`,
    });
  }
  parseStartUrl(session.startUrl);
}

function show(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
