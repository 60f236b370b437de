import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  inspectorAddress,
  readInspectorAddress,
  readInspectorLink,
} from '../../../../src/editor/inspector/inspectorLink';
import { SavedFilters } from '../../../../src/editor/inspector/savedFilters';

describe('links to the inspector', () => {
  it('reads what it wrote, whatever the filter', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 200 }),
        fc.constantFrom('exchanges' as const, 'messages' as const),
        (filter, mode) => {
          const uri = new URL(inspectorAddress('vscode', 'mcp-workbench.mcp-workbench', { filter, mode }));
          const link = readInspectorAddress({ path: uri.pathname, query: uri.search.slice(1) });
          assert.equal(link?.filter, filter);
          assert.equal(link?.mode, mode === 'messages' ? mode : undefined);
        },
      ),
    );
  });

  it('leaves out what makes no sense', () => {
    for (const query of ['', 'seq=-1', 'seq=1.5', 'seq=x', 'view=source', 'command=x&a=b', '%']) {
      assert.deepEqual(readInspectorAddress({ path: '/inspect', query }), {});
    }
    assert.deepEqual(readInspectorAddress({ path: '/inspect', query: 'seq=12&filter=a+b&view=messages' }), {
      seq: 12,
      filter: 'a b',
      mode: 'messages',
    });
    assert.equal(readInspectorAddress({ path: '/inspect', query: `filter=${'x'.repeat(5000)}` })?.filter?.length, 1000);
    assert.equal(readInspectorAddress({ path: '/other', query: '' }), undefined);
    for (const given of [undefined, null, 'x', [], { seq: '1', filter: 3, mode: 'x' }, NaN]) {
      assert.deepEqual(readInspectorLink(given), {});
    }
    assert.deepEqual(readInspectorLink(7), { seq: 7 });
  });
});

describe('SavedFilters', () => {
  function memory(initial?: unknown): { get(): unknown; update(key: string, value: unknown): Promise<void> } {
    let kept = initial;
    return {
      get: () => kept,
      update: (_key, value) => {
        kept = value;
        return Promise.resolve();
      },
    };
  }

  it('keeps filters, the latest first, each once', () => {
    const filters = new SavedFilters(memory());
    let changes = 0;
    filters.onDidChange(() => (changes += 1));
    for (const text of ['a', ' b ', 'a', '  ']) filters.save(text);
    assert.deepEqual(filters.list, ['a', 'b']);
    filters.remove('a');
    assert.deepEqual(filters.list, ['b']);
    assert.equal(changes, 4);
    for (let index = 0; index < 60; index += 1) filters.save(`f${index}`);
    assert.equal(filters.list.length, 50);
    assert.equal(filters.list[0], 'f59');
  });

  it('makes nothing of a memory that is broken', () => {
    for (const broken of [undefined, 3, 'x', { a: 1 }, [1, '', null, 'x'.repeat(1001)]]) {
      assert.deepEqual(new SavedFilters(memory(broken)).list, []);
    }
  });
});
