import type { InspectorHostMessage, InspectorWebviewMessage } from '../src/protocol/inspector';
import { isHostMessage } from './hostMessages';
import { readState, type SavedState } from './savedState';

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
