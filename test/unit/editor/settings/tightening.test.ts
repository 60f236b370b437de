import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { tightenAccess, tightenList, toToolsets } from '../../../../src/editor/settings/tightening';

describe('tightenAccess', () => {
  it('lets the user write', () => {
    assert.equal(tightenAccess({ defaultValue: 'readOnly', globalValue: 'readWrite' }), 'readWrite');
    assert.equal(tightenAccess({ defaultValue: 'readOnly' }), 'readOnly');
  });

  it('lets a workspace take writing away and never give it', () => {
    const user = { defaultValue: 'readOnly', globalValue: 'readWrite' };
    assert.equal(tightenAccess({ ...user, workspaceValue: 'readOnly' }), 'readOnly');
    assert.equal(tightenAccess({ ...user, workspaceFolderValue: 'readOnly' }), 'readOnly');
    assert.equal(tightenAccess({ defaultValue: 'readOnly', workspaceValue: 'readWrite' }), 'readOnly');
    assert.equal(tightenAccess({ defaultValue: 'readOnly', workspaceFolderValue: 'readWrite' }), 'readOnly');
  });

  it('never writes because of a value that is none of the two', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        fc.pre(value !== 'readWrite');
        assert.equal(tightenAccess({ defaultValue: 'readOnly', globalValue: value }), 'readOnly');
        if (value === undefined) return;
        assert.equal(tightenAccess({ globalValue: 'readWrite', workspaceValue: value }), 'readOnly');
      }),
    );
  });
});

describe('tightenList', () => {
  it('never has an item that the user does not have', () => {
    const items = fc.option(fc.array(fc.constantFrom<string>('a', 'b', 'c', 'd')), { nil: undefined });
    fc.assert(
      fc.property(items, items, items, (globalValue, workspaceValue, workspaceFolderValue) => {
        const list = tightenList({ defaultValue: ['a'], globalValue, workspaceValue, workspaceFolderValue });
        for (const item of list) {
          assert((globalValue ?? ['a']).includes(item));
          if (workspaceValue) assert(workspaceValue.includes(item));
          if (workspaceFolderValue) assert(workspaceFolderValue.includes(item));
        }
      }),
    );
  });

  it('keeps what nobody leaves out', () => {
    assert.deepEqual(tightenList({ defaultValue: ['a', 'b'], workspaceValue: ['b', 'c'] }), ['b']);
    assert.deepEqual(tightenList({ defaultValue: ['a', 'b'] }), ['a', 'b']);
  });

  it('takes a value that is no list for an empty one', () => {
    assert.deepEqual(tightenList({ globalValue: 'a' }), []);
    assert.deepEqual(tightenList({ globalValue: ['a', 1, null] }), ['a']);
    assert.deepEqual(tightenList({ globalValue: ['a'], workspaceValue: null }), []);
  });
});

describe('toToolsets', () => {
  it('drops names that are no toolsets', () => {
    assert.deepEqual(toToolsets(['s3', 'everything', 'aws']), ['aws', 's3']);
  });
});
