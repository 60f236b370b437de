/**
 * Characters that a person does not see or that change how others are read: controls but tab, line feed and the
 * carriage return before one, bidirectional and other format controls, what Unicode lets fonts ignore (zero width,
 * tags, variation selectors), blank braille, line and paragraph separators, lone surrogates, noncharacters. The
 * backslash of a literal `\u{` is among them, so that an escape can be told from text that looks like one.
 */
const unseen =
  /\r(?!\n)|\\(?=u\{)|(?![\t\n\r])[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}\u2800]/gu;

/**
 * Shows characters that cannot be seen as `\u{…}` escapes, so that nothing reaches a model which a person would miss.
 * `unescapeUnseen` turns the result back into `text`.
 */
export function escapeUnseen(text: string): string {
  return text.replace(unseen, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Takes a name as `escapeUnseen` showed it and gives the name back; any other text stays as it is. */
export function unescapeUnseen(text: string): string {
  return text.replace(/\\u\{([0-9a-f]{1,6})\}/g, (escape, hex: string) => {
    const codePoint = Number.parseInt(hex, 16);
    if (codePoint > 0x10ffff) return escape;
    const character = String.fromCodePoint(codePoint);
    return character === '\\' || escapeUnseen(character) === escape ? character : escape;
  });
}
