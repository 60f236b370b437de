import { isRecord } from '../../core/json';

/** A JSON-RPC message as far as a relay looks at it. */
export type AnyMessage = Record<string, unknown>;

/** The messages of a body or line: itself, or those of a batch. */
export function messagesOf(parsed: unknown): AnyMessage[] {
  if (Array.isArray(parsed)) return parsed.filter((entry) => isRecord(entry));
  return isRecord(parsed) ? [parsed] : [];
}

export function isRequest(message: AnyMessage): boolean {
  return typeof message['method'] === 'string' && 'id' in message;
}

export function isResponse(message: AnyMessage): boolean {
  return typeof message['method'] !== 'string' && 'id' in message;
}

export function methodOf(message: AnyMessage): string {
  return typeof message['method'] === 'string' ? message['method'] : '';
}

/** Tells ids apart as JSON-RPC does: the number 1 is not the text "1". */
export function idKey(id: unknown): string {
  return typeof id === 'string' ? `s${id}` : `n${String(id)}`;
}

export function paramsOf(message: AnyMessage): Record<string, unknown> {
  return isRecord(message['params']) ? message['params'] : {};
}

export function metaOf(message: AnyMessage): Record<string, unknown> {
  const { _meta: meta } = paramsOf(message);
  return isRecord(meta) ? meta : {};
}

/** Whether a response says that something went wrong: a protocol error, or a tool's error result. */
export function isErrorResponse(message: AnyMessage): boolean {
  const { result } = message;
  return 'error' in message || (isRecord(result) && result['isError'] === true);
}
