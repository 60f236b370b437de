import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { InspectorModel } from '../inspectorModel';
import type { ReplayModel } from '../replay/replayModel';
import { popupMenu } from '../ui/popupMenu';
import { columns, columnTracks, shownColumns, type Column } from './columns';
import { headerTemplate } from './listHeader';
import { rowMenu } from './rowMenu';
import { selectByClick, selectByKey } from './rowSelection';
import { rowTemplate } from './rowTemplate';

/** Height of every row in pixels, as in the editor's own lists. */
const rowHeight = 22;
/** Rows drawn beyond each edge, so that a small scroll shows no gap. */
const overscan = 8;
/** Below this width, in pixels, a row is one line: its state, its call, how long it took. */
const lineBelow = 420;
const lineColumns = columns.filter(({ name }) => ['time', 'target', 'duration'].includes(name));

/**
 * The list of exchanges. All rows have the same height, so only those in sight exist as elements, however long the list
 * is. The focus stays on the list itself, which names its active row (`aria-activedescendant`).
 */
export class TrafficList extends LitElement {
  model!: InspectorModel;
  replay!: ReplayModel;
  #stop: (() => void) | undefined;
  #resize: ResizeObserver | undefined;
  #scroller: HTMLElement | undefined;
  #scrollTop = 0;
  /** Where the element itself is scrolled to, as far as it said or was told. */
  #placed = 0;
  #height = 0;
  #width = 1000;
  /** First position at the last drawing, to keep the rows in place when older ones are dropped. */
  #drawnFirst = 0;
  #drawnGeneration = 0;
  #drawnActive: number | undefined;
  #drawnSeq: number | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.model.onChange(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.#resize?.disconnect();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override firstUpdated(): void {
    const scroller = this.querySelector<HTMLElement>('.grid');
    if (!scroller) return;
    this.#scroller = scroller;
    this.#resize = new ResizeObserver(() => {
      // The header covers the top of the list where the columns are shown.
      this.#width = scroller.clientWidth;
      this.#height = scroller.clientHeight - (this.querySelector<HTMLElement>('.header')?.offsetHeight ?? 0);
      this.requestUpdate();
    });
    this.#resize.observe(scroller);
  }

  protected override willUpdate(): void {
    // Before the rows are drawn, so that those that come into sight are drawn at once and the page is laid out once.
    if (this.#scroller) this.#keepInPlace();
  }

  protected override updated(): void {
    this.#scrollThere();
    const { start, end } = this.#range();
    this.model.show(start, end);
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const { first, end } = model.extent;
    const range = this.#range();
    const active = model.activePosition;
    const positions: number[] = [];
    for (let position = range.start; position < range.end; position += 1) positions.push(position);
    const isLine = this.#width < lineBelow;
    const list = isLine ? lineColumns : shownColumns(this.#width, (column) => model.isHidden(column), this.#widthOf);
    const isActiveDrawn = active !== undefined && active >= range.start && active < range.end;
    return html`
      <div
        class=${isLine ? 'grid lines' : 'grid'}
        role="treegrid"
        aria-label="MCP traffic"
        aria-multiselectable="true"
        aria-rowcount=${end - first + 1}
        aria-colcount=${list.length}
        .style=${`--columns:${isLine ? '8.5ch minmax(0, 1fr) auto' : columnTracks(list, this.#widthOf)}`}
        tabindex="0"
        aria-activedescendant=${isActiveDrawn ? `row-${active}` : nothing}
        @keydown=${this.#onKey}
        @scroll=${this.#onScroll}
        @click=${this.#onClick}
        @contextmenu=${this.#onContextMenu}
      >
        ${
          isLine
            ? nothing
            : headerTemplate({
                columns: list,
                sort: model.sort,
                widthOf: ({ name, width }) => model.widthOf(name) ?? width,
                onSort: (column) => model.sortBy(column),
                onResize: (column, width) => model.setWidth(column, width),
                onMenu: (place) => this.#openColumns(place),
              })
        }
        <div class="extent" role="presentation" .style=${`height:${(end - first) * rowHeight}px`}>
          <div class="drawn" role="rowgroup" .style=${`transform:translateY(${(range.start - first) * rowHeight}px)`}>
            ${repeat(
              positions,
              (position) => position,
              (position) => {
                const row = model.row(position);
                const isSelected = row !== undefined && model.selection.has(row.seq);
                const isActive = position === active;
                return rowTemplate({ position, rowIndex: position - first + 2, isActive, isSelected }, row, list);
              },
            )}
          </div>
        </div>
      </div>
    `;
  }

  readonly #widthOf = (column: Column['name']): number | undefined => this.model.widthOf(column);

  #openColumns(place: { x: number; y: number }): void {
    const { model } = this;
    popupMenu().open(
      'Columns',
      [
        ...columns
          .filter(({ name }) => name !== 'target')
          .map(({ name, label }) => ({
            label,
            isChecked: !model.isHidden(name),
            onSelect: () => {
              model.toggleColumn(name);
              this.#openColumns(place);
            },
          })),
        'separator' as const,
        { label: 'Reset columns', onSelect: () => model.resetColumns() },
      ],
      place,
    );
  }

  #openRowMenu(position: number, place: { x: number; y: number }): void {
    const { model } = this;
    model.activate(position);
    const row = model.row(position);
    if (row && !model.selection.has(row.seq)) model.selection.clear();
    if (row) popupMenu().open('Call', rowMenu(model, row, this.replay), place);
  }

  #range(): { start: number; end: number } {
    const { first, end } = this.model.extent;
    const top = this.#scrollTop;
    const inSight = Math.ceil(this.#height / rowHeight) + 1;
    const start = Math.max(first, Math.min(end - inSight, first + Math.floor(top / rowHeight)) - overscan);
    return { start, end: Math.min(end, start + inSight + 2 * overscan) };
  }

  /** Finds where what is read stays where it is, the newest is in sight when followed, and the active row is too. */
  #keepInPlace(): void {
    const { extent, follow, activePosition } = this.model;
    const bottom = Math.max(0, (extent.end - extent.first) * rowHeight - this.#height);
    let top = this.#scrollTop;
    if (extent.generation === this.#drawnGeneration) top -= (extent.first - this.#drawnFirst) * rowHeight;
    // In another order rows come and go above; the one that is read stays where it is.
    if (activePosition !== undefined && this.#drawnActive !== undefined && !this.model.isInOrder) {
      if (extent.generation === this.#drawnGeneration && this.#drawnSeq === this.model.active)
        top += (activePosition - this.#drawnActive) * rowHeight;
    }
    this.#drawnSeq = this.model.active;
    const isActiveNew = activePosition !== this.#drawnActive || extent.generation !== this.#drawnGeneration;
    if (follow) {
      top = bottom;
    } else if (activePosition !== undefined && isActiveNew) {
      const rowTop = (activePosition - extent.first) * rowHeight;
      if (rowTop < top) top = rowTop;
      else if (rowTop + rowHeight > top + this.#height) top = rowTop + rowHeight - this.#height;
    }
    this.#drawnFirst = extent.first;
    this.#drawnGeneration = extent.generation;
    this.#drawnActive = activePosition;
    this.#scrollTop = Math.min(bottom, Math.max(0, top));
  }

  /** Scrolls to that place, which is there once the rows are drawn. */
  #scrollThere(): void {
    // Reading where it is would make the browser lay the page out at once, so that is remembered.
    if (!this.#scroller || Math.abs(this.#scrollTop - this.#placed) < 1) return;
    this.#scroller.scrollTop = this.#scrollTop;
    this.#placed = this.#scrollTop;
  }

  readonly #onScroll = (): void => {
    const scroller = this.#scroller;
    if (!scroller) return;
    const top = scroller.scrollTop;
    this.#placed = top;
    // Our own scrolling has been taken into account already.
    if (Math.abs(top - this.#scrollTop) < 1) return;
    this.#scrollTop = top;
    const distance = scroller.scrollHeight - scroller.clientHeight - top;
    this.model.setFollow(distance < rowHeight / 2);
    this.requestUpdate();
  };

  readonly #onClick = (event: MouseEvent): void => {
    const row = (event.target as Element).closest<HTMLElement>('[data-position]');
    if (!row) return;
    const position = Number(row.dataset['position']);
    if (selectByClick(this.model, event, position)) {
      // With Shift the browser has selected the text in between.
      window.getSelection()?.removeAllRanges();
      return;
    }
    this.model.activate(position);
    if ((event.target as Element).closest('.twistie')) {
      this.model.expand(position, this.model.row(position)?.isExpanded !== true);
      return;
    }
    this.model.openDetail();
  };

  readonly #onContextMenu = (event: MouseEvent): void => {
    const row = (event.target as Element).closest<HTMLElement>('[data-position]');
    if (!row) return;
    event.preventDefault();
    this.#openRowMenu(Number(row.dataset['position']), { x: event.clientX, y: event.clientY });
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target !== this.#scroller) return;
    const { model } = this;
    const { first, end } = model.extent;
    const page = Math.max(1, Math.floor(this.#height / rowHeight) - 1);
    const active = model.activePosition;
    if (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')) {
      const row = active === undefined ? null : this.querySelector(`#row-${active}`);
      if (!row || active === undefined) return;
      const { left, bottom } = row.getBoundingClientRect();
      this.#openRowMenu(active, { x: left + 24, y: bottom });
      event.preventDefault();
      return;
    }
    switch (event.key) {
      case 'ArrowRight':
        if (active === undefined) return;
        if (model.row(active)?.isExpanded) model.activate(active + 1);
        else model.expand(active, true);
        break;
      case 'ArrowLeft':
        if (active === undefined) return;
        if (model.row(active)?.isPart) model.activate(this.#requestOf(active));
        else model.expand(active, false);
        break;
      case 'ArrowDown':
        model.activate(active === undefined ? this.#firstInSight() : active + 1);
        break;
      case 'ArrowUp':
        model.activate(active === undefined ? this.#lastInSight() : active - 1);
        break;
      case 'PageDown':
        model.activate((active ?? this.#firstInSight()) + page);
        break;
      case 'PageUp':
        model.activate((active ?? this.#lastInSight()) - page);
        break;
      case 'Home':
        model.activate(first);
        break;
      case 'End':
        model.activate(end - 1);
        break;
      case 'Enter':
      case ' ':
        model.openDetail();
        this.dispatchEvent(new CustomEvent('enterdetail', { bubbles: true }));
        break;
      default:
        return;
    }
    selectByKey(model, event, active);
    event.preventDefault();
    event.stopPropagation();
  };

  /** Position of the request that the part at `position` is shown under. */
  #requestOf(position: number): number {
    let at = position;
    while (at > this.model.extent.first && this.model.row(at)?.isPart) at -= 1;
    return at;
  }

  #firstInSight(): number {
    return this.model.extent.first + Math.ceil(this.#scrollTop / rowHeight);
  }

  #lastInSight(): number {
    return Math.min(this.model.extent.end - 1, this.#firstInSight() + Math.floor(this.#height / rowHeight) - 1);
  }
}
