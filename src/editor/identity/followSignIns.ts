import type { IdentityState } from '../../aws/identity';
import type { AwsIdentityService } from '../../aws/identityService';
import type { Disposable } from '../../core/disposable';
import { messageOf } from '../../core/errors';
import type { Logger } from '../../core/logger';

const askTimeoutMs = 30_000;

/**
 * Asks AWS who we are as soon as somebody signed in to the session that tools need, here or with another program, so
 * that the status bar says it without a click. It asks nobody for anything.
 */
export function followSignIns(identity: AwsIdentityService, logger: Logger): Disposable {
  let before: IdentityState = identity.state;
  return identity.onDidChange((state) => {
    const wasOut = before.kind === 'signedOut' || before.kind === 'signingIn' || before.kind === 'expired';
    const isSame = 'profile' in before && 'profile' in state && before.profile === state.profile;
    before = state;
    if (state.kind !== 'unverified' || state.session === undefined || !wasOut || !isSame) return;
    identity.resolve({}, AbortSignal.timeout(askTimeoutMs)).catch((error: unknown) => {
      logger.info(`After the sign-in to ${state.session ?? ''} AWS could not be asked: ${messageOf(error)}`);
    });
  });
}
