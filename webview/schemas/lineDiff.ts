/** A line of two texts beside each other. */
export type DiffRow =
  | { kind: 'same'; old: number; now: number; text: string }
  | { kind: 'removed'; old: number; text: string; mark?: Span }
  | { kind: 'added'; now: number; text: string; mark?: Span }
  /** A line that became another. */
  | { kind: 'changed'; old: number; now: number; before: string; text: string; markBefore: Span; mark: Span }
  /** Stands for equal lines that are left out. */
  | { kind: 'fold'; lines: number };

/** The part of a line that differs, from a character up to but not including another. */
export type Span = readonly [start: number, end: number];

/** Equal lines shown around what differs. */
const context = 3;
/** Lines of each side that are compared one by one; beyond it all that differs is one block. */
const maxCells = 4_000_000;

/** Compares two texts line by line. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffRow[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let oldEnd = before.length;
  let nowEnd = after.length;
  while (oldEnd > start && nowEnd > start && before[oldEnd - 1] === after[nowEnd - 1]) {
    oldEnd -= 1;
    nowEnd -= 1;
  }
  const rows: DiffRow[] = [];
  for (let index = 0; index < start; index += 1) rows.push(same(before, index, index));
  rows.push(...middle(before, after, start, oldEnd, nowEnd));
  for (let index = 0; oldEnd + index < before.length; index += 1)
    rows.push(same(before, oldEnd + index, nowEnd + index));
  return fold(pairUp(rows));
}

function same(lines: readonly string[], old: number, now: number): DiffRow {
  return { kind: 'same', old: old + 1, now: now + 1, text: lines[old] ?? '' };
}

/** The longest common subsequence of what lies between equal beginnings and endings. */
function middle(
  before: readonly string[],
  after: readonly string[],
  start: number,
  oldEnd: number,
  nowEnd: number,
): DiffRow[] {
  const height = oldEnd - start;
  const width = nowEnd - start;
  const rows: DiffRow[] = [];
  const remove = (index: number): void =>
    void rows.push({ kind: 'removed', old: index + 1, text: before[index] ?? '' });
  const add = (index: number): void => void rows.push({ kind: 'added', now: index + 1, text: after[index] ?? '' });
  if (height * width > maxCells) {
    for (let index = start; index < oldEnd; index += 1) remove(index);
    for (let index = start; index < nowEnd; index += 1) add(index);
    return rows;
  }
  const lengths = new Uint32Array((height + 1) * (width + 1));
  const at = (row: number, column: number): number => row * (width + 1) + column;
  for (let row = height - 1; row >= 0; row -= 1) {
    for (let column = width - 1; column >= 0; column -= 1) {
      lengths[at(row, column)] =
        before[start + row] === after[start + column]
          ? lengths[at(row + 1, column + 1)]! + 1
          : Math.max(lengths[at(row + 1, column)]!, lengths[at(row, column + 1)]!);
    }
  }
  let row = 0;
  let column = 0;
  while (row < height || column < width) {
    if (row < height && column < width && before[start + row] === after[start + column]) {
      rows.push(same(before, start + row, start + column));
      row += 1;
      column += 1;
    } else if (column >= width || (row < height && lengths[at(row + 1, column)]! >= lengths[at(row, column + 1)]!)) {
      remove(start + row);
      row += 1;
    } else {
      add(start + column);
      column += 1;
    }
  }
  return rows;
}

/** Puts removed lines beside the added ones that follow them. */
function pairUp(rows: readonly DiffRow[]): DiffRow[] {
  const paired: DiffRow[] = [];
  for (let index = 0; index < rows.length;) {
    const removed: Extract<DiffRow, { kind: 'removed' }>[] = [];
    const added: Extract<DiffRow, { kind: 'added' }>[] = [];
    for (let row = rows[index]; row && (row.kind === 'removed' || row.kind === 'added'); row = rows[index]) {
      if (row.kind === 'removed') removed.push(row);
      else added.push(row);
      index += 1;
    }
    for (let line = 0; line < Math.max(removed.length, added.length); line += 1) {
      const old = removed[line];
      const now = added[line];
      if (old && now) {
        const [markBefore, mark] = differingSpans(old.text, now.text);
        paired.push({
          kind: 'changed',
          old: old.old,
          now: now.now,
          before: old.text,
          text: now.text,
          markBefore,
          mark,
        });
      } else if (old ?? now) paired.push((old ?? now)!);
    }
    const next = rows[index];
    if (next) {
      paired.push(next);
      index += 1;
    }
  }
  return paired;
}

/** Where two lines differ, between what they begin and end with alike. */
export function differingSpans(before: string, after: string): [Span, Span] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let oldEnd = before.length;
  let nowEnd = after.length;
  while (oldEnd > start && nowEnd > start && before[oldEnd - 1] === after[nowEnd - 1]) {
    oldEnd -= 1;
    nowEnd -= 1;
  }
  return [
    [start, oldEnd],
    [start, nowEnd],
  ];
}

function fold(rows: readonly DiffRow[]): DiffRow[] {
  const isShown = new Uint8Array(rows.length);
  for (const [index, { kind }] of rows.entries()) {
    if (kind === 'same') continue;
    isShown.fill(1, Math.max(0, index - context), index + context + 1);
  }
  const folded: DiffRow[] = [];
  let hidden = 0;
  for (const [index, row] of rows.entries()) {
    if (isShown[index]) {
      if (hidden > 0) folded.push({ kind: 'fold', lines: hidden });
      hidden = 0;
      folded.push(row);
    } else hidden += 1;
  }
  if (hidden > 0) folded.push({ kind: 'fold', lines: hidden });
  return folded;
}
