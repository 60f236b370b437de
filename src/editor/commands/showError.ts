import * as vscode from 'vscode';
import { WorkbenchError, messageOf, type ErrorCode } from '../../core/errors';
import { redactText } from '../../core/redact';

interface Remedy {
  title: string;
  command: string;
  args?: unknown[];
}

const showLog: Remedy = { title: vscode.l10n.t('Show Log'), command: 'mcpWorkbench.log.show' };
const selectProfile: Remedy = {
  title: vscode.l10n.t('Select Profile'),
  command: 'mcpWorkbench.identity.selectProfile',
};
const signIn: Remedy = { title: vscode.l10n.t('Sign In'), command: 'mcpWorkbench.sso.signIn' };
const openConfig: Remedy = { title: vscode.l10n.t('Open Config File'), command: 'mcpWorkbench.identity.openConfig' };
const openSettings: Remedy = {
  title: vscode.l10n.t('Open Settings'),
  command: 'workbench.action.openSettings',
  args: ['@ext:mcp-workbench.mcp-workbench'],
};

/** What the user is offered, by what went wrong. */
const remedies: Partial<Record<ErrorCode, readonly Remedy[]>> = {
  SignInRequired: [signIn, selectProfile],
  AccessDenied: [{ title: vscode.l10n.t('Select Role'), command: 'mcpWorkbench.aws.selectRole' }, selectProfile],
  PolicyDenied: [openSettings],
  InvalidInput: [openConfig],
};

/** Tells the user what a command could not do, with something to do about it. Never throws, never waits for them. */
export function showError(thrown: unknown): void {
  // Whoever cancelled or refused knows.
  if (WorkbenchError.is(thrown, 'Cancelled') || WorkbenchError.is(thrown, 'ConsentRefused')) return;
  if (thrown instanceof vscode.CancellationError) return;
  const isOurs = WorkbenchError.is(thrown);
  const offered = (isOurs ? remedies[thrown.code] : undefined) ?? [showLog];
  const text = isOurs ? `${thrown.message} ${thrown.remedy}` : messageOf(thrown);
  void offer(redactText(text), offered);
}

async function offer(text: string, offered: readonly Remedy[]): Promise<void> {
  const titles = offered.map(({ title }) => title);
  const picked = await vscode.window.showErrorMessage(text, ...titles);
  const remedy = offered.find(({ title }) => title === picked);
  if (remedy) await vscode.commands.executeCommand(remedy.command, ...(remedy.args ?? []));
}
