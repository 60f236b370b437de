import * as assert from 'node:assert/strict';
import { diffJson, type JsonDiff } from '../../../../src/traffic/replay/jsonDiff';

/** The lines as a person would write them down. */
function written({ lines }: JsonDiff): string[] {
  const signs = { same: ' ', added: '+', removed: '-', changed: '~', fold: '…' } as const;
  return lines.map(
    ({ kind, depth, left, right, count }) =>
      `${signs[kind]}${' '.repeat(depth)}${kind === 'changed' ? `${left} -> ${right}` : (left ?? right ?? count)}`,
  );
}

function differences(left: unknown, right: unknown): unknown[] {
  const { lines } = diffJson(left, right);
  return lines.filter(({ path }) => path !== undefined).map(({ kind, path }) => [kind, path]);
}

describe('diffJson', () => {
  it('says nothing of values that are equal, whatever the order of their members', () => {
    const diff = diffJson({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 });
    assert.deepEqual(written(diff), [' { a: 1, b: [1] }']);
    assert.deepEqual([diff.added, diff.removed, diff.changed, diff.ignorable], [0, 0, 0, 0]);
  });

  it('shows added, removed and changed members with their paths', () => {
    const diff = diffJson({ keep: 1, gone: { a: [1] }, 'odd key': 'x' }, { keep: 1, 'odd key': 'y', came: null });
    assert.deepEqual(written(diff), [
      ' {',
      '  keep: 1',
      '- gone: {',
      '-  a: [',
      '-   1',
      '-  ]',
      '- }',
      '~ "odd key": "x" -> "odd key": "y"',
      '+ came: null',
      ' }',
    ]);
    assert.deepEqual(
      diff.lines.flatMap(({ path }) => path ?? []),
      ['gone', '["odd key"]', 'came'],
    );
    assert.deepEqual([diff.added, diff.removed, diff.changed], [1, 1, 1]);
  });

  it('brings items of lists together: equal ones, then those of the same name', () => {
    const left = [
      { name: 'a', size: 1 },
      { name: 'b', size: 2 },
      { name: 'c', size: 3 },
    ];
    const right = [
      { name: 'new', size: 9 },
      { name: 'c', size: 3 },
      { name: 'b', size: 5 },
    ];
    assert.deepEqual(differences({ tools: left }, { tools: right }), [
      ['removed', 'tools[0]'],
      ['removed', 'tools[1]'],
      ['added', 'tools[0]'],
      ['added', 'tools[2]'],
    ]);
    assert.deepEqual(differences([{ name: 'a', size: 1 }, 7], [{ name: 'z' }, { name: 'a', size: 2 }, 7]), [
      ['changed', '[1].size'],
      ['added', '[0]'],
    ]);
  });

  it('folds what is the same in long lists and keeps a little around differences', () => {
    const left = Array.from({ length: 1000 }, (_, index) => index);
    const right = left.map((value) => (value === 500 ? -1 : value));
    const lines = written(diffJson(left, right));
    assert.deepEqual(lines, [' [', '… 498', '  498', '  499', '~ 500 -> -1', '  501', '  502', '… 497', ' ]']);
  });

  it('marks what tells about the call and not about its subject', () => {
    const left = {
      requestId: 'a',
      data: { lastSeen: '2026-11-20T10:00:00Z', total: 1, runId: '0b0a4b6e-6f6c-4a5e-9d0b-4f6a1f0f9b11' },
      _meta: { x: 1 },
      resultType: 'complete',
    };
    const right = {
      requestId: 'b',
      data: { lastSeen: '2026-11-20T11:00:00Z', total: 2, runId: '1b0a4b6e-6f6c-4a5e-9d0b-4f6a1f0f9b11' },
    };
    const diff = diffJson(left, right);
    assert.deepEqual([diff.added, diff.removed, diff.changed, diff.ignorable], [0, 0, 1, 5]);
    assert.deepEqual(
      diff.lines.filter(({ path, isVolatile }) => path !== undefined && !isVolatile).map(({ path }) => path),
      ['data.total'],
    );
  });

  it('compares the JSON that texts hold, and long texts line by line', () => {
    assert.deepEqual(differences([{ text: '{"a":1,"b":2}' }], [{ text: '{ "b": 2, "a": 3 }' }]), [
      ['changed', '[0].text.a'],
    ]);
    assert.equal(diffJson({ text: '{"a":1,"b":2}' }, { text: '{ "b": 2, "a": 1 }' }).changed, 0);
    const diff = diffJson('one\ntwo\nthree', 'one\n2\nthree\nfour');
    assert.deepEqual(written(diff), [' text', '  one', '~ two -> 2', '  three', '+ four']);
    assert.equal(diff.changed, 1);
  });

  it('shows long texts from where they part, and never more lines than it may', () => {
    const same = 'x'.repeat(5000);
    const [line] = diffJson(`${same}left`, `${same}right`).lines;
    assert.ok(line?.left?.endsWith('left"') && line.right?.endsWith('right"') && line.left.length < 100);
    const many = diffJson(
      [],
      Array.from({ length: 100_000 }, (_, index) => ({ index })),
      { maxLines: 100 },
    );
    assert.equal(many.lines.length, 100);
    assert.equal(many.isCut, true);
  });

  it('takes members with the names of what objects inherit for members', () => {
    const hostile = JSON.parse('{"__proto__":{"a":1},"constructor":1}') as unknown;
    assert.deepEqual(differences(hostile, {}), [
      ['removed', '__proto__'],
      ['removed', 'constructor'],
    ]);
    assert.deepEqual(differences({}, hostile), [
      ['added', '__proto__'],
      ['added', 'constructor'],
    ]);
  });

  it('looks at what is nested once, however deep the difference is', () => {
    const nest = (bottom: string): unknown => {
      let value: unknown = [bottom, 'x'.repeat(500_000)];
      for (let level = 0; level < 190; level += 1) value = level % 2 === 0 ? { value } : [value];
      return value;
    };
    const diff = diffJson(nest('left'), nest('right'));
    assert.deepEqual([diff.added, diff.removed, diff.changed], [0, 0, 1]);
  });
});
