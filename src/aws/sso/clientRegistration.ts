import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isRecord } from '../../core/json';
import type { Logger } from '../../core/logger';
import { writeFileAtomically } from './atomicFile';
import type { Clock } from './clock';
import { interactiveRetries, withRetries } from './retry';
import { readJson } from './sharedTokenCache';
import type { SsoClients } from './ssoClients';
import { safeCause } from './ssoError';
import type { SignInFlow, SsoSession } from './ssoSession';

/** What Identity Center knows us by. `clientSecret` is a secret. */
export interface ClientRegistration {
  clientId: string;
  clientSecret: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** Shown to the person on the page where access is allowed. */
const clientName = 'MCP Workbench for AWS';

/** Without a port: Identity Center then accepts any port of the loopback address (RFC 8252, section 7.3). */
export const registeredRedirectUri = 'http://127.0.0.1/oauth/callback';

const grantTypes = {
  browser: ['authorization_code', 'refresh_token'],
  deviceCode: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
} as const;

/** A registration that ends sooner is not used: its refresh tokens would die with it in the middle of a session. */
const renewBeforeMs = 24 * 3_600_000;

export interface ClientRegistrationsOptions {
  homeDirectory: string;
  clients: SsoClients;
  clock: Clock;
  logger: Logger;
}

/**
 * Registrations of this product, one per start URL, region, scopes and flow, because AWS binds each to its grants and
 * its portal. They are kept beside the tokens under a name no other tool reads.
 */
export class ClientRegistrations {
  readonly #folder: string;
  readonly #clients: SsoClients;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(options: ClientRegistrationsOptions) {
    this.#folder = path.join(options.homeDirectory, '.aws', 'sso', 'cache');
    this.#clients = options.clients;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /**
   * The cached registration, or a new one.
   * @throws what RegisterClient throws; the caller turns it into a sentence.
   */
  async get(session: SsoSession, flow: SignInFlow, signal?: AbortSignal): Promise<ClientRegistration> {
    const cached = await this.#read(session, flow);
    return cached ?? this.#register(session, flow, signal);
  }

  /** Drops a registration that AWS does not know any more, so that the next sign-in makes a new one. */
  async discard(session: SsoSession, flow: SignInFlow): Promise<void> {
    await fs.rm(this.fileOf(session, flow), { force: true }).catch(() => undefined);
  }

  fileOf(session: SsoSession, flow: SignInFlow): string {
    const identity = JSON.stringify([
      session.startUrl,
      session.region,
      [...session.scopes].sort(),
      flow,
      this.#clients.endpoints(session.region).oidc,
    ]);
    const digest = createHash('sha256').update(identity).digest('hex').slice(0, 24);
    return path.join(this.#folder, `mcp-workbench-client-${session.region}-${digest}.json`);
  }

  async #read(session: SsoSession, flow: SignInFlow): Promise<ClientRegistration | undefined> {
    const found = await readJson(this.fileOf(session, flow));
    if (found.kind !== 'content' || !isRecord(found.content)) return undefined;
    const { clientId, clientSecret, expiresAt } = found.content;
    if (typeof clientId !== 'string' || typeof clientSecret !== 'string' || typeof expiresAt !== 'string') {
      return undefined;
    }
    const expires = Date.parse(expiresAt);
    return expires - this.#clock.now() > renewBeforeMs ? { clientId, clientSecret, expiresAt: expires } : undefined;
  }

  async #register(session: SsoSession, flow: SignInFlow, signal?: AbortSignal): Promise<ClientRegistration> {
    const client = await this.#clients.oidc(session.region);
    const response = await withRetries(
      () =>
        client.registerClient(
          {
            clientName,
            clientType: 'public',
            grantTypes: [...grantTypes[flow]],
            ...(session.scopes.length === 0 ? {} : { scopes: [...session.scopes] }),
            ...(flow === 'browser' ? { redirectUris: [registeredRedirectUri], issuerUrl: session.startUrl } : {}),
          },
          signal === undefined ? {} : { abortSignal: signal },
        ),
      {
        policy: interactiveRetries,
        clock: this.#clock,
        logger: this.#logger,
        what: `Registering with ${session.name}`,
        signal,
      },
    );
    const { clientId, clientSecret, clientSecretExpiresAt } = response;
    if (clientId === undefined || clientSecret === undefined || clientSecretExpiresAt === undefined) {
      throw Object.assign(new Error('The answer holds no registration.'), { name: 'SyntaxError' });
    }
    const registration = { clientId, clientSecret, expiresAt: clientSecretExpiresAt * 1000 };
    try {
      await fs.mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const content = { ...registration, expiresAt: new Date(registration.expiresAt).toISOString() };
      await writeFileAtomically(this.fileOf(session, flow), `${JSON.stringify(content, null, 2)}\n`, 0o600);
    } catch (error) {
      this.#logger.warn(`The registration with ${session.name} could not be kept: ${safeCause(error).message}`);
    }
    return registration;
  }
}
