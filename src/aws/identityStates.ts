import type { CallerIdentity, IdentityState, IdentityTarget } from './identity';
import type { SsoSessionState } from './sso/ssoSession';
import { announceBeforeMs } from './sso/tokenRefresh';
import { timeOfDay } from './timeOfDay';

/**
 * The state of an identity whose credentials are good.
 * @param session name of its SSO session, if it has one.
 * @param endsAt when a person must act, in milliseconds since the epoch, where that is known.
 */
export function liveState(
  identity: CallerIdentity,
  session: string | undefined,
  endsAt: number | undefined,
  now: number,
): IdentityState {
  const who = { identity, ...(session === undefined ? {} : { session }) };
  if (endsAt === undefined) return { kind: 'active', ...who };
  if (endsAt - now > announceBeforeMs) return { kind: 'active', ...who, expiresAt: endsAt };
  const what = session === undefined ? 'The credentials end' : `The session of ${session} ends`;
  return { kind: 'expiring', ...who, expiresAt: endsAt, reason: `${what} at ${timeOfDay(endsAt, now)}.` };
}

/** The state of an identity whose credentials have ended. */
export function endedState(
  target: IdentityTarget,
  session: SsoSessionState | undefined,
  endedAt: number,
  now: number,
): IdentityState {
  const reason =
    session?.kind === 'expired' && !session.renewable
      ? session.reason
      : `The credentials of ${target.profile} ended at ${timeOfDay(endedAt, now)}.`;
  return { kind: 'expired', ...target, reason };
}
