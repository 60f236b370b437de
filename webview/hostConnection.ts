import type { InspectorHostMessage, InspectorWebviewMessage } from '../src/protocol/inspector';
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

/** The editor on the other side. */
export interface HostConnection {
  post(message: InspectorWebviewMessage): void;
  load(): SavedState;
  save(state: SavedState): void;
  onMessage(listener: (message: InspectorHostMessage) => void): void;
}

/** Connects to the editor. May be called once in the life of a page (`acquireVsCodeApi`). */
export function connectHost(): HostConnection {
  const api = acquireVsCodeApi();
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the editor's object is no window
    post: (message) => api.postMessage(message),
    load: () => readState(api.getState()),
    save: (state) => void api.setState(state),
    onMessage: (listener) =>
      window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (isHostMessage(data)) listener(data);
      }),
  };
}

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

/**
 * Whether a message is of the protocol. Other scripts cannot run in the page, but the editor's own frames also post
 * messages to it.
 */
export function isHostMessage(data: unknown): data is InspectorHostMessage {
  if (!isRecord(data)) return false;
  switch (data['type']) {
    case 'reset':
      return (
        isExtent(data['extent']) &&
        Array.isArray(data['rows']) &&
        Array.isArray(data['filterProblems']) &&
        typeof data['filter'] === 'string' &&
        typeof data['start'] === 'number'
      );
    case 'rows':
      return isExtent(data['extent']) && Array.isArray(data['rows']) && typeof data['start'] === 'number';
    case 'paused':
      return typeof data['isPaused'] === 'boolean';
    case 'detail':
      return typeof data['seq'] === 'number' && Array.isArray(data['related']);
    case 'gone':
    case 'reveal':
      return typeof data['seq'] === 'number';
    default:
      return false;
  }
}

function isExtent(value: unknown): boolean {
  return (
    isRecord(value) &&
    ['generation', 'first', 'end', 'kept', 'dropped'].every((name) => typeof value[name] === 'number')
  );
}
