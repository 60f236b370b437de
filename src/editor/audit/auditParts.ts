import type { VirtualDocuments } from '../virtualDocuments';
import type { AuditParts } from './auditCommands';
import { AuditTree, type AuditTreeOptions } from './auditTree';

/** Makes the *Audit Log* view. In a file of its own, because it is loaded when the view is first unfolded. */
export function makeAuditParts(
  options: AuditTreeOptions & { documents: VirtualDocuments },
): AuditParts & { dispose(): void } {
  const { folder, documents } = options;
  const tree = new AuditTree(options);
  return { tree, folder, documents, dispose: () => tree.dispose() };
}
