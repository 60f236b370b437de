import * as assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WorkbenchError } from '../../../../src/core/errors';
import { silentLogger } from '../../../../src/core/logger';
import { parseManagedServer } from '../../../../src/mcp/upstream/managedServer';
import { ManagedServerSupervisor, type UpstreamContext } from '../../../../src/mcp/upstream/managedServerSupervisor';
import { MemorySecretStore } from '../../../../src/mcp/upstream/secretSource';
import { UpstreamClient } from '../../../../src/mcp/upstream/upstreamClient';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';
import { startAuthorizationServer, type AuthorizationServer } from '../../../fakes/authorizationServer';
import { startGatedMcpServer, type GatedMcpServer } from '../../../support/gatedMcpServer';

/** Keeps what is stored where a test can see it. */
class OpenSecretStore extends MemorySecretStore {
  readonly stored = new Map<string, string>();

  override async set(key: string, value: string): Promise<void> {
    this.stored.set(key, value);
    await super.set(key, value);
  }

  override async delete(key: string): Promise<void> {
    this.stored.delete(key);
    await super.delete(key);
  }
}

/** What a person does in the browser. */
async function decide(url: URL, decision: 'allow' | 'deny'): Promise<Response> {
  const page = await (await fetch(url)).text();
  const [, request = ''] = /name="request" value="(\w+)"/.exec(page) ?? [];
  return fetch(new URL('/decision', url), { method: 'POST', body: new URLSearchParams({ request, decision }) });
}

describe('signing in to a server by OAuth', () => {
  let authorization: AuthorizationServer;
  let server: GatedMcpServer;
  let secrets: OpenSecretStore;
  let supervisor: ManagedServerSupervisor;
  const { signal } = new AbortController();
  const pages: { url: URL; result: Promise<Response> }[] = [];

  beforeEach(async () => {
    authorization = await startAuthorizationServer();
    server = await startGatedMcpServer({ era: 'modern', gate: (request) => authorization.gate(request) });
    authorization.resourceOrigin = server.origin;
    secrets = new OpenSecretStore();
    pages.length = 0;
  });
  afterEach(async () => {
    await supervisor.close();
    await server.dispose();
    await authorization.dispose();
  });

  function begin(context: Partial<UpstreamContext> = {}): void {
    const definition = parseManagedServer({
      name: 'vault',
      transport: 'http',
      url: `${server.origin}/mcp`,
      auth: { kind: 'oauth' },
    });
    supervisor = new ManagedServerSupervisor(definition, {
      secrets,
      logger: silentLogger,
      openBrowser: (url) => {
        pages.push({ url, result: decide(url, 'allow') });
        return Promise.resolve();
      },
      ...context,
    });
  }

  const connect = (): Promise<UpstreamClient> =>
    UpstreamClient.connect(
      { supervisor, secrets, recorder: new TrafficRecorder(), implementation: { name: 'unit', version: '1' } },
      signal,
    );

  it('goes by discovery, registration, PKCE and resource, steps up and renews without a person', async () => {
    begin();
    await assert.rejects(connect(), (error) => WorkbenchError.is(error, 'SignInRequired'));
    assert.equal(supervisor.state.kind, 'needsSignIn');
    await supervisor.oauth()?.signIn(signal);
    supervisor.start();
    const client = await connect();
    assert.equal((await client.listTools(signal)).length, 1);
    await assert.rejects(client.callTool('whoami', {}, signal), /more permissions/);
    assert.equal(supervisor.state.kind, 'needsSignIn');
    await supervisor.oauth()?.signIn(signal);
    const { content } = await client.callTool('whoami', {}, signal);
    assert.deepEqual(content, [{ type: 'text', text: 'tools:list tools:call' }]);

    authorization.expireAccessTokens();
    // All at once, so that one renewal has to serve them all: refresh tokens work once.
    await Promise.all(Array.from({ length: 8 }, () => client.callTool('whoami', {}, signal)));
    assert.deepEqual(authorization.grants, [
      { type: 'authorization_code', scope: 'tools:list' },
      { type: 'authorization_code', scope: 'tools:list tools:call' },
      { type: 'refresh_token', scope: 'tools:list tools:call' },
    ]);
    assert.equal(authorization.redirects.length, 1, 'it registered again though nothing had changed');

    authorization.revokeGrants();
    await assert.rejects(client.callTool('whoami', {}, signal), (error) => WorkbenchError.is(error, 'SignInRequired'));
    assert.equal(supervisor.state.kind, 'needsSignIn');
    assert.deepEqual(authorization.faults, []);
    assert.equal(pages.length, 2);
    await client.close();
  });

  it('keeps tokens and registration in the secret storage under their issuer, until somebody signs out', async () => {
    begin();
    await assert.rejects(connect());
    await supervisor.oauth()?.signIn(signal);
    const [[key, value] = ['', '']] = [...secrets.stored];
    assert.match(key, /^mcp\.oauth\./);
    const { clients, tokens } = JSON.parse(value) as Record<'clients' | 'tokens', Record<string, object>>;
    const issuers = [Object.keys(clients), Object.keys(tokens)];
    assert.deepEqual(issuers, [[authorization.issuer], [authorization.issuer]]);
    assert.match(JSON.stringify(tokens), /access-.*refresh-|refresh-.*access-/);
    await supervisor.oauth()?.signOut();
    assert.equal(secrets.stored.size, 0);
  });

  it('says that it was refused, and can be tried again', async () => {
    let decision: 'allow' | 'deny' = 'deny';
    begin({
      openBrowser: (url) => {
        pages.push({ url, result: decide(url, decision) });
        return Promise.resolve();
      },
    });
    await assert.rejects(connect());
    await assert.rejects(supervisor.oauth()!.signIn(signal), /access_denied/);
    const refused = await pages[0]!.result;
    assert.equal(refused.status, 400);
    assert.equal(supervisor.state.kind, 'needsSignIn');
    decision = 'allow';
    await supervisor.oauth()!.signIn(signal);
    assert.match(await (await pages[1]!.result).text(), /You are signed in/);
    await (await connect()).close();
  });

  it('can be given up, and leaves no port open', async () => {
    let page: URL | undefined;
    const giveUp = new AbortController();
    begin({
      openBrowser: (url) => {
        page = url;
        giveUp.abort();
        return Promise.resolve();
      },
    });
    await assert.rejects(connect());
    await assert.rejects(supervisor.oauth()!.signIn(giveUp.signal), (error) => WorkbenchError.is(error, 'Cancelled'));
    const redirect = page?.searchParams.get('redirect_uri') ?? '';
    await assert.rejects(fetch(redirect), /fetch failed/);
    assert.equal(supervisor.state.kind, 'needsSignIn');
  });

  it('comes back through what the editor forwards, where the browser is on another machine', async () => {
    // The port on the machine of the browser; the request arrives with its name.
    let target = '';
    const forwarded = createServer((request, response) => {
      const pass = async (): Promise<void> => {
        const answer = await fetch(`${target}${request.url}`, { headers: { host: request.headers.host ?? '' } });
        response.writeHead(answer.status).end(await answer.text());
      };
      void pass();
    });
    await new Promise<void>((resolve) => forwarded.listen(0, '127.0.0.1', resolve));
    const { port } = forwarded.address() as AddressInfo;
    try {
      begin({
        externalUri: (uri) => {
          target = uri.origin;
          return Promise.resolve(new URL(`http://127.0.0.1:${port}${uri.pathname}`));
        },
      });
      await assert.rejects(connect());
      await supervisor.oauth()?.signIn(signal);
      assert.deepEqual(authorization.redirects, [`http://127.0.0.1:${port}/oauth/callback`]);
      assert.equal((await pages[0]!.result).status, 200);
      await (await connect()).close();
      assert.deepEqual(authorization.faults, []);
    } finally {
      forwarded.close();
      forwarded.closeAllConnections();
    }
  });
});
