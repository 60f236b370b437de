import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import {
  inspectorWebviewMessage,
  type ActiveRow,
  type InspectorHostMessage,
  type InspectorRow,
  type InspectorWebviewMessage,
  type ListExtent,
  type MessageDetail,
} from '../../protocol/inspector';
import { BodySearch } from '../../traffic/bodySearch';
import { hexDump } from '../../traffic/hexDump';
import { checkExchange } from '../../traffic/protocolChecks';
import { parseQuery, type BodyTest, type Query } from '../../traffic/query';
import type { EarlierState, TrafficChange, TrafficSource } from '../../traffic/trafficSource';
import type { TrafficSort } from '../../traffic/trafficSort';
import { TrafficView, type ViewChange, type ViewMode } from '../../traffic/trafficView';
import { trafficVocabulary } from '../../traffic/vocabulary';
import type { WireSummary } from '../../traffic/wireRecord';
import type { InspectorLink } from './inspectorLink';
import type { SavedFilters } from './savedFilters';
import { checkSchemas } from './schemaChecks';

/** A filter as it is read for one page. */
export interface FilterReading {
  query: Query;
  /** What is known of bodies so far. */
  inBody: BodyTest | undefined;
}

/** What the bridge needs from the editor around it. */
export interface InspectorBridgeHost {
  /** Sends a message to the webview. */
  post(message: InspectorHostMessage): void;
  /** Puts text on the clipboard. */
  copyText(text: string): void;
  /** Shows text as a document in an editor; JSON by default. */
  openDocument(text: string, language?: 'json' | 'plaintext'): void;
  /** The filters that the person saved; without them none can be saved. */
  readonly savedFilters?: SavedFilters;
  /** The address that opens the inspector with a filter. */
  linkTo?(link: InspectorLink): string;
}

const maxRowsPerMessage = 500;
/** Between two messages to the webview; 60 a second at most. */
const minIntervalMs = 17;
/** Longest part of a body that is sent to the webview. */
const maxDetailChars = 1024 * 1024;
/** The same of its bytes, in base64: a multiple of four characters. */
const maxDetailBytes = 64 * 1024;
const maxRelated = 200;
/** Between two messages about rows where each moves nearly all of them. */
const sortedIntervalMs = 250;
/** How long nobody must have typed before bodies are searched, and how long a step of that takes. */
const searchDelayMs = 120;
const searchStepMs = 6;
const checkDelayMs = 30;
const searchTellMs = 100;

/** What the webview has yet to be told. */
const nothing = {
  reset: false,
  rows: false,
  detail: false,
  paused: false,
  searching: false,
  vocabulary: false,
  savedFilters: false,
};

interface Window {
  start: number;
  end: number;
  follow: boolean;
}

/**
 * Connects one webview to the recorder. It keeps the list that the webview's filter asks for and sends only what the
 * webview shows of it, so that neither 100,000 records nor 10,000 messages a second reach the page. Knows nothing of
 * the editor; what the webview sends is checked before it is acted on.
 */
export class InspectorBridge implements Disposable {
  readonly #recorder: TrafficSource;
  readonly #host: InspectorBridgeHost;
  #query: Query = parseQuery('');
  #filter = '';
  #mode: ViewMode = 'exchanges';
  #sort: TrafficSort = { column: 'time', isDescending: false };
  #utcOffsetMinutes: number | undefined;
  #expanded: ReadonlySet<number> = new Set();
  #search: BodySearch | undefined;
  #searchTimer: NodeJS.Timeout | undefined;
  #searchTold = 0;
  #checkTimer: NodeJS.Timeout | undefined;
  readonly #subscriptions: Disposable[];
  readonly #findEmitter = new Emitter<void>();
  #view: TrafficView | undefined;
  #generation = 0;
  #window: Window = { start: 0, end: 0, follow: true };
  #active: number | undefined;
  /** The row whose detail is shown. */
  #open: number | undefined;
  /** Positions that changed since the last message, as one span. */
  #dirty: { start: number; end: number } | undefined;
  #movedFrom: number | undefined;
  /** First position that has not been announced to the webview. */
  #announcedEnd = 0;
  #announcedDropped = 0;
  #announcedEarlier: EarlierState | undefined;
  #needs = { ...nothing };
  #show: { filter: string; mode: ViewMode } | undefined;
  #reveal: number | undefined;
  #isPausedThere = false;
  #timer: NodeJS.Timeout | undefined;
  #lastPost = -Infinity;
  #isVisible = true;
  #isReady = false;

  constructor(recorder: TrafficSource, host: InspectorBridgeHost) {
    this.#recorder = recorder;
    this.#host = host;
    this.#subscriptions = [recorder.onDidChange((change) => this.#take(change))];
    if (host.savedFilters) this.#subscriptions.push(host.savedFilters.onDidChange(() => this.#need('savedFilters')));
  }

  /** Takes a message of the webview, whatever it is; one that is not of the protocol is dropped. */
  receive(raw: unknown): void {
    const parsed = inspectorWebviewMessage.safeParse(raw);
    if (parsed.success) this.#act(parsed.data);
  }

  /**
   * Tells whether the webview can be seen. A hidden one gets nothing, since the editor would drop it; when it is seen
   * again it gets the whole state.
   */
  setVisible(isVisible: boolean): void {
    if (this.#isVisible === isVisible) return;
    this.#isVisible = isVisible;
    if (isVisible) {
      this.#needs = { ...nothing, reset: true, savedFilters: true, detail: this.#open !== undefined };
      this.#schedule();
    } else {
      this.#dropView();
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  /** Fires when texts of the filter were found in more bodies. */
  get onDidFind(): Event<void> {
    return this.#findEmitter.event;
  }

  /**
   * Reads a filter as the list reads its own, for other views of the page. Where both look for the same texts, what the
   * list's search has found in bodies counts too.
   */
  readFilter(filter: string): FilterReading {
    const query = parseQuery(filter, this.#utcOffsetMinutes);
    const texts = this.#query.texts;
    const isSame = query.texts.length === texts.length && query.texts.every((text, index) => text === texts[index]);
    return { query, inBody: isSame ? this.#search?.has : undefined };
  }

  /** Selects and opens the record with that number, as soon as the webview can show it. */
  reveal(seq: number): void {
    this.#reveal = seq;
    this.#schedule();
  }

  /** Shows the list with that filter, as soon as the webview can. */
  show(filter: string, mode: ViewMode = 'exchanges'): void {
    this.#show = { filter, mode };
    this.#schedule();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#dropView();
    clearTimeout(this.#checkTimer);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isReady = false;
  }

  #act(message: InspectorWebviewMessage): void {
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.#active = message.active;
        this.#window = { start: 0, end: 0, follow: message.follow };
        this.#expanded = new Set(message.expanded);
        this.#utcOffsetMinutes = message.utcOffsetMinutes;
        this.#needs.savedFilters = true;
        this.#setList(message);
        break;
      case 'window':
        if (message.generation !== this.#generation) return;
        this.#active = message.active;
        this.#window = {
          start: message.start,
          end: Math.min(Math.max(message.start, message.end), message.start + maxRowsPerMessage),
          follow: message.follow,
        };
        this.#markDirty(this.#window.start, this.#window.end);
        this.#needs.rows = true;
        break;
      case 'list':
        this.#active = message.active;
        this.#setList(message);
        break;
      case 'expand':
        if (this.#view) {
          this.#takeViewChange(this.#view.expand(message.seq, message.isExpanded));
          this.#expanded = this.#view.expanded;
        }
        break;
      case 'vocabulary':
        this.#needs.vocabulary = true;
        break;
      case 'saveFilter':
        this.#host.savedFilters?.save(message.text);
        return;
      case 'copyLink': {
        const link = this.#host.linkTo?.({ filter: this.#filter, mode: this.#mode });
        if (link !== undefined) this.#host.copyText(link);
        return;
      }
      case 'removeFilter':
        this.#host.savedFilters?.remove(message.text);
        return;
      case 'open':
        this.#open = message.seq;
        this.#needs.detail = true;
        break;
      case 'close':
        this.#open = undefined;
        this.#needs.detail = false;
        return;
      case 'pause':
        this.#recorder.pause(message.isPaused);
        return;
      case 'clear':
        this.#recorder.clear();
        return;
      case 'showEarlier':
        this.#recorder.showEarlier?.();
        return;
      case 'copy':
        this.#host.copyText(message.text);
        return;
      case 'openBody': {
        const record = this.#recorder.get(message.seq);
        if (!record) return;
        if (message.isBytes !== true) this.#host.openDocument(record.body);
        else if (record.raw !== undefined)
          this.#host.openDocument(hexDump(Buffer.from(record.raw, 'base64')), 'plaintext');
        return;
      }
      case 'copyBody': {
        const record = this.#recorder.get(message.seq);
        if (record) this.#host.copyText(record.body);
        return;
      }
    }
    this.#schedule();
  }

  #setList({ filter, mode, sort }: Extract<InspectorWebviewMessage, { type: 'list' | 'ready' }>): void {
    this.#filter = filter;
    this.#query = parseQuery(filter, this.#utcOffsetMinutes);
    this.#mode = mode ?? this.#mode;
    this.#sort = sort ?? this.#sort;
    this.#dropView();
    this.#needs.reset = true;
  }

  #dropView(): void {
    this.#view = undefined;
    this.#search = undefined;
    clearTimeout(this.#searchTimer);
    this.#searchTimer = undefined;
  }

  #need(what: keyof typeof nothing): void {
    this.#needs[what] = true;
    this.#schedule();
  }

  #take(change: TrafficChange): void {
    // While the page is hidden or not loaded there is no view, and a view made later sees everything.
    if (!this.#isReady || !this.#isVisible) return;
    if (change.wasCleared) {
      this.#expanded = new Set([...this.#expanded].filter((seq) => this.#recorder.summary(seq)));
      this.#dropView();
      this.#needs.reset = true;
    } else if (this.#view) {
      this.#takeViewChange(this.#view.apply(change));
      this.#searchSoon(0);
    }
    if (this.#recorder.isPaused !== this.#isPausedThere) this.#needs.paused = true;
    if (this.#open !== undefined && this.#touchesOpen(change)) this.#needs.detail = true;
    this.#schedule();
  }

  #takeViewChange({ changed, movedFrom }: ViewChange): void {
    const view = this.#view;
    if (!view) return;
    for (const position of changed) this.#markDirty(position, position + 1);
    if (movedFrom !== undefined) {
      this.#movedFrom = Math.min(this.#movedFrom ?? movedFrom, movedFrom);
      this.#markDirty(movedFrom, view.end);
    }
    const { dropped } = this.#recorder.extent;
    const isTold =
      view.end === this.#announcedEnd &&
      dropped === this.#announcedDropped &&
      this.#recorder.earlier === this.#announcedEarlier;
    if (changed.length > 0 || movedFrom !== undefined || !isTold) this.#needs.rows = true;
  }

  /** Searches bodies for the free text of the filter, a step at a time between other work. */
  #searchSoon(delayMs: number): void {
    if (this.#searchTimer || !this.#search || this.#search.isDone) return;
    this.#searchTimer = setTimeout(() => {
      this.#searchTimer = undefined;
      const search = this.#search;
      const view = this.#view;
      if (!search || !view) return;
      const found = search.step(searchStepMs).flatMap((seq) => this.#recorder.summary(seq) ?? []);
      if (found.length > 0) {
        this.#takeViewChange(view.apply({ changed: found }));
        this.#findEmitter.fire();
      }
      this.#needs.searching = true;
      this.#schedule();
      this.#searchSoon(0);
    }, delayMs);
  }

  #touchesOpen({ changed, wasCleared }: TrafficChange): boolean {
    const open = this.#open;
    if (wasCleared || open === undefined || open < this.#recorder.extent.firstSeq) return true;
    return changed.some(({ seq, pair, parent }) => seq === open || pair === open || parent === open);
  }

  #markDirty(start: number, end: number): void {
    if (end <= start) return;
    this.#dirty = this.#dirty
      ? { start: Math.min(this.#dirty.start, start), end: Math.max(this.#dirty.end, end) }
      : { start, end };
  }

  #schedule(): void {
    if (this.#timer || !this.#isReady || !this.#isVisible) return;
    const isSorted = this.#sort.column !== 'time' || this.#sort.isDescending;
    const isOnlyRows = !Object.entries(this.#needs).some(([what, isNeeded]) => isNeeded && what !== 'rows');
    const interval = isSorted && isOnlyRows && this.#movedFrom !== undefined ? sortedIntervalMs : minIntervalMs;
    const wait = Math.max(0, this.#lastPost + interval - performance.now());
    this.#timer = setTimeout(this.#tick, wait);
  }

  /** Sends the one message that matters most; the others follow, each in its own interval. */
  readonly #tick = (): void => {
    this.#timer = undefined;
    const message = this.#nextMessage();
    if (!message) return;
    this.#lastPost = performance.now();
    this.#host.post(message);
    this.#schedule();
  };

  #nextMessage(): InspectorHostMessage | undefined {
    if (this.#show) {
      const show = this.#show;
      this.#show = undefined;
      return { type: 'show', ...show };
    }
    if (this.#needs.reset || !this.#view) return this.#resetMessage();
    if (this.#needs.paused) {
      this.#needs.paused = false;
      this.#isPausedThere = this.#recorder.isPaused;
      return { type: 'paused', isPaused: this.#isPausedThere };
    }
    if (this.#reveal !== undefined) {
      const seq = this.#reveal;
      this.#reveal = undefined;
      if (!this.#recorder.summary(seq)) return { type: 'gone', seq };
      return { type: 'reveal', seq, position: this.#view.positionOf(seq) };
    }
    if (this.#needs.detail && this.#open !== undefined) {
      this.#needs.detail = false;
      return this.#detailMessage(this.#open);
    }
    if (this.#needs.savedFilters) {
      this.#needs.savedFilters = false;
      if (this.#host.savedFilters) return { type: 'savedFilters', filters: this.#host.savedFilters.list };
    }
    if (this.#needs.vocabulary) {
      this.#needs.vocabulary = false;
      return { type: 'vocabulary', values: trafficVocabulary(this.#recorder) };
    }
    if (this.#needs.rows) return this.#rowsMessage(this.#view);
    return this.#needs.searching ? this.#searchMessage() : undefined;
  }

  #searchMessage(): InspectorHostMessage | undefined {
    this.#needs.searching = false;
    const search = this.#search;
    if (!search) return undefined;
    const isFirst = this.#searchTold === 0;
    // A search that goes on for new messages needs no telling.
    if (!isFirst && this.#searchTold === Infinity) return undefined;
    if (!search.isDone && !isFirst && performance.now() - this.#searchTold < searchTellMs) return undefined;
    this.#searchTold = search.isDone ? Infinity : performance.now();
    return { type: 'searching', ...search.progress };
  }

  #resetMessage(): InspectorHostMessage {
    const { texts } = this.#query;
    this.#search = texts.length > 0 ? new BodySearch(this.#recorder, texts) : undefined;
    this.#searchTold = 0;
    const view = new TrafficView(this.#recorder, this.#query, {
      mode: this.#mode,
      sort: this.#sort,
      expanded: this.#expanded,
      ...(this.#search ? { inBody: this.#search.has } : {}),
    });
    this.#view = view;
    this.#searchSoon(searchDelayMs);
    this.#generation += 1;
    this.#needs.reset = this.#needs.rows = this.#needs.paused = false;
    this.#dirty = this.#movedFrom = undefined;
    this.#isPausedThere = this.#recorder.isPaused;
    const active = this.#activeRow(view);
    // The newest rows, or those around the active one.
    const middle = this.#window.follow ? view.end : (active?.position ?? view.end);
    const end = Math.min(view.end, middle + maxRowsPerMessage / 2);
    const start = Math.max(view.first, end - maxRowsPerMessage);
    this.#window = { ...this.#window, start, end };
    return {
      type: 'reset',
      extent: this.#announce(view),
      filter: this.#filter,
      mode: this.#mode,
      sort: this.#sort,
      filterProblems: this.#query.problems,
      marks: this.#query.marks,
      isPaused: this.#isPausedThere,
      start,
      rows: readRows(view, start, end, this.#recorder.extent.windowStart),
      active,
    };
  }

  #rowsMessage(view: TrafficView): InspectorHostMessage {
    this.#needs.rows = false;
    const { first, end } = view;
    // With `follow` the page looks at the newest rows, wherever they are by now.
    const shown = this.#window.follow
      ? { start: Math.max(first, end - maxRowsPerMessage), end }
      : { start: Math.max(first, this.#window.start), end: Math.min(end, this.#window.end) };
    const from = Math.max(shown.start, this.#dirty?.start ?? Infinity);
    const to = Math.min(shown.end, this.#dirty?.end ?? -Infinity);
    const movedFrom = this.#movedFrom;
    this.#dirty = this.#movedFrom = undefined;
    return {
      type: 'rows',
      extent: this.#announce(view),
      start: to > from ? from : end,
      rows: to > from ? readRows(view, from, to, this.#recorder.extent.windowStart) : [],
      movedFrom,
      active: this.#activeRow(view),
    };
  }

  #announce(view: TrafficView): ListExtent {
    const { firstSeq, nextSeq, dropped } = this.#recorder.extent;
    this.#announcedEnd = view.end;
    this.#announcedDropped = dropped;
    const { earlier } = this.#recorder;
    this.#announcedEarlier = earlier;
    return {
      generation: this.#generation,
      first: view.first,
      end: view.end,
      matched: view.matched,
      kept: nextSeq - firstSeq,
      dropped,
      ...(earlier === undefined ? {} : { earlier }),
    };
  }

  #activeRow(view: TrafficView): ActiveRow | undefined {
    return this.#active === undefined ? undefined : { seq: this.#active, position: view.positionOf(this.#active) };
  }

  #detailMessage(seq: number): InspectorHostMessage {
    const summary = this.#recorder.summary(seq);
    if (!summary) {
      this.#open = undefined;
      return { type: 'gone', seq };
    }
    const other = summary.pair === undefined ? undefined : this.#detailOf(summary.pair);
    const own = this.#detailOf(seq);
    const [request, response] = summary.kind === 'response' ? [other, own] : [own, other];
    const related = this.#relatedTo(summary);
    this.#checkSoon(seq);
    return {
      type: 'detail',
      seq,
      request,
      response,
      related: related.slice(-maxRelated).flatMap((part) => this.#recorder.summary(part) ?? []),
      relatedCount: related.length,
    };
  }

  /** Checks what is open after it was shown, since that may take a moment. */
  #checkSoon(seq: number): void {
    clearTimeout(this.#checkTimer);
    this.#checkTimer = setTimeout(() => void this.#check(seq), checkDelayMs);
  }

  async #check(seq: number): Promise<void> {
    const isWanted = (): boolean => this.#isReady && this.#isVisible && this.#open === seq;
    if (!isWanted()) return;
    const record = this.#recorder.get(seq);
    const other = record?.pair === undefined ? undefined : this.#recorder.get(record.pair);
    const [request, response] = record?.kind === 'response' ? [other, record] : [record, other];
    const exchange = { request, response, facts: this.#recorder.factsOf?.(seq) };
    const findings = checkExchange(exchange);
    findings.unshift(...(await checkSchemas(exchange)));
    if (isWanted()) this.#host.post({ type: 'findings', seq, findings });
  }

  #detailOf(seq: number): MessageDetail | undefined {
    const record = this.#recorder.get(seq);
    if (!record) return undefined;
    const { body, original, headers, raw, ...summary } = record;
    return {
      summary,
      ...(body.length <= maxDetailChars
        ? { body }
        : { body: body.slice(0, maxDetailChars), omittedChars: body.length - maxDetailChars }),
      ...(original === undefined || original.length > maxDetailChars ? {} : { original }),
      ...(headers === undefined ? {} : { headers }),
      ...(raw === undefined ? {} : { raw: raw.slice(0, maxDetailBytes) }),
    };
  }

  /** What belongs to a request, oldest first. */
  #relatedTo({ seq, kind, pair }: WireSummary): readonly number[] {
    if (kind !== 'request') return [];
    const known = this.#mode === 'exchanges' ? this.#view?.partsOf(seq) : undefined;
    if (known && known.length > 0) return known;
    const related: number[] = [];
    // They come between the request and its response.
    const end = Math.min(pair ?? Infinity, this.#recorder.extent.nextSeq, seq + maxLookedThrough);
    for (let next = seq + 1; next < end; next += 1) {
      if (this.#recorder.summary(next)?.parent === seq) related.push(next);
    }
    return related;
  }
}

/** Messages after a request among which those that belong to it are looked for. */
const maxLookedThrough = 20_000;

function readRows(view: TrafficView, start: number, end: number, windowStart = 0): InspectorRow[] {
  const rows: InspectorRow[] = [];
  for (let position = start; position < end; position += 1) {
    const row = view.at(position);
    if (!row) continue;
    const { record, response, parts, isExpanded, isPart } = row;
    rows.push({
      ...record,
      ...(response ? { response: { seq: response.seq, bytes: response.bytes, tokens: response.tokens } } : {}),
      ...(parts > 0 ? { parts } : {}),
      ...(isExpanded ? { isExpanded: true } : {}),
      ...(isPart ? { isPart: true } : {}),
      ...(record.seq < windowStart ? { isEarlier: true } : {}),
    });
  }
  return rows;
}
