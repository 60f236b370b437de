import type { Transport } from '@modelcontextprotocol/client';
import type { TrafficChannel } from '../../traffic/trafficChannel';
import { tapTransport, type TransportTap } from '../caller/tapTransport';
import { idKey, isErrorResponse, isRequest, isResponse, methodOf, type AnyMessage } from './jsonRpc';
import type { ManagedServerSupervisor } from './managedServerSupervisor';

/**
 * Records what goes over a transport of the SDK's client, and counts it.
 * @param next sees each message after it was recorded
 */
export function recordTransport(
  transport: Transport,
  channel: TrafficChannel,
  supervisor: ManagedServerSupervisor,
  next?: TransportTap,
): void {
  const waiting = new Map<string, { at: number; method: string }>();
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
    else supervisor.noteAnswer(performance.now() - sent.at, isError, sent.method);
  };
  tapTransport(transport, {
    sent(message) {
      const sent = message as AnyMessage;
      channel.message('clientToServer', sent);
      if (isRequest(sent)) {
        supervisor.noteRequest(methodOf(sent));
        waiting.set(idKey(sent['id']), { at: performance.now(), method: methodOf(sent) });
      }
      next?.sent(message);
    },
    received(message, deliver) {
      note(message as AnyMessage);
      if (next) next.received(message, deliver);
      else deliver(message);
    },
  });
  const close = transport.close.bind(transport);
  transport.close = async () => {
    await close();
    waiting.forEach(({ method }) => supervisor.noteAnswer(undefined, false, method));
    waiting.clear();
    channel.close();
  };
}
