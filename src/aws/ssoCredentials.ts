import { DisposableStore, type Disposable } from '../core/disposable';
import { WorkbenchError } from '../core/errors';
import type { FoundCredentials } from './credentials';
import type { AwsEnvironment } from './environment';
import { systemClock } from './sso/clock';
import { SsoRoleCredentials, type SsoRole } from './sso/roleCredentials';
import { SharedTokenCache } from './sso/sharedTokenCache';
import { SsoClients } from './sso/ssoClients';
import { SsoTokenProvider } from './sso/tokenRefresh';
import type { SsoSource } from './ssoSessions';

/**
 * Reads and renews the sign-ins that other tools made, for programs that cannot sign in themselves.
 * Only the variables for these two services move them: a token is never sent to whatever `AWS_ENDPOINT_URL` names.
 */
export function openSharedSignIns(environment: AwsEnvironment): SsoSource & Disposable {
  const { logger, version } = environment;
  const owned = new DisposableStore();
  const clock = systemClock;
  const clients = owned.add(
    new SsoClients({
      clock,
      userAgent: `mcp-workbench/${version}`,
      endpoints: {
        oidc: environment.variable('AWS_ENDPOINT_URL_SSO_OIDC'),
        portal: environment.variable('AWS_ENDPOINT_URL_SSO'),
      },
    }),
  );
  const cache = new SharedTokenCache(environment.homeDirectory);
  const tokens = owned.add(new SsoTokenProvider({ cache, clients, clock, logger }));
  const roleCredentials = owned.add(new SsoRoleCredentials({ tokens, clients, clock, logger }));
  return { tokens, roleCredentials, dispose: () => owned.dispose() };
}

/**
 * Gets the credentials of the role that a profile names.
 * @throws WorkbenchError as `SsoRoleCredentials.get`; `SignInRequired` says how to sign in from here.
 */
export async function findSsoCredentials(
  source: SsoSource,
  role: SsoRole,
  profile: string,
  environment: AwsEnvironment,
  signal: AbortSignal,
): Promise<FoundCredentials> {
  const { session } = role;
  try {
    const credentials = await source.roleCredentials.get(role, signal);
    const state = await source.tokens.state(session);
    // A session that renews itself has no end that anybody must know.
    const endsAt =
      state.kind === 'expiring' || (state.kind === 'active' && !state.renewable) ? state.expiresAt : undefined;
    return { credentials, ...(endsAt === undefined ? {} : { endsAt }) };
  } catch (error) {
    if (!WorkbenchError.is(error, 'SignInRequired')) throw error;
    const ssoSession = session.legacy === true ? undefined : session.name;
    throw new WorkbenchError('SignInRequired', error.message, {
      remedy: environment.signInRemedy({ profile, ssoSession }),
      cause: error,
    });
  }
}
