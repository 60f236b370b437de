import { traceWebviewMessage } from '../../protocol/trace';
import type { TrafficSource } from '../../traffic/trafficSource';

/** What saving needs from the editor around a page. */
export interface TraceHost {
  /** Lets the person save what a source has. @param filter what the page shows of it. */
  saveTraffic(source: TrafficSource, filter: string): void;
}

/** Passes on that a page's traffic is to be saved. */
export class TraceBridge {
  readonly #source: TrafficSource;
  readonly #host: TraceHost;

  constructor(source: TrafficSource, host: TraceHost) {
    this.#source = source;
    this.#host = host;
  }

  /** Takes a message of the webview; one that is not about saving is left to others. */
  receive(raw: unknown): void {
    const parsed = traceWebviewMessage.safeParse(raw);
    if (parsed.success) this.#host.saveTraffic(this.#source, parsed.data.filter);
  }

  setVisible(): void {}

  dispose(): void {}
}
