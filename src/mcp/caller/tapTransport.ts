import type { Transport } from '@modelcontextprotocol/client';

type Receiver = NonNullable<Transport['onmessage']>;

/** Sees what a client sends and gets. */
export interface TransportTap {
  sent(message: object): void;
  /** @param deliver gives the message, or another in its place, to the client; must be called, once. */
  received(message: object, deliver: (message: object) => void): void;
}

/** Lets `tap` see what goes over a transport of the SDK's client, whoever holds the receiver at the time. */
export function tapTransport(transport: Transport, tap: TransportTap): void {
  const wrapped = new WeakSet<Receiver>();
  let receiver: Receiver | undefined;
  // The SDK puts its receiver there, takes it away for the probe and puts it back; each must be seen through.
  Object.defineProperty(transport, 'onmessage', {
    configurable: true,
    get: () => receiver,
    set(given: Receiver | undefined) {
      if (given === undefined || wrapped.has(given)) {
        receiver = given;
        return;
      }
      receiver = (message, extra) => tap.received(message, (delivered) => given(delivered as typeof message, extra));
      wrapped.add(receiver);
    },
  });
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    tap.sent(message);
    return send(message, options);
  };
}
