import assert from 'node:assert/strict';
import { expandToFit, JsonNode, preview, treeLines } from '../../../webview/detail/jsonNode';

function find(root: JsonNode, path: string): JsonNode {
  for (const line of treeLines(root)) if (line.kind === 'node' && line.node.path === path) return line.node;
  throw new Error(`no ${path}`);
}

describe('JsonNode', () => {
  it('lists the lines of what is open', () => {
    const root = new JsonNode({ a: 1, b: { c: [true, null] }, d: {} });
    assert.equal(treeLines(root).length, 1);
    expandToFit(root, 60);
    assert.deepEqual(
      treeLines(root).map((line) => [line.node.path, line.node.depth, line.node.isExpandable]),
      [
        ['', 0, true],
        ['a', 1, false],
        ['b', 1, true],
        ['b.c', 2, true],
        ['b.c[0]', 3, false],
        ['b.c[1]', 3, false],
        ['d', 1, false],
      ],
    );
  });

  it('writes a path as one would in JavaScript', () => {
    const root = new JsonNode({ 'odd key': [{ '0': { ok: 1, '': 2 } }] });
    expandToFit(root, 60);
    assert.ok(find(root, '["odd key"][0]["0"].ok'));
    assert.ok(find(root, '["odd key"][0]["0"][""]'));
  });

  it('opens no more at first than fits, and nothing twice as deep as it must', () => {
    const root = new JsonNode({ long: Array.from({ length: 1000 }, (_, n) => n), short: { a: 1 } });
    expandToFit(root, 60);
    assert.equal(find(root, 'long').isExpanded, false);
    assert.equal(find(root, 'short').isExpanded, true);
  });

  it('shows a long list in steps', () => {
    const root = new JsonNode(Array.from({ length: 100_000 }, (_, n) => n));
    root.isExpanded = true;
    const lines = treeLines(root);
    assert.equal(lines.length, 102);
    assert.deepEqual(lines.at(-1), { kind: 'more', node: root, left: 99_900 });
    root.shownChildren += 100;
    assert.equal(treeLines(root).length, 202);
    root.shownChildren += 100_000;
    assert.equal(treeLines(root).length, 100_001);
  });

  it('needs no stack for what is 10,000 deep', () => {
    const root = new JsonNode(JSON.parse('['.repeat(10_000) + ']'.repeat(10_000)) as unknown);
    expandToFit(root, 1e9);
    const lines = treeLines(root);
    assert.equal(lines.length, 10_000);
    const deepest = lines.at(-1)!.node;
    assert.equal(deepest.path, '[0]'.repeat(9999));
    assert.equal(deepest.copyText, '[]');
    assert.ok(root.copyText === undefined || root.copyText.startsWith('['));
    assert.equal(preview(root), '[[1]]');
  });

  it('looks into a string that holds JSON, and into no other', () => {
    const root = new JsonNode({
      text: '{"a": [1, 2]}',
      no: '{not json}',
      number: '12',
      huge: `[${'1,'.repeat(600_000)}1]`,
    });
    expandToFit(root, 60);
    const text = find(root, 'text');
    assert.equal(text.isEmbedded, true);
    assert.equal(text.isExpanded, false);
    assert.equal(text.copyText, '{"a": [1, 2]}');
    text.isExpanded = true;
    assert.equal(find(root, 'text.a').childCount, 2);
    for (const name of ['no', 'number', 'huge']) assert.equal(find(root, name).isEmbedded, false);
  });

  it('previews what is closed on one short line', () => {
    assert.equal(preview(new JsonNode({})), '{}');
    assert.equal(preview(new JsonNode([1, 'two', null, { a: 1 }, [1]])), '[1, "two", null, {…}, [1]]');
    const long = preview(
      new JsonNode(Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`name${n}`, 'x'.repeat(90)]))),
    );
    assert.ok(long.length < 120);
    assert.match(long, /…\}$/);
  });
});
