import * as vscode from 'vscode';
import { WorkbenchError } from '../../core/errors';
import type { ServerEntry } from '../../mcp/upstream/discovery/serverEntry';
import type { RequestSigning } from '../../mcp/upstream/requestSigning';
import type { ApprovalStorage, ServerApprovals } from '../../mcp/upstream/trust/serverApprovals';
import { approvalText, type ApprovalCircumstances } from './approvalText';
import { openEntry } from './openEntry';

/** Keeps answers in the editor's global state. */
export function approvalStorage(memento: vscode.Memento): ApprovalStorage {
  return {
    get: (key) => memento.get<unknown>(key),
    set: async (key, value) => memento.update(key, value),
    keys: () => memento.keys(),
  };
}

/**
 * Lets a server start: at once where a person agreed to exactly this definition, else after asking them.
 * @param current the entry as it is now; it may change while the question is on screen
 * @param signing how requests to it are signed, where they are
 * @throws WorkbenchError `PolicyDenied` in a workspace that is not trusted, `ConsentRefused` where the person did not agree
 */
export async function approve(
  approvals: ServerApprovals,
  current: () => ServerEntry | undefined,
  signing: Partial<RequestSigning> | undefined,
): Promise<void> {
  for (;;) {
    const entry = current();
    if (!entry) {
      throw new WorkbenchError('NotFound', 'The server is no longer configured.', { remedy: 'Add it again.' });
    }
    const state = approvals.check(entry);
    if (state === 'approved' || state === 'notNeeded') return;
    if (state === 'untrustedWorkspace') approvals.assertMayStart(entry);
    const request = approvals.request(entry);
    const isApproved = await ask(entry, { isChange: request.isChange, signing });
    const now = current();
    // Only a yes is kept: who closed the question is asked again next time.
    if (isApproved && now && (await approvals.answer(request, now, true))) return;
    if (!isApproved) {
      throw new WorkbenchError('ConsentRefused', `You did not agree to start the server ${entry.name}.`, {
        remedy: 'Start it in the Servers view, and agree to its command or address.',
      });
    }
  }
}

async function ask(entry: ServerEntry, circumstances: ApprovalCircumstances): Promise<boolean> {
  const { title, detail, isComplete } = approvalText(entry, circumstances);
  const open: vscode.MessageItem = { title: vscode.l10n.t('Open File') };
  const start: vscode.MessageItem = { title: vscode.l10n.t('Agree and Start') };
  const refuse: vscode.MessageItem = { title: vscode.l10n.t('Do Not Start'), isCloseAffordance: true };
  // The first button has the focus: a stray Enter must not agree to anything.
  const buttons = isComplete ? [open, start, refuse] : [open, refuse];
  const picked = await vscode.window.showWarningMessage(title, { modal: true, detail }, ...buttons);
  if (picked === open) await openEntry(entry);
  return picked === start;
}
