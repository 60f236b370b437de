import { isRecord } from '../src/core/json';
import { sortColumns, type SortColumn, type TrafficSort } from '../src/traffic/trafficSort';

/** What the page keeps while it is hidden and across reloads of the window. */
export interface SavedState {
  /** The view that is shown. */
  page: PageTab;
  filter: string;
  follow: boolean;
  sort: TrafficSort;
  /** Columns of the list that are not shown. */
  hidden: SortColumn[];
  /** Widths of columns that somebody changed, in pixels. */
  widths: Partial<Record<SortColumn, number>>;
  /** `seq` of the requests whose parts are shown. */
  expanded: number[];
  /** `seq` of the selected row. */
  active?: number;
  isDetailOpen: boolean;
  tab: DetailTab;
  /** Part of the width or height that the detail takes, 0 to 1. */
  split: number;
  /** How messages are shown. */
  form: MessageForm;
}

/** The views of the page, in the order of their tabs. */
export const pageTabs = ['exchanges', 'messages', 'statistics', 'timeline', 'schemas', 'tryIt', 'replay'] as const;

export type PageTab = (typeof pageTabs)[number];

export const detailTabs = ['overview', 'both', 'request', 'response', 'aws', 'checks', 'replay'] as const;

/** A tree, the JSON text as it is, the bytes as they came, what was sent before a filter changed it, the HTTP headers. */
export const messageForms = ['tree', 'raw', 'bytes', 'sent', 'headers'] as const;

export type MessageForm = (typeof messageForms)[number];

/** Columns that few look for, shown when they are asked for. */
export const hiddenAtFirst: readonly SortColumn[] = ['method', 'status'];

const maxExpanded = 1000;

export type DetailTab = (typeof detailTabs)[number];

/** State from an earlier version of the page, or from nowhere, must not break this one. */
export function readState(saved: unknown): SavedState {
  const state = isRecord(saved) ? saved : {};
  const { page, filter, follow, active, isDetailOpen, tab, split, form, hidden, expanded } = state;
  return {
    page: pageTabs.find((known) => known === page) ?? 'exchanges',
    filter: typeof filter === 'string' ? filter.slice(0, 1000) : '',
    follow: follow !== false,
    sort: readSort(state['sort']),
    hidden: Array.isArray(hidden) ? sortColumns.filter((column) => hidden.includes(column)) : [...hiddenAtFirst],
    widths: readWidths(state['widths']),
    expanded: Array.isArray(expanded)
      ? (expanded as unknown[])
          .filter((seq): seq is number => Number.isInteger(seq) && Number(seq) > 0)
          .slice(0, maxExpanded)
      : [],
    ...(typeof active === 'number' && Number.isInteger(active) && active > 0 ? { active } : {}),
    isDetailOpen: isDetailOpen === true,
    tab: detailTabs.find((known) => known === tab) ?? 'overview',
    split: typeof split === 'number' && split > 0.1 && split < 0.9 ? split : 0.45,
    form: messageForms.find((known) => known === form) ?? 'tree',
  };
}

function readSort(saved: unknown): TrafficSort {
  const { column, isDescending } = isRecord(saved) ? saved : {};
  return { column: sortColumns.find((known) => known === column) ?? 'time', isDescending: isDescending === true };
}

function readWidths(saved: unknown): SavedState['widths'] {
  const widths: SavedState['widths'] = {};
  for (const column of sortColumns) {
    const width = isRecord(saved) ? saved[column] : undefined;
    if (typeof width === 'number' && width >= 24 && width <= 1000) widths[column] = Math.round(width);
  }
  return widths;
}
