import { isRecord } from '../src/core/json';
import type { InspectorHostMessage, InspectorWebviewMessage } from '../src/protocol/inspector';
import type { ReplayWebviewMessage } from '../src/protocol/replay';
import type { SchemaWebviewMessage } from '../src/protocol/schemas';
import type { StatisticsWebviewMessage } from '../src/protocol/statistics';
import type { TimelineWebviewMessage } from '../src/protocol/timeline';
import type { TraceWebviewMessage } from '../src/protocol/trace';
import type { TryItWebviewMessage } from '../src/protocol/tryIt';
import { isHostMessage } from './hostMessages';
import { readState, type SavedState } from './savedState';

/** Everything that the page may send. */
export type WebviewMessage =
  | InspectorWebviewMessage
  | StatisticsWebviewMessage
  | TimelineWebviewMessage
  | TraceWebviewMessage
  | SchemaWebviewMessage
  | TryItWebviewMessage
  | ReplayWebviewMessage;

/** The editor on the other side. */
export interface HostConnection {
  post(message: WebviewMessage): void;
  load(): SavedState;
  save(state: SavedState): void;
  /** What a view saved of itself under that name, unchecked. */
  loadPart(name: string): unknown;
  /** Saves something of a view besides what `save` saves. */
  savePart(name: string, value: unknown): void;
  onMessage(listener: (message: InspectorHostMessage) => void): void;
  /** Calls `listener` with every message, whatever it is: for views that know their own. */
  onAnyMessage(listener: (message: unknown) => void): void;
}

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
