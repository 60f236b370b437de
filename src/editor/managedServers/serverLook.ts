import * as vscode from 'vscode';
import type { ServerEntry } from '../../mcp/upstream/discovery/serverEntry';
import type { ManagedServerState } from '../../mcp/upstream/managedServerSupervisor';
import type { ToolChanges } from '../../mcp/upstream/toolChanges';
import type { ApprovalState } from '../../mcp/upstream/trust/serverApprovals';

/** How the row of a server looks. */
export interface ServerLook {
  icon: string;
  color?: string;
  words: string;
}

export interface ServerCondition {
  state: ManagedServerState;
  approval: ApprovalState;
  entry: ServerEntry;
  hasChanges: boolean;
  /** Milliseconds for which it has owed an answer without a word. */
  silentMs: number;
}

/** From then on a server that owes an answer may hang, in milliseconds. */
const longSilenceMs = 10_000;

/** The state of a server as icon and words. */
export function serverLook({ state, approval, entry, hasChanges, silentMs }: ServerCondition): ServerLook {
  const isSilent = state.kind === 'ready' && silentMs >= longSilenceMs;
  const look = isSilent ? silentLook(silentMs) : stateLook(state, approval, entry);
  return hasChanges
    ? { icon: 'warning', color: 'list.warningForeground', words: `${vscode.l10n.t('tools changed')} · ${look.words}` }
    : look;
}

function silentLook(silentMs: number): ServerLook {
  const words = vscode.l10n.t('no answer for {0} s', Math.floor(silentMs / 1000));
  return { icon: 'watch', color: 'charts.yellow', words };
}

function stateLook(state: ManagedServerState, approval: ApprovalState, entry: ServerEntry): ServerLook {
  switch (state.kind) {
    case 'starting':
      return { icon: 'loading~spin', words: vscode.l10n.t('starting') };
    case 'ready':
      return { icon: 'circle-filled', color: 'charts.green', words: vscode.l10n.t('ready') };
    case 'needsSignIn':
      return { icon: 'key', color: 'charts.yellow', words: vscode.l10n.t('needs sign-in') };
    case 'failed':
      return {
        icon: 'error',
        color: 'list.errorForeground',
        words: state.isCrashLoop ? vscode.l10n.t('keeps crashing') : vscode.l10n.t('failed'),
      };
    case 'stopped':
      break;
  }
  if (approval === 'untrustedWorkspace') {
    return { icon: 'shield', words: vscode.l10n.t('workspace not trusted') };
  }
  if (approval === 'changed') {
    return { icon: 'circle-outline', color: 'charts.yellow', words: vscode.l10n.t('definition changed') };
  }
  const words = entry.isDisabled ? vscode.l10n.t('switched off') : vscode.l10n.t('stopped');
  return { icon: 'circle-outline', words };
}

/** `1 tool added, 2 changed since you last looked` */
export function changeWords({ added, removed, changed }: ToolChanges): string {
  const parts = [
    added.length > 0 ? vscode.l10n.t('{0} added', added.length) : '',
    removed.length > 0 ? vscode.l10n.t('{0} removed', removed.length) : '',
    changed.length > 0 ? vscode.l10n.t('{0} changed', changed.length) : '',
  ];
  return vscode.l10n.t('Tools: {0} since you last looked', parts.filter((part) => part !== '').join(', '));
}
