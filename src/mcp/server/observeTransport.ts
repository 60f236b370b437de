import type { Transport } from '@modelcontextprotocol/server';

/** Told of every message of a connection, in the order of the wire. Must not throw and must not change a message. */
export interface MessageObserver {
  received(message: object): void;
  sent(message: object): void;
}

/**
 * Lets `observer` see what a transport receives and sends. Call it before a server attaches to the transport: the SDK
 * passes messages to the receiver it finds there before it looks at them itself.
 */
export function observeTransport(transport: Transport, observer: MessageObserver): void {
  const receive = transport.onmessage?.bind(transport);
  transport.onmessage = (message, extra) => {
    observer.received(message);
    receive?.(message, extra);
  };
  observeSending(transport, observer);
}

/** Lets `observer` see only what a transport sends. */
export function observeSending(transport: Transport, observer: Pick<MessageObserver, 'sent'>): void {
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    observer.sent(message);
    return send(message, options);
  };
}
