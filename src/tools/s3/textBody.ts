import { byteLength } from '../../core/byteLength';
import { redactText } from '../../core/redact';
import { escapeUnseen } from '../../core/unseen';

/** Media types whose bytes are not for reading even where they look like text. */
const binaryTypes =
  /^(?:image\/(?!svg\+xml)|audio\/|video\/|font\/|model\/|application\/(?:pdf|zip|gzip|x-gzip|x-tar|x-7z-compressed|x-bzip2?|x-xz|zstd|java-archive|wasm|vnd\.apache\.parquet|vnd\.openxmlformats[\w.-]*|vnd\.ms-[\w.-]*|msword|x-protobuf|avro)\b)/i;

/** Media types that say text: a control character in them is still text. */
const textTypes =
  /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|yaml|x-yaml|javascript|x-javascript|ecmascript|x-ndjson|jsonl|sql|toml|graphql|x-sh|x-www-form-urlencoded)\b|image\/svg\+xml)/i;

/** What text holds no matter who wrote it; terminals' escape sequences occur in logs. */
// oxlint-disable-next-line no-control-regex -- controls are just what is looked for
const binaryControls = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/;

/** A part of an object that is text. */
export interface TextPart {
  text: string;
  /** Bytes at the beginning that are the end of a character which starts before the part. */
  skipped: number;
}

/**
 * Reads bytes as UTF-8 text, from the first whole character to the last.
 * @param isStart whether the bytes are the first of their object.
 * @param isEnd whether they are the last.
 * @returns `undefined` where they are not text.
 */
export function readText(
  bytes: Uint8Array,
  contentType: string | undefined,
  isStart: boolean,
  isEnd: boolean,
): TextPart | undefined {
  if (contentType !== undefined && binaryTypes.test(contentType)) return undefined;
  const start = isStart ? 0 : continuationBytes(bytes);
  const end = isEnd ? bytes.length : wholeCharacters(bytes);
  if (end <= start && bytes.length > 0) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
  if (text.includes('\u0000')) return undefined;
  if (!(contentType !== undefined && textTypes.test(contentType)) && binaryControls.test(text)) return undefined;
  return { text, skipped: start };
}

/** How many bytes at the beginning belong to a character that starts before them. */
function continuationBytes(bytes: Uint8Array): number {
  let count = 0;
  while (count < Math.min(3, bytes.length) && (bytes[count] ?? 0) >> 6 === 0b10) count++;
  return count;
}

/** Where the last character ends that is all there. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >> 6 === 0b10) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Between words, where no secret is cut in two so that neither half looks like one. */
const boundary = /[\s,;"'{}[\]()<>&|](?=[^\s,;"'{}[\]()<>&|]*$)/;
const boundarySearch = 1024;

/**
 * The longest beginning of `text` that, redacted and escaped, takes at most `maxBytes` as JSON: at least one
 * character, never half a one.
 */
export function fitText(text: string, maxBytes: number): string {
  const sizeOf = (part: string): number => byteLength(JSON.stringify(redactText(escapeUnseen(part))));
  let fitted = text;
  for (let size = sizeOf(fitted); size > maxBytes; size = sizeOf(fitted)) {
    const shorter = headOf(fitted, Math.min(fitted.length - 1, Math.floor((fitted.length * maxBytes) / size)));
    if (shorter.length === fitted.length) break;
    fitted = shorter;
  }
  if (fitted.length === text.length) return text;
  const from = Math.max(1, fitted.length - boundarySearch);
  const last = fitted.slice(from).search(boundary);
  return last < 0 ? fitted : fitted.slice(0, from + last + 1);
}

/** At most `length` UTF-16 units from the start, at least one character. */
function headOf(text: string, length: number): string {
  const wanted = Math.max(1, length);
  const splits = /[\uD800-\uDBFF]/.test(text[wanted - 1] ?? '');
  return text.slice(0, splits ? (wanted === 1 ? 2 : wanted - 1) : wanted);
}
