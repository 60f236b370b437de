/** Quotes a text for a POSIX shell, so that it is one word and nothing in it means anything. @throws RangeError for NUL */
export function shellWord(text: string): string {
  if (text.includes('\0')) throw new RangeError('A word of a shell cannot hold a NUL.');
  if (/^[A-Za-z0-9_./:@%+=,-]+$/.test(text) && !text.startsWith('~')) return text;
  // What a person would not see is written as bytes; a line end at the end would be lost that way.
  if (hidden.test(text) && !text.endsWith('\n')) return `"$(printf '${printfText(text)}')"`;
  return quoted(text);
}

/** A word of pieces: texts, and variables of the environment, which must be set. */
export function shellWordOf(pieces: readonly ({ text: string } | { variable: string })[]): string {
  if (pieces.length === 0) return "''";
  return pieces.map((piece) => ('text' in piece ? quoted(piece.text) : `"\${${piece.variable}:?}"`)).join('');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const hidden = /(?!\n)[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u2800]/u;

function printfText(text: string): string {
  let written = '';
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9_./:@+=, -]/.test(character)) written += character;
    else written += `\\${byte.toString(8).padStart(3, '0')}`;
  }
  // A first dash would be read as an option by some.
  return written.startsWith('-') ? `\\055${written.slice(1)}` : written;
}
