import { isRecord } from '../../src/core/json';
import type { TryItHostMessage } from '../../src/protocol/tryIt';

/** Whether a message of the host is about this view. */
export function isTryItMessage(message: unknown): message is TryItHostMessage {
  if (!isRecord(message)) return false;
  switch (message['type']) {
    case 'tryItServers':
      return Array.isArray(message['servers']);
    case 'tryItItems':
      return typeof message['server'] === 'string' && typeof message['isListing'] === 'boolean';
    case 'tryItDefinition':
    case 'tryItSaved':
      return isRecord(message['target']) && Array.isArray(message['saved']);
    case 'tryItGone':
      return isRecord(message['target']);
    case 'tryItSent':
      return typeof message['run'] === 'number' && typeof message['seq'] === 'number';
    case 'tryItProgress':
      return typeof message['run'] === 'number' && typeof message['progress'] === 'number';
    case 'tryItEnd':
      return typeof message['run'] === 'number' && isRecord(message['end']);
    case 'tryItCompletion':
      return typeof message['id'] === 'number' && Array.isArray(message['values']);
    case 'tryItPatterns':
      return Array.isArray(message['results']);
    case 'showTryIt':
      return typeof message['server'] === 'string';
    default:
      return false;
  }
}
