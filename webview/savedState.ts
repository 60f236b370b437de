import { isRecord } from '../src/core/json';

/** What the page keeps while it is hidden and across reloads of the window. */
export interface SavedState {
  filter: string;
  follow: boolean;
  /** `seq` of the selected row. */
  active?: number;
  isDetailOpen: boolean;
  tab: DetailTab;
  /** Part of the width or height that the detail takes, 0 to 1. */
  split: number;
}

export const detailTabs = ['overview', 'request', 'response', 'aws'] as const;

export type DetailTab = (typeof detailTabs)[number];

/** State from an earlier version of the page, or from nowhere, must not break this one. */
export function readState(saved: unknown): SavedState {
  const state = isRecord(saved) ? saved : {};
  const { filter, follow, active, isDetailOpen, tab, split } = state;
  return {
    filter: typeof filter === 'string' ? filter.slice(0, 1000) : '',
    follow: follow !== false,
    ...(typeof active === 'number' && Number.isInteger(active) && active > 0 ? { active } : {}),
    isDetailOpen: isDetailOpen === true,
    tab: detailTabs.find((known) => known === tab) ?? 'overview',
    split: typeof split === 'number' && split > 0.1 && split < 0.9 ? split : 0.45,
  };
}
