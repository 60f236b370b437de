import * as vscode from 'vscode';
import { WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import { exportAuditCalls, verifyAudit, type AuditCall, type AuditFilter } from '../../tools/audit/auditReader';
import { say } from '../commands/say';
import { saveText } from '../inspector/saveText';
import type { VirtualDocuments } from '../virtualDocuments';
import type { AuditTree } from './auditTree';
import { pickAuditFilter } from './pickAuditFilter';
import { verificationDocument, verificationWords } from './auditWords';

/** What commands about the audit log work on. In a file of its own with the tree: both are loaded when first used. */
export interface AuditParts {
  tree: AuditTree;
  folder: string;
  documents: VirtualDocuments;
}

/**
 * Chooses which calls are shown.
 * @param filter the choice itself, as for tests and other commands; without it the user picks.
 */
export async function filterAudit({ tree }: AuditParts, filter?: unknown): Promise<void> {
  const picked = isRecord(filter) ? (filter as AuditFilter) : await pickAuditFilter(tree.filter, tree.calls);
  if (picked) tree.setFilter(picked);
}

/** Opens everything that was recorded about a call, as read-only JSON. */
export async function openAuditCall({ documents }: AuditParts, target: unknown): Promise<void> {
  const call = isRecord(target) ? target['call'] : undefined;
  if (!isRecord(call) || typeof call['callId'] !== 'string') return;
  const { callId } = call as unknown as AuditCall;
  await documents.show(`/audit/${callId}.json`, `${JSON.stringify(call, undefined, 2)}\n`);
}

/** Saves the calls that the filter lets through as JSON lines, oldest first. */
export async function exportAudit({ tree, folder }: AuditParts): Promise<void> {
  let text = '';
  for await (const line of exportAuditCalls(folder, tree.filter)) text += line;
  if (text === '') {
    throw new WorkbenchError('NotFound', 'There is no recorded call to export.', {
      remedy: 'Clear the filter, or call a tool first.',
    });
  }
  await saveText('audit.jsonl', text);
}

/** Follows the hashes through the whole log and says what does not hold. */
export async function verifyAuditLog({ folder, documents }: AuditParts): Promise<string> {
  const verification = await vscode.window.withProgress(
    { location: { viewId: 'mcpWorkbench.audit' }, title: vscode.l10n.t('Verifying the audit log') },
    () => verifyAudit(folder),
  );
  const words = verificationWords(verification);
  if (verification.problems.length === 0) say(words);
  else {
    await documents.show('/audit/verification.txt', verificationDocument(verification, folder));
    if (verification.isIntact) void vscode.window.showWarningMessage(words);
    else void vscode.window.showErrorMessage(words);
  }
  return words;
}
