import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { AwsEnvironment } from '../../../../src/aws/environment';
import { AwsIdentityService } from '../../../../src/aws/identityService';
import { Emitter } from '../../../../src/core/emitter';
import { silentLogger } from '../../../../src/core/logger';
import { McpHost } from '../../../../src/mcp/host/mcpHost';
import { createWorkbenchFeatures } from '../../../../src/mcp/server/workbenchFeatures';
import { awsTools } from '../../../../src/tools/awsTools';
import { cdkTools } from '../../../../src/tools/cdk/cdkTools';
import { ToolPipeline } from '../../../../src/tools/pipeline';
import { Policy, type PolicySettings } from '../../../../src/tools/policy';
import { ToolRegistry } from '../../../../src/tools/registry';
import { ResultStore } from '../../../../src/tools/resultStore';
import type { ToolsetChoice } from '../../../../src/tools/toolsets/toolsetChoice';
import { ToolsetPolicy } from '../../../../src/tools/toolsets/toolsetPolicy';
import { WorkspaceToolsets } from '../../../../src/tools/toolsets/workspaceToolsets';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';

const token = 'token-of-the-toolset-tests-'.repeat(2);
const names = {
  access: 'access',
  toolsets: 'toolsets',
  allowedProfiles: 'allowedProfiles',
  allowedRegions: 'allowedRegions',
};

/** A policy over files and a choice that a test can change. */
function makePolicy() {
  let files = ['cdk.json'];
  let user: ToolsetChoice = 'auto';
  const base: PolicySettings = { access: 'readOnly', toolsets: ['s3'], allowedProfiles: ['dev'], allowedRegions: [] };
  const settingsChanged = new Emitter<void>();
  const filesChanged = new Emitter<void>();
  const workspace = new WorkspaceToolsets({
    files: {
      find: ({ names: wanted }) => Promise.resolve(wanted.length === 0 ? [] : files),
      readStart: () => Promise.resolve(undefined),
    },
    onDidChangeFiles: [filesChanged.event],
    logger: silentLogger,
    settleMs: 0,
  });
  const policy = new ToolsetPolicy({
    base: { current: base, onDidChange: settingsChanged.event },
    choices: () => ({ user, restrictions: [] }),
    workspace,
  });
  return {
    policy,
    workspace,
    setFiles: (now: string[]) => {
      files = now;
      filesChanged.fire();
    },
    choose: (choice: ToolsetChoice) => {
      user = choice;
      settingsChanged.fire();
    },
  };
}

describe('Policy that follows the workspace', () => {
  it('says what is on, and that it changed, for files and for settings', async () => {
    const { policy, workspace, choose, setFiles } = makePolicy();
    let fired = 0;
    policy.onDidChange(() => fired++);
    assert.equal(policy.isAutomatic, true);
    await workspace.refresh();
    // All were on before files were looked at, and an app of CDK has a use for all.
    assert.equal(fired, 0);
    assert.deepEqual(policy.current.toolsets, ['aws', 'cloudformation', 'lambda', 's3', 'cdk']);
    assert.deepEqual(policy.current.allowedProfiles, ['dev']);
    setFiles(['main.tf']);
    await workspace.refresh();
    assert.deepEqual(policy.current.toolsets, ['aws', 'lambda', 's3']);
    assert.equal(fired, 1);
    choose(['s3', 'cdk']);
    assert.equal(policy.isAutomatic, false);
    assert.deepEqual(policy.current.toolsets, ['s3', 'cdk']);
    assert.equal(fired, 2);
    setFiles(['cdk.json']);
    await workspace.refresh();
    assert.equal(fired, 2);
    policy.dispose();
    workspace.dispose();
    choose('auto');
    assert.equal(fired, 2);
  });

  for (const [era, mode] of [
    ['modern', 'auto'],
    ['legacy', 'legacy'],
  ] as const) {
    it(`changes the list of a ${era} client while it is connected`, async () => {
      const { policy: source, workspace, setFiles } = makePolicy();
      await workspace.refresh();
      const policy = new Policy(source, names);
      const identity = new AwsIdentityService(
        new AwsEnvironment({ env: {}, homeDirectory: '/nowhere', logger: silentLogger, version: '0' }),
      );
      const results = new ResultStore();
      const pipeline = new ToolPipeline({
        registry: new ToolRegistry([...awsTools, ...cdkTools]),
        policy,
        identity,
        workspace: { folders: [], isTrusted: false, onDidChange: () => ({ dispose: () => undefined }) },
        results,
        editorAsker: undefined,
        logger: silentLogger,
      });
      const features = createWorkbenchFeatures({
        pipeline,
        results,
        onDidChangePolicy: policy.onDidChange,
        version: '1.2.3',
      });
      const recorder = new TrafficRecorder();
      const host = new McpHost({ features, recorder, logger: silentLogger, serverName: 'Toolsets' });
      const { url } = await host.listenOnLoopback({ token });

      let tell = (): void => undefined;
      const heard = new Promise<void>((resolve) => (tell = resolve));
      const client = new Client(
        { name: 'test', version: '1.0.0' },
        {
          versionNegotiation: { mode },
          listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => tell() } },
        },
      );
      const requestInit = { headers: { authorization: `Bearer ${token}` } };
      await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
      const listed = async (): Promise<string[]> => (await client.listTools()).tools.map(({ name }) => name);
      assert.ok((await listed()).includes('cdk_list_stacks'));
      // The stream back to a client may open after its first request was answered.
      let round = 0;
      const changing = setInterval(() => setFiles(++round % 2 === 1 ? ['main.tf'] : ['cdk.json']), 30);
      await heard;
      clearInterval(changing);
      setFiles(['main.tf']);
      await workspace.refresh();
      const now = await listed();
      assert.ok(now.includes('s3_list_buckets'));
      assert.ok(now.every((name) => !name.startsWith('cdk_') && !name.startsWith('cloudformation_')));
      const refused = await client.callTool({ name: 'cdk_list_stacks', arguments: {} });
      assert.match(JSON.stringify(refused.content), /PolicyDenied/);

      await client.close();
      await host.dispose();
      features.dispose();
      source.dispose();
      workspace.dispose();
      identity.dispose();
      recorder.dispose();
    });
  }
});
