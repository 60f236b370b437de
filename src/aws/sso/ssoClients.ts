import type { SSO } from '@aws-sdk/client-sso';
import type { SSOOIDC } from '@aws-sdk/client-sso-oidc';
import type { MetadataBearer, MiddlewareStack, RequestHandlerParams } from '@smithy/types';
import type { Disposable } from '../../core/disposable';
import { recordRequests } from '../requestRecorder';
import type { Clock } from './clock';
import { ssoEndpoints, type SsoEndpointOverrides, type SsoEndpoints } from './ssoEndpoints';

export interface SsoClientOptions {
  clock: Clock;
  /** From the user's own settings only; see {@link SsoEndpointOverrides}. */
  endpoints?: SsoEndpointOverrides | undefined;
  /** Options of the SDK's HTTP handler, e.g. an agent that knows the editor's proxy. */
  requestHandler?: RequestHandlerParams | undefined;
  /** Goes into the user agent, e.g. `mcp-workbench/0.1.0`. */
  userAgent?: string | undefined;
}

/** Longer than AWS ever takes, and short enough that nobody thinks the editor hangs. */
const timeouts = { connectionTimeout: 5_000, requestTimeout: 15_000, throwOnRequestTimeout: true } as const;

/**
 * Clients of the OIDC service and the portal, one of each per region, loaded at first use. They are configured in full,
 * so that neither `AWS_ENDPOINT_URL` (which may point to an emulator) nor a profile can send a token elsewhere.
 */
export class SsoClients implements Disposable {
  readonly #options: SsoClientOptions;
  readonly #oidc = new Map<string, Promise<SSOOIDC>>();
  readonly #portal = new Map<string, Promise<SSO>>();
  #serverOffsetMs = 0;

  constructor(options: SsoClientOptions) {
    this.#options = options;
  }

  /**
   * How far AWS's clock is ahead of ours in milliseconds, as of the last answer. Under a minute counts as none: the
   * `Date` header has whole seconds and travels a while.
   */
  get serverOffsetMs(): number {
    return Math.abs(this.#serverOffsetMs) < 60_000 ? 0 : this.#serverOffsetMs;
  }

  /** @throws WorkbenchError `InvalidInput` for what is no region. */
  endpoints(region: string): SsoEndpoints {
    return ssoEndpoints(region, this.#options.endpoints);
  }

  oidc(region: string): Promise<SSOOIDC> {
    return this.#client(this.#oidc, region, async (endpoints) => {
      const { SSOOIDC } = await import('@aws-sdk/client-sso-oidc');
      return recorded(new SSOOIDC(this.#config(region, endpoints.oidc)), 'SSO OIDC', region);
    });
  }

  portal(region: string): Promise<SSO> {
    return this.#client(this.#portal, region, async (endpoints) => {
      const { SSO } = await import('@aws-sdk/client-sso');
      return recorded(new SSO(this.#config(region, endpoints.portal)), 'SSO', region);
    });
  }

  dispose(): void {
    for (const client of [...this.#oidc.values(), ...this.#portal.values()]) {
      client.then(
        (loaded) => loaded.destroy(),
        () => undefined,
      );
    }
    this.#oidc.clear();
    this.#portal.clear();
  }

  #client<C extends SSO | SSOOIDC>(
    clients: Map<string, Promise<C>>,
    region: string,
    create: (endpoints: SsoEndpoints) => Promise<C>,
  ): Promise<C> {
    let client = clients.get(region);
    if (client === undefined) {
      const endpoints = this.endpoints(region);
      client = create(endpoints).then((created) => {
        this.#watchServerTime(created);
        return created;
      });
      client.catch(() => clients.delete(region));
      clients.set(region, client);
    }
    return client;
  }

  #config(region: string, endpoint: string) {
    return {
      region,
      endpoint,
      maxAttempts: 1,
      retryMode: 'standard',
      defaultsMode: 'standard' as const,
      useDualstackEndpoint: false,
      useFipsEndpoint: false,
      userAgentAppId: () => Promise.resolve(undefined),
      authSchemePreference: [],
      requestHandler: { ...timeouts, ...this.#options.requestHandler },
      ...(this.#options.userAgent === undefined ? {} : { customUserAgent: this.#options.userAgent }),
    };
  }

  #watchServerTime(client: SSO | SSOOIDC): void {
    const stack = client.middlewareStack as SSO['middlewareStack'];
    stack.add(
      (next) => async (args) => {
        const result = await next(args);
        const headers = (result.response as { headers?: Record<string, string> } | undefined)?.headers;
        const serverTime = Date.parse(headers?.['date'] ?? '');
        if (!Number.isNaN(serverTime)) this.#serverOffsetMs = serverTime - this.#options.clock.now();
        return result;
      },
      { step: 'deserialize', name: 'workbenchServerTime', priority: 'low' },
    );
  }
}

/** A tool call that needs a renewal or new credentials shows these requests among its own. */
function recorded<C extends SSO | SSOOIDC>(client: C, serviceId: string, region: string): C {
  const stack = client.middlewareStack as unknown as MiddlewareStack<object, MetadataBearer>;
  stack.use(recordRequests({ serviceId, region }));
  return client;
}
