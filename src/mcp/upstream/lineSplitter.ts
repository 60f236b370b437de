/** A line longer than allowed; the rest of the stream cannot be trusted to begin with a message. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
}

/** Cuts a stream of bytes into its lines without copying lines that arrive whole. */
export class LineSplitter {
  readonly #maxBytes: number;
  #rest: Buffer[] = [];
  #restBytes = 0;

  /** @param maxBytes of one line */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * @returns the lines that are complete now, without their line ends; empty ones are left out.
   * @throws LineTooLong
   */
  push(chunk: Buffer): Buffer[] {
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      let line = chunk.subarray(from, end);
      if (this.#rest.length > 0) {
        line = Buffer.concat([...this.#rest, line]);
        this.#rest = [];
        this.#restBytes = 0;
      }
      if (line.length > this.#maxBytes) throw new LineTooLong();
      if (line.at(-1) === carriageReturn) line = line.subarray(0, -1);
      if (line.length > 0) lines.push(line);
      from = end + 1;
    }
    if (from < chunk.length) {
      this.#rest.push(from === 0 ? chunk : chunk.subarray(from));
      this.#restBytes += chunk.length - from;
      if (this.#restBytes > this.#maxBytes) throw new LineTooLong();
    }
    return lines;
  }
}

/**
 * A message as one line: line ends between its members become spaces. Inside strings JSON has none, so nothing else
 * changes, not even the length.
 */
export function onOneLine(message: Buffer): Buffer {
  if (!message.includes(newline) && !message.includes(carriageReturn)) return message;
  const line = Buffer.from(message);
  for (let at = 0; at < line.length; at++) if (line[at] === newline || line[at] === carriageReturn) line[at] = 0x20;
  return line;
}

const newline = 0x0a;
const carriageReturn = 0x0d;
