import { redactText } from '../core/redact';

const maxLabelChars = 256;
const maxRemembered = 4096;

/**
 * Makes the short texts of a summary safe to keep and to show: redacted, cut to 256 characters. The same text gives
 * the same string object, so that 100,000 records share the names of a few methods, tools and clients.
 */
export class Labels {
  readonly #remembered = new Map<string, string>();

  /** The label for `text`, whatever it is; empty for what is no text. */
  of(text: unknown): string {
    if (typeof text !== 'string') return '';
    const remembered = this.#remembered.get(text);
    if (remembered !== undefined) return remembered;
    const label = shortLabel(text);
    // Only what is no secret may be remembered, since the key is the text itself.
    if (label !== text) return label;
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    this.#remembered.set(label, label);
    return label;
  }
}

/** As `Labels.of`, for texts that rarely come twice. */
export function shortLabel(text: string): string {
  if (text.length <= maxLabelChars) return redactText(text);
  const redacted = redactText(text.slice(0, maxLabelChars * 8));
  // Joined anew, because a slice would keep the whole text that it was cut from in memory.
  return Array.from(redacted.slice(0, maxLabelChars - 1)).join('') + '…';
}
