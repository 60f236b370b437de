import { maxReplaySteps } from '../../src/protocol/replayLimits';

/** Rows that are selected together, by the numbers of their records, so that they stay selected in any order. */
export class RowSelection {
  readonly #onChange: () => void;
  #seqs = new Set<number>();
  /** Position of the row from which a range is extended. */
  #anchor: number | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#seqs.size;
  }

  /** Whether no more rows can be selected. */
  get isFull(): boolean {
    return this.#seqs.size >= maxReplaySteps;
  }

  get anchor(): number | undefined {
    return this.#anchor;
  }

  /** In the order of capture. */
  get list(): number[] {
    return [...this.#seqs].sort((left, right) => left - right);
  }

  has(seq: number): boolean {
    return this.#seqs.has(seq);
  }

  /** Selects the rows of a range in place of those of before; no more than may be. */
  setRange(anchor: number, seqs: readonly number[]): void {
    this.#anchor = anchor;
    this.#seqs = new Set(seqs.slice(0, maxReplaySteps));
    this.#onChange();
  }

  /** Adds a row, or takes it away. @param others rows that count as selected where nothing is, i.e. the active one */
  toggle(position: number, seq: number, others: readonly number[]): void {
    if (this.#seqs.size === 0) for (const other of others) this.#seqs.add(other);
    this.#anchor = position;
    if (this.#seqs.has(seq)) this.#seqs.delete(seq);
    else if (!this.isFull) this.#seqs.add(seq);
    this.#onChange();
  }

  clear(): void {
    if (this.#seqs.size === 0 && this.#anchor === undefined) return;
    this.#seqs.clear();
    this.#anchor = undefined;
    this.#onChange();
  }
}

/** Keys that move to another row. */
const movingKeys = new Set(['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End']);

/** After a key moved from one row to another: with Shift the rows in between are selected, else none. */
export function selectByKey(
  model: SelectableList,
  { key, shiftKey }: KeysHeld & { key: string },
  from: number | undefined,
): void {
  if (!movingKeys.has(key)) return;
  if (shiftKey && from !== undefined) selectTo(model, from);
  else model.selection.clear();
}

/** What a click on the row at a position selects. @returns whether it was one for selecting, and not for opening */
export function selectByClick(
  model: SelectableList,
  event: KeysHeld & { ctrlKey: boolean; metaKey: boolean },
  position: number,
): boolean {
  const before = model.activePosition;
  if (!event.shiftKey && !event.ctrlKey && !event.metaKey) {
    model.selection.clear();
    return false;
  }
  model.activate(position);
  const row = model.row(position);
  const active = before === undefined ? undefined : model.row(before);
  if (event.shiftKey) selectTo(model, before ?? position);
  else if (row) model.selection.toggle(position, row.seq, active ? [active.seq] : []);
  return true;
}

/** What of an event is looked at. */
interface KeysHeld {
  readonly shiftKey: boolean;
}

/** What of the list's model is needed here. */
interface SelectableList {
  readonly selection: RowSelection;
  readonly activePosition: number | undefined;
  row(position: number): { seq: number } | undefined;
  activate(position: number): void;
}

function selectTo(model: SelectableList, from: number): void {
  const { selection, activePosition: to } = model;
  if (to === undefined) return;
  const anchor = selection.anchor ?? from;
  const step = to < anchor ? -1 : 1;
  const seqs: number[] = [];
  for (let position = anchor; seqs.length < maxReplaySteps; position += step) {
    const row = model.row(position);
    if (row) seqs.push(row.seq);
    if (position === to) break;
  }
  selection.setRange(anchor, seqs);
}
