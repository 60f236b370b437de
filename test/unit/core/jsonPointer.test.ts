import assert from 'node:assert/strict';
import { pointerSteps, resolvePointer } from '../../../src/core/jsonPointer';

describe('JSON pointers', () => {
  it('are read with their escapes', () => {
    assert.deepEqual(pointerSteps('#'), []);
    assert.deepEqual(pointerSteps('#/$defs/a~1b~0c/%7Bx%7D/50%'), ['$defs', 'a/b~c', '{x}', '50%']);
  });

  it('lead to members and items, and nowhere else', () => {
    const root = { $defs: { 'a/b': [{ x: 1 }] } };
    assert.equal(resolvePointer(root, '#'), root);
    assert.equal(resolvePointer(root, '#/$defs/a~1b/0/x'), 1);
    for (const missing of ['#/$defs/c', '#/$defs/a~1b/1', '#/constructor', '#/$defs/a~1b/0/x/y']) {
      assert.equal(resolvePointer(root, missing), undefined);
    }
  });
});
