import { WorkbenchError } from '../core/errors';

/** Turns whatever an AWS SDK client threw into an error a person or a model can act on. Never throws. */
export function toWorkbenchError(thrown: unknown, context: { iamActions: readonly string[] }): WorkbenchError {
  void context;
  return new WorkbenchError('Internal', thrown instanceof Error ? thrown.message : String(thrown), {
    remedy: 'Look at the log of MCP Workbench.',
    cause: thrown,
  });
}
