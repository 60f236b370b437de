import { WorkbenchError } from '../core/errors';
import { profileKind, type Profile, type SharedConfig, type SsoSessionSection } from './config/sharedConfig';
import type { SsoRole } from './sso/roleCredentials';
import { accountAccessScope, tokenCacheKey, type SsoSession } from './sso/ssoSession';

/** A session with the profiles that name it. */
export interface ConfiguredSession {
  session: SsoSession;
  /** In file order. */
  profiles: readonly string[];
}

/** Whether two sessions share their token. */
export function isSameSession(left: SsoSession, right: SsoSession): boolean {
  return tokenCacheKey(left) === tokenCacheKey(right);
}

/**
 * All sessions of the config files that can be signed in to: `[sso-session]` sections, then one for each start URL of
 * profiles that still name it themselves. Sections that lack their start URL or region are left out.
 */
export function configuredSessions(config: SharedConfig): ConfiguredSession[] {
  const found = new Map<string, { session: SsoSession; profiles: string[] }>();
  for (const section of config.ssoSessions.values()) {
    const session = sessionOfSection(section);
    if (session) found.set(tokenCacheKey(session), { session, profiles: [] });
  }
  for (const profile of config.profiles.values()) {
    const session = sessionOfProfile(profile, config);
    if (!session) continue;
    const key = tokenCacheKey(session);
    const entry = found.get(key) ?? { session, profiles: [] };
    found.set(key, entry);
    entry.profiles.push(profile.name);
  }
  return [...found.values()];
}

/** The session of that name; for a session without a section, the one with that start URL. */
export function findSession(config: SharedConfig, name: string): SsoSession | undefined {
  return configuredSessions(config).find(({ session }) => session.name === name)?.session;
}

/** The session at the root of a profile's credentials, through all profiles that it builds on. */
export function rootSession(config: SharedConfig, profile: string): SsoSession | undefined {
  const seen = new Set<string>();
  for (let name: string | undefined = profile; name !== undefined && !seen.has(name);) {
    seen.add(name);
    const found: Profile | undefined = config.profiles.get(name);
    if (!found) return undefined;
    const kind = profileKind(found);
    if (kind === 'sso-session' || kind === 'sso-legacy') return sessionOfProfile(found, config);
    name = kind === 'assume-role' ? found.settings.get('source_profile') || undefined : undefined;
  }
  return undefined;
}

/**
 * The role that an SSO profile names, with its session.
 * @throws WorkbenchError `InvalidInput` where the session is missing or the profile is incomplete
 */
export function readSsoProfile(profile: Profile, config: SharedConfig, configFile: string): SsoRole {
  const { name, settings } = profile;
  const sessionName = settings.get('sso_session') || undefined;
  const section = sessionName === undefined ? undefined : config.ssoSessions.get(sessionName);
  if (sessionName !== undefined && !section) {
    throw new WorkbenchError(
      'InvalidInput',
      `Profile ${name} names the sso-session ${sessionName}, which does not exist.`,
      { remedy: `Add [sso-session ${sessionName}] to ${configFile}, or correct the name.` },
    );
  }
  const session = sessionOfProfile(profile, config);
  const accountId = settings.get('sso_account_id');
  const roleName = settings.get('sso_role_name');
  if (session && accountId && roleName) return { session, accountId, roleName };
  const missing = Object.entries({
    sso_start_url: section ? section.startUrl : settings.get('sso_start_url'),
    sso_region: section ? section.region : settings.get('sso_region'),
    sso_account_id: accountId,
    sso_role_name: roleName,
  }).filter(([, value]) => !value);
  throw new WorkbenchError('InvalidInput', `Profile ${name} lacks ${missing.map(([key]) => key).join(' and ')}.`, {
    remedy: `Add it to ${configFile}.`,
  });
}

function sessionOfProfile({ settings }: Profile, config: SharedConfig): SsoSession | undefined {
  const sessionName = settings.get('sso_session');
  if (sessionName) {
    const section = config.ssoSessions.get(sessionName);
    return section && sessionOfSection(section);
  }
  const startUrl = settings.get('sso_start_url');
  const region = settings.get('sso_region');
  return startUrl && region ? { name: startUrl, startUrl, region, scopes: [], legacy: true } : undefined;
}

function sessionOfSection({ name, startUrl, region, registrationScopes }: SsoSessionSection): SsoSession | undefined {
  if (!startUrl || !region) return undefined;
  // As the AWS CLI: a section without scopes asks for this one.
  const scopes = registrationScopes.length > 0 ? registrationScopes : [accountAccessScope];
  return { name, startUrl, region, scopes };
}
