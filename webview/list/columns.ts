import { html, nothing, type TemplateResult } from 'lit';
import type { InspectorRow } from '../../src/protocol/inspector';
import type { SortColumn } from '../../src/traffic/trafficSort';
import { lookOf, nameOf } from '../describeRow';
import {
  clockTime,
  duration,
  exactTime,
  milliseconds,
  plainKilobytes,
  plainMilliseconds,
  shown,
  size,
  tokenCount,
} from '../format';
import { icon } from '../ui/icons';

/** A column of the list. */
export interface Column {
  name: SortColumn;
  /** As the header has it. */
  title: string;
  /** What it is in words, for hovering and for menus. */
  label: string;
  /** Pixels; the call takes what the others leave, and this at least. */
  width: number;
  isNumber?: true;
  /** Left out first where there is no room for all. */
  rank: number;
  cell: (row: InspectorRow) => TemplateResult;
}

/** All columns, in their order. Units stand in the header, not in the cells. */
export const columns: readonly Column[] = [
  {
    name: 'time',
    title: 'Time',
    label: 'Time',
    width: 88,
    rank: 9,
    cell: (row) =>
      html`<span
        class="cell time"
        role="gridcell"
        title=${row.isEarlier ? `${exactTime(row.time)}, before this window was loaded` : exactTime(row.time)}
        >${clockTime(row.time)}<span class="fraction">${milliseconds(row.time)}</span></span
      >`,
  },
  {
    name: 'client',
    title: 'Client',
    label: 'Client',
    width: 120,
    rank: 7,
    cell: (row) =>
      html`<span class="cell client" role="gridcell" title=${`${shown(row.client)}, session ${shown(row.session)}`}
        >${shown(row.client)}</span
      >`,
  },
  {
    name: 'server',
    title: 'Server',
    label: 'Server',
    width: 100,
    rank: 5,
    cell: (row) =>
      html`<span class="cell server" role="gridcell" title=${shown(row.server)}>${shown(row.server)}</span>`,
  },
  {
    name: 'method',
    title: 'Method',
    label: 'Method',
    width: 140,
    rank: 1,
    cell: (row) =>
      html`<span class="cell method" role="gridcell" title=${shown(row.method)}>${shown(row.method)}</span>`,
  },
  { name: 'target', title: 'Call', label: 'Tool or name', width: 250, rank: 10, cell: callCell },
  {
    name: 'status',
    title: 'Status',
    label: 'Status',
    width: 76,
    rank: 2,
    cell: (row) => html`<span class="cell status" role="gridcell">${row.status ?? nothing}</span>`,
  },
  {
    name: 'duration',
    title: 'ms',
    label: 'Duration in milliseconds',
    width: 56,
    isNumber: true,
    rank: 8,
    cell: (row) =>
      html`<span
        class="cell number duration"
        role="gridcell"
        title=${row.durationMs === undefined ? nothing : duration(row.durationMs)}
        >${
          row.durationMs === undefined
            ? nothing
            : html`<span class="bare">${plainMilliseconds(row.durationMs)}</span
                ><span class="with-unit">${duration(row.durationMs)}</span>`
        }</span
      >`,
  },
  {
    name: 'size',
    title: 'kB',
    label: 'Size of request and response in kilobytes',
    width: 56,
    isNumber: true,
    rank: 6,
    cell: (row) => {
      const bytes = row.bytes + (row.response?.bytes ?? 0);
      return html`<span class="cell number size" role="gridcell" title=${size(bytes)}>${plainKilobytes(bytes)}</span>`;
    },
  },
  {
    name: 'tokens',
    title: 'Tokens',
    label: 'Estimated tokens of request and response',
    width: 60,
    isNumber: true,
    rank: 4,
    cell: (row) =>
      html`<span class="cell number tokens" role="gridcell"
        >${tokenCount(row.tokens + (row.response?.tokens ?? 0))}</span
      >`,
  },
  {
    name: 'aws',
    title: 'AWS',
    label: 'Requests made to AWS',
    width: 48,
    isNumber: true,
    rank: 3,
    cell: (row) => html`<span class="cell number aws" role="gridcell">${row.awsRequests?.length ?? nothing}</span>`,
  },
];

const gap = 12;
/** Beside and between the columns. */
const edges = 24;

/** The columns that are shown in a list of that width, in pixels, with the widths that somebody gave them. */
export function shownColumns(
  width: number,
  isHidden: (column: SortColumn) => boolean,
  widthOf: (column: SortColumn) => number | undefined,
): readonly Column[] {
  let list = columns.filter(({ name }) => name === 'target' || !isHidden(name));
  const needed = (): number =>
    edges + list.reduce((sum, { name, width: own }) => sum + (widthOf(name) ?? own) + gap, -gap);
  while (list.length > 1 && needed() > width) {
    const least = list.reduce((left, right) => (left.rank < right.rank ? left : right));
    list = list.filter((column) => column !== least);
  }
  return list;
}

/** Value of `grid-template-columns`. */
export function columnTracks(list: readonly Column[], widthOf: (column: SortColumn) => number | undefined): string {
  return list
    .map(({ name, width }) => (name === 'target' ? 'minmax(0, 1fr)' : `${widthOf(name) ?? width}px`))
    .join(' ');
}

function callCell(row: InspectorRow): TemplateResult {
  const look = lookOf(row);
  const { name, about } = nameOf(row);
  const title = [`${name}${about === '' ? '' : ` ${about}`}`, look.state, shown(row.note)].filter(Boolean).join('\n');
  const parts = row.parts ?? 0;
  return html`<span class="cell call" role="gridcell" title=${title}
    ><span class="twistie">${parts > 0 ? icon(row.isExpanded ? 'chevron-down' : 'chevron-right') : nothing}</span
    >${icon(look.icon)}<span class="name">${name}</span>${
      about === '' ? nothing : html`<span class="about">${about}</span>`
    }${row.oddities === undefined ? nothing : html`<span class="odd" title="Against the protocol">${icon('warning')}</span>`}${
      row.note === undefined ? nothing : html`<span class="note">${shown(row.note)}</span>`
    }</span
  >`;
}
