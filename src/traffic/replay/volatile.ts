/**
 * Names of members that differ from call to call though nothing else does, lower case, without `-` and `_`: ids of
 * requests, times, durations, cursors, and what the protocol adds around a result.
 */
const volatileNames = new Set([
  'resulttype',
  'ttlms',
  'cachescope',
  'requestid',
  'awsrequestid',
  'xamznrequestid',
  'xamzrequestid',
  'traceid',
  'spanid',
  'traceparent',
  'correlationid',
  'invocationid',
  'executionid',
  'timestamp',
  'time',
  'date',
  'now',
  'datetime',
  'starttime',
  'endtime',
  'startedat',
  'finishedat',
  'generatedat',
  'fetchedat',
  'checkedat',
  'lastchecked',
  'expiresat',
  'expiration',
  'duration',
  'durationms',
  'elapsed',
  'elapsedms',
  'latency',
  'latencyms',
  'took',
  'tookms',
  'uptime',
  'nextcursor',
  'nexttoken',
  'cursor',
  'etag',
  'nonce',
  'pid',
]);

/** ISO 8601 with a time of day. */
const time = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$/;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a member with that name tells about the call rather than about its subject. */
export function isVolatileName(name: string): boolean {
  return name === '_meta' || (name.length <= 40 && volatileNames.has(name.toLowerCase().replaceAll(/[-_]/g, '')));
}

/** Whether two values are both times, or both random ids. */
export function areVolatileValues(left: unknown, right: unknown): boolean {
  if (typeof left !== 'string' || typeof right !== 'string') return false;
  return (time.test(left) && time.test(right)) || (uuid.test(left) && uuid.test(right));
}

/** Whether a single value is a time or a random id. */
export function isVolatileValue(value: unknown): boolean {
  return areVolatileValues(value, value);
}
