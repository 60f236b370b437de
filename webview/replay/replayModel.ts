import type { HostConnection } from '../hostConnection';
import type { InspectorModel } from '../inspectorModel';

/** What the view knows, and what a person does with it. */
export class ReplayModel {
  readonly #host: HostConnection;

  constructor(host: HostConnection, _inspector: InspectorModel) {
    this.#host = host;
  }

  watch(): void {
    this.#host.post({ type: 'watchReplay', calls: [] });
  }
}
