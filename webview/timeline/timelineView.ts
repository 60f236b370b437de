import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { TimelineLane } from '../../src/traffic/timeline';
import { spokenRow } from '../describeRow';
import { clockTime, count, counted, duration, exactTime, milliseconds, shown } from '../format';
import { iconButton, progressRing, textButton } from '../ui/controls';
import {
  drawLanes,
  drawOverview,
  drawRuler,
  laneTitleHeight,
  laneTopsOf,
  rowHeight,
  spanAt,
  type LaneTops,
  type SpanHit,
} from './drawTimeline';
import { readColors } from './timelineColors';
import type { TimelineModel } from './timelineModel';
import type { TimeRange } from './timeRange';
import { TimeScale } from './timeScale';

const overviewHeight = 40;
const rulerHeight = 22;
/** Movement in pixels from which a press counts as a drag. */
const dragFrom = 4;
const zoomStep = 0.6;

/** What a pressed pointer does until it is let go. */
interface Drag {
  kind: 'pan' | 'mark' | 'window' | 'newWindow';
  pointerId: number;
  startX: number;
  startY: number;
  /** What was in sight, and how far was scrolled, when it began. */
  sight: TimeRange;
  scrollTop: number;
  hasMoved: boolean;
}

/** Calls over time, in lanes by client and server, drawn on a canvas. */
export class TimelineView extends LitElement {
  model!: TimelineModel;
  #stop: (() => void) | undefined;
  #resize: ResizeObserver | undefined;
  #frame: number | undefined;
  #drag: Drag | undefined;
  #hit: (SpanHit & { x: number; y: number }) | undefined;
  #tops: LaneTops = { tops: [], height: 0 };
  #spoken: number | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.model.onChange(() => this.requestUpdate());
    this.model.watch();
    // Colours come with the theme, which the editor changes without a word to the page.
    this.#theme.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
    this.#theme.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.#resize?.disconnect();
    this.#resize = undefined;
    this.#theme.disconnect();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.model.unwatch();
  }

  readonly #theme = new MutationObserver(() => this.#scheduleDrawing());

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override updated(): void {
    const lanes = this.#lanes;
    if (lanes && !this.#resize) {
      this.#resize = new ResizeObserver(() => this.#scheduleDrawing());
      this.#resize.observe(lanes);
      // Not passive: the page must not scroll while it zooms.
      lanes.addEventListener('wheel', this.#onWheel, { passive: false });
    } else if (!lanes) {
      this.#resize?.disconnect();
      this.#resize = undefined;
    }
    this.#announce();
    this.#scheduleDrawing();
  }

  get #lanes(): HTMLElement | null {
    return this.querySelector<HTMLElement>('.lanes');
  }

  get #scale(): TimeScale {
    return new TimeScale(this.model.sight, this.#lanes?.clientWidth ?? 1);
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const { timeline } = model;
    if (!timeline) return html`<div class="empty-state">${progressRing('Loading')}</div>`;
    if (!timeline.extent) {
      return html`<div class="empty-state">
        <p>${model.filter === '' ? 'No call was recorded yet.' : 'No recorded call matches this filter.'}</p>
        ${model.filter === '' ? nothing : textButton('Clear the filter', () => model.clearFilter())}
      </div>`;
    }
    const { lanes } = timeline.drawn;
    this.#tops = laneTopsOf(lanes);
    return html`
      ${this.#bar()}
      <canvas
        class="overview"
        aria-hidden="true"
        @pointerdown=${this.#onOverviewDown}
        @pointermove=${this.#onPointerMove}
        @pointerup=${this.#onPointerUp}
        @pointercancel=${this.#onPointerUp}
      ></canvas>
      <canvas
        class="ruler"
        aria-hidden="true"
        title="Drag to mark a range"
        @pointerdown=${this.#onRulerDown}
        @pointermove=${this.#onPointerMove}
        @pointerup=${this.#onPointerUp}
        @pointercancel=${this.#onPointerUp}
      ></canvas>
      <div
        class="lanes"
        role="application"
        aria-roledescription="timeline"
        aria-label=${`Timeline, ${counted(lanes.length, 'lane')}`}
        aria-describedby="timeline-help"
        tabindex="0"
        @keydown=${this.#onKey}
        @scroll=${() => this.#scheduleDrawing()}
        @pointerdown=${this.#onLanesDown}
        @pointermove=${this.#onPointerMove}
        @pointerup=${this.#onPointerUp}
        @pointercancel=${this.#onPointerUp}
        @pointerleave=${() => this.#setHit(undefined)}
        @dblclick=${this.#onDoubleClick}
      >
        <div class="lanes-extent" .style=${`height:${this.#tops.height}px`}>
          <canvas class="spans" aria-hidden="true"></canvas>
          ${lanes.map((lane, index) => laneTitle(lane, this.#tops.tops[index] ?? 0))}
        </div>
      </div>
      ${
        timeline.hiddenLanes > 0
          ? html`<p class="quiet omitted">
              ${counted(timeline.hiddenLanes, 'more lane')}. Filter by client or server to see them.
            </p>`
          : nothing
      }
      ${this.#tooltip()} ${lanesTable(lanes)}
      <p class="unseen" id="timeline-help">
        Arrow keys move between calls and lanes, Enter opens one. Plus and minus zoom, Shift and arrow keys pan, 0 shows
        all. Square brackets mark from or to the call, L lists the calls in sight, Escape takes the mark away.
      </p>
      <div class="unseen" role="status">${model.notice}</div>
    `;
  }

  #bar(): TemplateResult {
    const { model } = this;
    const { sight, marked, markedCount } = model;
    return html`<div class="view-bar">
      <span
        class="span grow quiet"
        title=${`${exactTime(Math.round(sight.from))} to ${exactTime(Math.round(sight.to))}`}
      >
        ${clockTime(sight.from)}${milliseconds(Math.floor(sight.from))} –
        ${clockTime(sight.to)}${milliseconds(Math.floor(sight.to))}<span class="span-length"
          >${duration(sight.to - sight.from)}</span
        >
      </span>
      ${
        marked
          ? html`<span class="marked-range"
              ><span>${markedText(marked, markedCount)}</span>
              ${iconButton({ icon: 'list-flat', label: 'List the marked calls', onClick: () => model.list(marked) })}
              ${iconButton({ icon: 'close', label: 'Take the mark away (Esc)', onClick: () => model.limitTo(undefined) })}
            </span>`
          : nothing
      }
      ${iconButton({ icon: 'zoom-out', label: 'Zoom out (-)', onClick: () => model.zoom(1 / zoomStep) })}
      ${iconButton({ icon: 'zoom-in', label: 'Zoom in (+)', onClick: () => model.zoom(zoomStep) })}
      ${iconButton({ icon: 'screen-full', label: 'Show all (0)', onClick: () => model.fit() })}
    </div>`;
  }

  #tooltip(): TemplateResult | typeof nothing {
    const hit = this.#hit;
    if (!hit) return nothing;
    const facts = [
      hit.count > 1 ? counted(hit.count, 'call') : duration(hit.end - hit.start),
      hit.count > 1
        ? hit.errors > 0
          ? counted(hit.errors, 'error')
          : ''
        : ({ ok: '', error: 'failed' }[hit.tone] ?? hit.tone),
      `${clockTime(hit.start)}${milliseconds(Math.floor(hit.start))}`,
    ].filter(Boolean);
    const isRight = hit.x > this.clientWidth / 2;
    return html`<div
      class="span-tip"
      role="tooltip"
      .style=${`top:${hit.y + 14}px;${isRight ? `right:${this.clientWidth - hit.x + 4}px` : `left:${hit.x + 4}px`}`}
    >
      ${hit.name === '' ? nothing : html`<div class="tip-name">${shown(hit.name)}</div>`}
      <div class="quiet">${facts.join(' · ')}</div>
      ${hit.aws === undefined ? nothing : html`<div>AWS ${shown(hit.aws)}</div>`}
    </div>`;
  }

  #scheduleDrawing(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#draw();
    });
  }

  #draw(): void {
    const { timeline, sight, marked, place, openSeq } = this.model;
    const lanes = this.#lanes;
    if (!timeline?.extent || !lanes) return;
    const width = lanes.clientWidth;
    const height = lanes.clientHeight;
    this.model.setColumns(width);
    const colors = readColors(this);
    const scale = new TimeScale(sight, width);
    const isFocused = document.activeElement === lanes;
    const canvas = this.querySelector<HTMLCanvasElement>('.spans');
    const context = canvas && sized(canvas, width, height);
    if (context) {
      drawLanes(context, {
        drawn: timeline.drawn,
        scale,
        tops: this.#tops,
        scrollTop: lanes.scrollTop,
        height,
        colors,
        marked,
        selected: openSeq,
        focused: isFocused ? place?.record.seq : undefined,
        end: timeline.extent.to,
      });
    }
    const ruler = this.querySelector<HTMLCanvasElement>('.ruler');
    const rulerContext = ruler && sized(ruler, width, rulerHeight);
    if (rulerContext) drawRuler(rulerContext, scale, rulerHeight, colors, marked);
    const overview = this.querySelector<HTMLCanvasElement>('.overview');
    const overviewContext = overview && sized(overview, width, overviewHeight);
    if (overviewContext) {
      drawOverview(overviewContext, {
        overview: timeline.overview,
        extent: timeline.extent,
        sight,
        scale: this.#overviewScale,
        height: overviewHeight,
        colors,
        marked,
      });
    }
  }

  get #overviewScale(): TimeScale {
    return new TimeScale(this.model.whole, this.#lanes?.clientWidth ?? 1);
  }

  /** Says the call that the keyboard came to. */
  #announce(): void {
    const { place } = this.model;
    if (!place || place.record.seq === this.#spoken) return;
    this.#spoken = place.record.seq;
    this.#scrollTo(place.place.lane, place.place.row);
    this.model.say(`${spokenRow(place.record)}, ${clockTime(place.record.time)}`);
  }

  #scrollTo(lane: number, row: number): void {
    const lanes = this.#lanes;
    if (!lanes) return;
    const top = (this.#tops.tops[lane] ?? 0) + row * rowHeight;
    const bottom = top + laneTitleHeight + rowHeight;
    if (top < lanes.scrollTop) lanes.scrollTop = top;
    else if (bottom > lanes.scrollTop + lanes.clientHeight) lanes.scrollTop = bottom - lanes.clientHeight;
  }

  #setHit(hit: (SpanHit & { x: number; y: number }) | undefined): void {
    if (!hit && !this.#hit) return;
    this.#hit = hit;
    this.requestUpdate();
  }

  #hitAt(event: MouseEvent): SpanHit | undefined {
    const lanes = this.#lanes;
    const drawn = this.model.timeline?.drawn;
    if (!lanes || !drawn) return undefined;
    const frame = lanes.getBoundingClientRect();
    const y = event.clientY - frame.top + lanes.scrollTop;
    return spanAt(drawn, this.#scale, this.#tops, event.clientX - frame.left, y);
  }

  #startDrag(kind: Drag['kind'], event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#setHit(undefined);
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.#drag = {
      kind,
      pointerId: event.pointerId,
      startX: event.clientX,
      startY: event.clientY,
      sight: this.model.sight,
      scrollTop: this.#lanes?.scrollTop ?? 0,
      hasMoved: false,
    };
  }

  readonly #onLanesDown = (event: PointerEvent): void => {
    // A press on the scroll bar is none on the lanes.
    const lanes = this.#lanes;
    if (lanes && event.clientX > lanes.getBoundingClientRect().left + lanes.clientWidth) return;
    this.#startDrag(event.shiftKey ? 'mark' : 'pan', event);
  };

  readonly #onRulerDown = (event: PointerEvent): void => this.#startDrag('mark', event);

  readonly #onOverviewDown = (event: PointerEvent): void => {
    const { sight, isZoomed } = this.model;
    const time = this.#overviewScale.time(this.#xOf(event.clientX));
    this.#startDrag(isZoomed && time >= sight.from && time <= sight.to ? 'window' : 'newWindow', event);
  };

  readonly #onPointerMove = (event: PointerEvent): void => {
    const drag = this.#drag;
    if (!drag) {
      if (event.currentTarget === this.#lanes) this.#hover(event);
      return;
    }
    if (event.pointerId !== drag.pointerId) return;
    const moved = event.clientX - drag.startX;
    if (!drag.hasMoved && Math.hypot(moved, event.clientY - drag.startY) < dragFrom) return;
    drag.hasMoved = true;
    const span = drag.sight.to - drag.sight.from;
    const lanes = this.#lanes;
    if (drag.kind === 'pan') {
      const by = (moved / Math.max(1, lanes?.clientWidth ?? 1)) * span;
      if (lanes) lanes.scrollTop = drag.scrollTop - (event.clientY - drag.startY);
      this.model.show({ from: drag.sight.from - by, to: drag.sight.to - by });
    } else if (drag.kind === 'window') {
      const by = this.#overviewScale.time(event.clientX) - this.#overviewScale.time(drag.startX);
      this.model.show({ from: drag.sight.from + by, to: drag.sight.to + by });
    } else if (drag.kind === 'newWindow') {
      this.model.show(this.#rangeOf(this.#overviewScale, drag, event));
    } else {
      this.model.mark(this.#rangeOf(this.#scale, drag, event));
    }
  };

  readonly #onPointerUp = (event: PointerEvent): void => {
    const drag = this.#drag;
    if (!drag || event.pointerId !== drag.pointerId) return;
    this.#drag = undefined;
    const isClick = !drag.hasMoved && event.type === 'pointerup';
    if (drag.kind === 'mark') {
      if (drag.hasMoved && event.type === 'pointerup') this.model.limitTo(this.#rangeOf(this.#scale, drag, event));
      else if (isClick) this.model.limitTo(undefined);
      else this.model.mark(undefined);
    } else if (drag.kind === 'pan' && isClick) {
      const hit = this.#hitAt(event);
      if (hit && hit.count > 1) this.#zoomTo(hit);
      else if (hit) this.model.open(hit.seq);
    } else if (drag.kind === 'newWindow' && isClick && this.model.isZoomed) {
      const middle = this.#overviewScale.time(this.#xOf(event.clientX));
      const half = (drag.sight.to - drag.sight.from) / 2;
      this.model.show({ from: middle - half, to: middle + half });
    }
  };

  readonly #onDoubleClick = (event: MouseEvent): void => {
    const hit = this.#hitAt(event);
    if (hit) this.#zoomTo(hit);
  };

  #zoomTo({ start, end }: SpanHit): void {
    const room = Math.max(1, (end - start) * 0.25);
    this.model.show({ from: start - room, to: end + room });
  }

  #hover(event: PointerEvent): void {
    const hit = this.#hitAt(event);
    const frame = this.getBoundingClientRect();
    this.#setHit(hit && { ...hit, x: event.clientX - frame.left, y: event.clientY - frame.top });
  }

  #rangeOf(scale: TimeScale, drag: Drag, event: PointerEvent): TimeRange {
    const [one, other] = [scale.time(this.#xOf(drag.startX)), scale.time(this.#xOf(event.clientX))];
    return { from: Math.min(one, other), to: Math.max(one, other) };
  }

  #xOf(clientX: number): number {
    return clientX - (this.#lanes?.getBoundingClientRect().left ?? 0);
  }

  readonly #onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    this.#setHit(undefined);
    const width = Math.max(1, this.#lanes?.clientWidth ?? 1);
    const lineHeight = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const [across, along] = [event.deltaY * lineHeight, event.deltaX * lineHeight];
    // With Shift some systems turn the wheel sideways by themselves.
    const sideways = event.shiftKey && along === 0 ? across : along;
    if (Math.abs(sideways) > Math.abs(across) || event.shiftKey) {
      this.model.pan(sideways / width);
    } else {
      const at = this.#scale.time(this.#xOf(event.clientX));
      this.model.zoom(1.0025 ** Math.min(400, Math.max(-400, across)), at);
    }
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { model } = this;
    const place = model.place?.place;
    const at = place ? Math.max(model.sight.from, Math.min(model.sight.to, place.start)) : undefined;
    switch (event.key) {
      case 'ArrowRight':
        if (event.shiftKey) model.pan(0.2);
        else model.step('next');
        break;
      case 'ArrowLeft':
        if (event.shiftKey) model.pan(-0.2);
        else model.step('previous');
        break;
      case 'ArrowDown':
        model.step('below');
        break;
      case 'ArrowUp':
        model.step('above');
        break;
      case 'Home':
        model.step('first');
        break;
      case 'End':
        model.step('last');
        break;
      case 'Enter':
      case ' ':
        model.openPlace();
        this.dispatchEvent(new CustomEvent('enterdetail', { bubbles: true }));
        break;
      case '+':
      case '=':
        model.zoom(zoomStep, at);
        break;
      case '-':
      case '_':
        model.zoom(1 / zoomStep, at);
        break;
      case '0':
        model.fit();
        break;
      case 'l':
        model.list(model.sight);
        break;
      case '[':
        if (place) model.limitTo({ from: place.start, to: Math.max(model.marked?.to ?? place.end, place.start + 1) });
        break;
      case ']':
        if (place) model.limitTo({ from: Math.min(model.marked?.from ?? place.start, place.end), to: place.end + 1 });
        break;
      case 'Escape':
        if (!model.marked) return;
        model.limitTo(undefined);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
}

function markedText({ from, to }: TimeRange, holds: { calls: number; errors: number } | undefined): TemplateResult {
  const length = `Marked ${duration(to - from)}`;
  if (!holds) return html`${length}`;
  const { calls, errors } = holds;
  const failed = errors > 0 ? html`, <span class="some">${counted(errors, 'error')}</span>` : nothing;
  return html`${`${length}, ${counted(calls, 'call')}`}${failed}`;
}

function laneTitle({ client, server, calls, errors, pending }: TimelineLane, top: number): TemplateResult {
  return html`<div class="lane-title" aria-hidden="true" .style=${`top:${top}px`}>
    <span>${shown(client)}</span><span class="quiet arrow">→</span><span>${shown(server)}</span>
    <span class="quiet">${counted(calls, 'call')}</span>
    ${errors > 0 ? html`<span class="some">${counted(errors, 'error')}</span>` : nothing}
    ${pending > 0 ? html`<span class="waits">${count(pending)} pending</span>` : nothing}
  </div>`;
}

/** The same lanes for those who do not see the drawing. */
function lanesTable(lanes: readonly TimelineLane[]): TemplateResult {
  return html`<table class="unseen" aria-label="Lanes">
    <thead>
      <tr>
        <th scope="col">Client</th>
        <th scope="col">Server</th>
        <th scope="col">Calls</th>
        <th scope="col">Errors</th>
        <th scope="col">Pending</th>
      </tr>
    </thead>
    <tbody>
      ${lanes.map(
        ({ client, server, calls, errors, pending }) =>
          html`<tr>
            <td>${shown(client)}</td>
            <td>${shown(server)}</td>
            <td>${calls}</td>
            <td>${errors}</td>
            <td>${pending}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Gives a canvas that size in CSS pixels, as sharp as the screen is. */
function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  const [pixelsWide, pixelsHigh] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== pixelsWide || canvas.height !== pixelsHigh) {
    canvas.width = pixelsWide;
    canvas.height = pixelsHigh;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext('2d');
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
