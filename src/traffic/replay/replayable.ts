import { isRecord } from '../../core/json';
import type { WireSummary } from '../wireRecord';

/** Methods that mean nothing apart from the session or the exchange that they were sent in, and why. */
const bound: Readonly<Record<string, string>> = {
  initialize: 'It opens a session. Whoever connects does that anew.',
  'server/discover': 'It opens a conversation. Whoever connects does that anew.',
  'subscriptions/listen': 'It holds a stream open for its client.',
  'resources/subscribe': 'It asks for notifications, which only its own session gets.',
  'resources/unsubscribe': 'It ends notifications, which only its own session gets.',
  'logging/setLevel': 'It sets the level of its own session only.',
  'tasks/get': 'It is about a task of its own session.',
  'tasks/update': 'It is about a task of its own session.',
  'tasks/result': 'It is about a task of its own session.',
  'tasks/cancel': 'It is about a task of its own session.',
};

/** Why a message cannot be sent again, as a sentence; `undefined` where it can. */
export function whyNotReplayable({
  kind,
  direction,
  method,
}: Pick<WireSummary, 'kind' | 'direction' | 'method'>): string | undefined {
  if (kind === 'notification') return 'This is a notification: there is no answer that could be compared.';
  if (direction === (kind === 'request' ? 'serverToClient' : 'clientToServer'))
    return 'The server asked this of its client. It asks again when the call that it belongs to runs again.';
  if (method === '') return 'No request was recorded for this response.';
  return Object.hasOwn(bound, method) ? `${method} cannot run again. ${bound[method]}` : undefined;
}

/**
 * The parameters of a recorded request as they can be sent anew: without what belongs to that one exchange, which is its
 * progress token, the envelope of the 2026-07-28 era, and the answers to what the server asked in between.
 */
export function replayParams(recorded: unknown): Record<string, unknown> {
  if (!isRecord(recorded)) return {};
  const { _meta: meta, inputResponses: _answers, requestState: _state, ...params } = recorded;
  if (!isRecord(meta)) return params;
  const kept = Object.entries(meta).filter(([name]) => !isEnvelope(name));
  return kept.length > 0 ? { ...params, _meta: Object.fromEntries(kept) } : params;
}

function isEnvelope(name: string): boolean {
  return (
    name === 'progressToken' ||
    name === 'traceparent' ||
    name === 'tracestate' ||
    name.startsWith('io.modelcontextprotocol/')
  );
}
