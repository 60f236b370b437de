import { isRecord } from '../../src/core/json';
import type { StatisticsHostMessage } from '../../src/protocol/statistics';
import type { StatisticsColumn, StatisticsGrouping, StatisticsRow } from '../../src/traffic/statistics';
import { filterTerm } from '../../src/traffic/filterTerm';
import type { HostConnection } from '../hostConnection';
import type { InspectorModel } from '../inspectorModel';

/** In which order the lines stand. */
export interface StatisticsSort {
  column: StatisticsColumn;
  isDescending: boolean;
}

/** What the statistics view knows, and what a person does with it. */
export class StatisticsModel {
  readonly #host: HostConnection;
  readonly #inspector: InspectorModel;
  readonly #listeners = new Set<() => void>();
  #by: StatisticsGrouping = 'tool';
  #sort: StatisticsSort = { column: 'calls', isDescending: true };
  #statistics: StatisticsHostMessage | undefined;
  #isWatched = false;
  #watchedFilter = '';

  constructor(host: HostConnection, inspector: InspectorModel) {
    this.#host = host;
    this.#inspector = inspector;
    host.onAnyMessage((message) => {
      if (!isStatistics(message) || message.by !== this.#by) return;
      this.#statistics = message;
      this.#changed();
    });
    inspector.onChange(() => {
      if (this.#isWatched && inspector.filter !== this.#watchedFilter) this.watch();
    });
  }

  /** Calls `listener` after every change. @returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get by(): StatisticsGrouping {
    return this.#by;
  }

  get sort(): StatisticsSort {
    return this.#sort;
  }

  /** `undefined` until the host has answered. */
  get statistics(): StatisticsHostMessage | undefined {
    return this.#statistics;
  }

  get filter(): string {
    return this.#inspector.filter;
  }

  /** Asks the host for statistics and for keeping them up to date. */
  watch(): void {
    this.#isWatched = true;
    this.#watchedFilter = this.#inspector.filter;
    this.#host.post({ type: 'watchStatistics', ...this.#asked() });
  }

  unwatch(): void {
    this.#isWatched = false;
    this.#host.post({ type: 'unwatchStatistics' });
  }

  setBy(by: StatisticsGrouping): void {
    if (by === this.#by) return;
    this.#by = by;
    this.#statistics = undefined;
    this.watch();
    this.#changed();
  }

  /** Sorts by a column; the same one again turns the order round. Numbers start with the largest. */
  sortBy(column: StatisticsColumn): void {
    const isSame = column === this.#sort.column;
    this.#sort = { column, isDescending: isSame ? !this.#sort.isDescending : column !== 'name' };
    this.watch();
    this.#changed();
  }

  export(): void {
    this.#host.post({ type: 'exportStatistics', ...this.#asked() });
  }

  /** Opens the record with that number. */
  open(seq: number): void {
    this.#inspector.openRecord(seq);
  }

  clearFilter(): void {
    this.#inspector.setFilter('');
  }

  /** Lists the calls of a line: adds it to the filter and shows the list. */
  listCalls(row: StatisticsRow): void {
    const terms = [
      this.filter,
      filterTerm(this.#by === 'tool' && row.isTool !== true ? 'method' : this.#by, row.name),
      row.server === undefined ? '' : filterTerm('server', row.server),
    ];
    this.#inspector.setFilter([...new Set(terms)].filter(Boolean).join(' '));
    this.#inspector.setPage('exchanges');
  }

  #asked(): { by: StatisticsGrouping; filter: string; sort: StatisticsSort } {
    return { by: this.#by, filter: this.#inspector.filter, sort: this.#sort };
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function isStatistics(message: unknown): message is StatisticsHostMessage {
  return (
    isRecord(message) &&
    message['type'] === 'statistics' &&
    typeof message['by'] === 'string' &&
    Array.isArray(message['rows']) &&
    isRecord(message['total'])
  );
}
