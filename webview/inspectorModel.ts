import type { InspectorHostMessage, InspectorRow, ListExtent, MessageDetail } from '../src/protocol/inspector';
import type { Finding } from '../src/traffic/finding';
import type { QueryProblem } from '../src/traffic/query';
import type { QueryVocabulary } from '../src/traffic/queryCompletion';
import type { SortColumn, TrafficSort } from '../src/traffic/trafficSort';
import type { ViewMode } from '../src/traffic/trafficView';
import type { WireSummary } from '../src/traffic/wireRecord';
import type { HostConnection } from './hostConnection';
import { RowSelection } from './list/rowSelection';
import { hiddenAtFirst, type DetailTab, type MessageForm, type PageTab, type SavedState } from './savedState';

/** The exchange that the detail pane shows. */
export interface ShownDetail {
  /** The record it was asked for by. */
  seq: number;
  request?: MessageDetail | undefined;
  response?: MessageDetail | undefined;
  /** The latest messages that belong to the request, and how many there are. */
  related: WireSummary[];
  relatedCount: number;
}

/** Rows asked for beyond those in sight, so that scrolling finds them there. */
const overscan = 150;
/** Rows kept in the page; those far from what is in sight are forgotten beyond it. */
const maxCached = 5000;

/** The views of the traffic; the others are about servers. */
export const trafficPages: ReadonlySet<PageTab> = new Set(['exchanges', 'messages', 'statistics', 'timeline']);

/**
 * What the page knows and what a person does with it, without any element. Rows live in the host; here are those in
 * sight and around it.
 */
export class InspectorModel {
  readonly #host: HostConnection;
  readonly #saved: SavedState;
  readonly #listeners = new Set<() => void>();
  readonly #rows = new Map<number, InspectorRow>();
  #extent: ListExtent = { generation: 0, first: 0, end: 0, matched: 0, kept: 0, dropped: 0 };
  #hasList = false;
  /** Rows that somebody picked out to do something with them together. */
  readonly selection = new RowSelection(() => this.#changed());
  #problems: readonly QueryProblem[] = [];
  #marks: readonly string[] = [];
  #searching: { done: number; total: number } | undefined;
  #vocabulary: QueryVocabulary = {};
  #savedFilters: readonly string[] = [];
  #findings: { seq: number; list: readonly Finding[] } | undefined;
  /** What is to be shown of a message that is opened by a finding. */
  #target: { message: Finding['message']; path: string } | undefined;
  #isPaused = false;
  #activePosition: number | undefined;
  #sight = { start: 0, end: 0 };
  #asked = { start: 0, end: 0 };
  #detail: ShownDetail | undefined;
  #isGone = false;
  /** Where the detail was opened. */
  #detailPage: PageTab | undefined;
  #notice = '';

  constructor(host: HostConnection) {
    this.#host = host;
    this.#saved = host.load();
  }

  /** Calls `listener` after every change. @returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the host that the page listens. */
  start(): void {
    const { filter, follow, active, isDetailOpen, sort, expanded } = this.#saved;
    this.#host.post({
      type: 'ready',
      filter,
      mode: this.mode,
      sort,
      follow,
      active,
      expanded,
      utcOffsetMinutes: -new Date().getTimezoneOffset(),
    });
    if (isDetailOpen && active !== undefined) this.#host.post({ type: 'open', seq: active });
  }

  get extent(): ListExtent {
    return this.#extent;
  }

  /** Number of rows in the list. */
  get count(): number {
    return this.#extent.end - this.#extent.first;
  }

  /** Whether the host has sent its first list. */
  get hasList(): boolean {
    return this.#hasList;
  }

  get filter(): string {
    return this.#saved.filter;
  }

  get problems(): readonly QueryProblem[] {
    return this.#problems;
  }

  /** What to mark in bodies. */
  get marks(): readonly string[] {
    return this.#marks;
  }

  /** How far the search in bodies is, from 0 to 1, while it goes on. */
  get searchedPart(): number | undefined {
    const search = this.#searching;
    return search && search.done < search.total ? search.done / search.total : undefined;
  }

  get vocabulary(): QueryVocabulary {
    return this.#vocabulary;
  }

  get savedFilters(): readonly string[] {
    return this.#savedFilters;
  }

  /** What the list is of: exchanges unless every message is asked for. */
  get mode(): ViewMode {
    return this.page === 'messages' ? 'messages' : 'exchanges';
  }

  get sort(): TrafficSort {
    return this.#saved.sort;
  }

  get isInOrder(): boolean {
    return this.#saved.sort.column === 'time' && !this.#saved.sort.isDescending;
  }

  isHidden(column: SortColumn): boolean {
    return this.#saved.hidden.includes(column);
  }

  /** The width that somebody gave a column, in pixels. */
  widthOf(column: SortColumn): number | undefined {
    return this.#saved.widths[column];
  }

  get form(): MessageForm {
    return this.#saved.form;
  }

  /** What checks found out about the exchange that is open. */
  get findings(): readonly Finding[] {
    return this.#findings && this.#findings.seq === this.detail?.seq ? this.#findings.list : [];
  }

  /** The place in a message that is to be shown, once it is there. */
  get target(): { message: Finding['message']; path: string } | undefined {
    return this.#target;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get follow(): boolean {
    return this.#saved.follow && this.isInOrder;
  }

  /** The view that is shown. */
  get page(): PageTab {
    return this.#saved.page;
  }

  /** `seq` of the selected record. */
  get active(): number | undefined {
    return this.#saved.active;
  }

  get tab(): DetailTab {
    return this.#saved.tab;
  }

  get split(): number {
    return this.#saved.split;
  }

  get isDetailOpen(): boolean {
    return this.#saved.isDetailOpen;
  }

  /** Whether it has a place on the page that is shown: on those that are not about traffic only if it was opened there. */
  get isDetailShown(): boolean {
    return this.isDetailOpen && (trafficPages.has(this.page) || this.#detailPage === this.page);
  }

  /** What the detail pane shows; `undefined` while the host is asked for it. */
  get detail(): ShownDetail | undefined {
    return this.#detail?.seq === this.#saved.active ? this.#detail : undefined;
  }

  /** Whether the selected exchange is no longer kept. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Position of the selected row, if the list has it. */
  get activePosition(): number | undefined {
    const position = this.#activePosition;
    return position !== undefined && position >= this.#extent.first && position < this.#extent.end
      ? position
      : undefined;
  }

  /** A sentence for those who hear the page instead of seeing it. */
  get notice(): string {
    return this.#notice;
  }

  row(position: number): InspectorRow | undefined {
    return this.#rows.get(position);
  }

  receive(message: InspectorHostMessage): void {
    switch (message.type) {
      case 'reset':
        this.#rows.clear();
        this.#hasList = true;
        this.#extent = message.extent;
        this.#problems = message.filterProblems;
        this.#marks = message.marks;
        this.#searching = undefined;
        this.#isPaused = message.isPaused;
        this.#activePosition = message.active?.seq === this.#saved.active ? message.active?.position : undefined;
        this.#asked = { start: message.start, end: message.start + message.rows.length };
        this.#keep(message.start, message.rows);
        if (message.filter === this.filter)
          this.#notice = message.filter === '' ? '' : `${this.#extent.matched} ${this.mode} match.`;
        break;
      case 'rows':
        if (message.extent.generation !== this.#extent.generation) return;
        this.#extent = message.extent;
        if (message.movedFrom !== undefined) this.#forgetFrom(message.movedFrom);
        this.#keep(message.start, message.rows);
        if (this.#saved.active === undefined) this.#settleActive();
        // The answer may be about a row that was left meanwhile.
        else if (message.active?.seq === this.#saved.active) this.#activePosition = message.active.position;
        else this.#activePosition = this.#activePositionAfter(message.movedFrom);
        this.#prune();
        if (message.movedFrom !== undefined) this.#askForSight(true);
        break;
      case 'searching':
        this.#searching = message;
        break;
      case 'vocabulary':
        this.#vocabulary = message.values;
        break;
      case 'savedFilters':
        this.#savedFilters = message.filters;
        break;
      case 'findings':
        this.#findings = { seq: message.seq, list: message.findings };
        break;
      case 'show':
        this.#saved.page = message.mode;
        this.#saved.filter = message.filter;
        this.#postList();
        break;
      case 'paused':
        this.#isPaused = message.isPaused;
        this.#notice = message.isPaused ? 'Recording paused.' : 'Recording resumed.';
        break;
      case 'detail':
        this.#isGone = false;
        this.#detail = {
          seq: message.seq,
          request: message.request,
          response: message.response,
          related: message.related,
          relatedCount: message.relatedCount,
        };
        break;
      case 'gone':
        if (message.seq !== this.#saved.active) return;
        this.#isGone = true;
        this.#detail = undefined;
        break;
      case 'reveal':
        this.#saved.follow = false;
        this.#activePosition = message.position;
        this.#select(message.seq);
        this.openDetail();
        break;
    }
    // The host is told what to keep only where a person or a link changed it, not with every message of its own.
    if (message.type === 'show') this.#changed();
    else this.#tell();
  }

  /** Says which rows are in sight, from `start` up to but not including `end`. */
  show(start: number, end: number): void {
    this.#sight = { start, end };
    this.#askForSight(false);
  }

  setFilter(text: string): void {
    if (text === this.filter) return;
    this.#saved.filter = text.slice(0, 1000);
    this.#postList();
    this.#changed();
  }

  /** Sorts by a column; by the same again the other way round. */
  sortBy(column: SortColumn): void {
    const { sort } = this.#saved;
    const isNumber = ['duration', 'size', 'tokens', 'aws'].includes(column);
    if (sort.column !== column) this.#saved.sort = { column, isDescending: isNumber };
    // The third time the list is in its own order again.
    else if (sort.isDescending === isNumber || column === 'time') {
      this.#saved.sort = { column, isDescending: !sort.isDescending };
    } else this.#saved.sort = { column: 'time', isDescending: false };
    this.#postList();
    this.#changed();
  }

  toggleColumn(column: SortColumn): void {
    const { hidden } = this.#saved;
    this.#saved.hidden = hidden.includes(column) ? hidden.filter((other) => other !== column) : [...hidden, column];
    this.#changed();
  }

  /** @param width in pixels. */
  setWidth(column: SortColumn, width: number): void {
    this.#saved.widths = { ...this.#saved.widths, [column]: Math.round(Math.min(1000, Math.max(32, width))) };
    this.#changed();
  }

  /** Gives the columns back their first widths, and shows those that are shown at first. */
  resetColumns(): void {
    this.#saved.widths = {};
    this.#saved.hidden = [...hiddenAtFirst];
    this.#changed();
  }

  /** Shows or folds the parts of the row at a position. */
  expand(position: number, isExpanded: boolean): void {
    const row = this.#rows.get(position);
    if (!row?.parts || row.isExpanded === (isExpanded ? true : undefined)) return;
    const { seq } = row;
    const others = this.#saved.expanded.filter((other) => other !== seq);
    this.#saved.expanded = isExpanded ? [...others, seq].slice(-1000) : others;
    this.#saved.follow = false;
    this.#host.post({ type: 'expand', seq, isExpanded });
    this.#askForSight(true);
    this.#changed();
  }

  askVocabulary(): void {
    this.#host.post({ type: 'vocabulary' });
  }

  saveFilter(): void {
    const text = this.filter.trim();
    if (text !== '') this.#host.post({ type: 'saveFilter', text });
  }

  /** Copies an address that opens the inspector with this filter. */
  copyLink(): void {
    this.#host.post({ type: 'copyLink' });
    this.#notice = 'Copied.';
    this.#changed();
  }

  removeFilter(text: string): void {
    this.#host.post({ type: 'removeFilter', text });
  }

  setFollow(follow: boolean): void {
    if (follow === this.follow) return;
    if (follow && !this.isInOrder) {
      this.#saved.sort = { column: 'time', isDescending: false };
      this.#postList();
    }
    this.#saved.follow = follow;
    this.#askForSight(true);
    this.#changed();
  }

  togglePause(): void {
    this.#host.post({ type: 'pause', isPaused: !this.#isPaused });
  }

  /** Lets the person save the traffic. */
  saveTraffic(): void {
    this.#host.post({ type: 'saveTraffic', filter: this.filter });
  }

  clear(): void {
    this.closeDetail();
    this.#saved.active = undefined;
    this.#activePosition = undefined;
    this.#host.post({ type: 'clear' });
  }

  /** Reads older messages from disk. */
  showEarlier(): void {
    this.#host.post({ type: 'showEarlier' });
    this.#notice = 'Reading earlier traffic.';
    this.#changed();
  }

  /** Selects the row at a position; the nearest one where there is none. */
  activate(position: number): void {
    if (this.count === 0) return;
    const { first, end } = this.#extent;
    this.#activePosition = Math.min(end - 1, Math.max(first, position));
    const row = this.#rows.get(this.#activePosition);
    // While somebody reads a row the list must not run away from under them.
    if (this.#activePosition < end - 1) this.#saved.follow = false;
    if (row) {
      this.#select(row.seq);
    } else {
      this.#saved.active = undefined;
      this.#changed();
    }
  }

  setPage(page: PageTab): void {
    if (page === this.page) return;
    const { mode } = this;
    this.#saved.page = page;
    if (this.mode !== mode) this.#postList();
    this.#changed();
  }

  /** Selects a record that another view shows, and opens its detail. */
  openRecord(seq: number): void {
    this.#saved.follow = false;
    this.#activePosition = undefined;
    this.#select(seq);
    this.openDetail();
  }

  openDetail(): void {
    const { active } = this.#saved;
    if (active === undefined) return;
    this.#saved.isDetailOpen = true;
    this.#detailPage = this.page;
    this.#host.post({ type: 'open', seq: active });
    this.#changed();
  }

  closeDetail(): void {
    if (!this.isDetailOpen) return;
    this.#saved.isDetailOpen = false;
    this.#detail = undefined;
    this.#isGone = false;
    this.#host.post({ type: 'close' });
    this.#changed();
  }

  setTab(tab: DetailTab): void {
    this.#saved.tab = tab;
    this.#changed();
  }

  setForm(form: MessageForm): void {
    this.#saved.form = form;
    this.#changed();
  }

  /** Opens the message that a finding is about, and shows the place there. */
  showFinding({ message, path }: Finding): void {
    this.#saved.tab = message;
    this.#saved.form = 'tree';
    this.#target = path === undefined ? undefined : { message, path };
    this.#changed();
  }

  /** Says that the place was shown. */
  reachTarget(): void {
    this.#target = undefined;
  }

  setSplit(split: number): void {
    this.#saved.split = Math.min(0.8, Math.max(0.2, split));
    this.#changed();
  }

  copy(text: string): void {
    this.#host.post({ type: 'copy', text });
    this.#notice = 'Copied.';
    this.#changed();
  }

  copyBody(seq: number): void {
    this.#host.post({ type: 'copyBody', seq });
    this.#notice = 'Copied.';
    this.#changed();
  }

  /** Opens a message in an editor. @param isBytes whether its bytes, as far as they were kept. */
  openBody(seq: number, isBytes = false): void {
    this.#host.post({ type: 'openBody', seq, ...(isBytes ? { isBytes } : {}) });
  }

  #postList(): void {
    const { filter, sort, active } = this.#saved;
    this.#host.post({ type: 'list', filter, mode: this.mode, sort, active });
  }

  #select(seq: number): void {
    this.#saved.active = seq;
    this.#target = undefined;
    this.#isGone = false;
    if (this.isDetailOpen) this.#host.post({ type: 'open', seq });
    this.#askForSight(true);
    this.#changed();
  }

  /** Selects the row that was moved to before the host had sent it. */
  #settleActive(): void {
    const row = this.#activePosition === undefined ? undefined : this.#rows.get(this.#activePosition);
    if (row) this.#select(row.seq);
  }

  #activePositionAfter(movedFrom: number | undefined): number | undefined {
    const position = this.#activePosition;
    return movedFrom === undefined || position === undefined || position < movedFrom ? position : undefined;
  }

  #keep(start: number, rows: readonly InspectorRow[]): void {
    for (const [index, row] of rows.entries()) this.#rows.set(start + index, row);
  }

  #forgetFrom(position: number): void {
    for (const kept of this.#rows.keys()) if (kept >= position) this.#rows.delete(kept);
  }

  #prune(): void {
    if (this.#rows.size <= maxCached) return;
    const { start, end } = this.#sight;
    for (const position of this.#rows.keys()) {
      if (position < this.#extent.first || position < start - 1000 || position > end + 1000)
        this.#rows.delete(position);
    }
  }

  /** Asks the host for what is in sight and missing, and tells it what to keep up to date. */
  #askForSight(isForced: boolean): void {
    if (!this.#hasList) return;
    const { first, end } = this.#extent;
    const start = Math.max(first, this.#sight.start);
    const stop = Math.min(end, this.#sight.end);
    let isMissing = isForced || (!this.follow && (start < this.#asked.start || stop > this.#asked.end));
    for (let position = start; !isMissing && position < stop; position += 1) isMissing = !this.#rows.has(position);
    if (!isMissing) return;
    this.#asked = { start: Math.max(first, start - overscan), end: Math.min(end, stop + overscan) };
    this.#host.post({
      type: 'window',
      generation: this.#extent.generation,
      ...this.#asked,
      follow: this.follow,
      active: this.#saved.active,
    });
  }

  #changed(): void {
    this.#host.save(this.#saved);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
