import type { BodyTest, Query } from './query';
import type { TrafficSource } from './trafficSource';
import type { WireSummary } from './wireRecord';

/** What one line of the statistics can stand for. */
export const statisticsGroupings = ['tool', 'server', 'client'] as const;

export type StatisticsGrouping = (typeof statisticsGroupings)[number];

/** Numbers about a group of requests. Durations are in milliseconds, sizes count request and response. */
export interface StatisticsRow {
  /** The tool, or the method of what is no tool call; the server; the client. Empty for the line of all. */
  name: string;
  /** Server of a tool, which may share its name with one of another server. */
  server?: string;
  /** Whether `name` is a tool. */
  isTool?: true;
  /** Requests, whatever became of them. */
  calls: number;
  errors: number;
  pending: number;
  cancelled: number;
  /** Errors among the requests that were answered, 0 to 1; `undefined` while none was. */
  errorRate?: number;
  /** Of the answered ones: what half, 95 and 99 of 100 took at most (nearest rank). */
  p50?: number;
  p95?: number;
  p99?: number;
  slowest?: { seq: number; durationMs: number };
  bytes: number;
  tokens: number;
  /** Requests made to AWS. */
  awsRequests: number;
  /** Calls and errors in equal parts of the time that all groups together span. */
  spark: { calls: number[]; errors: number[] };
}

export interface TrafficStatistics {
  rows: StatisticsRow[];
  /** All groups as one. */
  total: StatisticsRow;
  /** Start of the first and of the last request, in milliseconds since the epoch; `undefined` without any. */
  span: { from: number; to: number } | undefined;
}

/** Parts that a sparkline has. */
export const sparkParts = 24;

class Group {
  readonly #row: StatisticsRow;
  readonly #durations: number[] = [];

  constructor(name: string, more: Partial<StatisticsRow> = {}) {
    this.#row = {
      name,
      ...more,
      calls: 0,
      errors: 0,
      pending: 0,
      cancelled: 0,
      bytes: 0,
      tokens: 0,
      awsRequests: 0,
      spark: { calls: newParts(), errors: newParts() },
    };
  }

  add(record: WireSummary, response: WireSummary | undefined, part: number): void {
    const row = this.#row;
    const { status, durationMs } = record;
    row.calls += 1;
    row.bytes += record.bytes + (response?.bytes ?? 0);
    row.tokens += record.tokens + (response?.tokens ?? 0);
    row.awsRequests += record.awsRequests?.length ?? 0;
    increment(row.spark.calls, part);
    if (status === 'pending') {
      row.pending += 1;
    } else if (status === 'cancelled') {
      row.cancelled += 1;
    } else {
      if (status === 'error') {
        row.errors += 1;
        increment(row.spark.errors, part);
      }
      if (durationMs !== undefined) {
        this.#durations.push(durationMs);
        if (!row.slowest || durationMs > row.slowest.durationMs) row.slowest = { seq: record.seq, durationMs };
      }
    }
  }

  finish(): StatisticsRow {
    const row = this.#row;
    const answered = row.calls - row.pending - row.cancelled;
    if (answered > 0) row.errorRate = row.errors / answered;
    if (this.#durations.length > 0) {
      // A typed array sorts by value, and several times faster than an array of numbers.
      const sorted = Float64Array.from(this.#durations).sort();
      row.p50 = nearestRank(sorted, 0.5);
      row.p95 = nearestRank(sorted, 0.95);
      row.p99 = nearestRank(sorted, 0.99);
    }
    return row;
  }
}

/**
 * Counts and measures the requests that a filter lets through, in one go over what is kept: some 20 ms for 100,000
 * records. A cancelled request counts neither as an error nor for durations: how long it would have taken is unknown.
 * @param inBody what is known of the bodies, for free texts of the filter.
 */
export function trafficStatistics(
  source: TrafficSource,
  query: Query,
  by: StatisticsGrouping,
  inBody?: BodyTest,
): TrafficStatistics {
  const requests: WireSummary[] = [];
  const responses: (WireSummary | undefined)[] = [];
  let from = Infinity;
  let to = -Infinity;
  source.forEach((record) => {
    if (record.kind !== 'request') return;
    const response = record.pair === undefined ? undefined : source.summary(record.pair);
    if (!query.isEmpty && !query.matches(record, response, inBody)) return;
    requests.push(record);
    responses.push(response);
    // Clocks are set back sometimes, so the first is not always the earliest.
    if (record.time < from) from = record.time;
    if (record.time > to) to = record.time;
  });
  const partMs = (to - from) / sparkParts || 1;
  const total = new Group('');
  const groups = new Map<string, Map<string, Group>>();
  for (const [index, record] of requests.entries()) {
    const isTool = record.method === 'tools/call' && record.target !== undefined;
    const name = by === 'tool' ? (isTool ? record.target! : record.method) : record[by];
    // Two maps in place of a joined key: making 100,000 strings would take longer than all the rest.
    const outer = by === 'tool' ? (isTool ? record.server : `\u0000${record.server}`) : '';
    let inner = groups.get(outer);
    if (!inner) groups.set(outer, (inner = new Map<string, Group>()));
    let group = inner.get(name);
    if (!group) {
      group = new Group(name, by === 'tool' ? { server: record.server, ...(isTool ? { isTool } : {}) } : {});
      inner.set(name, group);
    }
    const response = responses[index];
    const part = Math.min(sparkParts - 1, Math.floor((record.time - from) / partMs));
    group.add(record, response, part);
    total.add(record, response, part);
  }
  return {
    rows: [...groups.values()].flatMap((inner) => [...inner.values()].map((group) => group.finish())),
    total: total.finish(),
    span: requests.length === 0 ? undefined : { from, to },
  };
}

/** Columns that statistics can be sorted by. */
export const statisticsColumns = [
  'name',
  'calls',
  'errors',
  'errorRate',
  'p50',
  'p95',
  'p99',
  'slowest',
  'bytes',
  'tokens',
] as const;

export type StatisticsColumn = (typeof statisticsColumns)[number];

/** Sorts a copy; what has no value comes last either way, equal ones by name. */
export function sortStatistics(
  rows: readonly StatisticsRow[],
  column: StatisticsColumn,
  isDescending: boolean,
): StatisticsRow[] {
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((left, right) => {
    const byName = compareText(left.name, right.name) || compareText(left.server ?? '', right.server ?? '');
    if (column === 'name') return sign * byName;
    const one = valueOf(left, column);
    const other = valueOf(right, column);
    if (one === undefined || other === undefined) {
      return one === other ? byName : one === undefined ? 1 : -1;
    }
    return sign * (one - other) || byName;
  });
}

function valueOf(row: StatisticsRow, column: Exclude<StatisticsColumn, 'name'>): number | undefined {
  return column === 'slowest' ? row.slowest?.durationMs : row[column];
}

const csvHeader = [
  'name',
  'server',
  'calls',
  'errors',
  'pending',
  'cancelled',
  'error rate',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'slowest ms',
  'bytes',
  'estimated tokens',
  'AWS requests',
];

/**
 * The rows as CSV (RFC 4180) with a header. Names come from outsiders, so one that a spreadsheet would take for a
 * formula gets an apostrophe before it (OWASP, CSV Injection).
 */
export function statisticsCsv(rows: readonly StatisticsRow[]): string {
  const lines = rows.map((row) => [
    row.name,
    row.server ?? '',
    row.calls,
    row.errors,
    row.pending,
    row.cancelled,
    row.errorRate === undefined ? '' : Number(row.errorRate.toFixed(4)),
    row.p50 ?? '',
    row.p95 ?? '',
    row.p99 ?? '',
    row.slowest?.durationMs ?? '',
    row.bytes,
    row.tokens,
    row.awsRequests,
  ]);
  return [csvHeader, ...lines].map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  // Spreadsheets skip leading blanks and controls, and know the full-width forms of the signs.
  const isFormula = /^[\s\p{C}]*[=+\-@\uff1d\uff0b\uff0d\uff20]/u.test(value) || /^[\t\r\n]/.test(value);
  const text = isFormula ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function nearestRank(sorted: Float64Array, part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}

function newParts(): number[] {
  return Array.from({ length: sparkParts }, () => 0);
}

function increment(parts: number[], part: number): void {
  parts[part] = (parts[part] ?? 0) + 1;
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
