import * as http from 'node:http';
import * as https from 'node:https';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type {
  AwsCredentialIdentityProvider,
  MetadataBearer,
  MiddlewareStack,
  NodeHttpHandlerOptions,
  UserAgent,
} from '@smithy/types';
import type { Disposable } from '../core/disposable';
import type { ClientSettings } from './clientSettings';
import type { AwsServiceClients, AwsServiceName } from './identity';
import { recordRequests, type RecorderOptions } from './requestRecorder';

/** For whom and where a client works. */
export interface ClientTarget {
  region: string;
  settings: ClientSettings;
  /** Not needed by operations that AWS serves unsigned. */
  credentials?: AwsCredentialIdentityProvider;
  account?: string | undefined;
  onCredentialsRefused?: RecorderOptions['onCredentialsRefused'];
}

const connectionTimeoutMs = 5_000;
/** Until the response starts. A call has its own, shorter time; this only ends what nobody waits for any more. */
const requestTimeoutMs = 60_000;
/** A synchronous invocation answers when the function is done, which may take 15 minutes. */
const lambdaRequestTimeoutMs = 15 * 60_000 + 10_000;

/**
 * Makes SDK clients. All of them share one pool of connections, so a client needs no destroying: dropping the last
 * reference is enough, and no call in flight can break because somebody else let go of its session.
 */
export class AwsClientFactory implements Disposable {
  readonly #userAgent: UserAgent;
  readonly #httpAgent: http.Agent;
  readonly #httpsAgent: https.Agent;

  /** @param version our own version, for the user agent */
  constructor(version: string) {
    this.#userAgent = [['mcp-workbench', version]];
    this.#httpAgent = new http.Agent({ keepAlive: true, maxSockets: 50 });
    this.#httpsAgent = new https.Agent({ keepAlive: true, maxSockets: 50 });
  }

  /**
   * Loads the package of a service and makes its client.
   * @throws WorkbenchError `InvalidInput` where the endpoint that the user configured is not a URL
   */
  async create<K extends AwsServiceName>(service: K, target: ClientTarget): Promise<AwsServiceClients[K]> {
    const serviceId = serviceIds[service];
    const { settings, region } = target;
    const endpoint = settings.endpointOf(serviceId);
    const config: ClientConfig = {
      region,
      ...(target.credentials ? { credentials: target.credentials } : {}),
      ...(endpoint === undefined ? {} : { endpoint }),
      // From here on nothing is left for the SDK to look up in its own copy of the environment and the files.
      ignoreConfiguredEndpointUrls: true,
      useFipsEndpoint: settings.useFipsEndpoint,
      useDualstackEndpoint: settings.useDualstackEndpoint,
      maxAttempts: settings.maxAttempts,
      retryMode: settings.retryMode,
      defaultsMode: 'standard',
      authSchemePreference: [],
      userAgentAppId: async () => settings.appId,
      customUserAgent: this.#userAgent,
      requestHandler: {
        httpAgent: this.#httpAgent,
        httpsAgent: this.#httpsAgent,
        connectionTimeout: connectionTimeoutMs,
        requestTimeout: service === 'lambda' ? lambdaRequestTimeoutMs : requestTimeoutMs,
        throwOnRequestTimeout: true,
        // The request may wait in the queue of a full pool; a warning on the console helps nobody there.
        socketAcquisitionWarningTimeout: requestTimeoutMs,
      },
    };
    const s3: S3Config = {
      // Emulators and most S3-compatible stores do not answer to <bucket>.<host>.
      forcePathStyle: endpoint !== undefined,
      followRegionRedirects: endpoint === undefined,
      useArnRegion: settings.s3UseArnRegion,
      disableS3ExpressSessionAuth: settings.s3DisableExpressSessionAuth,
      requestChecksumCalculation: settings.requestChecksumCalculation,
      responseChecksumValidation: settings.responseChecksumValidation,
      sigv4aSigningRegionSet: async () => undefined,
    };
    const client = await loaders[service](config, s3);
    const stack = client.middlewareStack as unknown as MiddlewareStack<object, MetadataBearer>;
    const { account, onCredentialsRefused } = target;
    stack.use(recordRequests({ serviceId, region, account, onCredentialsRefused }));
    return client;
  }

  /** Closes all connections. Requests in flight fail. */
  dispose(): void {
    this.#httpAgent.destroy();
    this.#httpsAgent.destroy();
  }
}

interface ClientConfig {
  region: string;
  credentials?: AwsCredentialIdentityProvider;
  endpoint?: string;
  ignoreConfiguredEndpointUrls: boolean;
  useFipsEndpoint: boolean;
  useDualstackEndpoint: boolean;
  maxAttempts: number;
  retryMode: string;
  defaultsMode: 'standard';
  authSchemePreference: string[];
  userAgentAppId: () => Promise<string | undefined>;
  customUserAgent: UserAgent;
  requestHandler: NodeHttpHandlerOptions;
}

type S3Config = Pick<
  S3ClientConfig,
  | 'forcePathStyle'
  | 'followRegionRedirects'
  | 'useArnRegion'
  | 'disableS3ExpressSessionAuth'
  | 'requestChecksumCalculation'
  | 'responseChecksumValidation'
  | 'sigv4aSigningRegionSet'
>;

/** The service's id in its API model; endpoint settings and records are named by it. */
const serviceIds: { readonly [K in AwsServiceName]: string } = {
  cloudformation: 'CloudFormation',
  lambda: 'Lambda',
  s3: 'S3',
  sts: 'STS',
};

// One import expression each, so that the bundler makes one chunk per service.
const loaders: {
  readonly [K in AwsServiceName]: (config: ClientConfig, s3: S3Config) => Promise<AwsServiceClients[K]>;
} = {
  cloudformation: async (config) => new (await import('@aws-sdk/client-cloudformation')).CloudFormation(config),
  lambda: async (config) => new (await import('@aws-sdk/client-lambda')).Lambda(config),
  s3: async (config, s3) => new (await import('@aws-sdk/client-s3')).S3({ ...config, ...s3 }),
  sts: async (config) => new (await import('@aws-sdk/client-sts')).STS(config),
};
