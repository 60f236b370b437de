import { redactText, redactedMark, secretMembersOf } from '../core/redact';

/** The JSON text of a message as it is kept. */
export interface MessageText {
  /** Valid JSON with the secrets replaced. */
  text: string;
  /** Whether something was left out because the message is longer or deeper than is kept. */
  isCut: boolean;
  /** How many characters replacing and leaving out have taken away; negative where the marks are longer. */
  removedChars: number;
}

/** Nothing real nests so deep; the limit keeps a hostile message from filling the memory with open brackets. */
const maxDepth = 20_000;

/** A secret that begins before a cut is still recognised as one if it ends within this many characters after it. */
const lookBehindCut = 8192;

/** Names of members that hold no secret, as they are written: the same few come again and again. */
const plainNames = new Map<string, string>();
const maxPlainName = 64;
const maxPlainNames = 4000;

interface Frame {
  readonly items: readonly unknown[] | Record<string, unknown>;
  /** Names of the members; `undefined` for an array. */
  readonly names: readonly string[] | undefined;
  readonly size: number;
  /** Whether the member with that name is a secret; of an array, whether all items are. */
  readonly isSecret: ((name: string) => boolean) | boolean;
  next: number;
  isFirst: boolean;
}

/**
 * Serialises a JSON-RPC message and redacts it in the same pass. Differs from `JSON.stringify` where hostile input
 * asks for it: any depth without recursion, a bounded length, and values that JSON cannot carry become `null`.
 * @param maxChars about how long the text may become; what is beyond is replaced by a note of how much it was.
 */
export function redactedMessageText(message: object, maxChars: number): MessageText {
  const writer = new MessageWriter(maxChars);
  writer.write(message);
  return writer;
}

/** A class, because making functions for each message would take as long as writing it. */
class MessageWriter implements MessageText {
  text = '';
  isCut = false;
  removedChars = 0;
  readonly #maxChars: number;
  readonly #frames: Frame[] = [];

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  write(message: object): void {
    this.#writeValue(message, false);
    for (let frame = this.#frames.at(-1); frame; frame = this.#frames.at(-1)) this.#writeNext(frame);
  }

  /** Writes the next member or item of what is open, or closes it. */
  #writeNext(frame: Frame): void {
    const { names, items, isSecret } = frame;
    if (frame.next < frame.size && this.text.length > this.#maxChars) {
      this.isCut = true;
      const left = frame.size - frame.next;
      this.text += frame.isFirst ? '' : ',';
      this.text += names ? `"…":"[${left} more members]"` : `"… [${left} more items]"`;
      frame.next = frame.size;
    }
    if (frame.next >= frame.size) {
      this.text += names ? '}' : ']';
      this.#frames.pop();
      return;
    }
    const index = frame.next++;
    if (!names) {
      if (!frame.isFirst) this.text += ',';
      frame.isFirst = false;
      this.#writeValue((items as readonly unknown[])[index], isSecret === true);
      return;
    }
    const name = names[index] ?? '';
    const member = (items as Record<string, unknown>)[name];
    if (member === undefined || typeof member === 'function' || typeof member === 'symbol') return;
    if (!frame.isFirst) this.text += ',';
    frame.isFirst = false;
    this.#writeName(name);
    this.#writeValue(member, typeof isSecret === 'function' && isSecret(name));
  }

  #writeValue(given: unknown, isSecret: boolean): void {
    const value = asPlain(given);
    if (typeof value === 'string') {
      if (isSecret && value !== '') {
        this.removedChars += value.length - redactedMark.length;
        this.text += `"${redactedMark}"`;
      } else {
        this.#writeString(value);
      }
    } else if (typeof value !== 'object') {
      if (typeof value === 'number' && isSecret) this.text += `"${redactedMark}"`;
      else if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) {
        this.text += String(value);
      } else this.text += 'null';
    } else if (value === null) {
      this.text += 'null';
    } else if (this.#frames.length >= maxDepth) {
      this.isCut = true;
      this.text += '"[nested too deep]"';
    } else if (Array.isArray(value)) {
      this.text += '[';
      this.#frames.push({ items: value, names: undefined, size: value.length, isSecret, next: 0, isFirst: true });
    } else {
      const items = value as Record<string, unknown>;
      const names = Object.keys(items);
      this.text += '{';
      this.#frames.push({
        items,
        names,
        size: names.length,
        isSecret: secretMembersOf(items),
        next: 0,
        isFirst: true,
      });
    }
  }

  #writeString(value: string): void {
    let kept = value;
    const room = Math.max(1000, this.#maxChars - this.text.length);
    let cutNote = '';
    if (kept.length > room) {
      kept = cutBetweenWords(redactText(kept.slice(0, room + lookBehindCut)), room);
      cutNote = `… [${value.length - room} more characters]`;
      this.isCut = true;
    } else {
      kept = redactText(kept);
    }
    this.removedChars += value.length - kept.length - cutNote.length;
    this.text += JSON.stringify(cutNote === '' ? kept : kept + cutNote);
  }

  #writeName(name: string): void {
    const known = plainNames.get(name);
    if (known !== undefined) {
      this.text += known;
    } else if (name.length <= maxPlainName && redactText(name) === name) {
      const written = `${JSON.stringify(name)}:`;
      if (plainNames.size >= maxPlainNames) plainNames.clear();
      plainNames.set(name, written);
      this.text += written;
    } else {
      this.#writeString(name);
      this.text += ':';
    }
  }
}

/** What `JSON.stringify` would serialise in place of a `Date` or another value with `toJSON`. */
function asPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === 'function' ? (toJSON as () => unknown).call(value) : value;
}

/** Cuts at the last space or punctuation before `length`, so that no part of a secret is left at the end. */
function cutBetweenWords(text: string, length: number): string {
  if (text.length <= length) return text;
  const shortest = Math.max(0, length - lookBehindCut);
  for (let end = length; end > shortest; end -= 1) {
    if (/[\s"'<>,;()[\]{}]/.test(text.charAt(end))) return text.slice(0, end);
  }
  return text.slice(0, shortest);
}
