import { escapeUnseen } from '../core/unseen';

/** Text that people wrote (descriptions, reasons, tags), with unseen characters shown; `undefined` stays. */
export function freeText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : escapeUnseen(text);
}
