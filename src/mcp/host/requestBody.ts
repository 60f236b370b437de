import type { IncomingMessage } from 'node:http';
import { tooLarge, type Refusal } from './requestGuard';

/** A body that was read and parsed, or why it was not; then with its bytes, where all of them came. */
export type RequestBody = { json: unknown; raw: Buffer } | { refusal: Refusal; unreadable?: Buffer };

/** Deeper nesting than any message has; beyond it recursive code could run out of stack. */
const maxDepth = 200;

/**
 * Reads a whole JSON body.
 * @param maxBytes UTF-8 bytes; reading stops as soon as there are more.
 * @throws Error where the client goes away in the middle.
 */
export async function readJsonBody(message: IncomingMessage, maxBytes: number): Promise<RequestBody> {
  const raw = await readBytes(message, maxBytes);
  // What the client goes on to send is not read, so the connection is of no more use.
  if (!raw) return { refusal: { ...tooLarge(maxBytes), headers: { Connection: 'close' } } };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(raw);
    if (isDeeperThan(text, maxDepth)) {
      const refusal = { status: 400, code: -32_600, message: 'Invalid Request: nested too deeply' };
      return { refusal, unreadable: raw };
    }
    return { json: JSON.parse(text) as unknown, raw };
  } catch {
    const refusal = { status: 400, code: -32_700, message: 'Parse error: the request body is not valid JSON' };
    return { refusal, unreadable: raw };
  }
}

/**
 * The whole body, or `undefined` as soon as it has more than `maxBytes`. With listeners, because `for await` takes longer
 * than all the rest of a short call.
 */
function readBytes(message: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    message.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      message.removeAllListeners('data').pause();
      resolve(undefined);
    });
    message.once('end', () => {
      const [first] = chunks;
      resolve(chunks.length === 1 && first ? first : Buffer.concat(chunks, bytes));
    });
    message.once('error', reject);
    message.once('close', () => {
      if (!message.complete) reject(new Error('The client went away'));
    });
  });
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
