import { canonicalJson, isRecord } from '../../core/json';
import { parseQuery } from '../query';
import { trafficStatistics, type StatisticsRow } from '../statistics';
import type { TrafficSource } from '../trafficSource';

/** How a tool, or another method, did in two traces; `undefined` where one of them does not have it. */
export interface ComparedTool {
  name: string;
  server: string;
  before: StatisticsRow | undefined;
  after: StatisticsRow | undefined;
}

/** A request that only one of the traces has, by its tool or method and what it asked. */
export interface LoneExchange {
  name: string;
  server: string;
  /** Beginning of what it asked, as JSON; empty where the trace has no bodies. */
  asked: string;
  status: string;
  times: number;
}

export interface TraceComparison {
  tools: ComparedTool[];
  total: { before: StatisticsRow; after: StatisticsRow };
  onlyBefore: LoneExchange[];
  onlyAfter: LoneExchange[];
}

const maxAskedChars = 200;
/** Longer ones are told apart by this much of them. */
const maxKeyChars = 10_000;

/** Compares two traces: numbers for each tool, and the exchanges that only one of them has. */
export function compareTraces(before: TrafficSource, after: TrafficSource): TraceComparison {
  const everything = parseQuery('');
  const one = trafficStatistics(before, everything, 'tool');
  const other = trafficStatistics(after, everything, 'tool');
  const tools = new Map<string, ComparedTool>();
  const toolOf = ({ name, server = '' }: StatisticsRow): ComparedTool => {
    const key = JSON.stringify([name, server]);
    const tool = tools.get(key) ?? { name, server, before: undefined, after: undefined };
    tools.set(key, tool);
    return tool;
  };
  for (const row of one.rows) toolOf(row).before = row;
  for (const row of other.rows) toolOf(row).after = row;
  const [first, second] = [exchangesOf(before), exchangesOf(after)];
  return {
    tools: [...tools.values()].sort((left, right) => compareNames(left, right)),
    total: { before: one.total, after: other.total },
    onlyBefore: without(first, second),
    onlyAfter: without(second, first),
  };
}

/** Exchanges by what they asked; equal ones are counted. */
function exchangesOf(source: TrafficSource): Map<string, LoneExchange> {
  const exchanges = new Map<string, LoneExchange>();
  source.forEach((summary) => {
    if (summary.kind !== 'request') return;
    const { method, target, server, status = 'pending' } = summary;
    const asked = askedOf(source.get(summary.seq)?.body ?? '');
    const key = JSON.stringify([method, target, server, asked]);
    const known = exchanges.get(key);
    if (known) {
      known.times += 1;
      return;
    }
    const name = method === 'tools/call' && target !== undefined ? target : method;
    exchanges.set(key, {
      name,
      server,
      asked: asked.length > maxAskedChars ? `${asked.slice(0, maxAskedChars)}…` : asked,
      status,
      times: 1,
    });
  });
  return exchanges;
}

/** The parameters without what differs from call to call by its nature (`_meta`: progress tokens, trace ids). */
function askedOf(body: string): string {
  if (body === '' || body.length > 1_000_000) return body.slice(0, maxKeyChars);
  try {
    const message: unknown = JSON.parse(body);
    if (!isRecord(message) || !isRecord(message['params'])) return '';
    const { _meta, ...params } = message['params'];
    return canonicalJson(params).slice(0, maxKeyChars);
  } catch {
    // Nested too deep to be written anew; compared as it is.
    return body.slice(0, maxKeyChars);
  }
}

function without(these: Map<string, LoneExchange>, those: Map<string, LoneExchange>): LoneExchange[] {
  return [...these].filter(([key]) => !those.has(key)).map(([, exchange]) => exchange);
}

function compareNames(left: { name: string; server: string }, right: { name: string; server: string }): number {
  const [one, other] = [`${left.name}\n${left.server}`, `${right.name}\n${right.server}`];
  return one < other ? -1 : one > other ? 1 : 0;
}
