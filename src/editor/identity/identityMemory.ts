import type * as vscode from 'vscode';
import type { IdentitySelection, IdentityService } from '../../aws/identity';
import type { Disposable } from '../../core/disposable';
import { isRecord } from '../../core/json';

const key = 'identity.selection';

/** What the user picked in this workspace before; empty where they never did. */
export function rememberedSelection(memento: vscode.Memento): IdentitySelection {
  const kept = memento.get<unknown>(key);
  if (!isRecord(kept)) return {};
  const { profile, region } = kept;
  return {
    ...(typeof profile === 'string' ? { profile } : {}),
    ...(typeof region === 'string' ? { region } : {}),
  };
}

/** Keeps what the user picks for the next time this workspace is opened. */
export function rememberSelection(identity: IdentityService, memento: vscode.Memento): Disposable {
  let last = identity.selection;
  return identity.onDidChange(() => {
    const { selection } = identity;
    if (selection.profile === last.profile && selection.region === last.region) return;
    last = selection;
    void memento.update(key, { profile: selection.profile, region: selection.region });
  });
}
