import type { TrafficSink } from '../../traffic/trafficChannel';
import type { UnreadableRequest } from './hostRoute';

/** Records a request whose body is no message, together with how it was refused. */
export function recordUnreadable(
  recorder: TrafficSink,
  server: string,
  { message: { headers }, raw, refusal }: UnreadableRequest,
): void {
  const { code, message } = refusal;
  const isModern = headers['mcp-method'] !== undefined;
  const channel = recorder.openChannel({ server, client: 'unknown', session: '', era: isModern ? 'modern' : 'legacy' });
  channel.unreadable('clientToServer', raw, headers);
  const head = { ':status': String(refusal.status), 'content-type': 'application/json' };
  const answer = { jsonrpc: '2.0', id: null, error: { code, message } };
  channel.message('serverToClient', answer, undefined, undefined, head);
  channel.close();
}
