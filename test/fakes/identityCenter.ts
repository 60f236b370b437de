import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authorizePage, devicePage, errorPage, resultPage } from './identityCenterPages';

/** An account of the fake, with the permission sets its only person has. */
export interface FakeAccount {
  /** 12 digits; credentials for it have it as their access key id, so that MiniStack plays that account. */
  accountId: string;
  accountName: string;
  emailAddress?: string;
  roles: readonly string[];
}

export type FakeOperation =
  | 'RegisterClient'
  | 'StartDeviceAuthorization'
  | 'CreateToken'
  | 'ListAccounts'
  | 'ListAccountRoles'
  | 'GetRoleCredentials'
  | 'Logout';

/** What goes wrong, and how often. Faults of an operation are used up in the order in which they were added. */
export interface Fault {
  operation: FakeOperation;
  /** Default 1. */
  times?: number;
  /** Only for requests with this `grantType`. */
  grantType?: string;
  /**
   * `error`: an exception of the service by its name; `status`: a bare HTTP status with a page of HTML, as proxies
   * answer; `drop`: the connection is cut before anything happened; `dropAnswer`: it is cut after the service did its
   * part; `cut`: half of the answer arrives; `html`: status 200 with a page, as captive portals answer; `hang`: no
   * answer ever.
   */
  kind: 'error' | 'status' | 'drop' | 'dropAnswer' | 'cut' | 'html' | 'hang';
  error?: keyof typeof exceptions;
  status?: number;
}

/** One request that reached the fake, without its secrets. */
export interface FakeCall {
  operation: FakeOperation | 'authorize' | 'device' | 'other';
  /** `grantType` of CreateToken, account and role of the portal's operations. */
  detail?: string;
  /** HTTP status of the answer; 0 where the connection was cut. */
  status: number;
  /** Name of the exception, where one was answered. */
  error?: string;
  /** When it arrived and was answered on the fake's virtual clock; see {@link IdentityCenter.virtualMs}. */
  virtualStart: number;
  virtualEnd: number;
}

export interface IdentityCenterOptions {
  region?: string;
  accounts?: readonly FakeAccount[];
  /** The fake's idea of the time, in milliseconds since the epoch. Default: the machine's. */
  now?: () => number;
  /** How long access tokens last. Default an hour. */
  accessTokenSeconds?: number;
  /** How long a refresh token goes on giving access tokens. Default eight hours. */
  sessionSeconds?: number;
  /** How long client registrations last. Default 90 days. */
  registrationSeconds?: number;
  /** `rotate`: each refresh token works once; `keep`: it stays the same; `omit`: answers to a refresh have none. */
  refreshTokens?: 'rotate' | 'keep' | 'omit';
  /** Seconds between polls of a device code. Default 1, so that tests and demos need not wait. */
  pollSeconds?: number;
  deviceCodeSeconds?: number;
  /** Largest page of the portal's lists. Default 100. */
  pageSize?: number;
  /** Virtual milliseconds that each answer of the portal takes. Default 0: it answers at once. */
  portalLatencyMs?: number;
  /** Whether a person has to press a button. `allow` and `deny` decide at once. Default `ask`. */
  consent?: 'ask' | 'allow' | 'deny';
  /** Default: access key id = account id, all else random. */
  roleCredentialsSeconds?: number;
}

/** A stand-in for IAM Identity Center: strict, scriptable, and clickable by a person. */
export interface IdentityCenter {
  readonly oidcEndpoint: string;
  readonly portalEndpoint: string;
  readonly startUrl: string;
  readonly region: string;
  /** The endpoints as the settings of the product take them. */
  readonly endpoints: { oidc: string; portal: string };
  readonly calls: readonly FakeCall[];
  /** Every secret value that was handed out so far; none of them may appear in any output. */
  readonly secrets: ReadonlySet<string>;
  /** Requests that have come and are not answered yet. */
  readonly inFlight: number;
  /** Most requests of the portal that were being answered at a time. */
  readonly peakInFlight: number;
  /**
   * How long the portal's answers would have taken with its latency, so that a test can hold a client to a time
   * without looking at a real clock.
   */
  readonly virtualMs: number;
  consent: 'ask' | 'allow' | 'deny';
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** Calls of one operation. */
  callsTo(operation: FakeCall['operation']): FakeCall[];
  /** What a person does on the device page. */
  decideDevice(userCode: string, decision: 'allow' | 'deny'): void;
  /**
   * What a person's browser does with an authorize address: opens it, presses the button, follows the redirect.
   * @returns status and text of the last page.
   */
  browse(authorizeUrl: string, decision?: 'allow' | 'deny'): Promise<{ status: number; text: string; url: string }>;
  /** Ends every session at the service, as an administrator can. */
  revokeSessions(): void;
  /** Forgets every client registration, as the service does when they expire. */
  forgetClients(): void;
  /** Makes access tokens invalid but leaves refresh tokens, as when clocks disagree. */
  expireAccessTokens(): void;
  /** A token as `aws sso login` would have got it; counts as a secret. */
  issueToken(): IssuedToken;
  /** The role that credentials were given for, by their session token. */
  roleOf(sessionToken: string): { accountId: string; roleName: string } | undefined;
  dispose(): Promise<void>;
}

export interface IssuedToken {
  accessToken: string;
  refreshToken: string;
  clientId: string;
  clientSecret: string;
  expiresAt: number;
  registrationExpiresAt: number;
}

const grants = {
  code: 'authorization_code',
  device: 'urn:ietf:params:oauth:grant-type:device_code',
  refresh: 'refresh_token',
} as const;

const knownScopes =
  /^(?:sso:account:access|openid|aws|sts:identity_context|codewhisperer:[a-z_]+|codecatalyst:read_write)$/;
const loopbackRedirect = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::(\d+))?(\/[^?#]*)?$/;
/** A client that has sent nothing for so long waits for an answer. */
const quietMs = 20;

const userCodeLetters = 'BCDFGHJKLMNPQRSTVWXZ';

/** HTTP status and OAuth code of each exception, as in the service's model. */
const exceptions = {
  AccessDeniedException: [400, 'access_denied', 'Access denied'],
  AuthorizationPendingException: [400, 'authorization_pending', 'Authorization is still pending'],
  ExpiredTokenException: [400, 'expired_token', 'The token has expired'],
  InternalServerException: [500, 'server_error', 'Internal error'],
  InvalidClientException: [401, 'invalid_client', 'Invalid client provided'],
  InvalidClientMetadataException: [400, 'invalid_client_metadata', 'Invalid client metadata'],
  InvalidGrantException: [400, 'invalid_grant', 'Invalid grant provided'],
  InvalidRedirectUriException: [400, 'invalid_redirect_uri', 'Invalid redirect URI provided'],
  InvalidRequestException: [400, 'invalid_request', 'Invalid request'],
  InvalidScopeException: [400, 'invalid_scope', 'Invalid scope provided'],
  SlowDownException: [400, 'slow_down', 'Polling too fast'],
  UnauthorizedClientException: [400, 'unauthorized_client', 'Client is not authorized for this grant'],
  UnsupportedGrantTypeException: [400, 'unsupported_grant_type', 'Unsupported grant type'],
  UnauthorizedException: [401, '', 'Session token not found or invalid'],
  ForbiddenException: [403, '', 'No access'],
  ResourceNotFoundException: [404, '', 'Account not found'],
  TooManyRequestsException: [429, '', 'HTTP 429 Unknown Code'],
  ThrottlingException: [429, '', 'Rate exceeded'],
} as const;

/** Thrown inside the fake where the real service would answer with that exception. */
class Exception extends Error {
  readonly code: keyof typeof exceptions;
  constructor(code: keyof typeof exceptions, description?: string) {
    super(description ?? exceptions[code][2]);
    this.code = code;
  }
}

interface Client {
  clientId: string;
  clientSecret: string;
  expiresAt: number;
  grantTypes: readonly string[];
  redirectUris: readonly string[];
  scopes: readonly string[];
}

interface Authorization {
  client: Client;
  redirectUri: string;
  scopes: readonly string[];
  state: string;
  codeChallenge: string;
  expiresAt: number;
}

interface DeviceAuthorization {
  client: Client;
  userCode: string;
  expiresAt: number;
  intervalMs: number;
  lastPoll: number;
  decision: 'pending' | 'allow' | 'deny' | 'used';
}

interface Session {
  client: Client;
  expiresAt: number;
  isOver: boolean;
}

interface AccessToken {
  session: Session;
  expiresAt: number;
}

/** Two accounts, as a new user of the demo sees them. */
export const demoAccounts: readonly FakeAccount[] = [
  {
    accountId: '111122223333',
    accountName: 'acme-dev',
    emailAddress: 'aws+dev@example.com',
    roles: ['Developer', 'ReadOnly'],
  },
  { accountId: '444455556666', accountName: 'acme-prod', emailAddress: 'aws+prod@example.com', roles: ['ReadOnly'] },
];

/** Starts the fake on two free loopback ports, one for each service. */
export async function startIdentityCenter(options: IdentityCenterOptions = {}): Promise<IdentityCenter> {
  const fake = new FakeIdentityCenter(options);
  await fake.listen();
  return fake;
}

class FakeIdentityCenter implements IdentityCenter {
  readonly region: string;
  readonly calls: FakeCall[] = [];
  readonly secrets = new Set<string>();
  consent: 'ask' | 'allow' | 'deny';
  inFlight = 0;
  peakInFlight = 0;
  virtualMs = 0;

  readonly #options: Required<Omit<IdentityCenterOptions, 'region' | 'consent'>>;
  readonly #oidc: Server;
  readonly #portal: Server;
  readonly #clients = new Map<string, Client>();
  readonly #authorizations = new Map<string, Authorization>();
  readonly #codes = new Map<string, Authorization>();
  readonly #devices = new Map<string, DeviceAuthorization>();
  readonly #accessTokens = new Map<string, AccessToken>();
  readonly #refreshTokens = new Map<string, Session>();
  readonly #pageTokens = new Map<string, number>();
  readonly #roles = new Map<string, { accountId: string; roleName: string }>();
  #waiting: { due: number; answer: () => void }[] = [];
  #quiet: NodeJS.Timeout | undefined;
  #portalInFlight = 0;
  #faults: (Fault & { left: number })[] = [];

  constructor(options: IdentityCenterOptions) {
    this.region = options.region ?? 'eu-west-1';
    this.consent = options.consent ?? 'ask';
    this.#options = {
      accounts: options.accounts ?? demoAccounts,
      now: options.now ?? Date.now,
      accessTokenSeconds: options.accessTokenSeconds ?? 3600,
      sessionSeconds: options.sessionSeconds ?? 8 * 3600,
      registrationSeconds: options.registrationSeconds ?? 90 * 24 * 3600,
      refreshTokens: options.refreshTokens ?? 'rotate',
      pollSeconds: options.pollSeconds ?? 1,
      deviceCodeSeconds: options.deviceCodeSeconds ?? 600,
      pageSize: options.pageSize ?? 100,
      portalLatencyMs: options.portalLatencyMs ?? 0,
      roleCredentialsSeconds: options.roleCredentialsSeconds ?? 3600,
    };
    this.#oidc = createServer((request, response) => void this.#serve(request, response, 'oidc'));
    this.#portal = createServer((request, response) => void this.#serve(request, response, 'portal'));
  }

  async listen(): Promise<void> {
    for (const server of [this.#oidc, this.#portal]) {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
    }
  }

  get oidcEndpoint(): string {
    return addressOf(this.#oidc);
  }

  get portalEndpoint(): string {
    return addressOf(this.#portal);
  }

  get startUrl(): string {
    return `${this.oidcEndpoint}/start`;
  }

  get endpoints(): { oidc: string; portal: string } {
    return { oidc: this.oidcEndpoint, portal: this.portalEndpoint };
  }

  addFault(fault: Fault): void {
    this.#faults.push({ ...fault, left: fault.times ?? 1 });
  }

  clearFaults(): void {
    this.#faults = [];
  }

  callsTo(operation: FakeCall['operation']): FakeCall[] {
    return this.calls.filter((call) => call.operation === operation);
  }

  decideDevice(userCode: string, decision: 'allow' | 'deny'): void {
    const device = [...this.#devices.values()].find((each) => each.userCode === userCode);
    if (device === undefined) throw new Error('There is no such user code.');
    if (device.decision === 'pending') device.decision = decision;
  }

  async browse(
    authorizeUrl: string,
    decision: 'allow' | 'deny' = 'allow',
  ): Promise<{ status: number; text: string; url: string }> {
    let response = await fetch(authorizeUrl, { redirect: 'manual' });
    if (response.status === 200) {
      const request = /name="request" value="([^"]+)"/.exec(await response.text())?.[1] ?? '';
      response = await fetch(`${this.oidcEndpoint}/authorize/decision`, {
        method: 'POST',
        body: new URLSearchParams({ request, decision }),
        redirect: 'manual',
      });
    }
    const location = response.headers.get('location');
    if (location !== null) {
      await response.arrayBuffer();
      response = await fetch(location, { redirect: 'manual' });
    }
    return { status: response.status, text: await response.text(), url: location ?? authorizeUrl };
  }

  revokeSessions(): void {
    for (const session of this.#refreshTokens.values()) session.isOver = true;
    for (const { session } of this.#accessTokens.values()) session.isOver = true;
  }

  forgetClients(): void {
    this.#clients.clear();
  }

  expireAccessTokens(): void {
    this.#accessTokens.clear();
  }

  issueToken(): IssuedToken {
    const client = this.#newClient(
      [grants.code, grants.refresh],
      ['http://127.0.0.1/oauth/callback'],
      ['sso:account:access'],
    );
    const answer = this.#grant(client, client.scopes);
    return {
      accessToken: answer.accessToken,
      refreshToken: answer.refreshToken!,
      clientId: client.clientId,
      clientSecret: client.clientSecret,
      expiresAt: this.#now() + answer.expiresIn * 1000,
      registrationExpiresAt: client.expiresAt,
    };
  }

  roleOf(sessionToken: string): { accountId: string; roleName: string } | undefined {
    return this.#roles.get(sessionToken);
  }

  async dispose(): Promise<void> {
    clearTimeout(this.#quiet);
    await Promise.all(
      [this.#oidc, this.#portal].map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      ),
    );
  }

  #now(): number {
    return this.#options.now();
  }

  #secret(prefix: string, bytes = 48): string {
    const value = `${prefix}${randomBytes(bytes).toString('base64url')}`;
    this.secrets.add(value);
    return value;
  }

  async #serve(request: IncomingMessage, response: ServerResponse, service: 'oidc' | 'portal'): Promise<void> {
    this.inFlight++;
    const call: FakeCall = { operation: 'other', status: 0, virtualStart: this.virtualMs, virtualEnd: this.virtualMs };
    if (service === 'portal') this.peakInFlight = Math.max(this.peakInFlight, ++this.#portalInFlight);
    response.once('close', () => {
      this.inFlight--;
      if (service === 'portal') this.#portalInFlight--;
    });
    try {
      const body = await readBody(request);
      if (service === 'portal') await this.#takeVirtualTime(call);
      if (service === 'portal') this.#portalRequest(request, response, call);
      else this.#oidcRequest(request, response, call, body);
    } catch (error) {
      this.calls.push({ ...call, status: 500, error: 'fault of the fake' });
      response.writeHead(500).end(error instanceof Error ? error.message : 'fault of the fake');
    }
  }

  /**
   * Lets an answer of the portal take its time on the virtual clock. That clock moves on when the client has sent all
   * that it sends before it needs an answer, so only how the client works counts, and not how fast this machine is.
   */
  async #takeVirtualTime(call: FakeCall): Promise<void> {
    const { portalLatencyMs } = this.#options;
    call.virtualStart = this.virtualMs;
    call.virtualEnd = this.virtualMs + portalLatencyMs;
    if (portalLatencyMs === 0) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ due: call.virtualEnd, answer: resolve });
      this.#moveOnWhenQuiet();
    });
  }

  #moveOnWhenQuiet(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.virtualMs = Math.min(...this.#waiting.map(({ due }) => due));
      const due = this.#waiting.filter((each) => each.due <= this.virtualMs);
      this.#waiting = this.#waiting.filter((each) => each.due > this.virtualMs);
      for (const { answer } of due) answer();
      if (this.#waiting.length > 0) this.#moveOnWhenQuiet();
    }, quietMs);
  }

  #oidcRequest(request: IncomingMessage, response: ServerResponse, call: FakeCall, body: string): void {
    const url = new URL(request.url ?? '/', this.oidcEndpoint);
    // `/region/us-east-1/…` plays the service of another region, which does not know this instance.
    const elsewhere = /^\/region\/([a-z0-9-]+)(\/.*)$/.exec(url.pathname);
    const isHome = elsewhere === null || elsewhere[1] === this.region;
    const path = elsewhere?.[2] ?? url.pathname;
    switch (`${request.method} ${path}`) {
      case 'POST /client/register':
        return this.#answer(response, { ...call, operation: 'RegisterClient' }, () => this.#register(json(body)));
      case 'POST /device_authorization':
        return this.#answer(response, { ...call, operation: 'StartDeviceAuthorization' }, () =>
          this.#startDevice(json(body), isHome),
        );
      case 'POST /token': {
        const input = json(body);
        return this.#answer(response, { ...call, operation: 'CreateToken', detail: String(input['grantType']) }, () =>
          this.#createToken(input, isHome),
        );
      }
      case 'GET /authorize':
        return this.#authorize(url, response, call, isHome);
      case 'POST /authorize/decision':
        return this.#decideAuthorization(new URLSearchParams(body), response, call);
      case 'GET /start/device':
      case 'GET /start':
        return this.#page(response, call, 'device', 200, devicePage(url.searchParams.get('user_code') ?? ''));
      case 'POST /start/device':
        return this.#decideOnPage(new URLSearchParams(body), response, call);
      default:
        return this.#page(response, call, 'other', 404, errorPage('There is no such page.'));
    }
  }

  #register(input: Record<string, unknown>): object {
    const clientName = text(input, 'clientName');
    if (clientName.length > 256) throw new Exception('InvalidClientMetadataException');
    if (text(input, 'clientType') !== 'public') throw new Exception('InvalidClientMetadataException');
    const scopes = texts(input, 'scopes') ?? [];
    if (!scopes.every((scope) => knownScopes.test(scope))) throw new Exception('InvalidScopeException');
    // A client that names no grants may do what clients could do before there were others.
    const grantTypes = texts(input, 'grantTypes') ?? [grants.device, grants.refresh];
    const known: readonly string[] = Object.values(grants);
    if (!grantTypes.every((grant) => known.includes(grant))) throw new Exception('UnsupportedGrantTypeException');
    const redirectUris = texts(input, 'redirectUris') ?? [];
    if (!redirectUris.every((uri) => loopbackRedirect.test(uri) || uri.startsWith('https://'))) {
      throw new Exception('InvalidRedirectUriException');
    }
    if (grantTypes.includes(grants.code)) {
      if (redirectUris.length === 0) throw new Exception('InvalidRequestException');
      if (comparableUrl(text(input, 'issuerUrl')) !== comparableUrl(this.startUrl)) {
        throw new Exception('InvalidRequestException');
      }
    }
    const client = this.#newClient(grantTypes, redirectUris, scopes);
    return {
      clientId: client.clientId,
      clientSecret: client.clientSecret,
      clientIdIssuedAt: Math.floor(this.#now() / 1000),
      clientSecretExpiresAt: Math.floor(client.expiresAt / 1000),
      authorizationEndpoint: null,
      tokenEndpoint: null,
    };
  }

  #newClient(grantTypes: readonly string[], redirectUris: readonly string[], scopes: readonly string[]): Client {
    const client: Client = {
      clientId: randomBytes(16).toString('base64url'),
      clientSecret: `eyJraWQiOiJrZXktMTU2NDAyODA5OSIsImFsZyI6IkhTMzg0In0.${this.#secret('eyJ', 96)}.${this.#secret('', 32)}`,
      expiresAt: this.#now() + this.#options.registrationSeconds * 1000,
      grantTypes,
      redirectUris,
      scopes,
    };
    this.secrets.add(client.clientSecret);
    this.#clients.set(client.clientId, client);
    return client;
  }

  #startDevice(input: Record<string, unknown>, isHome: boolean): object {
    const client = this.#client(input);
    if (!client.grantTypes.includes(grants.device)) throw new Exception('UnauthorizedClientException');
    if (!isHome || comparableUrl(text(input, 'startUrl')) !== comparableUrl(this.startUrl)) {
      throw new Exception('InvalidRequestException');
    }
    const deviceCode = this.#secret('');
    const letters = [...randomBytes(8)].map((byte) => userCodeLetters[byte % userCodeLetters.length]).join('');
    const userCode = `${letters.slice(0, 4)}-${letters.slice(4)}`;
    const { deviceCodeSeconds, pollSeconds } = this.#options;
    this.#devices.set(deviceCode, {
      client,
      userCode,
      expiresAt: this.#now() + deviceCodeSeconds * 1000,
      intervalMs: pollSeconds * 1000,
      lastPoll: this.#now(),
      decision: this.consent === 'ask' ? 'pending' : this.consent,
    });
    return {
      deviceCode,
      userCode,
      verificationUri: `${this.startUrl}/device`,
      verificationUriComplete: `${this.startUrl}/device?user_code=${userCode}`,
      expiresIn: deviceCodeSeconds,
      interval: pollSeconds,
    };
  }

  #createToken(input: Record<string, unknown>, isHome: boolean): object {
    const client = this.#client(input);
    const grantType = text(input, 'grantType');
    const known: readonly string[] = Object.values(grants);
    if (!known.includes(grantType)) throw new Exception('UnsupportedGrantTypeException');
    if (!client.grantTypes.includes(grantType)) throw new Exception('UnauthorizedClientException');
    if (!isHome) throw new Exception('InvalidGrantException');
    if (grantType === grants.code) return this.#exchangeCode(client, input);
    if (grantType === grants.device) return this.#pollDevice(client, text(input, 'deviceCode'));
    return this.#refresh(client, text(input, 'refreshToken'));
  }

  #exchangeCode(client: Client, input: Record<string, unknown>): object {
    const code = text(input, 'code');
    const authorization = this.#codes.get(code);
    this.#codes.delete(code);
    if (authorization === undefined || authorization.client !== client) throw new Exception('InvalidGrantException');
    if (authorization.expiresAt <= this.#now()) throw new Exception('InvalidGrantException');
    if (text(input, 'redirectUri') !== authorization.redirectUri) throw new Exception('InvalidGrantException');
    const verifier = text(input, 'codeVerifier');
    this.secrets.add(verifier);
    if (!/^[\w.~-]{43,128}$/.test(verifier)) throw new Exception('InvalidRequestException');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    if (challenge !== authorization.codeChallenge) throw new Exception('InvalidGrantException');
    return this.#grant(client, authorization.scopes);
  }

  #pollDevice(client: Client, deviceCode: string): object {
    const device = this.#devices.get(deviceCode);
    if (device === undefined || device.client !== client) throw new Exception('InvalidGrantException');
    if (device.expiresAt <= this.#now()) throw new Exception('ExpiredTokenException');
    const sinceLast = this.#now() - device.lastPoll;
    device.lastPoll = this.#now();
    // Timers and the network are allowed a little.
    if (sinceLast < device.intervalMs - 250) {
      device.intervalMs += 5_000;
      throw new Exception('SlowDownException');
    }
    switch (device.decision) {
      case 'pending':
        throw new Exception('AuthorizationPendingException');
      case 'deny':
        throw new Exception('AccessDeniedException');
      case 'used':
        throw new Exception('InvalidGrantException');
      case 'allow':
    }
    device.decision = 'used';
    return this.#grant(client, client.scopes);
  }

  #refresh(client: Client, refreshToken: string): object {
    const session = this.#refreshTokens.get(refreshToken);
    if (session === undefined || session.client !== client || session.isOver)
      throw new Exception('InvalidGrantException');
    if (session.expiresAt <= this.#now()) throw new Exception('ExpiredTokenException');
    if (this.#options.refreshTokens === 'rotate') this.#refreshTokens.delete(refreshToken);
    return this.#tokens(session);
  }

  #grant(client: Client, scopes: readonly string[]): ReturnType<FakeIdentityCenter['tokensOf']> {
    const session: Session = {
      client,
      expiresAt: this.#now() + this.#options.sessionSeconds * 1000,
      isOver: false,
    };
    // Only clients that asked for a scope and for the grant can renew, which is why legacy profiles cannot.
    const canRenew = client.grantTypes.includes(grants.refresh) && scopes.includes('sso:account:access');
    return this.tokensOf(session, canRenew);
  }

  #tokens(session: Session): object {
    const mode = this.#options.refreshTokens;
    return this.tokensOf(session, mode === 'rotate');
  }

  tokensOf(session: Session, withRefreshToken: boolean) {
    const accessToken = this.#secret('aoa');
    const expiresIn = this.#options.accessTokenSeconds;
    this.#accessTokens.set(accessToken, { session, expiresAt: this.#now() + expiresIn * 1000 });
    let refreshToken: string | undefined;
    if (withRefreshToken) {
      refreshToken = this.#secret('aor');
      this.#refreshTokens.set(refreshToken, session);
    }
    return {
      accessToken,
      expiresIn,
      tokenType: 'Bearer',
      ...(refreshToken === undefined ? {} : { refreshToken }),
    };
  }

  #client(input: Record<string, unknown>): Client {
    const client = this.#clients.get(text(input, 'clientId'));
    if (client === undefined || client.clientSecret !== text(input, 'clientSecret')) {
      throw new Exception('InvalidClientException');
    }
    if (client.expiresAt <= this.#now()) throw new Exception('InvalidClientException');
    return client;
  }

  #authorize(url: URL, response: ServerResponse, call: FakeCall, isHome: boolean): void {
    const parameters = url.searchParams;
    const fail = (message: string): void => this.#page(response, call, 'authorize', 400, errorPage(message));
    const client = this.#clients.get(parameters.get('client_id') ?? '');
    if (!isHome || client === undefined || client.expiresAt <= this.#now()) return fail('Invalid client provided');
    const redirectUri = parameters.get('redirect_uri') ?? '';
    if (!client.redirectUris.some((registered) => matchesRedirect(registered, redirectUri))) {
      return fail('Invalid callback URL');
    }
    if (parameters.get('response_type') !== 'code' || !client.grantTypes.includes(grants.code)) {
      return fail('Unsupported response type');
    }
    const challenge = parameters.get('code_challenge') ?? '';
    if (parameters.get('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(challenge)) {
      return fail('Invalid code challenge');
    }
    const state = parameters.get('state') ?? '';
    if (state === '') return fail('Invalid state');
    const scopes = (parameters.get('scopes') ?? '').split(',').filter((scope) => scope !== '');
    if (!scopes.every((scope) => client.scopes.includes(scope))) return fail('Invalid scope provided');
    const expiresAt = this.#now() + 600_000;
    const authorization: Authorization = { client, redirectUri, scopes, state, codeChallenge: challenge, expiresAt };
    const request = randomUUID();
    this.#authorizations.set(request, authorization);
    if (this.consent !== 'ask') return this.#redirect(response, call, request, this.consent);
    this.#page(response, call, 'authorize', 200, authorizePage(request));
  }

  #decideAuthorization(form: URLSearchParams, response: ServerResponse, call: FakeCall): void {
    const request = form.get('request') ?? '';
    if (!this.#authorizations.has(request)) {
      return this.#page(response, call, 'authorize', 400, errorPage('This request is over.'));
    }
    this.#redirect(response, call, request, form.get('decision') === 'allow' ? 'allow' : 'deny');
  }

  #redirect(response: ServerResponse, call: FakeCall, request: string, decision: 'allow' | 'deny'): void {
    const authorization = this.#authorizations.get(request)!;
    this.#authorizations.delete(request);
    const target = new URL(authorization.redirectUri);
    if (decision === 'allow') {
      const code = this.#secret('');
      this.#codes.set(code, { ...authorization, expiresAt: this.#now() + 120_000 });
      target.searchParams.set('code', code);
    } else {
      target.searchParams.set('error', 'access_denied');
    }
    target.searchParams.set('state', authorization.state);
    this.calls.push({ ...call, operation: 'authorize', detail: decision, status: 302 });
    response.writeHead(302, { location: target.href, 'cache-control': 'no-store' }).end();
  }

  #decideOnPage(form: URLSearchParams, response: ServerResponse, call: FakeCall): void {
    const userCode = (form.get('user_code') ?? '').trim().toUpperCase();
    const device = [...this.#devices.values()].find((each) => each.userCode === userCode);
    if (device === undefined || device.decision !== 'pending' || device.expiresAt <= this.#now()) {
      return this.#page(response, call, 'device', 400, errorPage('Invalid code. Ask for a new one in the editor.'));
    }
    device.decision = form.get('decision') === 'allow' ? 'allow' : 'deny';
    this.#page(response, call, 'device', 200, resultPage(device.decision));
  }

  #page(
    response: ServerResponse,
    call: FakeCall,
    operation: FakeCall['operation'],
    status: number,
    html: string,
  ): void {
    this.calls.push({ ...call, operation, status });
    response
      .writeHead(status, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      })
      .end(html);
  }

  #portalRequest(request: IncomingMessage, response: ServerResponse, call: FakeCall): void {
    const url = new URL(request.url ?? '/', this.portalEndpoint);
    const path = url.pathname.replace(/^\/region\/[a-z0-9-]+/, '');
    const query = url.searchParams;
    const header = request.headers['x-amz-sso_bearer_token'];
    const accessToken = typeof header === 'string' ? header : '';
    const account = query.get('account_id') ?? '';
    const role = query.get('role_name') ?? '';
    switch (`${request.method} ${path}`) {
      case 'GET /assignment/accounts':
        return this.#answer(response, { ...call, operation: 'ListAccounts' }, () =>
          this.#listAccounts(this.#session(accessToken), query),
        );
      case 'GET /assignment/roles':
        return this.#answer(response, { ...call, operation: 'ListAccountRoles', detail: account }, () =>
          this.#listRoles(this.#session(accessToken), account, query),
        );
      case 'GET /federation/credentials':
        return this.#answer(response, { ...call, operation: 'GetRoleCredentials', detail: `${account} ${role}` }, () =>
          this.#roleCredentials(this.#session(accessToken), account, role),
        );
      case 'POST /logout':
        return this.#answer(response, { ...call, operation: 'Logout' }, () => {
          this.#session(accessToken).isOver = true;
          return undefined;
        });
      default:
        this.calls.push({ ...call, status: 404 });
        response.writeHead(404).end();
    }
  }

  #session(accessToken: string): Session {
    const token = this.#accessTokens.get(accessToken);
    if (token === undefined || token.session.isOver || token.expiresAt <= this.#now()) {
      throw new Exception('UnauthorizedException');
    }
    return token.session;
  }

  #listAccounts(_session: Session, query: URLSearchParams): object {
    const { items, nextToken } = this.#paged(this.#options.accounts, query);
    const accountList = items.map(({ accountId, accountName, emailAddress }) => ({
      accountId,
      accountName,
      emailAddress: emailAddress ?? `${accountName}@example.com`,
    }));
    return { nextToken, accountList };
  }

  #listRoles(_session: Session, accountId: string, query: URLSearchParams): object {
    const account = this.#options.accounts.find((each) => each.accountId === accountId);
    if (account === undefined) throw new Exception('ForbiddenException');
    const { items, nextToken } = this.#paged(account.roles, query);
    return { nextToken, roleList: items.map((roleName) => ({ roleName, accountId })) };
  }

  #roleCredentials(_session: Session, accountId: string, roleName: string): object {
    const account = this.#options.accounts.find((each) => each.accountId === accountId);
    if (account?.roles.includes(roleName) !== true) throw new Exception('ForbiddenException');
    const sessionToken = this.#secret('IQoJ', 60);
    this.#roles.set(sessionToken, { accountId, roleName });
    return {
      roleCredentials: {
        accessKeyId: accountId,
        secretAccessKey: this.#secret('', 30),
        sessionToken,
        expiration: this.#now() + this.#options.roleCredentialsSeconds * 1000,
      },
    };
  }

  #paged<T>(all: readonly T[], query: URLSearchParams): { items: readonly T[]; nextToken: string | null } {
    const asked = query.get('max_result');
    const wanted = asked === null ? 20 : Number(asked);
    if (!Number.isInteger(wanted) || wanted < 1 || wanted > 100) throw new Exception('InvalidRequestException');
    const given = query.get('next_token');
    const start = given === null ? 0 : this.#pageTokens.get(given);
    if (start === undefined) throw new Exception('InvalidRequestException');
    const end = start + Math.min(wanted, this.#options.pageSize);
    if (end >= all.length) return { items: all.slice(start), nextToken: null };
    const nextToken = randomUUID();
    this.#pageTokens.set(nextToken, end);
    return { items: all.slice(start, end), nextToken };
  }

  #answer(response: ServerResponse, call: FakeCall, run: () => object | undefined): void {
    const fault = this.#takeFault(call);
    const finish = (status: number, error?: string): void => {
      this.calls.push({ ...call, status, ...(error === undefined ? {} : { error }) });
    };
    const requestId = randomUUID();
    const date = new Date(this.#now()).toUTCString();
    const headers = { date, 'x-amzn-requestid': requestId, connection: 'keep-alive' };
    if (fault?.kind === 'drop') {
      finish(0, 'drop');
      response.socket?.resetAndDestroy();
      return;
    }
    if (fault?.kind === 'hang') {
      finish(0, 'hang');
      return;
    }
    if (fault?.kind === 'status' || fault?.kind === 'html') {
      const status = fault.kind === 'html' ? 200 : (fault.status ?? 503);
      finish(status, fault.kind);
      response.writeHead(status, { date, 'content-type': 'text/html' }).end('<html><body>Not AWS</body></html>');
      return;
    }
    let body: object | undefined;
    try {
      if (fault?.kind === 'error') throw new Exception(fault.error ?? 'InternalServerException');
      body = run();
    } catch (error) {
      if (!(error instanceof Exception)) throw error;
      const [status, code] = exceptions[error.code];
      finish(status, error.code);
      const isOidc = code !== '';
      const namespace = isOidc ? 'com.amazonaws.sso.oidc' : 'com.amazonaws.switchboard.portal';
      const content = isOidc
        ? { error: code, error_description: error.message }
        : { message: error.message, __type: `${namespace}#${error.code}` };
      response
        .writeHead(status, {
          ...headers,
          'content-type': 'application/json',
          'x-amzn-errortype': `${error.code}:http://internal.amazon.com/coral/${namespace}/`,
        })
        .end(JSON.stringify(content));
      return;
    }
    if (fault?.kind === 'dropAnswer') {
      finish(0, 'dropAnswer');
      response.socket?.resetAndDestroy();
      return;
    }
    const content = body === undefined ? '' : JSON.stringify(body);
    finish(200, fault?.kind);
    response.writeHead(200, {
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(content),
      'cache-control': 'no-store',
    });
    if (fault?.kind === 'cut') {
      response.write(content.slice(0, content.length / 2), () => response.socket?.resetAndDestroy());
      return;
    }
    response.end(content);
  }

  #takeFault(call: FakeCall): Fault | undefined {
    const fault = this.#faults.find(
      (each) =>
        each.left > 0 &&
        each.operation === call.operation &&
        (each.grantType === undefined || each.grantType === call.detail),
    );
    if (fault !== undefined) fault.left--;
    return fault;
  }
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > 64 * 1024) throw new Error('The body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function json(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Answered as the service does, by the members that are missing.
  }
  return {};
}

function text(input: Record<string, unknown>, name: string): string {
  const value = input[name];
  if (typeof value !== 'string' || value === '') throw new Exception('InvalidRequestException');
  return value;
}

function texts(input: Record<string, unknown>, name: string): string[] | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((each): each is string => typeof each === 'string')) {
    throw new Exception('InvalidRequestException');
  }
  return value;
}

/** The service accepts any port of a loopback address that was registered without one, and nothing else. */
function matchesRedirect(registered: string, given: string): boolean {
  if (registered === given) return true;
  const wanted = loopbackRedirect.exec(registered);
  const actual = loopbackRedirect.exec(given);
  if (wanted === null || actual === null || wanted[2] !== undefined) return false;
  return wanted[1] === actual[1] && (wanted[3] ?? '/') === (actual[3] ?? '/');
}

function comparableUrl(address: string): string {
  return address.replace(/#.*$/, '').replace(/\/$/, '');
}
