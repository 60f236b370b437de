/** A name for a new session, from its start URL: the organisation's part of the host, with a number where it is taken. */
export function suggestSessionName(startUrl: string, taken: ReadonlySet<string>): string {
  const host = URL.canParse(startUrl) ? new URL(startUrl).hostname : '';
  const first = host.split('.')[0] ?? '';
  const base = /^[a-z][\w-]*$/i.test(first) ? first : 'my-sso';
  return unused(base, taken);
}

/** A name for the profile of a role. */
export function suggestProfileName(account: string, role: string, taken: ReadonlySet<string>): string {
  const words = `${account}-${role}`.replaceAll(/[^A-Za-z0-9_@+.]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return unused(words.slice(0, 100) || 'profile', taken);
}

function unused(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base;
  for (let number = 2; ; number++) if (!taken.has(`${base}-${number}`)) return `${base}-${number}`;
}
