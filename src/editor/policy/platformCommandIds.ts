/** Commands about what tools may do and what they did; each has a handler in `platformCommands`. */
export const platformCommandIds = [
  'mcpWorkbench.toolsets.choose',
  'mcpWorkbench.tools.copyIamPolicy',
  'mcpWorkbench.consents.manage',
  'mcpWorkbench.results.open',
  'mcpWorkbench.audit.filter',
  'mcpWorkbench.audit.clearFilter',
  'mcpWorkbench.audit.refresh',
  'mcpWorkbench.audit.export',
  'mcpWorkbench.audit.verify',
  'mcpWorkbench.audit.openCall',
  'mcpWorkbench.audit.showMore',
] as const;
