import { html, nothing, type TemplateResult } from 'lit';
import type { SortColumn, TrafficSort } from '../../src/traffic/trafficSort';
import { iconButton } from '../ui/controls';
import { icon } from '../ui/icons';
import type { Column } from './columns';

export interface ListHeader {
  columns: readonly Column[];
  sort: TrafficSort;
  /** The width of a column now, in pixels. */
  widthOf: (column: Column) => number;
  onSort: (column: SortColumn) => void;
  onResize: (column: SortColumn, width: number) => void;
  /** Opens the list of columns, below or at a place in the page. */
  onMenu: (place: { x: number; y: number }) => void;
}

const keyStep = 10;

/**
 * The names of the columns: buttons that sort. Their right edge is dragged to resize; with the keyboard Shift and the
 * arrow keys do that.
 */
export function headerTemplate(header: ListHeader): TemplateResult {
  const { columns, onMenu } = header;
  const openMenu = (event: MouseEvent): void => {
    event.preventDefault();
    onMenu({ x: event.clientX, y: event.clientY });
  };
  return html`<div class="row header" role="row" aria-rowindex="1" @contextmenu=${openMenu} @keydown=${onHeaderKey}>
    ${columns.map((column, index) => headerCell(header, column, index))}
    <span class="cell column-menu" role="columnheader" aria-label="Columns">
      ${iconButton({
        icon: 'list-selection',
        label: 'Choose columns',
        tabIndex: -1,
        onClick: (event) => {
          const { right, bottom } = (event.currentTarget as HTMLElement).getBoundingClientRect();
          onMenu({ x: right - 220, y: bottom });
        },
      })}
    </span>
  </div>`;
}

function headerCell(
  { sort, widthOf, onSort, onResize, onMenu }: ListHeader,
  column: Column,
  index: number,
): TemplateResult {
  const { name, title, label, isNumber } = column;
  const isSorted = sort.column === name;
  const press = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? keyStep : event.key === 'ArrowLeft' ? -keyStep : 0;
    if (event.shiftKey && step !== 0 && name !== 'target') onResize(name, widthOf(column) + step);
    else if (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')) {
      const { left, bottom } = (event.currentTarget as HTMLElement).getBoundingClientRect();
      onMenu({ x: left, y: bottom });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<span
    class=${isNumber ? 'cell number' : 'cell'}
    role="columnheader"
    aria-sort=${isSorted ? (sort.isDescending ? 'descending' : 'ascending') : nothing}
    ><button
      class="sorter"
      data-column=${name}
      title=${`${label}. Sort; Shift with an arrow key resizes.`}
      tabindex=${index === 0 ? 0 : -1}
      @click=${() => onSort(name)}
      @keydown=${press}
    >
      <span class="title">${title}</span
      >${isSorted ? icon(sort.isDescending ? 'triangle-down' : 'triangle-up') : nothing}</button
    >${name === 'target' ? nothing : edgeTemplate(column, widthOf, onResize)}</span
  >`;
}

/** The edge of a column, for the pointer only: keys resize from the button. */
function edgeTemplate(
  column: Column,
  widthOf: ListHeader['widthOf'],
  onResize: ListHeader['onResize'],
): TemplateResult {
  const press = (event: PointerEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    const edge = event.currentTarget as HTMLElement;
    const start = event.clientX;
    const width = widthOf(column);
    // Columns right of the call grow to the left.
    const way = edge.dataset['way'] === 'left' ? -1 : 1;
    edge.setPointerCapture(event.pointerId);
    const move = (to: PointerEvent): void => onResize(column.name, width + way * (to.clientX - start));
    const end = (): void => {
      edge.removeEventListener('pointermove', move);
      edge.removeEventListener('pointerup', end);
      edge.removeEventListener('pointercancel', end);
    };
    edge.addEventListener('pointermove', move);
    edge.addEventListener('pointerup', end);
    edge.addEventListener('pointercancel', end);
  };
  const isLeft = column.isNumber === true || column.name === 'status';
  return html`<span
    class=${isLeft ? 'edge left' : 'edge'}
    data-way=${isLeft ? 'left' : 'right'}
    aria-hidden="true"
    @pointerdown=${press}
    @click=${(event: Event) => event.stopPropagation()}
  ></span>`;
}

/** One tab stop for all columns; the arrow keys move between them. */
function onHeaderKey(event: KeyboardEvent): void {
  if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
  const buttons = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('.sorter')];
  const current = buttons.findIndex((button) => button === document.activeElement);
  let next: number;
  if (event.key === 'ArrowRight') next = Math.min(buttons.length - 1, current + 1);
  else if (event.key === 'ArrowLeft') next = Math.max(0, current - 1);
  else if (event.key === 'Home') next = 0;
  else if (event.key === 'End') next = buttons.length - 1;
  else if (event.key === 'Enter' || event.key === ' ') {
    // The button itself acts on these; the list behind must not.
    event.stopPropagation();
    return;
  } else return;
  buttons[next]?.focus();
  event.preventDefault();
  event.stopPropagation();
}
