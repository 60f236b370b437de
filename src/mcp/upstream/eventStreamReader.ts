/** One server-sent event. */
export interface ServerEvent {
  /** `message` unless the stream says otherwise. */
  event: string;
  /** The data lines, joined by line feeds. */
  data: Buffer;
  id: string | undefined;
}

/** An event longer than allowed. */
export class EventTooLong extends Error {
  override readonly name = 'EventTooLong';
}

/** Reads events from a stream of bytes (HTML standard, server-sent events; line ends LF and CRLF). */
export class EventStreamReader {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #event = '';
  #id: string | undefined;
  #data: Buffer[] = [];
  #dataBytes = 0;

  /** @param maxBytes of one event */
  constructor(maxBytes = 256 * 1024 * 1024) {
    this.#maxBytes = maxBytes;
  }

  /**
   * @returns the events that are complete now, in order.
   * @throws EventTooLong
   */
  push(chunk: Buffer): ServerEvent[] {
    const events: ServerEvent[] = [];
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      let line = chunk.subarray(from, end);
      if (this.#pieces.length > 0) {
        line = Buffer.concat([...this.#pieces, line]);
        this.#pieces = [];
        this.#pieceBytes = 0;
      }
      from = end + 1;
      const event = this.#readLine(line.at(-1) === carriageReturn ? line.subarray(0, -1) : line);
      if (event) events.push(event);
    }
    if (from < chunk.length) {
      this.#pieces.push(chunk.subarray(from));
      this.#pieceBytes += chunk.length - from;
    }
    if (this.#pieceBytes + this.#dataBytes > this.#maxBytes) throw new EventTooLong();
    return events;
  }

  #readLine(line: Buffer): ServerEvent | undefined {
    if (line.length === 0) return this.#finish();
    const colon = line.indexOf(0x3a);
    if (colon === 0) return undefined;
    const name = (colon < 0 ? line : line.subarray(0, colon)).toString('latin1');
    let value = colon < 0 ? empty : line.subarray(colon + 1);
    if (value[0] === 0x20) value = value.subarray(1);
    if (name === 'data') {
      this.#data.push(value);
      this.#dataBytes += value.length;
    } else if (name === 'event') this.#event = value.toString('utf8');
    else if (name === 'id') this.#id = value.toString('utf8');
    return undefined;
  }

  #finish(): ServerEvent | undefined {
    const lines = this.#data;
    const event = this.#event;
    this.#data = [];
    this.#dataBytes = 0;
    this.#event = '';
    const [first] = lines;
    if (!first) return undefined;
    const data =
      lines.length === 1
        ? first
        : Buffer.concat(lines.flatMap((line, index) => (index === 0 ? [line] : [lineFeed, line])));
    return { event: event === '' ? 'message' : event, data, id: this.#id };
  }
}

const empty = Buffer.alloc(0);
const lineFeed = Buffer.from('\n');
const newline = 0x0a;
const carriageReturn = 0x0d;
