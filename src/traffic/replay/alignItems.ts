import { isRecord } from '../../core/json';
import type { JsonIdentity } from './jsonIdentity';

/** Positions of items that belong together on the left and on the right; one is missing where an item has no other. */
export type AlignedItem = readonly [left: number | undefined, right: number | undefined];

/** The table of a longest common subsequence has this many cells at most; longer lists are aligned by their order. */
const maxCells = 1_000_000;

/**
 * Brings the items of two lists side by side: equal ones in their order, and between them those that have the same name
 * or id, or else the same place.
 */
export function alignItems(left: readonly unknown[], right: readonly unknown[], identity: JsonIdentity): AlignedItem[] {
  const [leftIds, rightIds] = [left, right].map((items) => items.map((item) => identity.of(item))) as [
    number[],
    number[],
  ];
  let start = 0;
  while (start < left.length && start < right.length && leftIds[start] === rightIds[start]) start += 1;
  let [leftEnd, rightEnd] = [left.length, right.length];
  while (leftEnd > start && rightEnd > start && leftIds[leftEnd - 1] === rightIds[rightEnd - 1]) {
    leftEnd -= 1;
    rightEnd -= 1;
  }
  const aligned: AlignedItem[] = [];
  for (let index = 0; index < start; index += 1) aligned.push([index, index]);
  const anchors = commonItems(leftIds.slice(start, leftEnd), rightIds.slice(start, rightEnd));
  let [at, to] = [start, start];
  for (const [leftOffset, rightOffset] of [...anchors, [leftEnd - start, rightEnd - start] as const]) {
    const [anchorLeft, anchorRight] = [start + leftOffset, start + rightOffset];
    aligned.push(...pairBetween(left, right, [at, anchorLeft], [to, anchorRight]));
    if (anchorLeft < leftEnd) aligned.push([anchorLeft, anchorRight]);
    [at, to] = [anchorLeft + 1, anchorRight + 1];
  }
  for (let index = leftEnd; index < left.length; index += 1) aligned.push([index, rightEnd + index - leftEnd]);
  return aligned;
}

/** A longest common subsequence, as offsets into both. */
function commonItems(left: readonly number[], right: readonly number[]): (readonly [number, number])[] {
  const width = right.length + 1;
  if (left.length * right.length === 0 || (left.length + 1) * width > maxCells) return [];
  const lengths = new Uint32Array((left.length + 1) * width);
  for (let at = left.length - 1; at >= 0; at -= 1) {
    for (let to = right.length - 1; to >= 0; to -= 1) {
      lengths[at * width + to] =
        left[at] === right[to]
          ? (lengths[(at + 1) * width + to + 1] ?? 0) + 1
          : Math.max(lengths[(at + 1) * width + to] ?? 0, lengths[at * width + to + 1] ?? 0);
    }
  }
  const common: (readonly [number, number])[] = [];
  let [at, to] = [0, 0];
  while (at < left.length && to < right.length) {
    if (left[at] === right[to]) common.push([at++, to++]);
    else if ((lengths[(at + 1) * width + to] ?? 0) >= (lengths[at * width + to + 1] ?? 0)) at += 1;
    else to += 1;
  }
  return common;
}

/** Pairs items of which none equals another. */
function pairBetween(
  left: readonly unknown[],
  right: readonly unknown[],
  [leftFrom, leftTo]: readonly [number, number],
  [rightFrom, rightTo]: readonly [number, number],
): AlignedItem[] {
  const byName = new Map<string, number>();
  for (let index = rightFrom; index < rightTo; index += 1) {
    const name = nameOf(right[index]);
    if (name !== undefined && !byName.has(name)) byName.set(name, index);
  }
  const partner = new Map<number, number>();
  const taken = new Set<number>();
  for (let index = leftFrom; index < leftTo; index += 1) {
    const name = nameOf(left[index]);
    const other = name === undefined ? undefined : byName.get(name);
    if (other === undefined || taken.has(other)) continue;
    partner.set(index, other);
    taken.add(other);
  }
  // What has no name goes with what stands in its place; what has one, and no partner, came or went.
  const isFree = (item: unknown): boolean => nameOf(item) === undefined;
  const free: number[] = [];
  for (let index = rightFrom; index < rightTo; index += 1) if (isFree(right[index])) free.push(index);
  for (let index = leftFrom; index < leftTo; index += 1) {
    if (!isFree(left[index])) continue;
    const other = free.shift();
    if (other === undefined) break;
    partner.set(index, other);
    taken.add(other);
  }
  const aligned: AlignedItem[] = [];
  for (let index = leftFrom; index < leftTo; index += 1) aligned.push([index, partner.get(index)]);
  for (let index = rightFrom; index < rightTo; index += 1) if (!taken.has(index)) aligned.push([undefined, index]);
  return aligned;
}

const names = ['name', 'uri', 'uriTemplate', 'id', 'key', 'arn', 'Name', 'Key', 'Id', 'Arn'];

/** What tells an item from the others of its list. */
function nameOf(item: unknown): string | undefined {
  if (!isRecord(item)) return undefined;
  for (const name of names) {
    const value = item[name];
    if (typeof value === 'string') return value;
  }
  const own = Object.entries(item).find(([name, value]) => /(?:Name|Id|Arn)$/.test(name) && typeof value === 'string');
  return own ? String(own[1]) : undefined;
}
