import { WorkbenchError } from '../../core/errors';
import { regionPattern } from '../regionPattern';

/** Addresses of the two services behind a sign-in. */
export interface SsoEndpoints {
  /** IAM Identity Center OIDC: registration, authorization and tokens. */
  oidc: string;
  /** The access portal's API: accounts, roles, credentials, sign-out. */
  portal: string;
}

/**
 * Other addresses, for a stand-in of AWS or a private gateway. Tokens are sent there: the caller must take them from
 * the user's own settings and never from a workspace.
 */
export type SsoEndpointOverrides = Partial<SsoEndpoints>;

/** Region prefix and DNS suffix of each partition; the first that fits is taken. */
const partitions: readonly (readonly [prefix: string, name: string, dnsSuffix: string])[] = [
  ['cn-', 'aws-cn', 'amazonaws.com.cn'],
  ['us-gov-', 'aws-us-gov', 'amazonaws.com'],
  ['us-isob-', 'aws-iso-b', 'sc2s.sgov.gov'],
  ['us-isof-', 'aws-iso-f', 'csp.hci.ic.gov'],
  ['us-iso-', 'aws-iso', 'c2s.ic.gov'],
  ['eu-isoe-', 'aws-iso-e', 'cloud.adc-e.uk'],
  ['eusc-', 'aws-eusc', 'amazonaws.eu'],
  ['', 'aws', 'amazonaws.com'],
];

function partitionEntry(region: string): readonly [prefix: string, name: string, dnsSuffix: string] {
  return partitions.find(([prefix]) => region.startsWith(prefix)) ?? ['', 'aws', 'amazonaws.com'];
}

/** The partition a region belongs to, e.g. `aws-cn`. */
export function partitionOf(region: string): string {
  return partitionEntry(region)[1];
}

/**
 * Addresses for a region.
 * @throws WorkbenchError `InvalidInput` for what is no region, or for an override that is neither https nor loopback.
 */
export function ssoEndpoints(region: string, overrides: SsoEndpointOverrides = {}): SsoEndpoints {
  if (!regionPattern.test(region)) {
    throw new WorkbenchError('InvalidInput', `This is not an AWS region: ${JSON.stringify(region.slice(0, 100))}`, {
      remedy: 'Use the region where IAM Identity Center is switched on, such as eu-west-1.',
    });
  }
  const suffix = partitionEntry(region)[2];
  return {
    oidc: checkedOverride(overrides.oidc) ?? `https://oidc.${region}.${suffix}`,
    portal: checkedOverride(overrides.portal) ?? `https://portal.sso.${region}.${suffix}`,
  };
}

function checkedOverride(address: string | undefined): string | undefined {
  if (address === undefined || address === '') return undefined;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isLoopback = url !== undefined && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  if (url === undefined || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback))) {
    throw new WorkbenchError('InvalidInput', 'The endpoint override for IAM Identity Center is not an https address.', {
      remedy: 'Remove the override from your settings, or use https (http only on the loopback address).',
    });
  }
  return url.href.replace(/\/+$/, '');
}
