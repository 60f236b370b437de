import { isRecord } from '../src/core/json';
import type { InspectorHostMessage } from '../src/protocol/inspector';

/**
 * Whether a message is of the protocol. Other scripts cannot run in the page, but the editor's own frames also post
 * messages to it.
 */
export function isHostMessage(data: unknown): data is InspectorHostMessage {
  if (!isRecord(data)) return false;
  switch (data['type']) {
    case 'reset':
      return (
        isExtent(data['extent']) &&
        Array.isArray(data['rows']) &&
        Array.isArray(data['filterProblems']) &&
        typeof data['filter'] === 'string' &&
        typeof data['start'] === 'number'
      );
    case 'rows':
      return isExtent(data['extent']) && Array.isArray(data['rows']) && typeof data['start'] === 'number';
    case 'searching':
      return typeof data['done'] === 'number' && typeof data['total'] === 'number';
    case 'vocabulary':
      return isRecord(data['values']);
    case 'savedFilters':
      return Array.isArray(data['filters']);
    case 'show':
      return typeof data['filter'] === 'string';
    case 'findings':
      return typeof data['seq'] === 'number' && Array.isArray(data['findings']);
    case 'paused':
      return typeof data['isPaused'] === 'boolean';
    case 'detail':
      return typeof data['seq'] === 'number' && Array.isArray(data['related']);
    case 'gone':
    case 'reveal':
      return typeof data['seq'] === 'number';
    default:
      return false;
  }
}

function isExtent(value: unknown): boolean {
  return (
    isRecord(value) &&
    ['generation', 'first', 'end', 'matched', 'kept', 'dropped'].every((name) => typeof value[name] === 'number')
  );
}
