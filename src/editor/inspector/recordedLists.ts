import { isRecord } from '../../core/json';
import type { OfferedList } from '../../mcp/caller/callableServer';
import type { TrafficSource } from '../../traffic/trafficSource';
import type { ProtocolEra, WireRecord, WireSummary } from '../../traffic/wireRecord';
import type { ListedItems, ListedServer } from './listedServer';

/** The method that reads each list; the member of its result has the name of the list. */
const methods = new Map<string, OfferedList>([
  ['tools/list', 'tools'],
  ['prompts/list', 'prompts'],
  ['resources/list', 'resources'],
  ['resources/templates/list', 'resourceTemplates'],
]);

/** Longest list that is read from traffic, in characters over all of its pages. */
const maxListChars = 64 * 1024 * 1024;

interface Reading {
  pages: WireSummary[];
}

interface RecordedList {
  kind: OfferedList;
  /** Readings of the list by any session, oldest first. */
  readings: Reading[];
  /** The reading that each session goes on with. */
  open: Map<string, Reading>;
}

/** Whether a record tells something about what a server offers. */
export function tellsLists({ kind, method }: WireSummary): boolean {
  return kind === 'response' && methods.has(method);
}

/** What servers said they offer, as the traffic has it: the latest of each list, and what it was before it changed. */
export function recordedLists(source: TrafficSource): ListedServer[] {
  const servers = new Map<string, { era: ProtocolEra; lists: Map<OfferedList, RecordedList> }>();
  source.forEach((summary) => {
    const kind = methods.get(summary.method);
    if (!kind || summary.kind !== 'response' || summary.status === 'error') return;
    let server = servers.get(summary.server);
    if (!server)
      servers.set(summary.server, (server = { era: summary.era, lists: new Map<OfferedList, RecordedList>() }));
    server.era = summary.era;
    let list = server.lists.get(kind);
    if (!list) server.lists.set(kind, (list = { kind, readings: [], open: new Map<string, Reading>() }));
    const request = summary.pair === undefined ? undefined : source.get(summary.pair);
    // A stateless client has a session for each request; the cursor is then the thread.
    const session = `${summary.client}\n${summary.era === 'modern' ? '' : summary.session}`;
    const going = list.open.get(session);
    if (going && request && hasCursor(request)) going.pages.push(summary);
    else {
      const reading = { pages: [summary] };
      list.readings.push(reading);
      list.open.set(session, reading);
    }
  });
  return [...servers].map(([label, { era, lists }]) => {
    const now: ListedItems = {};
    const before: ListedItems = {};
    let isCut = false;
    for (const { kind, readings } of lists.values()) {
      const latest = readings.at(-1);
      if (!latest) continue;
      const { items, isWhole } = readItems(source, kind, latest);
      isCut ||= !isWhole;
      now[kind] = items;
      const earlier = isWhole ? earlierItems(source, kind, readings, JSON.stringify(items)) : undefined;
      if (earlier) before[kind] = earlier;
    }
    return {
      key: `recorded:${label}`,
      label,
      state: 'recorded' as const,
      era,
      lists: now,
      before,
      ...(isCut ? { note: 'A part of its lists was too long to be recorded and is missing here.' } : {}),
    };
  });
}

/** The list as it was before it became what it is now; looks back over a bounded number of readings. */
function earlierItems(
  source: TrafficSource,
  kind: OfferedList,
  readings: readonly Reading[],
  now: string,
): object[] | undefined {
  for (const reading of readings.slice(-20, -1).toReversed()) {
    const { items, isWhole } = readItems(source, kind, reading);
    if (isWhole && JSON.stringify(items) !== now) return items;
  }
  return undefined;
}

function readItems(
  source: TrafficSource,
  kind: OfferedList,
  { pages }: Reading,
): { items: object[]; isWhole: boolean } {
  const items: object[] = [];
  let isWhole = true;
  let chars = 0;
  for (const { seq } of pages) {
    const record = source.get(seq);
    const body = record?.body ?? '';
    chars += body.length;
    if (!record || record.isCut || chars > maxListChars) {
      isWhole = false;
      continue;
    }
    const result = readMember(record, 'result');
    const page = result?.[kind];
    if (Array.isArray(page)) for (const item of page as unknown[]) if (isRecord(item)) items.push(item);
  }
  return { items, isWhole };
}

function hasCursor(request: WireRecord): boolean {
  return typeof readMember(request, 'params')?.['cursor'] === 'string';
}

function readMember({ body }: WireRecord, name: string): Record<string, unknown> | undefined {
  try {
    const message: unknown = JSON.parse(body);
    const member = isRecord(message) ? message[name] : undefined;
    return isRecord(member) ? member : undefined;
  } catch {
    return undefined;
  }
}
