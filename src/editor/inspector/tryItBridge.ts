import type { Disposable } from '../../core/disposable';
import type { CallableServers } from '../../mcp/caller/callableServer';
import { tryItWebviewMessage, type TryItHostMessage } from '../../protocol/tryIt';
import type { TrafficSource } from '../../traffic/trafficSource';

/** What the view needs from the editor around it. */
export interface TryItHost {
  post(message: TryItHostMessage): void;
  readonly servers?: CallableServers;
}

/** Serves one page. */
export class TryItBridge implements Disposable {
  readonly #host: TryItHost;

  constructor(_source: TrafficSource, host: TryItHost) {
    this.#host = host;
  }

  /** Takes a message of the webview; one that is not about this view is left to others. */
  receive(raw: unknown): void {
    if (tryItWebviewMessage.safeParse(raw).success) this.#host.post({ type: 'tryIt' });
  }

  setVisible(_isVisible: boolean): void {}

  dispose(): void {}
}
