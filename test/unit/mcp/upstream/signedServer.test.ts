import * as assert from 'node:assert/strict';
import { WorkbenchError } from '../../../../src/core/errors';
import { silentLogger } from '../../../../src/core/logger';
import { parseManagedServer, type ManagedServerInput } from '../../../../src/mcp/upstream/managedServer';
import { ManagedServerSupervisor, type UpstreamContext } from '../../../../src/mcp/upstream/managedServerSupervisor';
import { MemorySecretStore } from '../../../../src/mcp/upstream/secretSource';
import { UpstreamClient } from '../../../../src/mcp/upstream/upstreamClient';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import { startGatedMcpServer, type GatedMcpServer } from '../../../support/gatedMcpServer';
import { sigV4Gate, type KnownKey } from '../../../support/sigV4Gate';
import { call, modernCall, RelayRig } from './relayRig';

const keys = new Map<string, KnownKey>([
  ['AKIDDEV', { secretAccessKey: 'dev/secret+key', sessionToken: 'dev//token==' }],
  ['AKIDPROD', { secretAccessKey: 'prod-secret' }],
]);

type Credentials = Awaited<ReturnType<NonNullable<UpstreamContext['awsCredentials']>>>;

function credentialsOf(accessKeyId: string): Credentials {
  const key = keys.get(accessKeyId);
  assert.ok(key);
  return { accessKeyId, ...key };
}

for (const era of ['legacy', 'modern'] as const) {
  describe(`a server of the ${era} era behind IAM`, () => {
    let server: GatedMcpServer;
    let current: () => Promise<Credentials>;
    let asked: (string | undefined)[];

    beforeEach(async () => {
      server = await startGatedMcpServer({
        era,
        gate: sigV4Gate({ service: 'bedrock-agentcore', region: 'us-west-2', keys }),
      });
      asked = [];
      current = () => Promise.resolve(credentialsOf('AKIDDEV'));
    });
    afterEach(() => server.dispose());

    // With what must be encoded twice in a signature.
    const path =
      '/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aus-west-2%3A1%3Aruntime%2Fx/invocations?qualifier=A%20B&a=é';
    const definition = (profile?: string): ManagedServerInput => ({
      name: 'runtime',
      transport: 'http',
      url: `${server.origin}${path}`,
      auth: {
        kind: 'sigv4',
        service: 'bedrock-agentcore',
        region: 'us-west-2',
        ...(profile === undefined ? {} : { profile }),
      },
    });
    const awsCredentials: UpstreamContext['awsCredentials'] = ({ profile, region }) => {
      assert.equal(region, 'us-west-2');
      asked.push(profile);
      return profile === 'prod' ? Promise.resolve(credentialsOf('AKIDPROD')) : current();
    };

    async function withClient(
      profile: string | undefined,
      use: (client: UpstreamClient, supervisor: ManagedServerSupervisor) => Promise<void>,
    ): Promise<void> {
      const secrets = new MemorySecretStore();
      const supervisor = new ManagedServerSupervisor(parseManagedServer(definition(profile)), {
        secrets,
        logger: silentLogger,
        awsCredentials,
      });
      try {
        const { signal } = new AbortController();
        const client = await UpstreamClient.connect(
          { supervisor, secrets, recorder: new TrafficRecorder(), implementation: { name: 'unit', version: '1' } },
          signal,
        );
        await use(client, supervisor);
        await client.close();
      } finally {
        await supervisor.close();
      }
    }

    it('lets our own client in, as who is picked at the time of each request', async () => {
      const { signal } = new AbortController();
      const who = async (client: UpstreamClient): Promise<unknown> =>
        (await client.callTool('whoami', {}, signal)).content;
      await withClient(undefined, async (client, supervisor) => {
        assert.equal(client.introduction.era, era);
        assert.deepEqual(await who(client), [{ type: 'text', text: 'AKIDDEV' }]);
        current = () => Promise.resolve(credentialsOf('AKIDPROD'));
        assert.deepEqual(await who(client), [{ type: 'text', text: 'AKIDPROD' }]);
        assert.equal(supervisor.state.kind, 'ready');
      });
      await withClient('prod', async (client) =>
        assert.deepEqual(await who(client), [{ type: 'text', text: 'AKIDPROD' }]),
      );
      assert.ok(asked.includes('prod'));
      // A server of the earlier era refuses the question about the other one, but not who asks.
      assert.deepEqual(server.refusals, []);
    });

    it('lets clients of the relay in, and tells them and the tree to sign in once nobody is', async () => {
      const rig = await RelayRig.start(definition(), { awsCredentials });
      try {
        const { body, headers } =
          era === 'modern'
            ? modernCall('1', 'whoami')
            : { body: call('1', 'whoami'), headers: { 'mcp-protocol-version': '2025-11-25' } };
        const first = await rig.post(body, headers);
        assert.equal(first.status, 200, first.text);
        assert.match(first.text, /AKIDDEV/);
        current = () =>
          Promise.reject(
            new WorkbenchError('SignInRequired', 'The session of acme has ended.', { remedy: 'Sign in to acme.' }),
          );
        const second = await rig.post(body, headers);
        assert.match(second.text, /The session of acme has ended\. Sign in to acme\./);
        assert.equal(rig.supervisor.state.kind, 'needsSignIn');
        current = () => Promise.resolve(credentialsOf('AKIDDEV'));
        assert.equal((await rig.post(body, headers)).status, 200);
        assert.equal(rig.supervisor.state.kind, 'ready');
        assert.deepEqual(server.refusals, []);
        const recorded = JSON.stringify(rig.records);
        for (const secret of ['dev//token', 'Signature=']) assert.ok(!recorded.includes(secret), secret);
      } finally {
        await rig.close();
      }
    });

    it('refuses keys that it does not know, and the refusal comes through', async () => {
      current = () =>
        Promise.resolve({ accessKeyId: 'AKIDDEV', secretAccessKey: 'wrong', sessionToken: 'dev//token==' });
      const rig = await RelayRig.start(definition(), { awsCredentials });
      try {
        const { status, text } = await rig.post(call('1', 'whoami'));
        assert.equal(status, 403);
        assert.match(text, /signature we calculated does not match/);
      } finally {
        await rig.close();
      }
    });
  });
}
