import { managedCommandIds } from '../managedServers/managedCommandIds';

import { traceCommandIds } from '../inspector/traceCommandIds';
import { platformCommandIds } from '../policy/platformCommandIds';

/** Every command of ours. The manifest declares the same ones; a test holds the two together. */
export const commandIds = [
  'mcpWorkbench.identity.show',
  'mcpWorkbench.identity.selectProfile',
  'mcpWorkbench.identity.selectRegion',
  'mcpWorkbench.identity.refresh',
  'mcpWorkbench.identity.openConfig',
  'mcpWorkbench.sso.signIn',
  'mcpWorkbench.sso.signOut',
  'mcpWorkbench.sso.renew',
  'mcpWorkbench.sso.addSession',
  'mcpWorkbench.sso.convertLegacy',
  'mcpWorkbench.aws.selectRole',
  'mcpWorkbench.aws.saveAsProfile',
  'mcpWorkbench.aws.pinRole',
  'mcpWorkbench.aws.unpinRole',
  'mcpWorkbench.aws.labelAccount',
  'mcpWorkbench.aws.copyAccountId',
  'mcpWorkbench.aws.filter',
  'mcpWorkbench.aws.clearFilter',
  'mcpWorkbench.aws.refresh',
  'mcpWorkbench.aws.stopListing',
  'mcpWorkbench.clients.connectClaudeCode',
  'mcpWorkbench.clients.copyMcpJson',
  'mcpWorkbench.externalAccess.stop',
  'mcpWorkbench.externalAccess.rotateToken',
  'mcpWorkbench.servers.refresh',
  ...managedCommandIds,
  'mcpWorkbench.tools.showSchema',
  ...platformCommandIds,
  'mcpWorkbench.inspector.open',
  'mcpWorkbench.traffic.showFor',
  'mcpWorkbench.schemas.show',
  'mcpWorkbench.traffic.pause',
  'mcpWorkbench.traffic.resume',
  'mcpWorkbench.traffic.clear',
  ...traceCommandIds,
  'mcpWorkbench.log.show',
] as const;

export type CommandId = (typeof commandIds)[number];

/** Carries out a command. What it resolves to is what `executeCommand` gives; what it throws is shown to the user. */
export type CommandHandler = (...args: unknown[]) => unknown;

/** A handler for every command: leaving one out does not compile. */
export type CommandTable = Readonly<Record<CommandId, CommandHandler>>;
