import type { InspectorHostMessage, InspectorWebviewMessage } from '../src/protocol/inspector';
import type { ReplayWebviewMessage } from '../src/protocol/replay';
import type { SchemaWebviewMessage } from '../src/protocol/schemas';
import type { StatisticsWebviewMessage } from '../src/protocol/statistics';
import type { TimelineWebviewMessage } from '../src/protocol/timeline';
import type { TraceWebviewMessage } from '../src/protocol/trace';
import type { TryItWebviewMessage } from '../src/protocol/tryIt';
import type { SavedState } from './savedState';

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
