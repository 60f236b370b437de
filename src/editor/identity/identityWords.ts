import type { IdentityState, ProfileSummary } from '../../aws/identity';

/** How near the end of a session the status bar warns, in milliseconds. */
export const endsSoonMs = 15 * 60 * 1000;

/** How the current identity is put into words; no editor needed. */
export interface IdentityWords {
  /** For the status bar, without its icon. */
  text: string;
  /** A codicon's name. */
  icon: string;
  /** One sentence a line, for the tooltip and for screen readers. */
  lines: string[];
  /** Whether the user should do something before the session ends. */
  isEndingSoon: boolean;
}

/**
 * Words a state.
 * @param now milliseconds since the epoch.
 */
export function identityWords(state: IdentityState, now: number): IdentityWords {
  switch (state.kind) {
    case 'none':
      return { text: 'No AWS profile', icon: 'cloud', lines: [sentence(state.reason)], isEndingSoon: false };
    case 'unverified':
      return {
        text: `${state.profile} · ${state.region}`,
        icon: 'cloud',
        lines: [`Tools act as profile ${state.profile} in ${state.region}.`, 'AWS has not been asked yet who that is.'],
        isEndingSoon: false,
      };
    case 'active': {
      const { profile, account, role, region } = state.identity;
      const left = state.expiresAt === undefined ? undefined : state.expiresAt - now;
      const lines = [`Tools act as ${role} in account ${account}, Region ${region}, by profile ${profile}.`];
      if (state.expiresAt !== undefined) {
        lines.push(
          left !== undefined && left <= 0
            ? `The credentials ended at ${clock(state.expiresAt)}.`
            : `The credentials end at ${clock(state.expiresAt)}.`,
        );
      }
      return {
        text: `${profile} · ${account}/${role} · ${region}`,
        icon: 'cloud',
        lines,
        isEndingSoon: left !== undefined && left < endsSoonMs,
      };
    }
    case 'signInRequired':
      return {
        text: `${state.profile} · sign in`,
        icon: 'key',
        lines: [sentence(state.reason)],
        isEndingSoon: false,
      };
    case 'failed':
      return {
        text: `${state.profile} · not usable`,
        icon: 'warning',
        lines: [sentence(state.reason)],
        isEndingSoon: false,
      };
  }
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

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Local time of day, e.g. 17:40. */
function clock(time: number): string {
  return new Date(time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
