import type { IncomingMessage } from 'node:http';
import { tooLarge, type Refusal } from './requestGuard';

/** A body that was read and parsed, or why it was not. */
export type RequestBody = { json: unknown; raw: Buffer } | { refusal: Refusal };

/** Deeper nesting than any message has; beyond it recursive code could run out of stack. */
const maxDepth = 200;

/**
 * Reads a whole JSON body.
 * @param maxBytes UTF-8 bytes; reading stops as soon as there are more.
 * @throws Error where the client goes away in the middle.
 */
export async function readJsonBody(message: IncomingMessage, maxBytes: number): Promise<RequestBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return { refusal: tooLarge(maxBytes) };
    chunks.push(chunk);
  }
  try {
    const [first] = chunks;
    const raw = chunks.length === 1 && first ? first : Buffer.concat(chunks, bytes);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(raw);
    if (isDeeperThan(text, maxDepth)) {
      return { refusal: { status: 400, code: -32_600, message: 'Invalid Request: nested too deeply' } };
    }
    return { json: JSON.parse(text) as unknown, raw };
  } catch {
    return { refusal: { status: 400, code: -32_700, message: 'Parse error: the request body is not valid JSON' } };
  }
}

/** Whether brackets outside strings are nested deeper than `limit`. The text need not be valid JSON. */
export function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (isInString) {
      if (code === backslash) index++;
      else if (code === quote) isInString = false;
    } else if (code === quote) isInString = true;
    else if (code === openBrace || code === openBracket) {
      if (++depth > limit) return true;
    } else if (code === closeBrace || code === closeBracket) depth--;
  }
  return false;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
