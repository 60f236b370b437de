import { WorkbenchError, type ErrorCode } from '../core/errors';
import { isRecord } from '../core/json';
import { redactText } from '../core/redact';
import { cancelled } from './sharedTask';

/** What is known of the request that failed. */
export interface AwsErrorContext {
  /** IAM actions the request needs, named where AWS does not say which one is missing. */
  iamActions: readonly string[];
  /** Profile whose credentials were used. */
  profile?: string | undefined;
}

const maxMessageLength = 1_000;

const throttling = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'SlowDown',
  'TooManyRequestsException',
]);

const denied = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AllAccessDisabled',
  'AuthorizationError',
  'AuthorizationErrorException',
  'Forbidden',
  'ForbiddenException',
  'NotAuthorized',
  'NotAuthorizedException',
  'UnauthorizedAccess',
  'UnauthorizedOperation',
]);

/** The credentials had their time. */
const expired = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']);

/** AWS does not know the credentials, or their signature is wrong. */
const unknownCredentials = new Set([
  'AuthFailure',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'InvalidToken',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

const providerErrors = new Set(['CredentialsProviderError', 'TokenProviderError']);

const clockErrors = new Set(['RequestExpired', 'RequestInTheFuture', 'RequestTimeTooSkewed']);

const otherRegion = new Set(['PermanentRedirect', 'TemporaryRedirect', 'AuthorizationHeaderMalformed']);

const timeouts = new Set(['ETIMEDOUT', 'ESOCKETTIMEDOUT']);

const unreachable = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'EPROTO',
  'ERR_SOCKET_CLOSED',
]);

const certificate = /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA)/;

/**
 * Turns whatever an AWS SDK client threw into an error a person or a model can act on. Never throws; an error that is
 * ours already comes back as it is. The request id of AWS is kept where there is one, and secrets are not.
 */
export function toWorkbenchError(thrown: unknown, context: AwsErrorContext): WorkbenchError {
  if (thrown instanceof WorkbenchError) return thrown;
  const facts = factsOf(thrown);
  const { code, message, remedy, retryable } = describe(facts, context);
  if (code === 'Cancelled') return cancelled(thrown);
  return new WorkbenchError(code, message, {
    remedy,
    cause: thrown,
    ...(retryable === undefined ? {} : { retryable }),
    ...(facts.requestId === undefined ? {} : { awsRequestId: facts.requestId }),
  });
}

interface Description {
  code: ErrorCode;
  message: string;
  remedy: string;
  retryable?: boolean;
}

interface Facts {
  name: string;
  /** Redacted, one line, without a full stop at the end. */
  message: string;
  /** Error code of Node.js, from the error or what caused it. */
  system: string | undefined;
  host: string | undefined;
  status: number | undefined;
  requestId: string | undefined;
  isThrottling: boolean;
  bucketRegion: string | undefined;
}

function describe(facts: Facts, context: AwsErrorContext): Description {
  const { name, message, status } = facts;
  const who = context.profile === undefined ? '' : ` of profile ${context.profile}`;
  if (name === 'AbortError') return { code: 'Cancelled', message: '', remedy: '' };
  const network = describeNetwork(facts);
  if (network) return network;
  if (facts.isThrottling || throttling.has(name) || /throttl/i.test(name) || status === 429) {
    return {
      code: 'Throttled',
      message: `AWS asks to slow down: ${sentence(message || name)}`,
      remedy: 'Wait a little, then ask for less at once.',
    };
  }
  if (expired.has(name) || (name === 'RequestExpired' && /token|credential/i.test(message))) {
    return {
      code: 'SignInRequired',
      message: `The credentials${who} have expired.`,
      remedy: 'Sign in again, or put new keys into the profile, then call again.',
    };
  }
  if (providerErrors.has(name)) {
    return {
      code: 'SignInRequired',
      message: `There are no usable credentials${who}: ${sentence(message)}`,
      remedy: 'Sign in again, or choose another profile.',
    };
  }
  if (clockErrors.has(name) || /signature (?:expired|not yet current)/i.test(message)) {
    return {
      code: 'Internal',
      message: `AWS refused the request because of its time: ${sentence(message)}`,
      remedy: 'Set the clock of this computer right, then call again.',
    };
  }
  if (unknownCredentials.has(name)) {
    return {
      code: 'SignInRequired',
      message: `AWS does not accept the credentials${who}: ${sentence(message || name)}`,
      remedy: 'Sign in again or correct the keys. If they are right, check that the region is enabled for the account.',
    };
  }
  if (otherRegion.has(name) || status === 301 || status === 307) {
    const region = facts.bucketRegion ?? /expecting '([a-z0-9-]+)'/.exec(message)?.[1];
    return {
      code: 'InvalidInput',
      message: region === undefined ? 'The bucket is in another region.' : `The bucket is in region ${region}.`,
      remedy: region === undefined ? 'Call again with the region of the bucket.' : `Call again with region ${region}.`,
    };
  }
  if (denied.has(name) || status === 403) return describeDenied(facts, context);
  if (isNotFound(facts)) {
    return {
      code: 'NotFound',
      message: sentence(message || 'AWS has nothing of that name'),
      remedy: 'Check the name, the account and the region; list what exists to find the right one.',
    };
  }
  if (/LimitExceeded|QuotaExceeded|TooManyBuckets|CodeStorageExceeded/.test(name)) {
    return {
      code: 'InvalidInput',
      message: `A limit of the account is reached: ${sentence(message || name)}`,
      remedy: 'Remove what is no longer needed, or have the quota raised.',
    };
  }
  if (/AlreadyExists|Conflict|InUse|OperationInProgress|PreconditionFailed/.test(name) || status === 409) {
    return {
      code: 'InvalidInput',
      message: sentence(message || name),
      remedy: 'Look at the current state of the resource, then decide again.',
    };
  }
  if (status !== undefined && status >= 500) {
    return {
      code: 'Internal',
      message: `AWS failed to answer: ${sentence(message || name)}`,
      remedy: 'Try again in a moment; if it goes on, look at the AWS Health Dashboard.',
      retryable: true,
    };
  }
  if (status !== undefined && status >= 400) {
    return {
      code: 'InvalidInput',
      message: `AWS refused the input: ${sentence(message || name)}`,
      remedy: 'Correct the input that the message names.',
    };
  }
  return { code: 'Internal', message: sentence(message || name), remedy: 'Look at the log of MCP Workbench.' };
}

function describeNetwork({ name, message, system, host }: Facts): Description | undefined {
  const where = host ?? 'AWS';
  if (system !== undefined && certificate.test(system)) {
    return {
      code: 'Internal',
      message: `The certificate of ${where} is not trusted (${system}).`,
      remedy: 'Behind a proxy that opens TLS, add its certificate to the system or to NODE_EXTRA_CA_CERTS.',
      retryable: false,
    };
  }
  if (system !== undefined && unreachable.has(system)) {
    return {
      code: 'Internal',
      message: `${where} cannot be reached (${system}).`,
      remedy: 'Check the network, the proxy settings, the region and, if one is configured, the endpoint_url.',
      retryable: true,
    };
  }
  if (name === 'TimeoutError' || name === 'RequestTimeout' || (system !== undefined && timeouts.has(system))) {
    return {
      code: 'Timeout',
      message: `${where} did not answer in time${name === 'RequestTimeout' ? `: ${sentence(message)}` : '.'}`,
      remedy: 'Try again; check the network and the proxy settings if it goes on.',
    };
  }
  return undefined;
}

function describeDenied({ message }: Facts, { iamActions, profile }: AwsErrorContext): Description {
  const action = /not authorized to perform:? ?([\w-]+:\w+\*?)/i.exec(message)?.[1];
  const resource = /on resource: "?([^\s"]+?)"?[,.]?(?:\s|$)/i.exec(message)?.[1];
  const actions = action === undefined ? iamActions : [action];
  const named = actions.length === 0 ? 'this request' : actions.join(' or ');
  const policy = /explicit deny in an? ([\w -]+? policy)/i.exec(message)?.[1];
  const isExplicit = /explicit deny/i.test(message);
  const whose = profile === undefined ? 'the current role' : `profile ${profile}`;
  return {
    code: 'AccessDenied',
    message:
      action === undefined
        ? `AWS denied the request, which needs ${named}: ${sentence(message || 'no reason given')}`
        : `AWS denied ${named}${resource ? ` on ${resource}` : ''}${policy ? `: explicit deny in a ${policy}` : ''}.`,
    remedy: isExplicit
      ? `A policy forbids ${named} for ${whose}; use another role, or ask who owns that policy.`
      : `Use a role that may perform ${named}, or have it allowed for ${whose}.`,
  };
}

function isNotFound({ name, message, status }: Facts): boolean {
  if (/NotFound|^NoSuch|DoesNotExist|NonExistent/.test(name) || status === 404) return true;
  // CloudFormation has no error of its own for a stack that is not there.
  return name === 'ValidationError' && /does not exist|not found/i.test(message);
}

function factsOf(thrown: unknown): Facts {
  const error = isRecord(thrown) || thrown instanceof Error ? (thrown as unknown as Record<string, unknown>) : {};
  const metadata = isRecord(error['$metadata']) ? error['$metadata'] : {};
  const retryable = isRecord(error['$retryable']) ? error['$retryable'] : {};
  const response = error['$response'];
  const headers = isRecord(response) && isRecord(response['headers']) ? response['headers'] : {};
  const message = typeof error['message'] === 'string' ? error['message'] : typeof thrown === 'string' ? thrown : '';
  const source = systemErrorOf(thrown, 0);
  return {
    name: typeof error['name'] === 'string' ? error['name'] : 'Error',
    message: clean(message),
    system: text(source?.['code']),
    host: text(source?.['hostname']) ?? addressOf(source),
    status: typeof metadata['httpStatusCode'] === 'number' ? metadata['httpStatusCode'] : undefined,
    requestId: text(metadata['requestId']),
    isThrottling: retryable['throttling'] === true,
    bucketRegion: text(headers['x-amz-bucket-region']),
  };
}

/** The innermost error of Node.js: the SDK wraps it, and a host with several addresses gives one for each. */
function systemErrorOf(error: unknown, depth: number): Record<string, unknown> | undefined {
  if (!(error instanceof Error) || depth > 5) return undefined;
  const record = error as unknown as Record<string, unknown>;
  if (typeof record['code'] === 'string' && (record['address'] || record['hostname'])) return record;
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return systemErrorOf(inner, depth + 1) ?? (typeof record['code'] === 'string' ? record : undefined);
}

function addressOf(source: Record<string, unknown> | undefined): string | undefined {
  const address = text(source?.['address']);
  const port = source?.['port'];
  return address === undefined || typeof port !== 'number' ? address : `${address}:${port}`;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function clean(message: string): string {
  // Control characters in a message of AWS come from names that somebody chose.
  const line = redactText(message)
    .replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim();
  return line.length > maxMessageLength ? `${line.slice(0, maxMessageLength)}…` : line;
}

function sentence(message: string): string {
  return /[.!?…]$/.test(message) ? message : `${message}.`;
}
