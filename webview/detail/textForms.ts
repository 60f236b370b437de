/** What a string of a message may be shown as, besides as JSON. */
export type TextForm = { kind: 'picture'; mimeType: string; address: string } | { kind: 'markdown' } | { kind: 'text' };

/** How pictures begin in base64. SVG is not among them: it is a document with scripts, not a picture. */
const pictures: readonly { start: string; mimeType: string; name: string }[] = [
  { start: 'iVBORw0KGgo', mimeType: 'image/png', name: 'PNG' },
  { start: '/9j/', mimeType: 'image/jpeg', name: 'JPEG' },
  { start: 'R0lGODdh', mimeType: 'image/gif', name: 'GIF' },
  { start: 'R0lGODlh', mimeType: 'image/gif', name: 'GIF' },
  { start: 'UklGR', mimeType: 'image/webp', name: 'WebP' },
];

const maxPictureChars = 4 * 1024 * 1024;
const maxTextChars = 200_000;

/** The form in which a string says more than as JSON; `undefined` where it does not. */
export function textFormOf(text: string): TextForm | undefined {
  const picture = pictureOf(text);
  if (picture) return picture;
  if (text.length > maxTextChars) return undefined;
  if (looksLikeMarkdown(text)) return { kind: 'markdown' };
  // One short line is read as well in quotes.
  return /\n/.test(text.trim()) ? { kind: 'text' } : undefined;
}

/** What a picture is called, e.g. `PNG`. */
export function pictureName(mimeType: string): string {
  return pictures.find((known) => known.mimeType === mimeType)?.name ?? 'picture';
}

function pictureOf(text: string): TextForm | undefined {
  if (text.length < 40 || text.length > maxPictureChars) return undefined;
  const data = text.replace(/^data:image\/(?:png|jpeg|gif|webp);base64,/, '');
  const known = pictures.find(({ start }) => data.startsWith(start));
  if (!known || !/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return undefined;
  return { kind: 'picture', mimeType: known.mimeType, address: `data:${known.mimeType};base64,${data}` };
}

function looksLikeMarkdown(text: string): boolean {
  return (
    /\n/.test(text) &&
    /^(?:#{1,6} \S|```|[-*] \S|\d{1,3}\. \S|> \S|\|.{1,200}\|)/m.test(text) &&
    !/^\s*[[{<]/.test(text)
  );
}
