/** A term of the filter language that holds for exactly this value; quoted where it would not stand as one word. */
export function filterTerm(field: string, value: string): string {
  return /^[^\s"|*?]+$/.test(value) ? `${field}:${value}` : `${field}:"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
