/** A part of the time, in milliseconds since the epoch; `to` is not part of it. */
export interface TimeRange {
  from: number;
  to: number;
}

/** A `time:` term as `withTimeRange` writes it: both ends with date and milliseconds. */
const term = /(^|\s)time:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\.\.(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})(?=\s|$)/;

/** The filter with a term for a range in place of the one that it has; without one where `range` is `undefined`. */
export function withTimeRange(filter: string, range: TimeRange | undefined): string {
  const rest = timeRangeOf(filter) ? filter.replace(term, '').trim() : filter;
  if (!range) return rest;
  // The last millisecond, because a time in the filter language stands for as long as it is exact.
  const text = `time:${localTime(range.from)}..${localTime(Math.max(range.from, range.to - 1))}`;
  return rest === '' ? text : `${rest} ${text}`;
}

/** The range that a filter has. */
export function timeRangeOf(filter: string): TimeRange | undefined {
  const [, , from, to] = term.exec(filter) ?? [];
  if (from === undefined || to === undefined) return undefined;
  // A date with a time and no zone is local time (ECMAScript, Date Time String Format).
  const range = { from: Date.parse(from), to: Date.parse(to) + 1 };
  return Number.isNaN(range.from) || Number.isNaN(range.to) || range.to <= range.from ? undefined : range;
}

function localTime(time: number): string {
  const whole = Math.round(time);
  const date = new Date(whole - new Date(whole).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, -1);
}
