import type { ProfileSummary } from '../../aws/identity';
import { regionOf, type KnownIdentity } from './profileCatalog';

/** How near the end of a session the status bar warns, in milliseconds. */
export const endsSoonMs = 15 * 60 * 1000;

/** How the current identity is put into words; no editor needed. */
export interface IdentityWords {
  /** For the status bar, without its icon. */
  text: string;
  /** A codicon's name. */
  icon: string;
  /** One sentence each, for the tooltip and for screen readers. */
  lines: string[];
  /** Whether the user should do something before the session ends. */
  isEndingSoon: boolean;
}

/**
 * Words an identity.
 * @param now milliseconds since the epoch.
 */
export function identityWords(known: KnownIdentity, now: number): IdentityWords {
  const { state, profile } = known;
  switch (state.kind) {
    case 'none':
      return known.hasNoProfiles
        ? plain('cloud', 'No AWS profile', 'There is no AWS profile yet. Add one to the AWS config file.')
        : plain('cloud', 'Select AWS profile', sentence(state.reason));
    case 'unverified': {
      // What the files say is shown as such until AWS has said who it really is.
      const account = [profile?.account, profile?.role].filter((part) => part !== undefined).join('/');
      const region = regionOf(known);
      const text = [state.profile, account, region].filter((part) => part).join(' · ');
      return plain(
        'cloud',
        text,
        `Tools act as profile ${state.profile}${region === undefined ? '' : ` in ${region}`}.`,
        'AWS has not been asked yet who that is.',
      );
    }
    case 'active': {
      const { profile: name, account, role, region } = state.identity;
      const left = state.expiresAt === undefined ? undefined : state.expiresAt - now;
      const lines = [`Tools act as ${role} in account ${account}, Region ${region}, by profile ${name}.`];
      if (state.expiresAt !== undefined && left !== undefined) {
        lines.push(`The credentials ${left <= 0 ? 'ended' : 'end'} at ${clock(state.expiresAt)}.`);
      }
      return {
        text: `${name} · ${account}/${role} · ${region}`,
        icon: 'cloud',
        lines,
        isEndingSoon: left !== undefined && left < endsSoonMs,
      };
    }
    case 'signInRequired':
      return plain('key', `${state.profile} · sign in`, sentence(state.reason));
    case 'failed':
      break;
  }
  return plain('warning', `${state.profile} · not usable`, sentence(state.reason));
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
  incomplete: 'incomplete',
};

/** Where a profile's credentials come from and what they lead to, on one line. */
export function profileWords(profile: ProfileSummary): string {
  const kind = profile.ssoSession === undefined ? kinds[profile.kind] : `${kinds[profile.kind]}, ${profile.ssoSession}`;
  return [profile.account, profile.role, profile.region, kind].filter((part) => part !== undefined).join(' · ');
}

function plain(icon: string, text: string, ...lines: string[]): IdentityWords {
  return { icon, text, lines, isEndingSoon: false };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Local time of day, e.g. 17:40. */
function clock(time: number): string {
  return new Date(time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
