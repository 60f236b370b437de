import { isRecord } from '../core/json';
import { shortLabel, type Labels } from './labels';

/** Tool, prompt or resource that a request or notification is about (MCP specification, `params` of each method). */
export function targetOf(method: string, params: unknown, labels: Labels): string | undefined {
  if (!isRecord(params)) return undefined;
  let target: unknown;
  switch (method) {
    case 'tools/call':
    case 'prompts/get':
      target = params['name'];
      break;
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
    case 'notifications/resources/updated':
      target = params['uri'];
      break;
    case 'completion/complete':
      target = isRecord(params['ref']) ? (params['ref']['name'] ?? params['ref']['uri']) : undefined;
      break;
    case 'notifications/message':
      target = params['logger'];
      break;
    default:
      return undefined;
  }
  return typeof target === 'string' ? labels.of(target) : undefined;
}

/** One line that says what a notification tells: how far a progress is, the text of a log message, why cancelled. */
export function notificationNote(method: string, params: unknown): string | undefined {
  if (!isRecord(params)) return undefined;
  switch (method) {
    case 'notifications/progress': {
      const { progress, total, message } = params;
      const count = typeof progress === 'number' ? `${progress}${typeof total === 'number' ? `/${total}` : ''}` : '';
      return oneLine(typeof message === 'string' ? `${count} ${shortLabel(message)}` : count);
    }
    case 'notifications/message': {
      const level = typeof params['level'] === 'string' ? `${params['level']}: ` : '';
      return typeof params['data'] === 'string' ? oneLine(level + shortLabel(params['data'])) : undefined;
    }
    case 'notifications/cancelled':
      return typeof params['reason'] === 'string' ? oneLine(shortLabel(params['reason'])) : undefined;
    default:
      return undefined;
  }
}

/**
 * What a failed response says, or `undefined` for a success. A call fails in two ways: a JSON-RPC `error`, and a tool
 * result with `isError` (MCP specification, Tools, Error Handling).
 */
export function failureNote(message: Record<string, unknown>): string | undefined {
  const { error, result } = message;
  if (error !== undefined) {
    if (!isRecord(error)) return 'Error';
    const code = typeof error['code'] === 'number' ? `${error['code']} ` : '';
    const text = typeof error['message'] === 'string' ? shortLabel(error['message']) : 'Error';
    return oneLine(code + text) ?? 'Error';
  }
  if (!isRecord(result) || result['isError'] !== true) return undefined;
  const first: unknown = Array.isArray(result['content']) ? result['content'][0] : undefined;
  const text = isRecord(first) && typeof first['text'] === 'string' ? first['text'] : '';
  const structured = [result['structuredContent'], errorObject(text)].find(
    (one) => isRecord(one) && typeof one['message'] === 'string',
  ) as Record<string, unknown> | undefined;
  if (!structured) return oneLine(shortLabel(text)) ?? 'Error';
  const code = typeof structured['code'] === 'string' ? `${shortLabel(structured['code'])}: ` : '';
  return oneLine(code + shortLabel(String(structured['message']))) ?? 'Error';
}

const maxErrorChars = 8192;

/** Many servers give their errors as JSON in a text, where a structured result would have to match the tool's schema. */
function errorObject(text: string): unknown {
  if (!text.startsWith('{') || text.length > maxErrorChars) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What a response asks of the client, where it asks for input instead of giving a result (2026-07-28). */
export function inputNote(result: Record<string, unknown>): string {
  const asked = isRecord(result['inputRequests']) ? Object.values(result['inputRequests']) : [];
  const methods = asked.map((one) =>
    isRecord(one) && typeof one['method'] === 'string' ? shortLabel(one['method']) : '?',
  );
  return oneLine(`asks for input: ${[...new Set(methods)].slice(0, 5).join(', ')}`) ?? 'asks for input';
}

function oneLine(text: string): string | undefined {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line === '' ? undefined : line;
}
