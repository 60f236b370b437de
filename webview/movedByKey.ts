/**
 * Where a key leads in a list of lines, one of which is active.
 * @param active index of that line
 * @param page lines that Page Up and Page Down go past
 * @returns an index, not yet limited to the lines there are; `undefined` for a key that moves nothing
 */
export function movedByKey(key: string, active: number, count: number, page: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return active + 1;
    case 'ArrowUp':
      return active - 1;
    case 'PageDown':
      return active + page;
    case 'PageUp':
      return active - page;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
