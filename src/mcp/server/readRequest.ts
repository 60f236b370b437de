import type { ReadRequest } from '../../tools/resources/toolReads';
import type { FeatureRequest } from './serverFeatures';

/** How clients are shown to people and in records: their own claim. */
export function clientLabel({ name, version }: FeatureRequest['client']): string {
  return version === '' ? name : `${name} ${version}`;
}

/** What tools are told of a request that is no tool call. */
export function toReadRequest(request: FeatureRequest): ReadRequest {
  return {
    caller: { client: clientLabel(request.client), sessionId: request.connectionId },
    signal: request.signal,
    reportProgress: (progress) => request.reportProgress(progress),
    onAwsRequest: (awsRequest) => request.onAwsRequest(awsRequest),
  };
}
