import { isUtf8 } from 'node:buffer';
import { isSecretName, redactedMark, redactText, secretMembersOf } from '../core/redact';
import { redactedMessageText } from './messageText';

/** Bytes as they are kept. */
export interface KeptBytes {
  /** In base64, secrets replaced. */
  base64: string;
  /** Whether more bytes came than are kept. */
  isCut: boolean;
}

/** Most bytes kept of one message. */
const maxRawBytes = 1024 * 1024;
/** A secret that begins before the cut is still recognised as one if it ends within this many bytes after it. */
const lookBehindCut = 8192;

/**
 * The bytes of a message where its text does not give them back, because they are no valid UTF-8; else nothing.
 * For who records a message together with its bytes.
 */
export function unfaithfulBytes(raw: Uint8Array): Uint8Array | undefined {
  return isUtf8(raw) ? undefined : raw;
}

/**
 * Makes bytes fit to be kept. Each byte is looked at as one character, so that all but the secrets stay what they are.
 * @returns `undefined` where a secret is in them that cannot be taken out for certain.
 */
export function keepBytes(raw: Uint8Array): KeptBytes | undefined {
  const isCut = raw.length > maxRawBytes;
  const seen = isCut ? raw.subarray(0, maxRawBytes + lookBehindCut) : raw;
  const text = Buffer.from(seen.buffer, seen.byteOffset, seen.byteLength).toString('latin1');
  const message = isCut ? undefined : parse(text);
  const redacted = redactBytesText(text, message);
  // What the escapes of JSON hide would be found only in the message itself.
  if (message !== undefined && hidesSecret(redacted)) return undefined;
  const kept = isCut ? cutBetweenWords(redacted) : redacted;
  return { base64: Buffer.from(kept, 'latin1').toString('base64'), isCut };
}

/** What bytes that are no message say, as far as they say anything; secrets replaced, and no more than is kept of them. */
export function textOfBytes(raw: Uint8Array): string {
  const seen = raw.subarray(0, maxRawBytes + lookBehindCut);
  const text = Buffer.from(seen.buffer, seen.byteOffset, seen.byteLength).toString('latin1');
  const redacted = redactBytesText(text, undefined);
  const kept = raw.length > maxRawBytes ? cutBetweenWords(redacted) : redacted;
  return Buffer.from(kept, 'latin1').toString('utf8');
}

function redactBytesText(text: string, message: object | undefined): string {
  let redacted = redactText(text).replaceAll(memberWithText, (whole, before: string, name: string) =>
    isSecretName(name) ? `${before}"${redactedMark}"` : whole,
  );
  for (const secret of message ? secretsOf(message) : []) {
    redacted = redacted.replaceAll(JSON.stringify(secret), `"${redactedMark}"`);
  }
  return redacted;
}

/** A member with a text or a number for its value, also where what is around it is no JSON. */
const memberWithText = /("((?:[^"\\]|\\.){1,64})"\s{0,9}:\s{0,9})(?:"(?:[^"\\]|\\[^])*(?:"|$)|-?\d[\d.eE+-]*)/g;

/** The values that are secrets by the names of their members. */
function secretsOf(message: object): Set<string | number> {
  const secrets = new Set<string | number>();
  const waiting: { value: unknown; isSecret: boolean }[] = [{ value: message, isSecret: false }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, isSecret } = next;
    if (typeof value === 'string' || typeof value === 'number') {
      if (isSecret && value !== '' && value !== redactedMark) secrets.add(value);
    } else if (Array.isArray(value)) {
      for (const item of value) waiting.push({ value: item, isSecret });
    } else if (typeof value === 'object' && value !== null) {
      const isSecretMember = secretMembersOf(value as Record<string, unknown>);
      for (const [name, member] of Object.entries(value)) {
        waiting.push({ value: member, isSecret: isSecretMember(name) });
      }
    }
  }
  return secrets;
}

/** Whether reading the message would find more to redact than was redacted. */
function hidesSecret(text: string): boolean {
  const message = parse(text);
  if (message === undefined) return true;
  const { text: again, isCut } = redactedMessageText(message, text.length * 2 + 1000);
  return isCut || marksIn(again) > marksIn(text);
}

function marksIn(text: string): number {
  return text.split(redactedMark).length - 1;
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Cuts at the last space or punctuation, so that no part of a secret is left at the end. */
function cutBetweenWords(text: string): string {
  if (text.length <= maxRawBytes) return text;
  const shortest = maxRawBytes - lookBehindCut;
  for (let end = maxRawBytes; end > shortest; end -= 1) {
    if (/[\s"'<>,;()[\]{}]/.test(text.charAt(end))) return text.slice(0, end);
  }
  return text.slice(0, shortest);
}
