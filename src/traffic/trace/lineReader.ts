/** A line of a file, or why it cannot be read. */
export type FileLine = {
  /** Counted from 1. */
  number: number;
  /** Where it begins and how long it is, in bytes. */
  start: number;
  bytes: number;
} & ({ text: string } | { problem: 'tooLong' | 'notUtf8' });

const lineFeed = 0x0a;

/**
 * Cuts a stream of bytes into lines. Holds at most one line and one chunk; what of a line goes beyond `maxLineBytes` is
 * dropped as it comes. Empty lines are left out.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<FileLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let parts: Uint8Array[] = [];
  let bytes = 0;
  let number = 1;
  let start = 0;
  const finish = (): FileLine | undefined => {
    const line =
      bytes > maxLineBytes ? { number, start, bytes, problem: 'tooLong' as const } : decode(Buffer.concat(parts));
    parts = [];
    start += bytes + 1;
    bytes = 0;
    number += 1;
    return line;
  };
  const decode = (line: Buffer): FileLine | undefined => {
    try {
      const text = decoder.decode(line);
      return text.trim() === '' ? undefined : { number, start, bytes, text };
    } catch {
      return { number, start, bytes, problem: 'notUtf8' };
    }
  };
  const take = (part: Uint8Array): void => {
    if (bytes + part.length <= maxLineBytes) parts.push(part);
    else parts = [];
    bytes += part.length;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      take(chunk.subarray(from, end));
      from = end + 1;
      const line = finish();
      if (line) yield line;
    }
    // A copy, because a stream may use its buffer again.
    if (from < chunk.length) take(chunk.slice(from));
  }
  const last = bytes > 0 ? finish() : undefined;
  if (last) yield last;
}
