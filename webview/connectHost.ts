import { isRecord } from '../src/core/json';
import type { HostConnection } from './hostConnection';
import { isHostMessage } from './hostMessages';
import { readState } from './savedState';

/** Keeps the names that views choose apart from those of the page's own state. */
const partPrefix = 'view.';

/** Connects to the editor. May be called once in the life of a page (`acquireVsCodeApi`). */
export function connectHost(): HostConnection {
  const api = acquireVsCodeApi();
  const saved = (): Record<string, unknown> => {
    const state = api.getState();
    return isRecord(state) ? state : {};
  };
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the editor's object is no window
    post: (message) => api.postMessage(message),
    load: () => readState(api.getState()),
    save: (state) => void api.setState({ ...saved(), ...state }),
    loadPart: (name) => saved()[partPrefix + name],
    savePart: (name, value) => void api.setState({ ...saved(), [partPrefix + name]: value }),
    onMessage: (listener) =>
      window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (isHostMessage(data)) listener(data);
      }),
    onAnyMessage: (listener) => window.addEventListener('message', ({ data }: MessageEvent<unknown>) => listener(data)),
  };
}
