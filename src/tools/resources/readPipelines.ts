import type { IdentityService } from '../../aws/identity';
import { awsTools } from '../awsTools';
import { cdkTools } from '../cdk/cdkTools';
import { CallSlots } from '../callSlots';
import { ToolPipeline, type ToolPipelineOptions } from '../pipeline';
import { ToolRegistry } from '../registry';
import { readTools } from './readTools';
import { maxResourceBytes } from './resourceReader';

/** What resources, prompts and completion read through. */
export interface ReadPipelines {
  /** Results of the size of tool results, to be shown. */
  shown: ToolPipeline;
  /** Results up to the size of resources. */
  large: ToolPipeline;
  /** Never asks a person for anything: for what runs while somebody types. */
  quiet: ToolPipeline;
}

/** What may be different for what must ask nobody. */
export interface QuietOptions {
  /** The same identity, but one that fails where a person must sign in instead of asking for it. */
  quietIdentity?: IdentityService;
}

/**
 * Makes the pipelines that resources and prompts read through: the read-only tools that clients have, by the same names
 * and under the same policy, and those that only resources and prompts use.
 * @param options those of the pipeline that serves tool calls; what its calls share (policy, identity, audit) is shared.
 */
export function makeReadPipelines(
  options: Omit<ToolPipelineOptions, 'registry'>,
  { quietIdentity = options.identity }: QuietOptions = {},
): ReadPipelines {
  const registry = new ToolRegistry([...awsTools, ...cdkTools, ...readTools].filter(({ access }) => access === 'read'));
  const shared = { registry: { value: registry }, slots: { value: options.slots ?? new CallSlots() } };
  // Over the options rather than copied from them: some of them are getters, whose values change.
  const pipelineWith = (own: PropertyDescriptorMap): ToolPipeline =>
    new ToolPipeline(Object.create(options, { ...shared, ...own }) as ToolPipelineOptions);
  return {
    shown: pipelineWith({}),
    large: pipelineWith({ maxResultBytes: { value: maxResourceBytes } }),
    quiet: pipelineWith({ editorAsker: { value: undefined }, identity: { value: quietIdentity } }),
  };
}
