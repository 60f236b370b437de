import type { Transport } from '@modelcontextprotocol/client';
import type { TrafficChannel } from '../../traffic/trafficChannel';
import { idKey, isErrorResponse, isRequest, isResponse, methodOf, type AnyMessage } from './jsonRpc';
import type { ManagedServerSupervisor } from './managedServerSupervisor';

type Receiver = NonNullable<Transport['onmessage']>;

/** Records what goes over a transport of the SDK's client, and counts it, whoever holds the receiver at the time. */
export function recordTransport(
  transport: Transport,
  channel: TrafficChannel,
  supervisor: ManagedServerSupervisor,
): void {
  const waiting = new Map<string, number>();
  const wrapped = new WeakSet<Receiver>();
  const note = (message: AnyMessage): void => {
    channel.message('serverToClient', message);
    if (!isResponse(message)) return;
    const key = idKey(message['id']);
    const sentAt = waiting.get(key);
    if (sentAt === undefined) return;
    waiting.delete(key);
    supervisor.noteAnswer(performance.now() - sentAt, isErrorResponse(message));
  };
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
      receiver = (message, extra) => {
        note(message);
        given(message, extra);
      };
      wrapped.add(receiver);
    },
  });
  const send = transport.send.bind(transport);
  transport.send = async (message, options) => {
    const sent = message as AnyMessage;
    channel.message('clientToServer', sent);
    if (isRequest(sent)) {
      supervisor.noteRequest(methodOf(sent));
      waiting.set(idKey(sent['id']), performance.now());
    }
    await send(message, options);
  };
  const close = transport.close.bind(transport);
  transport.close = async () => {
    await close();
    waiting.forEach(() => supervisor.noteAnswer(undefined, false));
    waiting.clear();
    channel.close();
  };
}
