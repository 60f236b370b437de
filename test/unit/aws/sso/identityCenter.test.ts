import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { startIdentityCenter, type IdentityCenter } from '../../../fakes/identityCenter';

type Json = Record<string, unknown>;

/** The stand-in must be as strict as the service, or tests against it prove nothing. */
describe('the stand-in for Identity Center', () => {
  let fake: IdentityCenter;
  let now: number;

  beforeEach(async () => {
    now = Date.parse('2026-03-02T12:00:00Z');
    fake = await startIdentityCenter({ now: () => now, consent: 'allow', registrationSeconds: 3600 });
  });

  afterEach(() => fake.dispose());

  const post = async (path: string, body: Json): Promise<{ status: number; type: string | null; json: Json }> => {
    const response = await fetch(fake.oidcEndpoint + path, { method: 'POST', body: JSON.stringify(body) });
    return {
      status: response.status,
      type: response.headers.get('x-amzn-errortype'),
      json: (await response.json()) as Json,
    };
  };

  const register = async (more: Json = {}): Promise<Json> => {
    const { json, status } = await post('/client/register', {
      clientName: 'x',
      clientType: 'public',
      scopes: ['sso:account:access'],
      grantTypes: ['authorization_code', 'refresh_token'],
      redirectUris: ['http://127.0.0.1/oauth/callback'],
      issuerUrl: fake.startUrl,
      ...more,
    });
    assert.equal(status, 200, JSON.stringify(json));
    return { clientId: json['clientId'], clientSecret: json['clientSecret'] };
  };

  const verifier = randomBytes(32).toString('base64url');
  const redirectUri = 'http://127.0.0.1:12345/oauth/callback';

  const authorize = (client: Json, more: Record<string, string> = {}): Promise<Response> =>
    fetch(
      `${fake.oidcEndpoint}/authorize?${new URLSearchParams({
        response_type: 'code',
        client_id: String(client['clientId']),
        redirect_uri: redirectUri,
        scopes: 'sso:account:access',
        state: 'state',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...more,
      }).toString()}`,
      { redirect: 'manual' },
    );

  const codeOf = async (client: Json): Promise<string> =>
    new URL((await authorize(client)).headers.get('location')!).searchParams.get('code')!;

  const exchange = (client: Json, code: string, more: Json = {}) =>
    post('/token', { ...client, grantType: 'authorization_code', code, codeVerifier: verifier, redirectUri, ...more });

  it('answers errors as the service does', async () => {
    const { status, type, json } = await post('/token', {
      clientId: 'x',
      clientSecret: 'y',
      grantType: 'refresh_token',
    });
    assert.equal(status, 401);
    assert.equal(type, 'InvalidClientException:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/');
    assert.deepEqual(json, { error: 'invalid_client', error_description: 'Invalid client provided' });
    const portal = await fetch(`${fake.portalEndpoint}/assignment/accounts`);
    assert.equal(portal.status, 401);
    assert.deepEqual(await portal.json(), {
      message: 'Session token not found or invalid',
      __type: 'com.amazonaws.switchboard.portal#UnauthorizedException',
    });
  });

  it('gives a token for a code once, to its client, with its verifier and redirect', async () => {
    const client = await register();
    const code = await codeOf(client);
    assert.equal((await exchange(client, code)).status, 200);
    assert.equal((await exchange(client, code)).json['error'], 'invalid_grant');
    const wrong: [Json, string][] = [
      [{ codeVerifier: randomBytes(32).toString('base64url') }, 'invalid_grant'],
      [{ codeVerifier: 'short' }, 'invalid_request'],
      [{ redirectUri: 'http://127.0.0.1:1/oauth/callback' }, 'invalid_grant'],
      [await register(), 'invalid_grant'],
    ];
    for (const [more, error] of wrong) {
      assert.equal((await exchange(client, await codeOf(client), more)).json['error'], error);
    }
    const late = await codeOf(client);
    now += 600_000;
    assert.equal((await exchange(client, late)).json['error'], 'invalid_grant');
  });

  it('shows an error page for a request that does not fit the registration', async () => {
    const client = await register();
    for (const [more, text] of [
      [{ redirect_uri: 'http://127.0.0.1:1/other' }, 'Invalid callback URL'],
      [{ redirect_uri: 'http://localhost:1/oauth/callback' }, 'Invalid callback URL'],
      [{ redirect_uri: 'https://127.0.0.1/oauth/callback' }, 'Invalid callback URL'],
      [{ code_challenge_method: 'plain' }, 'Invalid code challenge'],
      [{ code_challenge: 'x' }, 'Invalid code challenge'],
      [{ scopes: 'codewhisperer:completions' }, 'Invalid scope'],
      [{ state: '' }, 'Invalid state'],
      [{ response_type: 'token' }, 'Unsupported response type'],
      [{ client_id: 'x' }, 'Invalid client'],
    ] as [Record<string, string>, string][]) {
      const response = await authorize(client, more);
      assert.equal(response.status, 400);
      assert.match(await response.text(), new RegExp(text));
    }
  });

  it('holds clients to their grants, secret and time', async () => {
    const client = await register();
    const device = await register({ grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'] });
    const start = (of: Json) => post('/device_authorization', { ...of, startUrl: fake.startUrl });
    assert.equal((await start(client)).json['error'], 'unauthorized_client');
    assert.equal((await start({ ...device, clientSecret: 'x' })).json['error'], 'invalid_client');
    assert.equal((await start(device)).status, 200);
    assert.equal((await post('/token', { ...client, grantType: 'password' })).json['error'], 'unsupported_grant_type');
    now += 3_601_000;
    assert.equal((await start(device)).json['error'], 'invalid_client');
  });

  it('refuses registrations that the service refuses', async () => {
    for (const [more, error] of [
      [{ clientType: 'confidential' }, 'invalid_client_metadata'],
      [{ scopes: ['everything'] }, 'invalid_scope'],
      [{ grantTypes: ['implicit'] }, 'unsupported_grant_type'],
      [{ redirectUris: ['http://example.com/'] }, 'invalid_redirect_uri'],
      [{ redirectUris: [] }, 'invalid_request'],
      [{ issuerUrl: 'https://other.awsapps.com/start' }, 'invalid_request'],
      [{ clientName: undefined }, 'invalid_request'],
    ] as [Json, string][]) {
      const { json } = await post('/client/register', {
        clientName: 'x',
        clientType: 'public',
        grantTypes: ['authorization_code'],
        redirectUris: ['http://127.0.0.1/oauth/callback'],
        issuerUrl: fake.startUrl,
        ...more,
      });
      assert.equal(json['error'], error);
    }
  });

  it('polls a device code by the rules, and gives its token once', async () => {
    fake.consent = 'ask';
    const client = await register({ grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'] });
    const { json } = await post('/device_authorization', { ...client, startUrl: fake.startUrl });
    const poll = async (): Promise<unknown> => {
      const answer = await post('/token', {
        ...client,
        deviceCode: json['deviceCode'],
        grantType: 'urn:ietf:params:oauth:grant-type:device_code',
      });
      return answer.json['error'];
    };
    assert.equal(await poll(), 'slow_down');
    now += 6_000;
    assert.equal(await poll(), 'authorization_pending');
    now += 5_000;
    assert.equal(await poll(), 'slow_down', 'The interval has grown.');
    const page = await fetch(String(json['verificationUriComplete']));
    assert.match(await page.text(), new RegExp(`value="${String(json['userCode'])}"`));
    await fetch(`${fake.startUrl}/device`, {
      method: 'POST',
      body: new URLSearchParams({ user_code: String(json['userCode']), decision: 'allow' }),
    });
    now += 20_000;
    assert.equal(await poll(), undefined);
    now += 20_000;
    assert.equal(await poll(), 'invalid_grant');
    now += 600_000;
    assert.equal(await poll(), 'expired_token');
  });

  it('rotates refresh tokens', async () => {
    const client = await register();
    const { json } = await exchange(client, await codeOf(client));
    const refresh = (refreshToken: unknown) => post('/token', { ...client, grantType: 'refresh_token', refreshToken });
    const second = await refresh(json['refreshToken']);
    assert.equal(second.status, 200);
    assert.equal((await refresh(json['refreshToken'])).json['error'], 'invalid_grant');
    assert.equal((await refresh(second.json['refreshToken'])).status, 200);
  });

  it('pages its lists and refuses what is no page of its own', async () => {
    const { accessToken } = fake.issueToken();
    const get = (query: string) =>
      fetch(`${fake.portalEndpoint}/assignment/accounts?${query}`, {
        headers: { 'x-amz-sso_bearer_token': accessToken },
      });
    const first = (await (await get('max_result=1')).json()) as { nextToken: string; accountList: Json[] };
    assert.equal(first.accountList[0]!['accountId'], '111122223333');
    const second = (await (await get(`max_result=1&next_token=${first.nextToken}`)).json()) as typeof first;
    assert.equal(second.accountList[0]!['accountId'], '444455556666');
    assert.equal(second.nextToken, null);
    assert.equal((await get('max_result=101')).status, 400);
    assert.equal((await get('next_token=x')).status, 400);
  });
});
