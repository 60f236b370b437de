import type { CommandHandler } from '../commands/commandIds';
import { manageGrants } from '../consent/manageGrants';
import type { Container } from '../container';
import type { platformCommandIds } from './platformCommandIds';

/** Carries out the commands about what tools may do and what they did. What is behind them is loaded when one runs. */
export function platformCommands(
  container: Container,
): Readonly<Record<(typeof platformCommandIds)[number], CommandHandler>> {
  const { identity, policy, grants, settings, settingsPolicy, toolsets, auditParts } = container;
  return {
    'mcpWorkbench.toolsets.choose': async () => {
      const [{ chooseToolsets }, { registry }] = await Promise.all([
        import('../toolsets/chooseToolsets'),
        container.tools.get(),
      ]);
      await chooseToolsets({ registry, settings, base: settingsPolicy, toolsets });
    },
    'mcpWorkbench.tools.copyIamPolicy': async () => {
      const [{ copyIamPolicy }, { registry }] = await Promise.all([import('./copyIamPolicy'), container.tools.get()]);
      await copyIamPolicy({ registry, policy, identity });
    },
    'mcpWorkbench.consents.manage': () => manageGrants(grants),
    'mcpWorkbench.results.open': (target) => container.resultDocuments.open(target),
    'mcpWorkbench.audit.filter': async (filter) => {
      const [{ filterAudit }, parts] = await Promise.all([import('../audit/auditCommands'), auditParts.get()]);
      await filterAudit(parts, filter);
    },
    'mcpWorkbench.audit.clearFilter': async () => (await auditParts.get()).tree.setFilter({}),
    'mcpWorkbench.audit.refresh': async () => (await auditParts.get()).tree.refresh(),
    'mcpWorkbench.audit.export': async () => {
      const [{ exportAudit }, parts] = await Promise.all([import('../audit/auditCommands'), auditParts.get()]);
      await exportAudit(parts);
    },
    'mcpWorkbench.audit.verify': async () => {
      const [{ verifyAuditLog }, parts] = await Promise.all([import('../audit/auditCommands'), auditParts.get()]);
      return verifyAuditLog(parts);
    },
    'mcpWorkbench.audit.openCall': async (target) => {
      const [{ openAuditCall }, parts] = await Promise.all([import('../audit/auditCommands'), auditParts.get()]);
      await openAuditCall(parts, target);
    },
    'mcpWorkbench.audit.showMore': async () => (await auditParts.get()).tree.showMore(),
  };
}
