import { awsFields, spanFields, spanTones, type TimelineLane, type TimelineWindow } from '../../src/traffic/timeline';
import { counted, duration, shown } from '../format';
import type { TimelineColors } from './timelineColors';
import type { TimeRange } from './timeRange';
import { ticksOf, type TimeScale } from './timeScale';

/** Measures of a lane in pixels. */
export const laneTitleHeight = 22;
export const rowHeight = 20;
const laneGap = 6;
const barHeight = 13;
const awsTop = 14;
const awsHeight = 4;

/** Where a lane begins, and the height of all. */
export interface LaneTops {
  tops: number[];
  height: number;
}

/** Places the lanes under each other. */
export function laneTopsOf(lanes: readonly TimelineLane[]): LaneTops {
  const tops: number[] = [];
  let height = 0;
  for (const { rows } of lanes) {
    tops.push(height);
    height += laneTitleHeight + rows.length * rowHeight + laneGap;
  }
  return { tops, height };
}

export interface LanesDrawing {
  drawn: TimelineWindow;
  scale: TimeScale;
  tops: LaneTops;
  /** Pixels scrolled from the top. */
  scrollTop: number;
  height: number;
  colors: TimelineColors;
  marked: TimeRange | undefined;
  /** The call that is selected and the one that the keyboard is on. */
  selected: number | undefined;
  focused: number | undefined;
  /** End of the whole time, where calls that hang are cut off. */
  end: number;
}

/** Draws the spans that are in sight. */
export function drawLanes(context: CanvasRenderingContext2D, drawing: LanesDrawing): void {
  const { drawn, scale, tops, scrollTop, height, colors, marked } = drawing;
  context.clearRect(0, 0, scale.width, height);
  drawGrid(context, scale, height, colors);
  if (marked) drawMarked(context, scale, marked, height, colors);
  context.font = `11px ${colors.font}`;
  context.textBaseline = 'middle';
  for (const [laneIndex, lane] of drawn.lanes.entries()) {
    const laneTop = (tops.tops[laneIndex] ?? 0) - scrollTop;
    if (laneTop > height) break;
    for (const [rowIndex, row] of lane.rows.entries()) {
      const top = laneTop + laneTitleHeight + rowIndex * rowHeight;
      if (top > height || top + rowHeight < 0) continue;
      for (let at = 0; at < row.spans.length; at += spanFields) drawSpan(context, drawing, row.spans, at, top);
      for (let at = 0; at < row.aws.length; at += awsFields) drawAws(context, drawing, row.aws, at, top);
    }
  }
}

function drawSpan(
  context: CanvasRenderingContext2D,
  { drawn, scale, colors, selected, focused, end }: LanesDrawing,
  spans: readonly number[],
  at: number,
  top: number,
): void {
  const [start = 0, stop = 0, toneIndex = 0, seq = 0, count = 1, errors = 0, name = -1] = spans.slice(
    at,
    at + spanFields,
  );
  const left = scale.x(drawn.origin + start);
  const right = scale.x(drawn.origin + stop);
  if (right < 0 || left > scale.width) return;
  // Cut to what is in sight: a call of an hour under a zoom of a millisecond would be millions of pixels wide.
  // Whole pixels, because neighbours that share one would show a seam.
  const x = Math.round(Math.max(-2, left));
  const wide = Math.round(Math.min(scale.width + 2, right)) - x;
  // A call ends a pixel early, so that the one that follows at once can be told from it.
  const width = Math.max(2, wide > 4 && count === 1 ? wide - 1 : wide);
  const y = top + 1;
  const tone = spanTones[toneIndex] ?? 'ok';
  const color = colors[tone];
  context.fillStyle = color;
  context.strokeStyle = color;
  context.lineWidth = 1;
  if (count > 1 && tone !== 'pending') {
    context.fillStyle = colors.ok;
    context.fillRect(x, y, width, barHeight);
    // The part that failed; one among a thousand still shows.
    const failed = errors === 0 ? 0 : Math.max(3, Math.round((errors / count) * barHeight));
    context.fillStyle = colors.error;
    context.fillRect(x, y + barHeight - failed, width, failed);
  } else if (tone === 'pending') {
    drawPending(context, { x, y, width, color, isOpen: drawn.origin + stop >= end });
  } else if (tone === 'cancelled') {
    context.globalAlpha = 0.25;
    context.fillRect(x, y, width, barHeight);
    context.globalAlpha = 1;
    context.setLineDash([3, 2]);
    if (width > 3) context.strokeRect(x + 0.5, y + 0.5, width - 1, barHeight - 1);
    else context.fillRect(x, y, width, barHeight);
    context.setLineDash([]);
  } else {
    context.fillRect(x, y, width, barHeight);
    // Not by colour alone: what failed has a notch at its end.
    if (tone === 'error' && width > 8) {
      context.fillStyle = colors.background;
      context.beginPath();
      context.moveTo(x + width, y + 3);
      context.lineTo(x + width - 4, y + barHeight / 2);
      context.lineTo(x + width, y + barHeight - 3);
      context.fill();
    }
  }
  if (colors.contrast !== undefined && width > 6) {
    context.strokeStyle = colors.contrast;
    context.strokeRect(x + 0.5, y + 0.5, width - 1, barHeight - 1);
  }
  if (seq === selected || seq === focused) {
    context.strokeStyle = seq === focused ? colors.focus : colors.foreground;
    context.lineWidth = 2;
    context.strokeRect(x - 1, y - 1, width + 2, barHeight + 2);
  }
  if (width > 34) {
    const label = count > 1 ? counted(count, 'call') : shown(drawn.names[name]);
    const isFilled = tone === 'ok' || tone === 'error';
    drawLabel(
      context,
      label,
      { x: x + 5, y: y + barHeight / 2 + 0.5, width: width - 12 },
      isFilled ? colors.onSpan : colors.foreground,
    );
  }
}

interface PendingBar {
  x: number;
  y: number;
  width: number;
  color: string;
  /** Whether it reaches the end of the recording. */
  isOpen: boolean;
}

/** What still runs, or hangs: stripes with no end. */
function drawPending(context: CanvasRenderingContext2D, { x, y, width, color, isOpen }: PendingBar): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, barHeight);
  context.clip();
  context.globalAlpha = 0.22;
  context.fillRect(x, y, width, barHeight);
  context.globalAlpha = 0.75;
  context.lineWidth = 2;
  context.beginPath();
  for (let stripe = x - (x % 8) - barHeight; stripe < x + width; stripe += 8) {
    context.moveTo(stripe, y + barHeight);
    context.lineTo(stripe + barHeight, y);
  }
  context.stroke();
  context.restore();
  context.fillStyle = color;
  context.fillRect(x, y, 2, barHeight);
  if (!isOpen || width < 10) return;
  context.beginPath();
  context.moveTo(x + width - 6, y);
  context.lineTo(x + width, y + barHeight / 2);
  context.lineTo(x + width - 6, y + barHeight);
  context.fill();
}

function drawAws(
  context: CanvasRenderingContext2D,
  { drawn, scale, colors }: LanesDrawing,
  aws: readonly number[],
  at: number,
  top: number,
): void {
  const [start = 0, stop = 0, isError = 0] = aws.slice(at, at + awsFields);
  const left = Math.max(-2, scale.x(drawn.origin + start));
  const right = Math.min(scale.width + 2, scale.x(drawn.origin + stop));
  if (right < -1 || left > scale.width + 1) return;
  context.fillStyle = isError === 1 ? colors.awsError : colors.aws;
  context.fillRect(left, top + awsTop + 1, Math.max(1.5, right - left - 0.5), awsHeight - 1);
}

function drawLabel(
  context: CanvasRenderingContext2D,
  text: string,
  { x, y, width }: { x: number; y: number; width: number },
  color: string,
): void {
  const fitting = fit(context, text, width);
  if (fitting === '') return;
  context.fillStyle = color;
  context.fillText(fitting, x, y);
}

const measured = new Map<string, number>();

/** The beginning of a text that is not wider than `width` pixels. */
function fit(context: CanvasRenderingContext2D, text: string, width: number): string {
  const key = `${context.font} ${text}`;
  let whole = measured.get(key);
  if (whole === undefined) {
    if (measured.size > 2000) measured.clear();
    measured.set(key, (whole = context.measureText(text).width));
  }
  if (whole <= width) return text;
  const characters = Math.floor((text.length * (width - 8)) / whole);
  return characters < 3 ? '' : `${text.slice(0, characters)}…`;
}

function drawGrid(context: CanvasRenderingContext2D, scale: TimeScale, height: number, colors: TimelineColors): void {
  context.fillStyle = colors.line;
  context.globalAlpha = colors.contrast === undefined ? 0.6 : 0.25;
  for (const { time } of ticksOf(scale, 90)) context.fillRect(Math.round(scale.x(time)), 0, 1, height);
  context.globalAlpha = 1;
}

function drawMarked(
  context: CanvasRenderingContext2D,
  scale: TimeScale,
  { from, to }: TimeRange,
  height: number,
  colors: TimelineColors,
): void {
  const left = Math.max(-2, scale.x(from));
  const right = Math.min(scale.width + 2, scale.x(to));
  if (right <= left) return;
  context.fillStyle = colors.marked;
  context.globalAlpha = 0.28;
  context.fillRect(left, 0, right - left, height);
  context.globalAlpha = 1;
  context.fillStyle = colors.focus;
  context.fillRect(left, 0, 1, height);
  context.fillRect(right - 1, 0, 1, height);
}

/** Draws the times above the lanes. */
export function drawRuler(
  context: CanvasRenderingContext2D,
  scale: TimeScale,
  height: number,
  colors: TimelineColors,
  marked: TimeRange | undefined,
): void {
  context.clearRect(0, 0, scale.width, height);
  if (marked) drawMarked(context, scale, marked, height, colors);
  context.font = `11px ${colors.font}`;
  context.textBaseline = 'middle';
  for (const { time, label } of ticksOf(scale, 90)) {
    const x = Math.round(scale.x(time));
    context.fillStyle = colors.line;
    context.fillRect(x, 0, 1, height);
    context.fillStyle = colors.quiet;
    context.fillText(label, x + 4, height / 2 + 0.5);
  }
}

export interface OverviewDrawing {
  overview: { calls: readonly number[]; errors: readonly number[] };
  extent: TimeRange;
  sight: TimeRange;
  scale: TimeScale;
  height: number;
  colors: TimelineColors;
  marked: TimeRange | undefined;
}

/** Draws how many calls began when, over the whole time, and which part of it the lanes show. */
export function drawOverview(
  context: CanvasRenderingContext2D,
  { overview, extent, sight, scale, height, colors, marked }: OverviewDrawing,
): void {
  context.clearRect(0, 0, scale.width, height);
  if (marked) drawMarked(context, scale, marked, height, colors);
  const parts = overview.calls.length;
  const most = Math.max(1, ...overview.calls);
  const partMs = (extent.to - extent.from) / parts;
  const bars = (values: readonly number[], color: string): void => {
    context.fillStyle = color;
    for (const [part, value] of values.entries()) {
      if (value === 0) continue;
      const x = scale.x(extent.from + part * partMs);
      // The root shows one call beside a thousand.
      const tall = Math.max(2, Math.sqrt(value / most) * (height - 4));
      context.fillRect(x, height - tall, Math.max(1, scale.x(extent.from + (part + 1) * partMs) - x - 0.5), tall);
    }
  };
  bars(overview.calls, colors.ok);
  bars(overview.errors, colors.error);
  const left = scale.x(sight.from);
  const right = scale.x(sight.to);
  if (left <= 0.5 && right >= scale.width - 0.5) return;
  context.fillStyle = colors.background;
  context.globalAlpha = 0.65;
  context.fillRect(0, 0, left, height);
  context.fillRect(right, 0, scale.width - right, height);
  context.globalAlpha = 1;
  context.strokeStyle = colors.focus;
  context.lineWidth = 1;
  context.strokeRect(Math.round(left) + 0.5, 0.5, Math.max(2, Math.round(right - left) - 1), height - 1);
}

/** What is under a point of the lanes. */
export interface SpanHit {
  seq: number;
  count: number;
  errors: number;
  start: number;
  end: number;
  tone: string;
  name: string;
  /** The AWS request under the point. */
  aws?: string;
}

/** Finds the span at a point; `y` counts from the top of all lanes. */
export function spanAt(
  drawn: TimelineWindow,
  scale: TimeScale,
  { tops }: LaneTops,
  x: number,
  y: number,
): SpanHit | undefined {
  const laneIndex = tops.findLastIndex((top) => top <= y);
  const lane = drawn.lanes[laneIndex];
  if (!lane) return undefined;
  const inRows = y - (tops[laneIndex] ?? 0) - laneTitleHeight;
  const row = lane.rows[Math.floor(inRows / rowHeight)];
  if (!row || inRows < 0) return undefined;
  let hit: SpanHit | undefined;
  for (let at = 0; at < row.spans.length; at += spanFields) {
    const [start = 0, stop = 0, tone = 0, seq = 0, count = 1, errors = 0, name = -1] = row.spans.slice(
      at,
      at + spanFields,
    );
    const left = scale.x(drawn.origin + start);
    const right = Math.max(left + 2, scale.x(drawn.origin + stop));
    if (x < left - 2) break;
    if (x > right + 2) continue;
    const toneName = spanTones[tone] ?? 'ok';
    const label = count > 1 ? '' : (drawn.names[name] ?? '');
    hit = { seq, count, errors, start: drawn.origin + start, end: drawn.origin + stop, tone: toneName, name: label };
  }
  if (!hit) return undefined;
  if (inRows % rowHeight < awsTop - 1) return hit;
  for (let at = 0; at < row.aws.length; at += awsFields) {
    const [start = 0, stop = 0, isError = 0, name = -1] = row.aws.slice(at, at + awsFields);
    if (x < scale.x(drawn.origin + start) - 2 || x > scale.x(drawn.origin + stop) + 2) continue;
    hit.aws = `${drawn.names[name] ?? ''}, ${duration(stop - start)}${isError === 1 ? ', failed' : ''}`;
  }
  return hit;
}
