import type { Disposable } from '../../core/disposable';
import type { TrafficSource } from '../../traffic/trafficSource';
import type { ViewMode } from '../../traffic/trafficView';
import { InspectorBridge, type InspectorBridgeHost } from './inspectorBridge';
import type { OfferLink } from './offerLink';
import { ReplayBridge, type ReplayHost } from './replayBridge';
import { SchemaBridge, type SchemaHost } from './schemasBridge';
import { StatisticsBridge, type StatisticsHost } from './statisticsBridge';
import { TimelineBridge, type TimelineHost } from './timelineBridge';
import { TraceBridge, type TraceHost } from './traceBridge';
import { TryItBridge, type TryItHost } from './tryItBridge';

/** What one page of the inspector needs from the editor around it. */
export interface InspectorSessionHost
  extends
    Omit<InspectorBridgeHost, 'post' | 'openDocument'>,
    Omit<StatisticsHost, 'post'>,
    TraceHost,
    Omit<SchemaHost, 'post'>,
    Omit<TryItHost, 'post'>,
    Omit<ReplayHost, 'post'> {
  /** Sends a message to the webview. */
  post(
    message:
      | Parameters<InspectorBridgeHost['post']>[0]
      | Parameters<StatisticsHost['post']>[0]
      | Parameters<TimelineHost['post']>[0]
      | Parameters<SchemaHost['post']>[0]
      | Parameters<TryItHost['post']>[0]
      | Parameters<ReplayHost['post']>[0],
  ): void;
}

/** One page of the inspector: its list with details, and its other views, each with a bridge of its own. */
export class InspectorSession implements Disposable {
  readonly #list: InspectorBridge;
  readonly #schemas: SchemaBridge;
  readonly #tryIt: TryItBridge;
  readonly #bridges: readonly (Disposable & { receive(raw: unknown): void; setVisible(isVisible: boolean): void })[];

  constructor(source: TrafficSource, host: InspectorSessionHost) {
    this.#list = new InspectorBridge(source, host);
    this.#schemas = new SchemaBridge(source, host);
    this.#tryIt = new TryItBridge(source, host);
    this.#bridges = [
      this.#list,
      new StatisticsBridge(source, host, this.#list),
      new TimelineBridge(source, host, this.#list),
      new TraceBridge(source, host),
      this.#schemas,
      this.#tryIt,
      new ReplayBridge(source, host, this.#list),
    ];
  }

  /** Takes a message of the webview, whatever it is; one that is not of the protocol is dropped. */
  receive(raw: unknown): void {
    for (const bridge of this.#bridges) bridge.receive(raw);
  }

  /** Tells whether the webview can be seen: a hidden one gets nothing. */
  setVisible(isVisible: boolean): void {
    for (const bridge of this.#bridges) bridge.setVisible(isVisible);
  }

  /** Shows only what matches a filter, as soon as the webview can show it. */
  filter(text: string, mode?: ViewMode): void {
    this.#list.show(text, mode);
  }

  /** Selects and opens the record with that number, as soon as the webview can show it. */
  reveal(seq: number): void {
    this.#list.reveal(seq);
  }

  /** Shows what a server offers, or one item of it, as soon as the webview can show it. */
  showSchema(link: OfferLink): void {
    this.#schemas.show(link);
  }

  /**
   * Shows what can be tried on a server, or one item of it, as soon as the webview can show it.
   * @param input JSON text to fill in
   */
  tryIt(link: OfferLink, input?: string): void {
    this.#tryIt.open(link, input);
  }

  dispose(): void {
    for (const bridge of this.#bridges) bridge.dispose();
  }
}
