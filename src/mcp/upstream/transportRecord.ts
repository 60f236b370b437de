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
  const waiting = new Map<string, { at: number; method: string }>();
  const wrapped = new WeakSet<Receiver>();
  const note = (message: AnyMessage): void => {
    channel.message('serverToClient', message);
    if (!isResponse(message)) return;
    const key = idKey(message['id']);
    const sent = waiting.get(key);
    if (sent === undefined) return;
    waiting.delete(key);
    const isError = isErrorResponse(message);
    // How servers of the legacy era answer when they are asked about their era, and no fault of theirs.
    if (isError && sent.method === 'server/discover') supervisor.noteAnswer(undefined, false);
    else supervisor.noteAnswer(performance.now() - sent.at, isError);
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
      waiting.set(idKey(sent['id']), { at: performance.now(), method: methodOf(sent) });
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
