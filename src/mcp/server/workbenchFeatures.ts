import type { Disposable } from '../../core/disposable';
import type { Event } from '../../core/emitter';
import type { ToolPipeline } from '../../tools/pipeline';
import type { ResultStore } from '../../tools/resultStore';
import type { ServerFeatures } from './serverFeatures';

export interface WorkbenchFeaturesOptions {
  pipeline: ToolPipeline;
  results: ResultStore;
  /** Fires when the tools that policy allows may have changed. */
  onDidChangePolicy: Event<void>;
  /** Version of the product. */
  version: string;
  /** Milliseconds for which a question put to a person through the client stays answerable. Default five minutes. */
  consentTimeoutMs?: number;
}

/** What our own server offers: the tools of the pipeline and the results that were too large for their answers. */
export function createWorkbenchFeatures(options: WorkbenchFeaturesOptions): ServerFeatures & Disposable {
  void options;
  throw new Error('not yet');
}
