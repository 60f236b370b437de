import type { Logger } from '../../core/logger';
import type { Policy } from '../../tools/policy';
import { McpHost } from '../../mcp/host/mcpHost';
import { createWorkbenchFeatures } from '../../mcp/server/workbenchFeatures';
import type { TrafficSink } from '../../traffic/trafficChannel';
import { serverLabel } from '../mcpProvider';
import type { ToolServices } from '../toolServices';
import type { HostParts } from './serverHost';

export interface HostSurroundings {
  tools: ToolServices;
  policy: Policy;
  recorder: TrafficSink;
  logger: Logger;
  version: string;
}

/** Makes the server. In a file of its own, because it is loaded when the first client comes. */
export function makeHostParts({ tools, policy, recorder, logger, version }: HostSurroundings): HostParts {
  const features = createWorkbenchFeatures({
    pipeline: tools.pipeline,
    results: tools.results,
    onDidChangePolicy: policy.onDidChange,
    version,
  });
  const host = new McpHost({ features, recorder, logger, serverName: serverLabel });
  return {
    host,
    dispose: async () => {
      await host.dispose();
      features.dispose();
    },
  };
}
