import { AsyncLocalStorage } from 'node:async_hooks';
import type { AwsRequest } from './awsRequest';

/**
 * What surrounds one tool call while it runs: whoever makes a request on its behalf, however deep, reports it here.
 * It travels by AsyncLocalStorage so that the AWS clients, which are shared between calls, need not know calls.
 */
export interface CallScope {
  /** Unique id of this call, also sent to AWS in the user agent so that CloudTrail can be matched. */
  readonly callId: string;
  /** Name of the MCP client that made the call. */
  readonly client: string;
  /** Told once for each AWS request that the call makes. */
  onAwsRequest(request: AwsRequest): void;
}

const storage = new AsyncLocalStorage<CallScope>();

/** Runs `body` so that everything it awaits sees `scope`. */
export function runInCallScope<T>(scope: CallScope, body: () => T): T {
  return storage.run(scope, body);
}

/** The scope of the call that is running now, if any. */
export function currentCallScope(): CallScope | undefined {
  return storage.getStore();
}
