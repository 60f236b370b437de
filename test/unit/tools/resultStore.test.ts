import assert from 'node:assert/strict';
import { ResultStore } from '../../../src/tools/resultStore';

describe('ResultStore', () => {
  it('reads back what it keeps, under a URI that cannot be guessed', () => {
    const store = new ResultStore();
    const uri = store.keep('{"a":1}');
    assert.match(uri ?? '', /^workbench:\/\/results\/[0-9a-f-]{36}$/);
    assert.equal(store.read(uri ?? ''), '{"a":1}');
    assert.equal(store.read('workbench://results/1'), undefined);
  });

  it('drops the oldest for the newest and never holds more than its limit', () => {
    const store = new ResultStore(10);
    const uris = ['"aaaa"', '"bb"', '"ccc"'].map((json) => store.keep(json) ?? '');
    assert.deepEqual(
      uris.map((uri) => store.read(uri)),
      [undefined, '"bb"', '"ccc"'],
    );
  });

  it('counts bytes, and keeps nothing that alone is too large', () => {
    const store = new ResultStore(10);
    const kept = store.keep('"small"');
    assert.equal(store.keep(`"${'ä'.repeat(6)}"`), undefined);
    assert.equal(store.read(kept ?? ''), '"small"');
  });

  it('forgets everything when told to, and has all its room again', () => {
    const store = new ResultStore(10);
    const before = store.keep('"aaaaaaaa"') ?? '';
    store.clear();
    assert.equal(store.read(before), undefined);
    const after = store.keep('"bbbbbbbb"') ?? '';
    assert.equal(store.read(after), '"bbbbbbbb"');
  });
});
