import type { Disposable } from '../../core/disposable';
import {
  inspectorWebviewMessage,
  type ActiveRow,
  type InspectorHostMessage,
  type InspectorRow,
  type InspectorWebviewMessage,
  type ListExtent,
  type MessageDetail,
} from '../../protocol/inspector';
import { parseQuery, type Query } from '../../traffic/query';
import type { TrafficChange, TrafficSource } from '../../traffic/trafficSource';
import { TrafficView } from '../../traffic/trafficView';
import type { WireSummary } from '../../traffic/wireRecord';

/** What the bridge needs from the editor around it. */
export interface InspectorBridgeHost {
  /** Sends a message to the webview. */
  post(message: InspectorHostMessage): void;
  /** Puts text on the clipboard. */
  copyText(text: string): void;
  /** Shows JSON text as a document in an editor. */
  openDocument(text: string): void;
}

const maxRowsPerMessage = 500;
/** Between two messages to the webview; 60 a second at most. */
const minIntervalMs = 17;
/** Longest part of a body that is sent to the webview. */
const maxDetailChars = 1024 * 1024;
const maxRelated = 200;

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
  readonly #subscription: Disposable;
  #query: Query = parseQuery('');
  #filter = '';
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
  #needs = { reset: false, rows: false, detail: false, paused: false };
  #reveal: number | undefined;
  #isPausedThere = false;
  #timer: NodeJS.Timeout | undefined;
  #lastPost = -Infinity;
  #isVisible = true;
  #isReady = false;

  constructor(recorder: TrafficSource, host: InspectorBridgeHost) {
    this.#recorder = recorder;
    this.#host = host;
    this.#subscription = recorder.onDidChange((change) => this.#take(change));
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
      this.#needs = { reset: true, rows: false, detail: this.#open !== undefined, paused: false };
      this.#schedule();
    } else {
      this.#view = undefined;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  /** Selects and opens the record with that number, as soon as the webview can show it. */
  reveal(seq: number): void {
    this.#reveal = seq;
    this.#schedule();
  }

  dispose(): void {
    this.#subscription.dispose();
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
        this.#setFilter(message.filter);
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
      case 'filter':
        this.#active = message.active;
        this.#setFilter(message.text);
        break;
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
      case 'copy':
        this.#host.copyText(message.text);
        return;
      case 'openBody': {
        const record = this.#recorder.get(message.seq);
        if (record) this.#host.openDocument(record.body);
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

  #setFilter(text: string): void {
    this.#filter = text;
    this.#query = parseQuery(text);
    this.#needs.reset = true;
  }

  #take(change: TrafficChange): void {
    // While the page is hidden or not loaded there is no view, and a view made later sees everything.
    if (!this.#isReady || !this.#isVisible) return;
    if (change.wasCleared) {
      this.#needs.reset = true;
    } else if (this.#view) {
      const { changed, movedFrom } = this.#view.apply(change);
      for (const position of changed) this.#markDirty(position, position + 1);
      if (movedFrom !== undefined) {
        this.#movedFrom = Math.min(this.#movedFrom ?? movedFrom, movedFrom);
        this.#markDirty(movedFrom, this.#view.end);
      }
      const { dropped } = this.#recorder.extent;
      if (
        changed.length > 0 ||
        movedFrom !== undefined ||
        this.#view.end !== this.#announcedEnd ||
        dropped !== this.#announcedDropped
      ) {
        this.#needs.rows = true;
      }
    }
    if (this.#recorder.isPaused !== this.#isPausedThere) this.#needs.paused = true;
    if (this.#open !== undefined && this.#touchesOpen(change)) this.#needs.detail = true;
    this.#schedule();
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
    const wait = Math.max(0, this.#lastPost + minIntervalMs - performance.now());
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
    return this.#needs.rows ? this.#rowsMessage(this.#view) : undefined;
  }

  #resetMessage(): InspectorHostMessage {
    const view = new TrafficView(this.#recorder, this.#query);
    this.#view = view;
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
      filterProblems: this.#query.problems.map(({ text }) => text),
      isPaused: this.#isPausedThere,
      start,
      rows: readRows(view, start, end),
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
      rows: to > from ? readRows(view, from, to) : [],
      movedFrom,
      active: this.#activeRow(view),
    };
  }

  #announce(view: TrafficView): ListExtent {
    const { firstSeq, nextSeq, dropped } = this.#recorder.extent;
    this.#announcedEnd = view.end;
    this.#announcedDropped = dropped;
    return { generation: this.#generation, first: view.first, end: view.end, kept: nextSeq - firstSeq, dropped };
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
    return { type: 'detail', seq, request, response, related: this.#relatedTo(summary) };
  }

  #detailOf(seq: number): MessageDetail | undefined {
    const record = this.#recorder.get(seq);
    if (!record) return undefined;
    const { body, ...summary } = record;
    if (body.length <= maxDetailChars) return { summary, body };
    return { summary, body: body.slice(0, maxDetailChars), omittedChars: body.length - maxDetailChars };
  }

  /** The notifications that belong to a request, oldest first. */
  #relatedTo(summary: WireSummary): WireSummary[] {
    if (summary.kind !== 'request') return [];
    const related: WireSummary[] = [];
    const { nextSeq } = this.#recorder.extent;
    // They come between the request and its response, so no list of them needs to be kept.
    const end = summary.pair ?? nextSeq;
    for (let seq = summary.seq + 1; seq < end && related.length < maxRelated; seq += 1) {
      const record = this.#recorder.summary(seq);
      if (record?.parent === summary.seq) related.push(record);
    }
    return related;
  }
}

function readRows(view: TrafficView, start: number, end: number): InspectorRow[] {
  const rows: InspectorRow[] = [];
  for (let position = start; position < end; position += 1) {
    const row = view.at(position);
    if (!row) continue;
    const { record, response } = row;
    rows.push(
      response
        ? { ...record, response: { seq: response.seq, bytes: response.bytes, tokens: response.tokens } }
        : { ...record },
    );
  }
  return rows;
}
