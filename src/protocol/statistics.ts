import * as z from 'zod';
import {
  statisticsColumns,
  statisticsGroupings,
  type StatisticsGrouping,
  type StatisticsRow,
} from '../traffic/statistics';

/** Lines that are sent at most; a person looks at the first few. */
export const maxStatisticsRows = 500;

/** The answer to `watchStatistics`, and again at most twice a second while the traffic changes. */
export interface StatisticsHostMessage {
  type: 'statistics';
  by: StatisticsGrouping;
  filter: string;
  /** In the order asked for. */
  rows: StatisticsRow[];
  /** Lines left out because there are more than `maxStatisticsRows`. */
  omitted: number;
  total: StatisticsRow;
  /** Milliseconds since the epoch; `undefined` where nothing matches. */
  span?: { from: number; to: number };
}

const view = {
  by: z.enum(statisticsGroupings),
  filter: z.string().max(1000),
  sort: z.object({ column: z.enum(statisticsColumns), isDescending: z.boolean() }),
};

/** What the page may send about statistics; every message is checked against this before it is acted on. */
export const statisticsWebviewMessage = z.discriminatedUnion('type', [
  /** Send statistics now and keep them up to date, until `unwatchStatistics`. */
  z.object({ type: z.literal('watchStatistics'), ...view }),
  z.object({ type: z.literal('unwatchStatistics') }),
  /** Save all lines, those left out too, as a CSV file. */
  z.object({ type: z.literal('exportStatistics'), ...view }),
]);

export type StatisticsWebviewMessage = z.output<typeof statisticsWebviewMessage>;
