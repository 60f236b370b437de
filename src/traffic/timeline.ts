import type { BodyTest, Query } from './query';
import type { TrafficSource } from './trafficSource';
import type { WireSummary } from './wireRecord';

/** How a span looks: what became of the call. A number, because a hundred thousand of them are sent and drawn. */
export const spanTones = ['ok', 'cancelled', 'pending', 'error'] as const;

export type SpanTone = (typeof spanTones)[number];

/** Numbers that stand for one span in `TimelineRow.spans`. */
export const spanFields = 7;
/** Numbers that stand for one AWS request in `TimelineRow.aws`. */
export const awsFields = 4;

/** Calls of one client to one server that do not overlap, but for the last row of a lane that has too many. */
export interface TimelineRow {
  /**
   * For each span: start and end in milliseconds since `TimelineWindow.origin`, the index of its tone, `seq` of its
   * request, how many calls it stands for, how many of them failed, and the index of its name (-1 for several). Ascending.
   * The end of a pending call is that of the recording.
   */
  spans: number[];
  /** For each AWS request of the calls that stand alone: start, end, 1 where it failed, and the index of its name. */
  aws: number[];
}

export interface TimelineLane {
  client: string;
  server: string;
  calls: number;
  errors: number;
  pending: number;
  rows: TimelineRow[];
}

/** What a timeline shows of a part of the time. */
export interface TimelineWindow {
  /** Milliseconds since the epoch that the spans count from. */
  origin: number;
  lanes: TimelineLane[];
  /** Names of tools, methods and AWS operations. */
  names: string[];
}

/** Calls and errors in equal parts of the whole time. */
export interface TimelineOverview {
  calls: number[];
  errors: number[];
}

/** Where a call is in the timeline. */
export interface TimelinePlace {
  seq: number;
  lane: number;
  row: number;
  /** Milliseconds since the epoch. */
  start: number;
  end: number;
}

/** Rows in a lane; what still overlaps with eight others is drawn over the last. */
const maxRows = 8;
const maxAwsPerWindow = 4000;
const pendingTone = spanTones.indexOf('pending');
/** Spans narrower than this many columns are drawn as one where they touch, */
const mergeColumns = 2;
/** until that one has this many columns, so that a long row of them still shows where calls failed. */
const blockColumns = 4;

class Row {
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  /** The latest end up to each span: ascending even where spans overlap, so that it can be searched. */
  readonly reach: number[] = [];
  readonly records: WireSummary[] = [];

  get end(): number {
    return this.reach.at(-1) ?? -Infinity;
  }

  add(start: number, end: number, record: WireSummary): void {
    this.reach.push(Math.max(this.end, end));
    this.starts.push(start);
    this.ends.push(end);
    this.records.push(record);
  }
}

interface Lane {
  client: string;
  server: string;
  errors: number;
  pending: number;
  records: WireSummary[];
  rows: Row[];
}

export interface TimelineLayoutOptions {
  /** How far pending calls reach, where that is later than all that is recorded; milliseconds since the epoch. */
  now?: number | undefined;
  /** What is known of the bodies, for free texts of the filter. */
  inBody?: BodyTest | undefined;
}

/**
 * All calls of a source that a filter lets through, laid out in lanes by client and server. Made anew when the traffic
 * has changed; a part of it for drawing takes a millisecond or two, so zooming and panning need no other.
 */
export class TimelineLayout {
  /** The whole time, in milliseconds since the epoch; `undefined` where there is no call. */
  readonly extent: { from: number; to: number } | undefined;
  readonly #lanes: Lane[];

  constructor(source: TrafficSource, query: Query, { now = -Infinity, inBody }: TimelineLayoutOptions = {}) {
    const lanes = new Map<string, Map<string, Lane>>();
    let from = Infinity;
    let to = now;
    source.forEach((record) => {
      if (record.kind !== 'request') return;
      const response = record.pair === undefined ? undefined : source.summary(record.pair);
      if (!query.isEmpty && !query.matches(record, response, inBody)) return;
      from = Math.min(from, record.time);
      to = Math.max(to, record.time + (record.durationMs ?? 0));
      const { client, server, status } = record;
      let byServer = lanes.get(client);
      if (!byServer) lanes.set(client, (byServer = new Map<string, Lane>()));
      let lane = byServer.get(server);
      if (!lane) byServer.set(server, (lane = { client, server, errors: 0, pending: 0, records: [], rows: [] }));
      lane.records.push(record);
      if (status === 'error') lane.errors += 1;
      else if (status === 'pending') lane.pending += 1;
    });
    this.extent = from === Infinity ? undefined : { from, to: Math.max(to, from + 1) };
    this.#lanes = [...lanes.values()].flatMap((byServer) => [...byServer.values()]);
    for (const lane of this.#lanes) layOut(lane, this.extent?.to ?? 0);
  }

  /** Whether some call still runs, or hangs. */
  get hasPending(): boolean {
    return this.#lanes.some(({ pending }) => pending > 0);
  }

  get laneCount(): number {
    return this.#lanes.length;
  }

  /** Counts calls and errors by when they began. */
  overview(parts: number): TimelineOverview {
    const overview = { calls: zeros(parts), errors: zeros(parts) };
    if (!this.extent) return overview;
    const { from, to } = this.extent;
    const perMs = parts / (to - from);
    for (const { records } of this.#lanes) {
      for (const { time, status } of records) {
        const part = Math.min(parts - 1, Math.floor((time - from) * perMs));
        overview.calls[part]! += 1;
        if (status === 'error') overview.errors[part]! += 1;
      }
    }
    return overview;
  }

  /** Counts the calls that began from `from` up to but not including `to`. */
  count(from: number, to: number): { calls: number; errors: number } {
    let calls = 0;
    let errors = 0;
    for (const { records } of this.#lanes) {
      for (const { time, status } of records) {
        if (time < from || time >= to) continue;
        calls += 1;
        if (status === 'error') errors += 1;
      }
    }
    return { calls, errors };
  }

  /**
   * What is to be drawn of the time from `from` to `to`, in milliseconds since the epoch.
   * @param columns how many columns of pixels that takes; what no column could show apart is merged.
   * @param maxLanes lanes beyond it are left out.
   */
  window(from: number, to: number, columns: number, maxLanes: number): TimelineWindow {
    const origin = this.extent?.from ?? 0;
    const names = new Names();
    const msPerColumn = (to - from) / columns;
    let awsLeft = maxAwsPerWindow;
    const lanes = this.#lanes.slice(0, maxLanes).map((lane) => {
      const rows = lane.rows.map((row) => {
        const drawn = drawRow(row, { from, to, origin, msPerColumn, names, awsLeft });
        awsLeft -= drawn.aws.length / awsFields;
        return drawn;
      });
      const { client, server, errors, pending } = lane;
      return { client, server, calls: lane.records.length, errors, pending, rows };
    });
    return { origin, lanes, names: names.all };
  }

  /** Where the call with that request is. */
  placeOf(seq: number): TimelinePlace | undefined {
    for (const [lane, { rows }] of this.#lanes.entries()) {
      for (const [row, { records }] of rows.entries()) {
        const index = records.findIndex((record) => record.seq === seq);
        if (index >= 0) return placeAt(rows, lane, row, index);
      }
    }
    return undefined;
  }

  /** The call after or before another in its lane, by when they began; the first or last where there is no other. */
  step(seq: number | undefined, direction: 1 | -1): TimelinePlace | undefined {
    const at = this.#find(seq);
    const lane = at ? at.lane : 0;
    const records = this.#lanes[lane]?.records ?? [];
    const index = at ? at.index + direction : direction === 1 ? 0 : records.length - 1;
    const record = records[Math.min(records.length - 1, Math.max(0, index))];
    return record && this.placeOf(record.seq);
  }

  /** The first or last call of the lane that a call is in. */
  edge(seq: number | undefined, direction: 1 | -1): TimelinePlace | undefined {
    const records = this.#lanes[this.#find(seq)?.lane ?? 0]?.records ?? [];
    const record = direction === 1 ? records.at(-1) : records[0];
    return record && this.placeOf(record.seq);
  }

  /** The call nearest in time in the lane below (`1`) or above. */
  stepLane(seq: number | undefined, direction: 1 | -1): TimelinePlace | undefined {
    const at = this.#find(seq);
    if (!at) return this.step(undefined, 1);
    const target = this.#lanes[at.lane + direction];
    const time = this.#lanes[at.lane]?.records[at.index]?.time ?? 0;
    if (!target) return this.placeOf(seq ?? 0);
    let nearest: WireSummary | undefined;
    for (const record of target.records) {
      if (!nearest || Math.abs(record.time - time) < Math.abs(nearest.time - time)) nearest = record;
    }
    return nearest && this.placeOf(nearest.seq);
  }

  #find(seq: number | undefined): { lane: number; index: number } | undefined {
    if (seq === undefined) return undefined;
    for (const [lane, { records }] of this.#lanes.entries()) {
      const index = records.findIndex((record) => record.seq === seq);
      if (index >= 0) return { lane, index };
    }
    return undefined;
  }
}

/** Puts each call into the first row that is free when it begins. */
function layOut(lane: Lane, extentEnd: number): void {
  const { records, rows } = lane;
  // Clocks are set back sometimes.
  let isSorted = true;
  for (let index = 1; index < records.length && isSorted; index += 1) {
    isSorted = records[index]!.time >= records[index - 1]!.time;
  }
  if (!isSorted) records.sort((left, right) => left.time - right.time || left.seq - right.seq);
  for (const record of records) {
    const start = record.time;
    const end = record.status === 'pending' ? extentEnd : start + (record.durationMs ?? 0);
    let row = rows.find((one) => one.end <= start);
    if (!row) {
      if (rows.length < maxRows) rows.push((row = new Row()));
      else row = rows[maxRows - 1]!;
    }
    row.add(start, end, record);
  }
}

interface DrawOptions {
  from: number;
  to: number;
  origin: number;
  msPerColumn: number;
  names: Names;
  awsLeft: number;
}

function drawRow(row: Row, { from, to, origin, msPerColumn, names, awsLeft }: DrawOptions): TimelineRow {
  const { starts, ends, records } = row;
  const spans: number[] = [];
  const aws: number[] = [];
  const narrow = msPerColumn * mergeColumns;
  let block:
    { start: number; end: number; tone: number; first: WireSummary; count: number; errors: number } | undefined;
  const flush = (): void => {
    if (!block) return;
    const { start, end, tone, first, count, errors } = block;
    const name = count === 1 ? names.indexOf(nameOf(first)) : -1;
    spans.push(rounded(start - origin), rounded(end - origin), tone, first.seq, count, errors, name);
    if (count === 1 && end - start > narrow) {
      for (const request of first.awsRequests ?? []) {
        if (aws.length / awsFields >= awsLeft) break;
        const awsEnd = request.startedAt + request.durationMs;
        if (awsEnd < from || request.startedAt > to) continue;
        aws.push(
          rounded(request.startedAt - origin),
          rounded(awsEnd - origin),
          request.errorName === undefined ? 0 : 1,
          names.indexOf(`${request.service}.${request.operation}`),
        );
      }
    }
    block = undefined;
  };
  for (let index = firstReaching(row.reach, from); index < starts.length; index += 1) {
    const start = starts[index]!;
    if (start > to) break;
    const end = ends[index]!;
    if (end < from) continue;
    const record = records[index]!;
    const tone = toneOf(record);
    const isNarrow = end - start < narrow;
    if (
      block &&
      isNarrow &&
      // What hangs must be seen, so it is merged only with its like.
      (tone === pendingTone) === (block.tone === pendingTone) &&
      start - block.end < msPerColumn &&
      end - block.start < msPerColumn * blockColumns &&
      (block.count > 1 || block.end - block.start < narrow)
    ) {
      block.end = Math.max(block.end, end);
      block.tone = Math.max(block.tone, tone);
      block.count += 1;
      if (record.status === 'error') block.errors += 1;
    } else {
      flush();
      block = { start, end, tone, first: record, count: 1, errors: record.status === 'error' ? 1 : 0 };
    }
  }
  flush();
  return { spans, aws };
}

/** Index of the first entry that is at least `from`. */
function firstReaching(reach: readonly number[], from: number): number {
  let low = 0;
  let high = reach.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reach[middle]! < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

class Names {
  readonly all: string[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(name: string): number {
    let index = this.#indexes.get(name);
    if (index === undefined) {
      index = this.all.push(name) - 1;
      this.#indexes.set(name, index);
    }
    return index;
  }
}

function placeAt(rows: readonly Row[], lane: number, row: number, index: number): TimelinePlace | undefined {
  const at = rows[row];
  const record = at?.records[index];
  return at && record && { seq: record.seq, lane, row, start: at.starts[index]!, end: at.ends[index]! };
}

function nameOf({ method, target }: WireSummary): string {
  return method === 'tools/call' && target !== undefined ? target : method;
}

function toneOf({ status }: WireSummary): number {
  return spanTones.indexOf(status ?? 'ok');
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}
