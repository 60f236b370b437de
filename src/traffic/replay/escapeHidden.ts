/**
 * A JSON text, or a quoted one of JavaScript, in which nothing is hidden: what a person would not see, or what changes the
 * order of what they see, becomes an escape. It means the same as before. Line ends between values stay.
 */
export function escapeHidden(quoted: string): string {
  return quoted.replaceAll(hidden, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

const hidden =
  /(?!\n)[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}\u2800]/gu;
