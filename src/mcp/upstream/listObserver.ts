import type { Tool } from '@modelcontextprotocol/client';
import { isRecord } from '../../core/json';
import type { ChannelInfo, TrafficChannel, TrafficSink } from '../../traffic/trafficChannel';
import { idKey, isRequest, isResponse, methodOf, paramsOf, type AnyMessage } from './jsonRpc';

/** Told of what clients learn about a server while they use it through the relay. */
export interface ListListener {
  /** All tools that a client was offered, once it has read the last page. @param client its name */
  onTools(tools: readonly Tool[], client: string): void;
  /** The server said that one of its lists changed. */
  onListChanged(list: 'tools' | 'resources' | 'prompts'): void;
}

/** Lists that were read in part, by client and cursor of the next page; the oldest are forgotten. */
const maxPartialLists = 32;
const maxTools = 100_000;

const changeNotices: ReadonlyMap<string, 'tools' | 'resources' | 'prompts'> = new Map([
  ['notifications/tools/list_changed', 'tools'],
  ['notifications/resources/list_changed', 'resources'],
  ['notifications/prompts/list_changed', 'prompts'],
]);

/**
 * Hands everything on to a sink and listens to what is said about lists, so that a change is noticed whoever asked. It
 * reads what the server sent, not what a filter made of it.
 */
export class ListObserver implements TrafficSink {
  readonly #sink: TrafficSink;
  readonly #listener: ListListener;
  readonly #partial = new Map<string, readonly Tool[]>();

  constructor(sink: TrafficSink, listener: ListListener) {
    this.#sink = sink;
    this.#listener = listener;
  }

  openChannel(info: ChannelInfo): TrafficChannel {
    const channel = this.#sink.openChannel(info);
    let { client } = info;
    /** Cursors of the pages that are asked for now, by the id of the request. */
    const asked = new Map<string, string | undefined>();
    return {
      describe: (known) => {
        client = known.client ?? client;
        channel.describe(known);
      },
      awsRequest: (id, request) => channel.awsRequest(id, request),
      close: () => channel.close(),
      unreadable: (...told) => channel.unreadable(...told),
      message: (...told) => {
        channel.message(...told);
        const [direction, message, , original] = told;
        if (direction === 'clientToServer') noteRequest(asked, message as AnyMessage);
        else this.#noteAnswer(asked, (original ?? message) as AnyMessage, client);
      },
    };
  }

  #noteAnswer(asked: Map<string, string | undefined>, message: AnyMessage, client: string): void {
    if (asked.size > 0 && isResponse(message)) {
      const key = idKey(message['id']);
      if (!asked.has(key)) return;
      const cursor = asked.get(key);
      asked.delete(key);
      this.#notePage(cursor, message['result'], client);
      return;
    }
    const list = changeNotices.get(methodOf(message));
    if (list) this.#listener.onListChanged(list);
  }

  #notePage(cursor: string | undefined, result: unknown, client: string): void {
    if (!isRecord(result) || !Array.isArray(result['tools'])) return;
    const before = cursor === undefined ? [] : this.#partial.get(JSON.stringify([client, cursor]));
    if (!before) return;
    const page = (result['tools'] as unknown[]).filter(
      (tool): tool is Tool => isRecord(tool) && typeof tool['name'] === 'string',
    );
    const tools = [...before, ...page];
    if (tools.length > maxTools) return;
    const { nextCursor } = result;
    if (typeof nextCursor !== 'string') {
      this.#listener.onTools(tools, client);
      return;
    }
    this.#partial.set(JSON.stringify([client, nextCursor]), tools);
    const [oldest] = this.#partial.keys();
    if (this.#partial.size > maxPartialLists && oldest !== undefined) this.#partial.delete(oldest);
  }
}

function noteRequest(asked: Map<string, string | undefined>, message: AnyMessage): void {
  if (!isRequest(message) || methodOf(message) !== 'tools/list') return;
  const { cursor } = paramsOf(message);
  asked.set(idKey(message['id']), typeof cursor === 'string' ? cursor : undefined);
}
