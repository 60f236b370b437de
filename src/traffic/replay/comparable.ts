import { redactJson } from '../../core/redact';
import { redactedMessageText } from '../messageText';

/** What a call came to, as far as it can be compared. */
export interface Reply {
  result?: unknown;
  error?: unknown;
}

const maxChars = 1024 * 1024;

/**
 * A result or error as it may be shown and compared: redacted as records are, so that a secret that was redacted on one
 * side is no difference, and bounded in length and depth.
 */
export function comparable({ result, error }: Reply): { value: unknown; isCut: boolean } {
  const kept = error === undefined ? result : { error };
  if (typeof kept !== 'object' || kept === null) return { value: kept ?? null, isCut: false };
  const { text, isCut } = redactedMessageText(kept, maxChars);
  return { value: redactJson(JSON.parse(text)), isCut };
}

/** Whether it says that the call failed: an error of the protocol, or a tool's own. */
export function isFailure({ result, error }: Reply): boolean {
  if (error !== undefined) return true;
  return typeof result === 'object' && result !== null && (result as { isError?: unknown }).isError === true;
}
