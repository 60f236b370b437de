import type { TimeRange } from './timeRange';

/** Places times on a line of pixels. */
export class TimeScale {
  readonly range: TimeRange;
  readonly width: number;

  constructor(range: TimeRange, width: number) {
    this.range = range;
    this.width = width;
  }

  /** Pixels from the left. */
  x(time: number): number {
    return ((time - this.range.from) / (this.range.to - this.range.from)) * this.width;
  }

  time(x: number): number {
    return this.range.from + (x / this.width) * (this.range.to - this.range.from);
  }
}

/** A mark on the ruler. */
export interface Tick {
  time: number;
  label: string;
}

const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000];
const longSteps = [300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000];

/** Round local times, at least `minPixels` apart; the date where a day begins. */
export function ticksOf(scale: TimeScale, minPixels: number): Tick[] {
  const { from, to } = scale.range;
  const least = ((to - from) * minPixels) / scale.width;
  const days = Math.ceil(least / 86_400_000);
  const step = [...steps, ...longSteps].find((one) => one >= least) ?? days * 86_400_000;
  // Rounded in local time, so that hours and days begin where a clock has them begin.
  const offset = new Date(from).getTimezoneOffset() * 60_000;
  const ticks: Tick[] = [];
  for (let time = Math.ceil((from - offset) / step) * step + offset; time <= to; time += step) {
    ticks.push({ time, label: tickLabel(time, step) });
  }
  return ticks;
}

function tickLabel(time: number, step: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (step >= 86_400_000 || (step >= 60_000 && minutes === '00:00')) {
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  }
  if (step >= 60_000) return minutes;
  const seconds = `${minutes}:${two(date.getSeconds())}`;
  if (step >= 1000) return seconds;
  return `${seconds}.${String(date.getMilliseconds())
    .padStart(3, '0')
    .slice(0, step >= 100 ? 1 : step >= 10 ? 2 : 3)}`;
}
