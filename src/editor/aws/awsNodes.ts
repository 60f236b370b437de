import type { ProfileSummary, SsoRoleChoice } from '../../aws/identity';
import type { SsoAccountRoles } from '../../aws/sso/accounts';
import type { KnownSession } from '../../aws/ssoSessions';

/** A row of the *AWS* tree. */
export type AwsNode =
  | { kind: 'session'; session: KnownSession }
  | { kind: 'account'; session: string; account: SsoAccountRoles }
  /** `place`: at the top of its session where it is pinned, or within its account. */
  | { kind: 'role'; choice: SsoRoleChoice; place: 'pins' | 'account' }
  | { kind: 'profile'; profile: ProfileSummary; isUnassigned?: boolean }
  | { kind: 'profiles' }
  | { kind: 'note'; id: string; text: string; icon: string; command?: { id: string; title: string; argument: string } };

/** Words by which an account and its roles are found. */
export interface FilterWords {
  name: string | undefined;
  account: SsoAccountRoles;
}

/** The account with the roles that a filter leaves: all of them where the account itself is meant, `undefined` if none. */
export function filterAccount({ name, account }: FilterWords, filter: string): SsoAccountRoles | undefined {
  const wanted = filter.trim().toLowerCase();
  if (wanted === '') return account;
  const isMeant = [name, account.accountId, account.accountName, account.emailAddress].some((text) =>
    text?.toLowerCase().includes(wanted),
  );
  if (isMeant) return account;
  const roles = account.roles.filter((role) => role.toLowerCase().includes(wanted));
  return roles.length > 0 ? { ...account, roles } : undefined;
}

/** Profiles of a session by the role that they name. */
export function profilesOfRole(
  profiles: readonly ProfileSummary[],
  { session, account, role }: SsoRoleChoice,
): string[] {
  return profiles
    .filter(
      (profile) =>
        (profile.ssoSession ?? profile.startUrl) === session && profile.account === account && profile.role === role,
    )
    .map(({ name }) => name);
}

/** Whether a profile is one of a session. */
export function isSessionProfile({ kind }: ProfileSummary): boolean {
  return kind === 'sso-session' || kind === 'sso-legacy';
}
