import assert from 'node:assert/strict';
import { readState } from '../../../webview/savedState';

describe('readState', () => {
  it('gives a state to start with, whatever was saved', () => {
    const fresh = { page: 'exchanges', filter: '', follow: true, isDetailOpen: false, tab: 'overview', split: 0.45 };
    for (const saved of [
      undefined,
      null,
      3,
      'x',
      [],
      { page: 'x', filter: 1, follow: 'no', active: -1, isDetailOpen: 1, tab: 'x', split: 3 },
    ]) {
      assert.deepEqual(readState(saved), fresh);
    }
  });

  it('keeps what was saved', () => {
    const state = {
      page: 'timeline',
      filter: 'x',
      follow: false,
      active: 12,
      isDetailOpen: true,
      tab: 'aws',
      split: 0.3,
    } as const;
    assert.deepEqual(readState(JSON.parse(JSON.stringify(state))), state);
  });
});
