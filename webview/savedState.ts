import { isRecord } from '../src/core/json';

/** What the page keeps while it is hidden and across reloads of the window. */
export interface SavedState {
  /** The view that is shown. */
  page: PageTab;
  filter: string;
  follow: boolean;
  /** `seq` of the selected row. */
  active?: number;
  isDetailOpen: boolean;
  tab: DetailTab;
  /** Part of the width or height that the detail takes, 0 to 1. */
  split: number;
}

/** The views of the page, in the order of their tabs. */
export const pageTabs = ['exchanges', 'messages', 'statistics', 'timeline'] as const;

export type PageTab = (typeof pageTabs)[number];

export const detailTabs = ['overview', 'request', 'response', 'aws'] as const;

export type DetailTab = (typeof detailTabs)[number];

/** State from an earlier version of the page, or from nowhere, must not break this one. */
export function readState(saved: unknown): SavedState {
  const state = isRecord(saved) ? saved : {};
  const { page, filter, follow, active, isDetailOpen, tab, split } = state;
  return {
    page: pageTabs.find((known) => known === page) ?? 'exchanges',
    filter: typeof filter === 'string' ? filter.slice(0, 1000) : '',
    follow: follow !== false,
    ...(typeof active === 'number' && Number.isInteger(active) && active > 0 ? { active } : {}),
    isDetailOpen: isDetailOpen === true,
    tab: detailTabs.find((known) => known === tab) ?? 'overview',
    split: typeof split === 'number' && split > 0.1 && split < 0.9 ? split : 0.45,
  };
}
