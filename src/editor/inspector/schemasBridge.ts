import type { Disposable } from '../../core/disposable';
import type { CallableServers } from '../../mcp/caller/callableServer';
import { schemasWebviewMessage, type SchemaHostMessage } from '../../protocol/schemas';
import type { TrafficSource } from '../../traffic/trafficSource';

/** What the view needs from the editor around it. */
export interface SchemaHost {
  post(message: SchemaHostMessage): void;
  readonly servers?: CallableServers;
}

/** Serves one page. */
export class SchemaBridge implements Disposable {
  readonly #host: SchemaHost;

  constructor(_source: TrafficSource, host: SchemaHost) {
    this.#host = host;
  }

  /** Takes a message of the webview; one that is not about this view is left to others. */
  receive(raw: unknown): void {
    if (schemasWebviewMessage.safeParse(raw).success) this.#host.post({ type: 'schemas' });
  }

  setVisible(_isVisible: boolean): void {}

  dispose(): void {}
}
