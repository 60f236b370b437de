import type { HandlerExecutionContext, MetadataBearer, Pluggable } from '@smithy/types';
import type { AwsRequest } from '../core/awsRequest';
import { currentCallScope } from '../core/callScope';

/** What the recorder cannot learn from the request itself. */
export interface RecorderOptions {
  /** The service's id as in the API model, e.g. `SSO OIDC`. */
  serviceId: string;
  region: string;
  account?: string | undefined;
  /** Told the error name of each request that AWS refused because the credentials are no longer good. */
  onCredentialsRefused?: ((errorName: string) => void) | undefined;
}

/** Error names that mean: these credentials will never work again. */
export const refusedCredentials: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidAccessKeyId',
  'InvalidToken',
]);

interface Attempts {
  count: number;
  httpStatus?: number;
  requestId?: string;
}

/** At most this much of a client's self-chosen name goes into the user agent. */
const maxClientNameLength = 40;

/**
 * Middleware that tells the call in whose scope a request is made, once per request with all its attempts, whether
 * it went well, failed, or was aborted; and that adds the call's id and client to the user agent, so that a CloudTrail
 * event can be matched with the call.
 *
 * Source for the user agent's form: `md/<name>#<value>` is metadata in the AWS SDKs' own grammar.
 */
export function recordRequests(options: RecorderOptions): Pluggable<object, MetadataBearer> {
  const service = options.serviceId.replaceAll(' ', '');
  const attemptsOf = new WeakMap<HandlerExecutionContext, Attempts>();
  return {
    applyToStack(stack) {
      stack.add(
        (next, context) => async (args) => {
          const scope = currentCallScope();
          const startedAt = Date.now();
          const started = performance.now();
          const attempts: Attempts = { count: 0 };
          attemptsOf.set(context, attempts);
          if (scope) {
            const client = scope.client.replaceAll(/[^\w.-]+/g, '-').slice(0, maxClientNameLength);
            context.userAgent = [
              ...(context.userAgent ?? []),
              ['md/mcp-call', scope.callId],
              ...(client === '' ? [] : [['md/mcp-client', client] as [string, string]]),
            ];
          }
          let errorName: string | undefined;
          try {
            return await next(args);
          } catch (error) {
            errorName = error instanceof Error ? error.name : 'Error';
            if (refusedCredentials.has(errorName)) options.onCredentialsRefused?.(errorName);
            throw error;
          } finally {
            // Nothing was sent where credentials or the endpoint could not be found.
            if (scope && attempts.count > 0) {
              const request: AwsRequest = {
                service,
                operation: context.commandName?.replace(/Command$/, '') ?? 'Unknown',
                region: options.region,
                attempts: attempts.count,
                startedAt,
                durationMs: Math.round((performance.now() - started) * 10) / 10,
                ...(options.account === undefined ? {} : { account: options.account }),
                ...(attempts.requestId === undefined ? {} : { requestId: attempts.requestId }),
                ...(attempts.httpStatus === undefined ? {} : { httpStatus: attempts.httpStatus }),
                ...(errorName === undefined ? {} : { errorName }),
              };
              scope.onAwsRequest(request);
            }
          }
        },
        { name: 'mcpWorkbenchRecorder', step: 'initialize', priority: 'high', override: true },
      );
      stack.add(
        (next, context) => async (args) => {
          const attempts = attemptsOf.get(context);
          if (attempts) {
            attempts.count++;
            delete attempts.httpStatus;
            delete attempts.requestId;
          }
          const note = (metadata: Partial<MetadataBearer['$metadata']> | undefined): void => {
            if (!attempts || !metadata) return;
            if (metadata.httpStatusCode !== undefined) attempts.httpStatus = metadata.httpStatusCode;
            if (metadata.requestId !== undefined) attempts.requestId = metadata.requestId;
          };
          try {
            const result = await next(args);
            note(result.output.$metadata);
            return result;
          } catch (error) {
            note((error as Partial<MetadataBearer> | undefined)?.$metadata);
            throw error;
          }
        },
        // Inside the retry middleware, which is in the same step with high priority: it runs once for each attempt.
        { name: 'mcpWorkbenchAttempts', step: 'finalizeRequest', priority: 'low', override: true },
      );
    },
  };
}
