import type { WireSummary } from './wireRecord';

/** What a list of traffic can be sorted by. */
export const sortColumns = [
  'time',
  'client',
  'server',
  'method',
  'target',
  'status',
  'duration',
  'size',
  'tokens',
  'aws',
] as const;

export type SortColumn = (typeof sortColumns)[number];

export interface TrafficSort {
  column: SortColumn;
  isDescending: boolean;
}

/** What a record is sorted by; `undefined` comes last. */
export type SortKey = number | string | undefined;

/** The worst first, as somebody looks for it. */
const statusOrder = { error: 0, cancelled: 1, pending: 2, ok: 3 } as const;

/** The key of a record, with its response where it stands for that too. */
export function sortKey(record: WireSummary, response: WireSummary | undefined, column: SortColumn): SortKey {
  switch (column) {
    case 'time':
      return record.seq;
    case 'client':
    case 'server':
    case 'method':
      return record[column].toLowerCase();
    case 'target':
      return (record.target ?? record.method).toLowerCase();
    case 'status':
      return record.status && statusOrder[record.status];
    case 'duration':
      return record.durationMs;
    case 'size':
      return record.bytes + (response?.bytes ?? 0);
    case 'tokens':
      return record.tokens + (response?.tokens ?? 0);
    case 'aws':
      break;
  }
  return record.awsRequests?.length;
}
