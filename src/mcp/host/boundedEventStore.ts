import type { EventId, EventStore, JSONRPCMessage, StreamId } from '@modelcontextprotocol/server';

interface StoredEvent {
  streamId: StreamId;
  message: JSONRPCMessage;
  storedAt: number;
}

/**
 * Keeps the last events of one session, so that a client whose stream broke gets what it missed (revision 2025-11-25,
 * resumability). Oldest events go first; a client that asks for one of those begins a new session.
 */
export class BoundedEventStore implements EventStore {
  readonly #events = new Map<EventId, StoredEvent>();
  readonly #maxEvents: number;
  #count = 0;

  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
  }

  storeEvent(streamId: StreamId, message: JSONRPCMessage): Promise<EventId> {
    const eventId = String(++this.#count);
    this.#events.set(eventId, { streamId, message, storedAt: Date.now() });
    if (this.#events.size > this.#maxEvents) {
      const [oldest] = this.#events.keys();
      if (oldest !== undefined) this.#events.delete(oldest);
    }
    return Promise.resolve(eventId);
  }

  /** Forgets what was stored before that time, in milliseconds since the epoch. */
  dropBefore(time: number): void {
    for (const [eventId, { storedAt }] of this.#events) {
      if (storedAt >= time) return;
      this.#events.delete(eventId);
    }
  }

  getStreamIdForEventId(eventId: EventId): Promise<StreamId | undefined> {
    return Promise.resolve(this.#events.get(eventId)?.streamId);
  }

  async replayEventsAfter(
    lastEventId: EventId,
    { send }: { send: (eventId: EventId, message: JSONRPCMessage) => Promise<void> },
  ): Promise<StreamId> {
    const streamId = this.#events.get(lastEventId)?.streamId;
    if (streamId === undefined) throw new Error('The event is no longer kept');
    let isBehind = false;
    for (const [eventId, event] of this.#events) {
      // A priming event carries no message: it only gives the stream its first id.
      if (isBehind && event.streamId === streamId && 'jsonrpc' in event.message) await send(eventId, event.message);
      if (eventId === lastEventId) isBehind = true;
    }
    return streamId;
  }
}
