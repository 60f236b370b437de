import assert from 'node:assert/strict';
import { differingSpans, diffLines, type DiffRow } from '../../../webview/schemas/lineDiff';

function drawn(before: string, after: string): string[] {
  const text = (row: DiffRow): string => {
    switch (row.kind) {
      case 'same':
        return `${row.old}=${row.now} ${row.text}`;
      case 'removed':
        return `${row.old}- ${row.text}`;
      case 'added':
        return `${row.now}+ ${row.text}`;
      case 'changed':
        return `${row.old}~${row.now} ${row.before} > ${row.text}`;
      case 'fold':
        return `… ${row.lines}`;
    }
  };
  return diffLines(before.split(' '), after.split(' ')).map(text);
}

describe('diffLines', () => {
  it('finds what came, went and became another, with the lines around it', () => {
    assert.deepEqual(drawn('a b c', 'a b c'), ['… 3']);
    assert.deepEqual(drawn('a b c', 'a x c'), ['1=1 a', '2~2 b > x', '3=3 c']);
    assert.deepEqual(drawn('a b c', 'a c d'), ['1=1 a', '2- b', '3=2 c', '3+ d']);
    assert.deepEqual(drawn('1 2 3 4 5 6 7 8 9', '1 2 3 4 5 6 7 8 x'), ['… 5', '6=6 6', '7=7 7', '8=8 8', '9~9 9 > x']);
    assert.deepEqual(drawn('a', 'b c'), ['1~1 a > b', '2+ c']);
  });

  it('joins both texts again, whatever they are', () => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
    for (let turn = 0; turn < 200; turn += 1) {
      const make = (): string[] => Array.from({ length: random(12) }, () => 'abc'[random(3)] ?? '');
      const [before, after] = [make(), make()];
      const rows = diffLines(before, after);
      const folded = rows.reduce((sum, row) => sum + (row.kind === 'fold' ? row.lines : 0), 0);
      const olds = rows.filter(({ kind }) => ['same', 'removed', 'changed'].includes(kind)).length;
      const nows = rows.filter(({ kind }) => ['same', 'added', 'changed'].includes(kind)).length;
      assert.deepEqual([olds + folded, nows + folded], [before.length, after.length]);
      for (const row of rows) {
        if ('old' in row) assert.equal(before[row.old - 1], row.kind === 'changed' ? row.before : row.text);
        if ('now' in row) assert.equal(after[row.now - 1], row.text);
      }
    }
  });

  it('ends with texts that have nothing in common', () => {
    const many = (letter: string): string[] => Array.from({ length: 20_000 }, (_, n) => `${letter}${n}`);
    assert.equal(diffLines(many('a'), many('b')).length, 20_000);
  });
});

describe('differingSpans', () => {
  it('marks what lies between equal ends', () => {
    assert.deepEqual(differingSpans('at most 128.', 'at most 64.'), [
      [8, 11],
      [8, 10],
    ]);
    assert.deepEqual(differingSpans('aa', 'aaa'), [
      [2, 2],
      [2, 3],
    ]);
  });
});
