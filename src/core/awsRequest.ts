/** One request to an AWS API, as seen after the SDK finished with it (all attempts included). */
export interface AwsRequest {
  /** Service as the API reference names it, e.g. `CloudFormation`. */
  service: string;
  /** Operation, e.g. `ListStacks`. */
  operation: string;
  region: string;
  /** The 12-digit account it was made for, where known. */
  account?: string;
  /** `x-amzn-requestid` of the last attempt. */
  requestId?: string;
  attempts: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
  httpStatus?: number;
  /** Error name as the service gave it, e.g. `ThrottlingException`. */
  errorName?: string;
}
