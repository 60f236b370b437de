/** Replaces `length` UTF-16 units at `offset` of the text before any edit. */
export interface TextEdit {
  offset: number;
  length: number;
  text: string;
}

/**
 * Applies edits that do not overlap. Edits at the same place are applied in their order.
 * @returns the text after them
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = '';
  let at = 0;
  for (const edit of inOrder(edits)) {
    result += text.slice(at, edit.offset) + edit.text;
    at = edit.offset + edit.length;
  }
  return result + text.slice(at);
}

/** The edits that turn the edited text back. */
export function invertEdits(text: string, edits: readonly TextEdit[]): TextEdit[] {
  let shift = 0;
  return inOrder(edits).map(({ offset, length, text: inserted }) => {
    const inverse = { offset: offset + shift, length: inserted.length, text: text.slice(offset, offset + length) };
    shift += inserted.length - length;
    return inverse;
  });
}

/** One edit that turns `before` into `after`, without what they share at both ends. */
export function editBetween(before: string, after: string): TextEdit[] {
  if (before === after) return [];
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let end = 0;
  while (
    end < shorter - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  ) {
    end++;
  }
  return [{ offset: start, length: before.length - start - end, text: after.slice(start, after.length - end) }];
}

function inOrder(edits: readonly TextEdit[]): TextEdit[] {
  return [...edits].sort((left, right) => left.offset - right.offset);
}

/** The line end that a text uses. */
export function lineEndOf(text: string): '\n' | '\r\n' {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** Where the line of `offset` begins. */
export function lineStartOf(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

/** The white space at the beginning of the line of `offset`. */
export function indentAt(text: string, offset: number): string {
  const start = lineStartOf(text, offset);
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
}
