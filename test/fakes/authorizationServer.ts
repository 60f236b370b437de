import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Gate } from '../support/gatedMcpServer';

/** An OAuth 2.1 authorization server that takes nothing but what the MCP authorization specification demands. */
export interface AuthorizationServer {
  /** Issuer identifier. */
  issuer: string;
  /** Lets in whoever has a token for the resource at `<origin>/mcp`; `tools/call` wants the scope `tools:call`. */
  gate: Gate;
  /** The origin of the resource, once it is known. */
  resourceOrigin: string;
  /** Grants so far: `authorization_code` or `refresh_token`, with their scopes. */
  readonly grants: { type: string; scope: string }[];
  /** What clients did wrong, one sentence each. */
  readonly faults: string[];
  /** Redirect addresses that clients registered. */
  readonly redirects: string[];
  /** Ends access tokens; they can be refreshed. */
  expireAccessTokens(): void;
  /** Ends everything that was granted. */
  revokeGrants(): void;
  dispose(): Promise<void>;
}

interface Client {
  redirectUris: string[];
}

interface Grant {
  clientId: string;
  redirectUri: string;
  challenge: string;
  scope: string;
}

const metadataPath = '/.well-known/oauth-protected-resource/mcp';

export async function startAuthorizationServer(): Promise<AuthorizationServer> {
  const clients = new Map<string, Client>();
  const requests = new Map<string, { grant: Grant; state: string }>();
  const codes = new Map<string, Grant>();
  const accessTokens = new Map<string, string>();
  const refreshTokens = new Map<string, Grant>();
  const grants: AuthorizationServer['grants'] = [];
  const faults: string[] = [];
  const redirects: string[] = [];
  let issuer = '';

  const resource = (): string => `${made.resourceOrigin}/mcp`;

  function fault(response: ServerResponse, error: string, description: string): void {
    faults.push(`${error}: ${description}`);
    json(response, 400, { error, error_description: description });
  }

  function register(body: string, response: ServerResponse): void {
    const { redirect_uris: redirectUris, grant_types: grantTypes } = JSON.parse(body) as Record<string, unknown>;
    if (!Array.isArray(redirectUris) || redirectUris.length !== 1) {
      return fault(response, 'invalid_redirect_uri', 'exactly one redirect address is wanted');
    }
    const [redirectUri] = redirectUris as string[];
    if (redirectUri === undefined || !/^http:\/\/127\.0\.0\.1:\d+\//.test(redirectUri)) {
      return fault(response, 'invalid_redirect_uri', `not a loopback address: ${redirectUri}`);
    }
    if (!Array.isArray(grantTypes) || !grantTypes.includes('refresh_token')) {
      return fault(response, 'invalid_client_metadata', 'refresh_token is missing');
    }
    const clientId = `client-${clients.size + 1}`;
    clients.set(clientId, { redirectUris: [redirectUri] });
    redirects.push(redirectUri);
    const metadata = JSON.parse(body) as Record<string, unknown>;
    json(response, 201, { ...metadata, client_id: clientId, token_endpoint_auth_method: 'none' });
  }

  function authorize(url: URL, response: ServerResponse): void {
    const given = Object.fromEntries(url.searchParams);
    const { client_id: clientId = '', redirect_uri: redirectUri = '', code_challenge: challenge = '' } = given;
    const client = clients.get(clientId);
    if (!client?.redirectUris.includes(redirectUri))
      return fault(response, 'invalid_request', 'unknown client or redirect');
    if (given['response_type'] !== 'code') return fault(response, 'unsupported_response_type', 'code is wanted');
    if (given['code_challenge_method'] !== 'S256' || !/^[\w-]{43}$/.test(challenge)) {
      return fault(response, 'invalid_request', 'PKCE with S256 is wanted');
    }
    if (given['resource'] !== resource()) return fault(response, 'invalid_target', `resource is ${given['resource']}`);
    const { state = '', scope = '' } = given;
    if (state.length < 16) return fault(response, 'invalid_request', 'a state that nobody can guess is wanted');
    const id = randomBytes(8).toString('hex');
    requests.set(id, { grant: { clientId, redirectUri, challenge, scope }, state });
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<!doctype html><html lang="en"><head><title>Vault</title></head><body>
<h1>Sign in to Vault</h1><p id="scope">${scope.replaceAll(/[^\w: ]/g, '')}</p>
<form method="post" action="/decision"><input type="hidden" name="request" value="${id}">
<button id="allow" name="decision" value="allow">Allow</button> <button id="deny" name="decision" value="deny">Deny</button>
</form></body></html>`);
  }

  function decide(body: URLSearchParams, response: ServerResponse): void {
    const id = body.get('request') ?? '';
    const request = requests.get(id);
    requests.delete(id);
    if (!request) return fault(response, 'invalid_request', 'no such request');
    const { grant, state } = request;
    const target = new URL(grant.redirectUri);
    if (body.get('decision') === 'allow') {
      const code = randomBytes(16).toString('hex');
      codes.set(code, grant);
      target.searchParams.set('code', code);
    } else {
      target.searchParams.set('error', 'access_denied');
    }
    target.searchParams.set('state', state);
    target.searchParams.set('iss', issuer);
    response.writeHead(303, { location: target.href }).end();
  }

  function token(body: URLSearchParams, response: ServerResponse): void {
    const type = body.get('grant_type') ?? '';
    if (body.get('resource') !== resource())
      return fault(response, 'invalid_target', `resource is ${body.get('resource')}`);
    const store = type === 'authorization_code' ? codes : refreshTokens;
    const key = body.get(type === 'authorization_code' ? 'code' : 'refresh_token') ?? '';
    const grant = store.get(key);
    // Both work once.
    store.delete(key);
    // No fault of the client: what was granted may have been revoked meanwhile.
    if (!grant && type === 'refresh_token') return json(response, 400, { error: 'invalid_grant' });
    if (!grant) return fault(response, 'invalid_grant', `no such ${type}`);
    if (body.get('client_id') !== grant.clientId) return fault(response, 'invalid_client', 'another client');
    if (type === 'authorization_code') {
      const verifier = body.get('code_verifier') ?? '';
      if (createHash('sha256').update(verifier).digest('base64url') !== grant.challenge) {
        return fault(response, 'invalid_grant', 'the code verifier is wrong');
      }
      if (body.get('redirect_uri') !== grant.redirectUri) return fault(response, 'invalid_grant', 'another redirect');
    }
    const accessToken = `access-${randomBytes(16).toString('hex')}`;
    const refreshToken = `refresh-${randomBytes(16).toString('hex')}`;
    accessTokens.set(accessToken, grant.scope);
    refreshTokens.set(refreshToken, grant);
    grants.push({ type, scope: grant.scope });
    json(response, 200, {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: refreshToken,
      scope: grant.scope,
    });
  }

  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const body = await readBody(request);
      const url = new URL(request.url ?? '/', issuer);
      const route = `${request.method} ${url.pathname}`;
      if (route === 'GET /.well-known/oauth-authorization-server') return json(response, 200, metadata(issuer));
      if (route === 'POST /register') return register(body, response);
      if (route === 'GET /authorize') return authorize(url, response);
      if (route === 'POST /decision') return decide(new URLSearchParams(body), response);
      if (route === 'POST /token') return token(new URLSearchParams(body), response);
      response.writeHead(404).end();
    };
    void answer();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const made: AuthorizationServer = {
    issuer,
    resourceOrigin: '',
    grants,
    faults,
    redirects,
    gate: ({ method, target, headers, body }) => {
      if (method === 'GET' && target === metadataPath) {
        const scopes = ['tools:list', 'tools:call'];
        return {
          status: 200,
          body: { resource: resource(), authorization_servers: [issuer], scopes_supported: scopes },
        };
      }
      if (target !== '/mcp') return { status: 404, body: {} };
      const about = `resource_metadata="${made.resourceOrigin}${metadataPath}"`;
      const [, given = ''] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? [];
      const scope = accessTokens.get(given);
      if (scope === undefined) {
        const error = given === '' ? '' : 'error="invalid_token", ';
        return {
          status: 401,
          headers: { 'www-authenticate': `Bearer ${error}${about}, scope="tools:list"` },
          body: {},
        };
      }
      const isCall = body.includes('"tools/call"');
      if (isCall && !scope.split(' ').includes('tools:call')) {
        const challenge = `Bearer error="insufficient_scope", scope="tools:call", ${about}`;
        return { status: 403, headers: { 'www-authenticate': challenge }, body: {} };
      }
      return scope;
    },
    expireAccessTokens: () => accessTokens.clear(),
    revokeGrants() {
      accessTokens.clear();
      refreshTokens.clear();
    },
    dispose: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return made;
}

function metadata(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    registration_endpoint: `${issuer}/register`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    authorization_response_iss_parameter_supported: true,
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
