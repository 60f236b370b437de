import { regionPattern } from '../../aws/regionPattern';
import { WorkbenchError } from '../../core/errors';
import { signedServices, type SignedService } from './signedService';

/** How requests to a server are signed with AWS Signature Version 4. */
export interface RequestSigning {
  service: SignedService;
  region: string;
  /** Name of a profile of the shared config files; absent: whoever is picked at the time of the request. */
  profile?: string;
}

const labels = '[a-z0-9-]+(?:\\.[a-z0-9-]+)*';
const region = `(?<region>${regionPattern.source.slice(1, -1)})`;

/**
 * Hosts of the services that serve MCP behind IAM.
 * Sources: docs.aws.amazon.com/general/latest/gr, "AWS Lambda endpoints", "Amazon API Gateway endpoints" and "Amazon
 * Bedrock AgentCore endpoints"; function URLs: Lambda developer guide, "Creating and managing Lambda function URLs".
 */
const hosts: readonly { service: SignedService; pattern: RegExp }[] = [
  {
    service: 'lambda',
    pattern: new RegExp(`^[a-z0-9]+\\.lambda-url\\.${region}\\.on\\.(?:aws|amazonwebservices\\.com\\.cn)$`),
  },
  {
    service: 'execute-api',
    pattern: new RegExp(`^${labels}\\.execute-api\\.${region}\\.(?:vpce\\.)?(?:amazonaws\\.com(?:\\.cn)?|api\\.aws)$`),
  },
  {
    service: 'bedrock-agentcore',
    pattern: new RegExp(`^(?:${labels}\\.)?bedrock-agentcore\\.${region}\\.(?:vpce\\.)?(?:amazonaws\\.com|api\\.aws)$`),
  },
];

/** The AWS service and Region behind an address, where its host says so. */
export function signedEndpointOf(url: string): Pick<RequestSigning, 'service' | 'region'> | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  for (const { service, pattern } of hosts) {
    const found = pattern.exec(hostname)?.groups?.['region'];
    if (found !== undefined) return { service, region: found };
  }
  return undefined;
}

/**
 * What the user gave, with what they left out taken from the host.
 * @throws WorkbenchError `InvalidInput` where service or Region stay unknown, or where the signature and the session
 * token would cross a network unencrypted.
 */
export function completeSigning(url: string, given: Partial<RequestSigning>): RequestSigning {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && !/^(?:127\.0\.0\.1|localhost|\[::1\])$/.test(hostname)) {
    throw new WorkbenchError('InvalidInput', 'Requests are signed with AWS credentials over https only.', {
      remedy: 'Write the address with https://.',
    });
  }
  const known = signedEndpointOf(url);
  const service = given.service ?? known?.service;
  const place = given.region ?? known?.region;
  if (service === undefined || place === undefined) {
    const missing = service === undefined ? 'service' : 'region';
    throw new WorkbenchError('InvalidInput', `The host does not say for which AWS ${missing} requests are signed.`, {
      remedy: `Add "${missing}" to "auth" (services: ${signedServices.join(', ')}).`,
    });
  }
  return { service, region: place, ...(given.profile === undefined ? {} : { profile: given.profile }) };
}
