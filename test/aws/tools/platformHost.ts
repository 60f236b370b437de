import * as path from 'node:path';
import { AwsEnvironment } from '../../../src/aws/environment';
import { AwsIdentityService } from '../../../src/aws/identityService';
import { Emitter } from '../../../src/core/emitter';
import { silentLogger } from '../../../src/core/logger';
import { McpHost } from '../../../src/mcp/host/mcpHost';
import { createWorkbenchFeatures } from '../../../src/mcp/server/workbenchFeatures';
import { AuditLog } from '../../../src/tools/audit/auditLog';
import { readAuditCalls, verifyAudit, type AuditCall } from '../../../src/tools/audit/auditReader';
import { awsTools } from '../../../src/tools/awsTools';
import { cdkTools } from '../../../src/tools/cdk/cdkTools';
import { ReadCache } from '../../../src/tools/cache/readCache';
import { CallSlots } from '../../../src/tools/callSlots';
import { ConsentGrants } from '../../../src/tools/consentGrants';
import { ToolPipeline } from '../../../src/tools/pipeline';
import { Policy, type PolicySettings } from '../../../src/tools/policy';
import { ToolRegistry } from '../../../src/tools/registry';
import { makeReadPipelines } from '../../../src/tools/resources/readPipelines';
import { ResultStore } from '../../../src/tools/resultStore';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import { makeTemporaryFolder, removeFolder } from '../../../scripts/toolbox/cache';
import type { Target } from '../../unit/mcp/testWorkbench';

/** All tools behind a real listener, with everything that stands between a client and AWS. */
export interface PlatformHost {
  readonly target: Target;
  /** The pipeline behind the listener. */
  readonly pipeline: ToolPipeline;
  readonly recorder: TrafficRecorder;
  readonly grants: ConsentGrants;
  setPolicy(settings: Partial<PolicySettings>): void;
  /** What was recorded since the last time this was asked, oldest first; fails where the log does not hold. */
  recorded(): Promise<AuditCall[]>;
  dispose(): Promise<void>;
}

export const openPolicy: PolicySettings = {
  access: 'readWrite',
  toolsets: ['aws', 'cloudformation', 'lambda', 's3', 'cdk'],
  allowedProfiles: [],
  allowedRegions: [],
};

/** @param env environment variables of the user whom the tools act as. */
export async function startPlatformHost(env: Record<string, string>): Promise<PlatformHost> {
  const parent = makeTemporaryFolder();
  const folder = path.join(parent, 'audit');
  const logger = silentLogger;
  const changed = new Emitter<void>();
  let current = openPolicy;
  const source = {
    get current() {
      return current;
    },
    onDidChange: changed.event,
  };
  const policy = new Policy(source, {
    access: 'access',
    toolsets: 'toolsets',
    allowedProfiles: 'allowedProfiles',
    allowedRegions: 'allowedRegions',
  });
  const environment = new AwsEnvironment({ env: { PATH: process.env['PATH'], ...env }, logger, version: '0.0.0' });
  const identity = new AwsIdentityService(environment);
  const audit = new AuditLog({ folder, version: '0.0.0', logger });
  const grants = new ConsentGrants();
  const results = new ResultStore();
  const surroundings = {
    policy,
    identity,
    workspace: { folders: [parent], isTrusted: true, onDidChange: changed.event },
    results,
    editorAsker: undefined,
    logger,
    audit,
    cache: new ReadCache(),
    grants,
    slots: new CallSlots(),
  };
  const pipeline = new ToolPipeline({ ...surroundings, registry: new ToolRegistry([...awsTools, ...cdkTools]) });
  const features = createWorkbenchFeatures({
    pipeline,
    reads: makeReadPipelines(surroundings),
    results,
    onDidChangePolicy: changed.event,
    version: '0.0.0',
    consentTimeoutMs: 2000,
  });
  const recorder = new TrafficRecorder();
  const host = new McpHost({ features, recorder, logger, serverName: 'AWS tools' });
  const token = 'token-of-the-test-'.repeat(3);
  const url = new URL((await host.listenOnLoopback({ token })).url);
  let seen = 0;
  return {
    target: { address: { host: '127.0.0.1', port: url.port }, host: url.host, secret: token },
    pipeline,
    recorder,
    grants,
    setPolicy(settings) {
      current = { ...openPolicy, ...settings };
      changed.fire();
    },
    async recorded() {
      // What a read leaves is written behind its answer.
      await audit.flush();
      const { isIntact, problems } = await verifyAudit(folder);
      if (!isIntact || problems.length > 0) throw new Error(JSON.stringify(problems));
      const { calls } = await readAuditCalls(folder, {}, { limit: 100_000 });
      const fresh = calls.toReversed().slice(seen);
      seen = calls.length;
      return fresh;
    },
    async dispose() {
      await host.dispose();
      features.dispose();
      identity.dispose();
      recorder.dispose();
      grants.dispose();
      await audit.close();
      await removeFolder(parent);
    },
  };
}
