import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AwsEnvironment } from '../aws/environment';
import { AwsIdentityService } from '../aws/identityService';
import type { Event } from '../core/emitter';
import type { Logger } from '../core/logger';
import { AuditLog } from '../tools/audit/auditLog';
import { awsTools } from '../tools/awsTools';
import { forgetOnIdentityChange } from '../tools/cache/forgetOnIdentityChange';
import { ReadCache } from '../tools/cache/readCache';
import { CallSlots } from '../tools/callSlots';
import { cdkTools } from '../tools/cdk/cdkTools';
import { ConsentGrants } from '../tools/consentGrants';
import { ToolPipeline } from '../tools/pipeline';
import { Policy, type PolicySettingNames } from '../tools/policy';
import { ToolRegistry } from '../tools/registry';
import { makeReadPipelines, type ReadPipelines } from '../tools/resources/readPipelines';
import { ResultStore } from '../tools/resultStore';
import type { Workspace } from '../tools/workspace';
import { UsageError, type ServiceFlags } from './commandLine';
import { readPolicySettings } from './policyFile';

/** The tools and all that they stand on, as one process without an editor has them. */
export interface CliServices {
  readonly registry: ToolRegistry;
  readonly pipeline: ToolPipeline;
  /** What resources and prompts read through. */
  readonly reads: ReadPipelines;
  readonly results: ResultStore;
  readonly policy: Policy;
  /** Resolves when everything is closed, the audit log included. */
  dispose(): Promise<void>;
}

/** Flags hold as long as the process, so nothing ever fires. */
export const never: Event<void> = () => ({ dispose: () => undefined });

/** How refusals tell people what to change. */
export const cliSettingNames: PolicySettingNames = {
  access: 'access (start with --allow-writes)',
  toolsets: '--toolsets',
  allowedProfiles: 'allowedProfiles in the file of --policy (or start another process with --profile)',
  allowedRegions: 'allowedRegions in the file of --policy (or start another process with --region)',
  tools: 'tools in the file of --policy',
  allowResources: 'allowResources in the file of --policy',
  denyResources: 'denyResources in the file of --policy',
  productionWrites: 'productionWrites in the file of --policy',
};

/** @throws UsageError for a workspace that is no folder, or a policy file that makes no sense. */
export async function createServices(flags: ServiceFlags, version: string, logger: Logger): Promise<CliServices> {
  const policy = new Policy({ current: await readPolicySettings(flags), onDidChange: never }, cliSettingNames);
  const workspace = await openWorkspace(flags);
  const identity = new AwsIdentityService(new AwsEnvironment({ logger, version }), {
    profile: flags.profile,
    region: flags.region,
  });
  const registry = new ToolRegistry([...awsTools, ...cdkTools]);
  const results = new ResultStore();
  const audit = flags.audit === undefined ? undefined : new AuditLog({ folder: resolve(flags.audit), version, logger });
  const cache = new ReadCache();
  const grants = new ConsentGrants();
  const forgetting = forgetOnIdentityChange(identity, () => {
    cache.clear();
    grants.revokeAll();
  });
  const surroundings = {
    policy,
    identity,
    workspace,
    results,
    editorAsker: undefined,
    logger,
    audit,
    cache,
    grants,
    slots: new CallSlots(),
  };
  return {
    registry,
    pipeline: new ToolPipeline({ ...surroundings, registry }),
    reads: makeReadPipelines(surroundings),
    results,
    policy,
    async dispose() {
      forgetting.dispose();
      identity.dispose();
      results.clear();
      cache.clear();
      grants.dispose();
      await audit?.close();
    },
  };
}

async function openWorkspace({ workspace = '.', trust }: ServiceFlags): Promise<Workspace> {
  const folder = resolve(workspace);
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`--workspace must be a folder that exists, which ${folder} is not.`);
  return { folders: [folder], isTrusted: trust, onDidChange: never };
}
