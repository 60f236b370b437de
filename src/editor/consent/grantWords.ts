import { escapeUnseen } from '../../core/unseen';
import type { ConsentGrant } from '../../tools/consentGrants';
import { count } from '../servers/serverNodes';

/**
 * Words a consent that holds for a session.
 * @param now milliseconds since the epoch.
 */
export function grantWords(grant: ConsentGrant, now: number): { label: string; description: string; detail: string } {
  const { action, resource, client, identity, expiresAt, uses } = grant;
  const minutes = Math.max(1, Math.ceil((expiresAt - now) / 60_000));
  const where = identity
    ? `${identity.label ?? identity.profile} (${identity.account}${identity.production === true ? ', production' : ''}), ${identity.role}, ${identity.region}`
    : 'the open workspace';
  return {
    label: shown(`${action} ${resource}`),
    description: shown(client),
    detail: shown(`${where} · used ${count(uses, 'time')} · ends in ${count(minutes, 'minute')}`),
  };
}

function shown(text: string): string {
  const line = escapeUnseen(text).replaceAll(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
