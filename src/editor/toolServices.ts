import type { IdentityService } from '../aws/identity';
import type { AuditLog } from '../tools/audit/auditLog';
import { awsTools } from '../tools/awsTools';
import { forgetOnIdentityChange } from '../tools/cache/forgetOnIdentityChange';
import { ReadCache } from '../tools/cache/readCache';
import { CallSlots } from '../tools/callSlots';
import { cdkTools } from '../tools/cdk/cdkTools';
import { ToolPipeline, type ToolPipelineOptions } from '../tools/pipeline';
import { ToolRegistry } from '../tools/registry';
import { makeReadPipelines, type ReadPipelines } from '../tools/resources/readPipelines';
import { ResultStore } from '../tools/resultStore';

/** The tools, the one way to run them, and what they leave behind. */
export interface ToolServices {
  registry: ToolRegistry;
  pipeline: ToolPipeline;
  /** What resources and prompts read through. */
  reads: ReadPipelines;
  results: ResultStore;
  /** Closes the audit log, too: resolves when all of it is written. */
  dispose(): Promise<void>;
}

/** What tools need of the window around them. */
export interface ToolSurroundings extends Omit<
  ToolPipelineOptions,
  'registry' | 'results' | 'cache' | 'slots' | 'audit'
> {
  /** The same identity, but one that fails where a person must sign in instead of asking for it. */
  quietIdentity: IdentityService;
  grants: NonNullable<ToolPipelineOptions['grants']>;
  audit: NonNullable<ToolPipelineOptions['audit']> & Pick<AuditLog, 'close'>;
}

/** Makes all tools and their schemas. In a file of its own, because it is loaded when tools are first needed. */
export function makeToolServices(surroundings: ToolSurroundings): ToolServices {
  const { quietIdentity, grants, audit } = surroundings;
  const registry = new ToolRegistry([...awsTools, ...cdkTools]);
  const results = new ResultStore();
  const cache = new ReadCache();
  const forgetting = forgetOnIdentityChange(surroundings.identity, () => {
    cache.clear();
    results.clear();
    grants.revokeAll();
  });
  // Not spread: the size limit is a getter, so that a changed setting holds for the next call.
  const options: ToolPipelineOptions = Object.assign(Object.create(surroundings) as ToolSurroundings, {
    registry,
    results,
    cache,
    slots: new CallSlots(),
  });
  return {
    registry,
    results,
    pipeline: new ToolPipeline(options),
    reads: makeReadPipelines(options, { quietIdentity }),
    dispose: async () => {
      forgetting.dispose();
      results.clear();
      cache.clear();
      await audit.close();
    },
  };
}
