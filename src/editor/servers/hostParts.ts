import type { IdentityService } from '../../aws/identity';
import { DisposableStore } from '../../core/disposable';
import type { Logger } from '../../core/logger';
import type { ConsentGrants } from '../../tools/consentGrants';
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
  identity: IdentityService;
  grants: ConsentGrants;
  /** Milliseconds for which a question stays answerable, whoever asks it. */
  consentTimeoutMs: number;
  recorder: TrafficSink;
  logger: Logger;
  version: string;
}

/** Makes the server. In a file of its own, because it is loaded when the first client comes. */
export function makeHostParts(surroundings: HostSurroundings): HostParts {
  const { tools, policy, identity, grants, consentTimeoutMs, recorder, logger, version } = surroundings;
  const features = createWorkbenchFeatures({
    pipeline: tools.pipeline,
    reads: tools.reads,
    results: tools.results,
    onDidChangePolicy: policy.onDidChange,
    onDidChangeIdentity: identity.onDidChange,
    version,
    consentTimeoutMs,
  });
  const host = new McpHost({ features, recorder, logger, serverName: serverLabel, limits: { consentTimeoutMs } });
  const subscriptions = new DisposableStore();
  subscriptions.add(
    host.onDidChangeConnections(() => {
      const open = new Set(host.connections.map(({ id }) => id));
      // What a person agreed to for a session ends with it.
      for (const { sessionId } of grants.list) if (!open.has(sessionId)) grants.revokeSession(sessionId);
    }),
  );
  return {
    host,
    dispose: async () => {
      subscriptions.dispose();
      await host.dispose();
      features.dispose();
    },
  };
}
