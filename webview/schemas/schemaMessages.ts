import { isRecord } from '../../src/core/json';
import type { SchemaHostMessage } from '../../src/protocol/schemas';

/** Whether a message is for this view; the editor's own frames also post messages to the page. */
export function isSchemaMessage(data: unknown): data is SchemaHostMessage {
  if (!isRecord(data)) return false;
  switch (data['type']) {
    case 'schemaServers':
      return Array.isArray(data['servers']);
    case 'schemaItems':
      return Array.isArray(data['lists']);
    case 'schemaItem':
      return typeof data['text'] === 'string' && typeof data['id'] === 'string' && Array.isArray(data['findings']);
    case 'schemaGone':
      return typeof data['id'] === 'string';
    case 'showSchema':
      return typeof data['server'] === 'string';
    default:
      return false;
  }
}
