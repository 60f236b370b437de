import type { IdentityState, ProfileSummary } from '../../aws/identity';
import { timeOfDay } from '../../aws/timeOfDay';
import { regionOf, type KnownIdentity } from './profileCatalog';

/** How the current identity is put into words; no editor needed. */
export interface IdentityWords {
  /** For the status bar, without its icon. */
  text: string;
  /** A codicon's name. */
  icon: string;
  /** One sentence each, for the tooltip and for screen readers. */
  lines: string[];
  /** Whether a person has to do something, now or soon. */
  isWarning: boolean;
}

/**
 * Words an identity.
 * @param now milliseconds since the epoch.
 */
export function identityWords(known: KnownIdentity, now: number): IdentityWords {
  const { state, profile } = known;
  const who = whoWords(known);
  const production = known.isProduction === true ? ['This account is marked as production.'] : [];
  switch (state.kind) {
    case 'signedOut':
      if (state.profile !== undefined) return { ...words('sign-in', `${who} · sign in`, sentence(state.reason)) };
      if (known.onlySessions === 'signedIn') return words('cloud', 'Select AWS role', 'No role has been chosen yet.');
      if (known.onlySessions === 'signedOut') {
        return words('sign-in', 'Sign in to AWS', 'Nobody is signed in with IAM Identity Center.');
      }
      return known.hasNoProfiles
        ? words('cloud', 'No AWS profile', 'There is no AWS profile yet. Sign in with IAM Identity Center, or add one.')
        : words('cloud', 'Select AWS profile', sentence(state.reason));
    case 'signingIn':
      return words('sync~spin', `${who || state.session || 'AWS'} · signing in`, sentence(state.reason));
    case 'unverified': {
      const region = regionOf(known);
      // What the files say is shown as such until AWS has said who it really is.
      return words(
        'cloud',
        [who, profile && !known.accountName ? accountRole(profile) : (profile?.role ?? state.sso?.role), region]
          .filter((part) => part)
          .join(' · '),
        `Tools act as ${describeTarget(state)}${region === undefined ? '' : ` in ${region}`}.`,
        ...production,
        'AWS has not been asked yet who that is.',
      );
    }
    case 'active':
    case 'expiring': {
      const { profile: name, account, role, region } = state.identity;
      const lines = [
        `Tools act as ${role} in account ${account}, Region ${region}, by ${name.startsWith('sso-session ') ? name : `profile ${name}`}.`,
        ...production,
      ];
      if (state.kind === 'expiring') lines.push(sentence(state.reason));
      else if (state.expiresAt !== undefined) lines.push(`${endWords(state, now)}.`);
      else if (state.session !== undefined) lines.push(`The session of ${state.session} renews itself.`);
      const isNamed = known.accountName !== undefined || name.startsWith('sso-session ');
      const text = [who, isNamed ? role : `${account}/${role}`, region].join(' · ');
      if (state.kind === 'active') return words('cloud', text, ...lines);
      return { icon: 'clock', text: `${text} · ends ${timeOfDay(state.expiresAt, now)}`, lines, isWarning: true };
    }
    case 'expired':
      return { ...words('key', `${who} · sign in`, sentence(state.reason)), isWarning: true };
    case 'failed':
      break;
  }
  return words('warning', `${who} · not usable`, sentence(state.reason));
}

/** The account by its name, else the profile, else the account's id; production is said. */
function whoWords({ state, profile, accountName, isProduction }: KnownIdentity): string {
  const name =
    accountName ??
    ('identity' in state
      ? state.identity.profile.startsWith('sso-session ')
        ? state.identity.account
        : state.identity.profile
      : (state.sso?.account ?? profile?.name ?? state.profile ?? ''));
  return isProduction === true ? `${name} · production` : name;
}

function accountRole({ account, role }: ProfileSummary): string {
  return [account, role].filter((part) => part !== undefined).join('/');
}

function describeTarget(state: Extract<IdentityState, { kind: 'unverified' }>): string {
  const { sso } = state;
  return sso ? `${sso.role} in account ${sso.account}, by ${state.profile}` : `profile ${state.profile}`;
}

function endWords({ session, expiresAt }: { session?: string; expiresAt?: number }, now: number): string {
  const what = session === undefined ? 'The credentials end' : `The session of ${session} ends`;
  return `${what} at ${timeOfDay(expiresAt ?? now, now)}`;
}

const kinds: Record<ProfileSummary['kind'], string> = {
  'sso-session': 'IAM Identity Center',
  'sso-legacy': 'IAM Identity Center, without a session section',
  'assume-role': 'assumes a role',
  'web-identity': 'web identity',
  static: 'access keys',
  'credential-process': 'credential process',
  'login-session': 'console sign-in',
  environment: 'environment variables',
  container: 'role of the container',
  incomplete: 'incomplete',
};

/** What a role is assumed from, by `credential_source`. */
const sources: Readonly<Record<string, string>> = {
  Environment: ' from environment variables',
  EcsContainer: ' from the role of the container',
  Ec2InstanceMetadata: ' from the role of the instance',
};

/** What a profile's credentials come from, in words. */
export function kindWords(profile: ProfileSummary): string {
  if (profile.kind === 'assume-role') {
    const source = sources[profile.credentialSource ?? ''] ?? '';
    return `assumes a role${source}${profile.needsMfa === true ? ' with MFA' : ''}`;
  }
  return profile.ssoSession === undefined ? kinds[profile.kind] : `${kinds[profile.kind]}, ${profile.ssoSession}`;
}

/** Where a profile's credentials come from and what they lead to, on one line. */
export function profileWords(profile: ProfileSummary): string {
  return [profile.account, profile.role, profile.region, kindWords(profile)]
    .filter((part) => part !== undefined)
    .join(' · ');
}

function words(icon: string, text: string, ...lines: string[]): IdentityWords {
  return { icon, text, lines, isWarning: false };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
