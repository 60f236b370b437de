import type { IdentityService, IdentityState } from '../../aws/identity';
import type { Disposable } from '../../core/disposable';
import { canonicalJson } from '../../core/json';

/**
 * Calls `forget` when another identity is picked, and when the one that tools act as changes, signs out or is no longer
 * known: what was remembered, kept or agreed to belongs to the one before.
 */
export function forgetOnIdentityChange(identity: IdentityService, forget: () => void): Disposable {
  let who = whoOf(identity.state);
  let selection = canonicalJson(identity.selection);
  return identity.onDidChange((state) => {
    const [whoBefore, selectionBefore] = [who, selection];
    who = whoOf(state);
    selection = canonicalJson(identity.selection);
    if (selection !== selectionBefore || (whoBefore !== undefined && who !== whoBefore)) forget();
  });
}

function whoOf(state: IdentityState): string | undefined {
  if (state.kind !== 'active' && state.kind !== 'expiring') return undefined;
  const { account, role, region, profile } = state.identity;
  return canonicalJson([account, role, region, profile]);
}
