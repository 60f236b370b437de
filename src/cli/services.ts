import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AwsEnvironment } from '../aws/environment';
import { AwsIdentityService } from '../aws/identityService';
import type { Disposable } from '../core/disposable';
import type { Event } from '../core/emitter';
import type { Logger } from '../core/logger';
import { awsTools } from '../tools/awsTools';
import { cdkTools } from '../tools/cdk/cdkTools';
import { ToolPipeline } from '../tools/pipeline';
import { Policy, type PolicySettings } from '../tools/policy';
import { ToolRegistry } from '../tools/registry';
import { makeReadPipelines, type ReadPipelines } from '../tools/resources/readPipelines';
import { ResultStore } from '../tools/resultStore';
import type { Workspace } from '../tools/workspace';
import { UsageError, type ServiceFlags } from './commandLine';

/** The tools and all that they stand on, as one process without an editor has them. */
export interface CliServices extends Disposable {
  readonly registry: ToolRegistry;
  readonly pipeline: ToolPipeline;
  /** What resources and prompts read through. */
  readonly reads: ReadPipelines;
  readonly results: ResultStore;
  readonly policy: Policy;
}

/** Flags hold as long as the process, so nothing ever fires. */
const never: Event<void> = () => ({ dispose: () => undefined });

/** @throws UsageError for a workspace that is no folder. */
export async function createServices(flags: ServiceFlags, version: string, logger: Logger): Promise<CliServices> {
  const settings: PolicySettings = {
    access: flags.allowWrites ? 'readWrite' : 'readOnly',
    toolsets: flags.toolsets,
    allowedProfiles: [],
    allowedRegions: [],
  };
  const policy = new Policy(
    { current: settings, onDidChange: never },
    {
      access: 'access (start with --allow-writes)',
      toolsets: '--toolsets',
      allowedProfiles: 'what this process may use (start another one with --profile)',
      allowedRegions: 'what this process may use (start another one with --region)',
    },
  );
  const workspace = await openWorkspace(flags);
  const identity = new AwsIdentityService(new AwsEnvironment({ logger, version }), {
    profile: flags.profile,
    region: flags.region,
  });
  const registry = new ToolRegistry([...awsTools, ...cdkTools]);
  const results = new ResultStore();
  const surroundings = { policy, identity, workspace, results, editorAsker: undefined, logger };
  return {
    registry,
    pipeline: new ToolPipeline({ ...surroundings, registry }),
    reads: makeReadPipelines(surroundings),
    results,
    policy,
    dispose() {
      identity.dispose();
      results.clear();
    },
  };
}

async function openWorkspace({ workspace = '.', trust }: ServiceFlags): Promise<Workspace> {
  const folder = resolve(workspace);
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`--workspace must be a folder that exists, which ${folder} is not.`);
  return { folders: [folder], isTrusted: trust, onDidChange: never };
}
