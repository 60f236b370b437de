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
  /** What the design allows, where it names a figure. */
  budget?: string;
  /** Whether the budget holds. */
  isWithin?: boolean;
}

/** What one benchmark found. */
export interface BenchReport {
  title: string;
  /** How it was measured, in a sentence or two. */
  method: string;
  rows: BenchRow[];
}

/** A benchmark; throws where it cannot run. */
export type Bench = () => Promise<BenchReport>;

/** A row whose budget is an upper bound. */
export function atMost(what: string, value: number, budget: number, unit: string, digits = 1): BenchRow {
  return {
    what,
    measured: `${value.toFixed(digits)} ${unit}`.trim(),
    budget: `< ${budget} ${unit}`.trim(),
    isWithin: value < budget,
  };
}
