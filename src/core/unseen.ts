/**
 * Characters that a person does not see or that change how others are read: controls but tab and line feed,
 * bidirectional and other format controls, what Unicode lets fonts ignore (zero width, tags, variation selectors),
 * line and paragraph separators, lone surrogates.
 */
const unseen = /(?![\t\n])[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Shows characters that cannot be seen as `\u{…}` escapes, so that nothing reaches a model which a person would miss. */
export function escapeUnseen(text: string): string {
  return text.replace(unseen, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
