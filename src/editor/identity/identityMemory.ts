import { isDeepStrictEqual } from 'node:util';
import type * as vscode from 'vscode';
import type { IdentitySelection, IdentityService, SsoRoleChoice } from '../../aws/identity';
import type { Disposable } from '../../core/disposable';
import { isRecord } from '../../core/json';

const key = 'identity.selection';

/** What the user picked in this workspace before; empty where they never did. */
export function rememberedSelection(memento: vscode.Memento): IdentitySelection {
  const kept = memento.get<unknown>(key);
  if (!isRecord(kept)) return {};
  const { profile, region } = kept;
  const sso = toRoleChoice(kept['sso']);
  return {
    ...(typeof profile === 'string' ? { profile } : {}),
    ...(typeof region === 'string' ? { region } : {}),
    ...(sso ? { sso } : {}),
  };
}

/** Keeps what the user picks for the next time this workspace is opened. */
export function rememberSelection(identity: IdentityService, memento: vscode.Memento): Disposable {
  let last = identity.selection;
  return identity.onDidChange(() => {
    const { selection } = identity;
    if (isDeepStrictEqual(selection, last)) return;
    last = selection;
    const { profile, region, sso } = selection;
    void memento.update(key, { profile, region, sso });
  });
}

/** A role as it was kept or handed to a command; `undefined` for anything else. */
export function toRoleChoice(value: unknown): SsoRoleChoice | undefined {
  if (!isRecord(value)) return undefined;
  const { session, account, role } = value;
  if (typeof session !== 'string' || typeof account !== 'string' || typeof role !== 'string') return undefined;
  return /^\d{12}$/.test(account) ? { session, account, role } : undefined;
}
