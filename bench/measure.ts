/** Statistics of one series of measurements, in the unit they were taken in. */
export interface Series {
  count: number;
  p50: number;
  p99: number;
  mean: number;
}

/** Sorts a series out into its percentiles (nearest rank). */
export function summarise(values: readonly number[]): Series {
  const sorted = [...values].sort((left, right) => left - right);
  const rank = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { count: sorted.length, p50: rank(0.5), p99: rank(0.99), mean };
}

/** One line of a results table. */
export interface BenchRow {
  what: string;
  measured: string;
  /** What the design asks for, where it names a figure. */
  goal?: string;
  /** The measured figure as a multiple of the goal's. */
  toGoal?: number;
  /** Whether the goal is met. */
  isMet?: boolean;
}

/** What one benchmark found. */
export interface BenchReport {
  title: string;
  /** How it was measured, in a sentence or two. */
  method: string;
  rows: BenchRow[];
}

export interface BenchOptions {
  /** Fewer repetitions: to see whether a change helps, not to publish. */
  isQuick: boolean;
}

/** A benchmark; throws where it cannot run. */
export type Bench = (options: BenchOptions) => Promise<BenchReport>;

/** A row whose goal is an upper bound. */
export function atMost(what: string, value: number, goal: number, unit: string, digits = 1): BenchRow {
  return goalRow(what, value, goal, { sign: '<', unit, digits, isMet: value < goal });
}

/** A row whose goal is a lower bound on how many times better we are. */
export function atLeast(what: string, ratio: number, goal: number): BenchRow {
  return goalRow(what, ratio, goal, { sign: '≥', unit: 'x', digits: 2, isMet: ratio >= goal });
}

function goalRow(
  what: string,
  value: number,
  goal: number,
  { sign, unit, digits, isMet }: { sign: string; unit: string; digits: number; isMet: boolean },
): BenchRow {
  const withUnit = (number: string): string => (unit === 'x' ? `${number}x` : `${number} ${unit}`.trim());
  return {
    what,
    measured: withUnit(value.toFixed(digits)),
    goal: `${sign} ${withUnit(String(goal))}`,
    toGoal: value / goal,
    isMet,
  };
}
