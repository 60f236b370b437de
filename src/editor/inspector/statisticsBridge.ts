import type { Disposable } from '../../core/disposable';
import {
  maxStatisticsRows,
  statisticsWebviewMessage,
  type StatisticsHostMessage,
  type StatisticsWebviewMessage,
} from '../../protocol/statistics';
import { sortStatistics, statisticsCsv, trafficStatistics, type StatisticsRow } from '../../traffic/statistics';
import type { TrafficSource } from '../../traffic/trafficSource';
import type { FilterReader } from './filterReader';

/** What the statistics need from the editor around them. */
export interface StatisticsHost {
  /** Sends a message to the webview. */
  post(message: StatisticsHostMessage): void;
  /** Lets the person save a text as a file. @param name suggested name. */
  saveText(name: string, text: string): void;
}

type Watch = Extract<StatisticsWebviewMessage, { type: 'watchStatistics' }>;

/** Between two updates: numbers that change faster cannot be read. */
const minIntervalMs = 500;

/** Sends one page the statistics that it shows, and keeps them up to date while it shows them. */
export class StatisticsBridge implements Disposable {
  readonly #source: TrafficSource;
  readonly #host: StatisticsHost;
  readonly #filters: FilterReader;
  readonly #subscriptions: Disposable[];
  #watch: Watch | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isVisible = true;

  constructor(source: TrafficSource, host: StatisticsHost, filters: FilterReader) {
    this.#source = source;
    this.#host = host;
    this.#filters = filters;
    this.#subscriptions = [source.onDidChange(() => this.#schedule()), filters.onDidFind(() => this.#schedule())];
  }

  /** Takes a message of the webview; one that is not about statistics is left to others. */
  receive(raw: unknown): void {
    const parsed = statisticsWebviewMessage.safeParse(raw);
    if (!parsed.success) return;
    const message = parsed.data;
    switch (message.type) {
      case 'watchStatistics':
        this.#watch = message;
        this.#send();
        break;
      case 'unwatchStatistics':
        this.#watch = undefined;
        this.#stopTimer();
        break;
      case 'exportStatistics':
        this.#host.saveText(`mcp-statistics-by-${message.by}.csv`, statisticsCsv(this.#rows(message).rows));
        break;
    }
  }

  /** A hidden page gets nothing; seen again it gets the numbers of then. */
  setVisible(isVisible: boolean): void {
    if (this.#isVisible === isVisible) return;
    this.#isVisible = isVisible;
    if (isVisible) this.#send();
    else this.#stopTimer();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#watch = undefined;
    this.#stopTimer();
  }

  #schedule(): void {
    if (!this.#watch || !this.#isVisible) return;
    this.#timer ??= setTimeout(() => this.#send(), minIntervalMs);
  }

  #send(): void {
    this.#stopTimer();
    if (!this.#watch || !this.#isVisible) return;
    const { by, filter } = this.#watch;
    const { rows, total, span } = this.#rows(this.#watch);
    this.#host.post({
      type: 'statistics',
      by,
      filter,
      rows: rows.slice(0, maxStatisticsRows),
      omitted: Math.max(0, rows.length - maxStatisticsRows),
      total,
      ...(span ? { span } : {}),
    });
  }

  #rows({ by, filter, sort }: Omit<Watch, 'type'>): {
    rows: StatisticsRow[];
    total: StatisticsRow;
    span: { from: number; to: number } | undefined;
  } {
    const { query, inBody } = this.#filters.readFilter(filter);
    const { rows, total, span } = trafficStatistics(this.#source, query, by, inBody);
    return { rows: sortStatistics(rows, sort.column, sort.isDescending), total, span };
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
