import { cdkTools } from '../tools/cdk/cdkTools';
import { awsTools } from '../tools/awsTools';
import type { Disposable } from '../core/disposable';
import { ToolPipeline, type ToolPipelineOptions } from '../tools/pipeline';
import { ToolRegistry } from '../tools/registry';
import { ResultStore } from '../tools/resultStore';

/** The tools, the one way to run them, and what they leave behind. */
export interface ToolServices extends Disposable {
  registry: ToolRegistry;
  pipeline: ToolPipeline;
  results: ResultStore;
}

/** What tools need of the window around them. */
export type ToolSurroundings = Omit<ToolPipelineOptions, 'registry' | 'results'>;

/** Makes all tools and their schemas. In a file of its own, because it is loaded when tools are first needed. */
export function makeToolServices(surroundings: ToolSurroundings): ToolServices {
  const registry = new ToolRegistry([...awsTools, ...cdkTools]);
  const results = new ResultStore();
  // Not spread: the size limit is a getter, so that a changed setting holds for the next call.
  const options: ToolPipelineOptions = Object.assign(Object.create(surroundings) as ToolSurroundings, {
    registry,
    results,
  });
  return { registry, results, pipeline: new ToolPipeline(options), dispose: () => results.clear() };
}
