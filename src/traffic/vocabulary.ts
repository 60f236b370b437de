import type { QueryVocabulary } from './queryCompletion';
import type { TrafficSource } from './trafficSource';

const maxValues = 200;

/** The values that occur in what is kept, by the field of the filter language that they are values of. */
export function trafficVocabulary(source: TrafficSource): QueryVocabulary {
  const fields = ['method', 'tool', 'target', 'client', 'server', 'session', 'aws', 'account'] as const;
  const values = Object.fromEntries(fields.map((field) => [field, new Set<string>()])) as Record<
    (typeof fields)[number],
    Set<string>
  >;
  const add = (field: (typeof fields)[number], value: string | undefined): void => {
    if (value !== undefined && value !== '' && values[field].size < maxValues) values[field].add(value);
  };
  source.forEach((record) => {
    add('method', record.method);
    add('client', record.client);
    add('server', record.server);
    add('session', record.session);
    add('target', record.target);
    if (record.method === 'tools/call') add('tool', record.target);
    for (const aws of record.awsRequests ?? []) {
      add('aws', `${aws.service}.${aws.operation}`);
      add('account', aws.account);
    }
  });
  return Object.fromEntries(
    fields.map((field) => [field, [...values[field]].sort((left, right) => (left < right ? -1 : 1))]),
  );
}
