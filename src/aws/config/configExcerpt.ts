import type { SharedConfig } from './sharedConfig';

/**
 * All that the files say about one profile, through the profiles, session and services that it names, as one text to
 * compare: an edit elsewhere leaves it as it is. It holds secrets, as the files do.
 * @param profile `undefined` for credentials without a profile; settings of `default` still count for them.
 * @param session name of the `[sso-session]` section of a role that was picked without a profile.
 */
export function configExcerpt(config: SharedConfig, profile: string | undefined, session?: string): string {
  const parts: unknown[] = [];
  const addSession = (name: string | undefined): void => {
    if (name) parts.push(config.ssoSessions.get(name) ?? null);
  };
  addSession(session);
  const seen = new Set<string>();
  for (let name: string | undefined = profile ?? 'default'; name !== undefined && !seen.has(name);) {
    seen.add(name);
    const settings: ReadonlyMap<string, string> | undefined = config.profiles.get(name)?.settings;
    if (!settings) {
      parts.push(null);
      break;
    }
    parts.push([...settings]);
    addSession(settings.get('sso_session'));
    const services = config.services.get(settings.get('services') ?? '');
    if (services) parts.push([...services].map(([service, nested]) => [service, [...nested]]));
    name = settings.get('source_profile') || undefined;
  }
  return JSON.stringify(parts);
}
