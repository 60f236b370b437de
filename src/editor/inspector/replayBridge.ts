import type { Disposable } from '../../core/disposable';
import type { CallableServers } from '../../mcp/caller/callableServer';
import { replayWebviewMessage, type ReplayHostMessage } from '../../protocol/replay';
import type { TrafficSource } from '../../traffic/trafficSource';

/** What the view needs from the editor around it. */
export interface ReplayHost {
  post(message: ReplayHostMessage): void;
  readonly servers?: CallableServers;
}

/** Serves one page. */
export class ReplayBridge implements Disposable {
  readonly #host: ReplayHost;

  constructor(_source: TrafficSource, host: ReplayHost) {
    this.#host = host;
  }

  /** Takes a message of the webview; one that is not about this view is left to others. */
  receive(raw: unknown): void {
    if (replayWebviewMessage.safeParse(raw).success) this.#host.post({ type: 'replay' });
  }

  setVisible(_isVisible: boolean): void {}

  dispose(): void {}
}
