import { WorkbenchError } from '../core/errors';
import type { SharedConfig } from './config/sharedConfig';
import type { AwsEnvironment } from './environment';

/** What variables and one profile say about how AWS is reached. */
export interface ClientSettings {
  /** The endpoint a user configured for a service, by the service's id as in the API model, e.g. `SSO OIDC`. */
  endpointOf(serviceId: string): string | undefined;
  useFipsEndpoint: boolean;
  useDualstackEndpoint: boolean;
  /** First attempt included. */
  maxAttempts: number;
  retryMode: 'standard' | 'adaptive';
  /** The application id that is added to the user agent. */
  appId: string | undefined;
  requestChecksumCalculation: 'WHEN_SUPPORTED' | 'WHEN_REQUIRED';
  responseChecksumValidation: 'WHEN_SUPPORTED' | 'WHEN_REQUIRED';
  s3UseArnRegion: boolean;
  s3DisableExpressSessionAuth: boolean;
}

const defaultMaxAttempts = 3;

/**
 * Reads the settings of every client from the environment and from one profile.
 *
 * The SDK would read them by itself, but for endpoints it looks only at the profile that `AWS_PROFILE` names, and it
 * keeps the files it once read for the life of the process. So that any profile works and an edit is seen, all are
 * given to the clients explicitly.
 *
 * @param profile name of the profile, or `undefined` where credentials come from the environment
 * @throws WorkbenchError `InvalidInput` from `endpointOf` for a value that is no http or https URL, or for a
 * `services` section that does not exist
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
export function readClientSettings(
  environment: AwsEnvironment,
  config: SharedConfig,
  profile: string | undefined,
): ClientSettings {
  const settings = config.profiles.get(profile ?? 'default')?.settings;
  const either = (variable: string, key: string): string | undefined =>
    environment.variable(variable) ?? (settings?.get(key) || undefined);
  const isTrue = (variable: string, key: string): boolean => either(variable, key)?.toLowerCase() === 'true';
  const checksums = (variable: string, key: string) =>
    either(variable, key)?.toUpperCase() === 'WHEN_REQUIRED' ? 'WHEN_REQUIRED' : 'WHEN_SUPPORTED';
  const attempts = Number(either('AWS_MAX_ATTEMPTS', 'max_attempts'));
  return {
    endpointOf: (serviceId) => configuredEndpoint(environment, config, profile ?? 'default', serviceId),
    useFipsEndpoint: isTrue('AWS_USE_FIPS_ENDPOINT', 'use_fips_endpoint'),
    useDualstackEndpoint: isTrue('AWS_USE_DUALSTACK_ENDPOINT', 'use_dualstack_endpoint'),
    maxAttempts: Number.isInteger(attempts) && attempts >= 1 ? attempts : defaultMaxAttempts,
    // Adaptive unless the user says otherwise: agents send bursts, and it slows down where a service throttles.
    retryMode: either('AWS_RETRY_MODE', 'retry_mode') === 'standard' ? 'standard' : 'adaptive',
    appId: either('AWS_SDK_UA_APP_ID', 'sdk_ua_app_id'),
    requestChecksumCalculation: checksums('AWS_REQUEST_CHECKSUM_CALCULATION', 'request_checksum_calculation'),
    responseChecksumValidation: checksums('AWS_RESPONSE_CHECKSUM_VALIDATION', 'response_checksum_validation'),
    s3UseArnRegion: isTrue('AWS_S3_USE_ARN_REGION', 's3_use_arn_region'),
    s3DisableExpressSessionAuth: isTrue('AWS_S3_DISABLE_EXPRESS_SESSION_AUTH', 's3_disable_express_session_auth'),
  };
}

/** Precedence as in https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html. */
function configuredEndpoint(
  environment: AwsEnvironment,
  config: SharedConfig,
  profile: string,
  serviceId: string,
): string | undefined {
  const settings = config.profiles.get(profile)?.settings;
  const ignore =
    environment.variable('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS') ?? settings?.get('ignore_configured_endpoint_urls');
  if (ignore?.toLowerCase() === 'true') return undefined;

  const identifier = serviceId.replaceAll(/[^A-Za-z0-9]+/g, '_');
  for (const variable of [`AWS_ENDPOINT_URL_${identifier.toUpperCase()}`, 'AWS_ENDPOINT_URL']) {
    const url = environment.variable(variable);
    if (url !== undefined) return checkedEndpoint(url, variable);
  }
  const servicesName = settings?.get('services');
  if (servicesName) {
    const services = config.services.get(servicesName);
    if (!services) {
      throw new WorkbenchError(
        'InvalidInput',
        `Profile ${profile} names the services section ${servicesName}, which does not exist.`,
        { remedy: `Add [services ${servicesName}] to ${environment.configFile}, or correct the name.` },
      );
    }
    const url = services.get(identifier.toLowerCase())?.get('endpoint_url');
    if (url) return checkedEndpoint(url, `endpoint_url of ${identifier.toLowerCase()} in [services ${servicesName}]`);
  }
  const url = settings?.get('endpoint_url');
  return url ? checkedEndpoint(url, `endpoint_url of profile ${profile}`) : undefined;
}

function checkedEndpoint(url: string, origin: string): string {
  const protocol = URL.canParse(url) ? new URL(url).protocol : undefined;
  if (protocol === 'http:' || protocol === 'https:') return url;
  throw new WorkbenchError('InvalidInput', `${origin} is not an http or https URL.`, {
    remedy: `Correct ${origin}, for example to http://127.0.0.1:4566.`,
  });
}
