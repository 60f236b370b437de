import { awsTools } from '../awsTools';
import { cdkTools } from '../cdk/cdkTools';
import { ToolPipeline, type ToolPipelineOptions } from '../pipeline';
import { ToolRegistry } from '../registry';
import { getTemplate } from './getTemplate';
import { listRegions } from './listRegions';
import { maxResourceBytes } from './resourceReader';

/** Read-only tools that only resources and prompts use, so that no model is told of them. */
const readTools = [listRegions, getTemplate];

/** What resources and prompts read through. */
export interface ReadPipelines {
  /** Results of the size of tool results, to be shown. */
  shown: ToolPipeline;
  /** Results up to the size of resources. */
  large: ToolPipeline;
}

/**
 * Makes the pipelines that resources and prompts read through: the read-only tools that clients have, by the same names
 * and under the same policy, and those that only resources and prompts use.
 * @param options those of the pipeline that serves tool calls; what its calls share (policy, identity, audit) is shared.
 */
export function makeReadPipelines(options: Omit<ToolPipelineOptions, 'registry'>): ReadPipelines {
  const registry = new ToolRegistry([...awsTools, ...cdkTools, ...readTools].filter(({ access }) => access === 'read'));
  // Over the options rather than copied from them: some of them are getters, whose values change.
  const pipelineWith = (own: PropertyDescriptorMap): ToolPipeline =>
    new ToolPipeline(Object.create(options, { registry: { value: registry }, ...own }) as ToolPipelineOptions);
  return { shown: pipelineWith({}), large: pipelineWith({ maxResultBytes: { value: maxResourceBytes } }) };
}
